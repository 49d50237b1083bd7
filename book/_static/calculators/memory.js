/* The memory calculator: utils.costs.memory in JavaScript, and its panel. Sizes are in bytes. */
"use strict";

(() => {
  const course = globalThis.courseCalculators;
  const { data } = course;

  const isPair = (spec) => spec.encoder_layers > 0 && spec.decoder_layers > 0;

  function states(parameters, precision, optimizer, stage, ranks) {
    const kind = data.precisions[precision];
    const share = Math.ceil(parameters / ranks);
    return {
      parameters: kind.weight * (stage === 3 ? share : parameters),
      gradients: kind.gradient * (stage >= 2 ? share : parameters),
      optimizer: (kind.master + kind.moment * data.moments[optimizer]) * (stage >= 1 ? share : parameters),
    };
  }

  /* What a norm keeps of one token, for itself and for the products that its output goes into. */
  function norm(spec, kind, products = 1) {
    const own = spec.norm_vectors === 1 ? 4 + kind.stream : kind.stream;
    return spec.d_model * (own + kind.compute * (kind.working ? products : 1));
  }

  /* What one layer keeps of one row; crossed: tokens of the encoder that it attends to, or 0. */
  function layer(spec, kind, rows, crossed) {
    const inner = spec.heads * spec.d_head;
    const shared = (spec.kv_heads || spec.heads) * spec.d_head;
    const projections = data.fused.includes(spec.family) ? 1 : 3;
    const score = spec.position_buckets ? 4 + (kind.compute < 4 ? kind.compute : 0) : 0;
    const normed = spec.head_norms ? (inner + shared) * (4 + kind.compute) : 0;
    const entries = 2 * (inner + shared) * kind.compute + normed;
    const attention = rows * (norm(spec, kind, projections) + entries + spec.heads * (rows * score || 4));
    const hidden = (spec.gated ? 4 : 2) * spec.d_ff * kind.compute;
    const feedForward = rows * (norm(spec, kind, spec.gated ? 2 : 1) + hidden);
    if (!crossed) return attention + feedForward;
    const cross = rows * (norm(spec, kind) + 2 * inner * kind.compute + spec.heads * (crossed * score || 4));
    const copies = kind.working ? 2 * spec.d_model * kind.compute : 0;
    return attention + feedForward + cross + crossed * (2 * inner * kind.compute + copies);
  }

  function activations(spec, batch, tokens, targetTokens, precision, checkpointing) {
    const kind = data.precisions[precision];
    const stacks = [];
    if (spec.encoder_layers) stacks.push([spec.encoder_layers, tokens, 0]);
    if (spec.decoder_layers) stacks.push([spec.decoder_layers, ...(isPair(spec) ? [targetTokens, tokens] : [tokens, 0])]);
    const sizes = stacks.map(([, rows, crossed]) => batch * layer(spec, kind, rows, crossed));
    const logits = batch * stacks[stacks.length - 1][1] * spec.vocabulary * 4;
    const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
    const norms = spec.outer_norms ? sum(stacks.map(([, rows]) => batch * rows * norm(spec, kind))) : 0;
    if (!checkpointing) {
      const layers = sum(stacks.map(([count], i) => count * sizes[i]));
      return { layers, outputs: norms + logits, temporary: 2 * logits };
    }
    const layers = sum(stacks.map(([count, rows]) => batch * rows * count * spec.d_model * kind.stream));
    return { layers, outputs: norms + logits, temporary: Math.max(2 * logits, ...sizes) };
  }

  function training(spec, { batch, tokens, targetTokens, precision, optimizer, stage, ranks, checkpointing }) {
    const kind = data.precisions[precision];
    const kept = activations(spec, batch, tokens, targetTokens, precision, checkpointing);
    const gathered = stage === 3 ? (kind.working || kind.weight) * spec.largest_unit : kind.working * spec.parameters;
    const parts = {
      ...states(spec.parameters, precision, optimizer, stage, ranks),
      gathered,
      activations: kept.layers + kept.outputs,
      temporary: kept.temporary,
      buffers: stage === 3 ? 3 * gathered : 0,
    };
    const total = Object.values(parts).reduce((a, b) => a + b, 0);
    return { parts, total, peak: total - Math.min(parts.gradients, parts.activations + parts.temporary) };
  }

  /* The least number of ranks whose peak is at most `room`, or null: more ranks never need more. */
  function ranksNeeded(room, spec, settings, most = data.most_ranks) {
    const fits = (ranks) => training(spec, { ...settings, ranks }).peak <= room;
    if (!fits(most)) return null;
    let [below, enough] = [0, most];
    while (enough - below > 1) {
      const middle = Math.floor((below + enough) / 2);
      if (fits(middle)) enough = middle;
      else below = middle;
    }
    return enough;
  }

  function inference(spec, batch, tokens, promptTokens, weights, cache) {
    const seen = tokens + (isPair(spec) ? promptTokens : 0);
    const entries = 2 * spec.decoder_layers * batch * seen * (spec.kv_heads || spec.heads) * spec.d_head;
    const parts = {
      weights: Math.ceil(spec.parameters * data.bytes_per_dtype[weights]),
      cache: Math.floor(entries * data.bytes_per_dtype[cache]),
    };
    return { parts, total: parts.weights + parts.cache };
  }

  course.memory = { states, activations, training, ranksNeeded, inference };

  /* What the tables call a part, and its class, written out: the site's builder drops styles that no script names. */
  const PARTS = {
    parameters: ["weights", "memory-parameters"],
    gradients: ["gradients", "memory-gradients"],
    optimizer: ["optimizer", "memory-optimizer"],
    gathered: ["weights gathered, or in a shorter copy", "memory-gathered"],
    activations: ["activations", "memory-activations"],
    temporary: ["temporary", "memory-temporary"],
    buffers: ["buffers of sharding", "memory-buffers"],
    weights: ["weights", "memory-weights"],
    cache: ["keys and values", "memory-cache"],
  };
  const PRECISIONS = {
    fp32: "FP32", autocast: "autocast: FP32, products in BF16",
    mixed: "mixed: 16 bits, FP32 copy", bf16: "BF16 and nothing else",
  };
  const OPTIMIZERS = { adam: "Adam", momentum: "SGD with momentum", sgd: "SGD" };
  const STAGES = {
    0: "0: a copy on each rank", 1: "1: the optimizer in shares",
    2: "2: gradients too", 3: "3: weights too (FSDP)",
  };
  const { element, table, formatBytes, grouped } = course;
  const options = (names) => Object.entries(names);
  const named = (names) => names.map((name) => [name, name.toUpperCase()]);
  const ranksOf = (number) => (number === 1 ? "1 rank" : `${grouped(number)} ranks`);
  const trains = ({ mode }) => mode === "training";
  const specOf = ({ model }) => data.models.find(({ name }) => name === model);
  const settingsOf = (values) => ({ ...values, stage: Number(values.stage) });

  function modelOptions() {
    const groups = {};
    for (const { name, kind, parameters } of data.models) {
      (groups[kind] ||= []).push([name, `${name}, ${course.formatCount(parameters)}`]);
    }
    return groups;
  }

  const described = {
    mode: { kind: "choice", label: "What is it for?", default: "training",
      options: { "": [["training", "training"], ["inference", "inference: generating text"]] } },
    model: { kind: "choice", label: "Model", default: "GPT-2-XL", options: modelOptions() },
    precision: { kind: "choice", label: "Precision", default: "mixed", options: { "": options(PRECISIONS) }, when: trains },
    optimizer: { kind: "choice", label: "Optimizer", default: "adam", options: { "": options(OPTIMIZERS) }, when: trains },
    stage: { kind: "choice", label: "ZeRO stage", default: "0", options: { "": options(STAGES) }, when: trains },
    ranks: { kind: "number", label: "Ranks (world size)", default: 8, stops: course.powers(1, 4096), said: ranksOf, when: trains },
    weights: { kind: "choice", label: "Weights in", default: "bf16", options: { "": named(data.stored_dtypes) },
      when: (values) => !trains(values) },
    cache: { kind: "choice", label: "Keys and values in", default: "bf16", options: { "": named(data.stored_dtypes) },
      when: (values) => !trains(values) },
    batch: { kind: "number", label: "Rows in a batch, on each rank", default: 4, stops: course.powers(1, 1024), said: String },
    tokens: { kind: "number", label: "Tokens in a row (of the input, with an encoder)", default: 1024, stops: course.powers(16, 131072), said: grouped },
    targetTokens: { kind: "number", label: "Tokens that the decoder writes", default: 128,
      stops: course.powers(16, 131072), said: grouped, when: (values) => isPair(specOf(values)) },
    checkpointing: { kind: "flag", label: "Activation checkpointing", default: false, when: trains },
    free: { kind: "number", label: "Kept free on the card, in percent", default: 10,
      stops: [0, 5, 10, 15, 20, 25, 30, 40, 50], said: (value) => `${value} percent` },
  };

  function bar(parts, total) {
    const pieces = Object.entries(parts).filter(([, size]) => size > 0).map(([part, size]) =>
      element("span", { class: `memory-part ${PARTS[part][1]}`, style: `width:${(100 * size) / total}%` }));
    return element("div", { class: "memory-bar", "aria-hidden": "true" }, ...pieces);
  }

  function partRows(parts, total) {
    return Object.entries(parts).filter(([, size]) => size > 0).map(([part, size]) => {
      const name = element("span", {}, element("span", { class: `memory-swatch ${PARTS[part][1]}`, "aria-hidden": "true" }),
        PARTS[part][0]);
      return [name, formatBytes(size), `${((100 * size) / total).toFixed(1)}\u00a0%`];
    });
  }

  function renderTraining(values, area, answer) {
    const spec = specOf(values);
    const settings = settingsOf(values);
    const { parts, total, peak } = training(spec, settings);
    let fitting = 0;
    const cards = Object.entries(data.cards).map(([card, size]) => {
      const room = size * (1 - values.free / 100);
      const least = ranksNeeded(room, spec, settings);
      if (peak <= room) fitting += 1;
      return [card, formatBytes(size), peak <= room ? `fits, ${formatBytes(room - peak)} left` : `lacks ${formatBytes(peak - room)}`,
        least === null ? "no number is enough" : ranksOf(least)];
    });
    const among = Object.keys(data.cards).length;
    const sentence = `${formatBytes(peak)} at the peak on each of ${ranksOf(values.ranks)}: fits on ${fitting} of ${among} cards.`;
    answer.replaceChildren(element("strong", {}, formatBytes(peak)),
      ` at the peak, ${values.ranks === 1 ? "on 1 rank" : `on each of ${ranksOf(values.ranks)}`}: fits on ${fitting} of ${among} cards`);
    area.replaceChildren(
      bar(parts, total),
      table("What a rank holds", ["part", "size", "share"], [...partRows(parts, total),
        ["all of it at once", formatBytes(total), ""],
        ["at the peak: gradients grow while activations shrink", formatBytes(peak), ""]]),
      table(`Which card fits, with ${values.free} % of it kept free`,
        ["card", "memory", `on ${ranksOf(values.ranks)}`, "fits from"], cards));
    return sentence;
  }

  function renderInference(values, area, answer) {
    const spec = specOf(values);
    const [written, read] = isPair(spec) ? [values.targetTokens, values.tokens] : [values.tokens, 0];
    const { parts, total } = inference(spec, values.batch, written, read, values.weights, values.cache);
    const cards = Object.entries(data.cards).map(([card, size]) => {
      const room = size * (1 - values.free / 100);
      const needed = Math.ceil(total / room);
      return [card, formatBytes(size), needed === 1 ? `fits, ${formatBytes(room - total)} left` : `lacks ${formatBytes(total - room)}`,
        needed === 1 ? "1 card" : `at least ${grouped(needed)} cards`];
    });
    const fitting = cards.filter(([, , , needed]) => needed === "1 card").length;
    answer.replaceChildren(element("strong", {}, formatBytes(total)), ` to generate: fits on one of ${fitting} of ${cards.length} cards`);
    area.replaceChildren(
      bar(parts, total),
      table("What generating holds", ["part", "size", "share"], [...partRows(parts, total), ["in all", formatBytes(total), ""]]),
      table(`Which card fits, with ${values.free} % of it kept free`, ["card", "memory", "on one", "split over"], cards));
    return `${formatBytes(total)} to generate: fits on one card of ${fitting} of ${cards.length} kinds.`;
  }

  function render(values, area, answer) {
    const spec = specOf(values);
    if (!trains(values) && !spec.decoder_layers) {
      const sentence = `${spec.name} is an encoder alone and generates nothing: choose another model.`;
      answer.replaceChildren(sentence);
      area.replaceChildren();
      return sentence;
    }
    const told = trains(values) ? renderTraining(values, area, answer) : renderInference(values, area, answer);
    if (values.tokens <= spec.context_window) return told;
    const beyond = `${spec.name} was made for at most ${grouped(spec.context_window)} tokens in a row.`;
    area.append(element("p", { class: "calculator-note" }, beyond));
    return `${told} ${beyond}`;
  }

  /* Real training steps beside the formula; a button puts the settings of each into the panel. */
  function measuredSteps(set) {
    const rows = data.steps.map(({ shape, step, measured }) => {
      const spec = data.models.find(({ name }) => name === shape);
      const values = { mode: "training", model: shape, precision: step.precision, optimizer: "adam", stage: "0", ranks: 1,
        batch: step.batch, tokens: step.tokens, checkpointing: step.checkpointing,
        ...(step.target_tokens ? { targetTokens: step.target_tokens } : {}) };
      const { peak } = training(spec, settingsOf(values));
      const about = `${shape}: ${step.batch} ${step.batch === 1 ? "row" : "rows"} of ${step.tokens} tokens, ${PRECISIONS[step.precision].split(":")[0]}` +
        (step.checkpointing ? ", checkpointing" : "");
      const button = element("button", { type: "button", "aria-label": `Set the calculator to ${about}` }, "Set");
      button.addEventListener("click", () => set(values, `Set to ${about}.`));
      return [about, formatBytes(measured.peak), formatBytes(peak), (measured.peak / peak).toFixed(2), button];
    });
    return table("Real training steps, each in a process of its own: largest resident memory against the formula",
      ["step", "measured", "calculated", "ratio", "try it"], rows);
  }

  course.start("memory", (root) => {
    const { set } = course.panel(root, { legend: "Memory calculator", described, render });
    root.append(element("p", { class: "calculator-heading" }, "Measured on the course’s own machine"), measuredSteps(set));
  });
})();
