/* The course model in a page. A click loads it; then a dialogue is read and a summary written, token by token.

   The engine (engine.js) computes in a worker, so that the page never waits. Here are the files, the controls and the
   pictures. What a page shows depends on its view. Settings and text are kept in this browser. */
"use strict";

{
  const VIEWS = {
    front: { parts: ["examples", "next", "attention"], shots: 1 },
    attention: { parts: ["attention"], shots: 0 },
    examples: { parts: ["examples", "tokens"], shots: 0, compare: "shots" },
    decoding: { parts: ["sampling", "next"], shots: 0, sampled: true, compare: "draws" },
    bits: { parts: ["examples", "bits", "next"], shots: 1, compare: "bits" },
    full: { parts: ["examples", "tokens", "sampling", "bits", "next", "attention"], shots: 1, compare: "draws" },
  };
  // Those of the lectures' panel; min-p and the penalty are off.
  const LECTURES = { penalty: 1, temperature: 0.8, topK: 25, topP: 1, minP: 0, cap: 200 };
  const COMPARED = { shots: [0, 1, 2, 6], bits: [8, 4, 3, 2], draws: 3 };
  const COMPARE = {
    shots: "Compare 0, 1, 2 and 6 examples",
    bits: "Compare 8, 4, 3 and 2 bits",
    draws: "Compare greedy with three draws",
  };
  const SHOWN = 8;
  const MOST_SHOTS = 6;
  const KEY = "llm-foundations/live-model/";

  const percent = (share) => (share >= 0.9995 ? "100 %" : share < 0.0005 ? "< 0.1 %" : `${(100 * share).toFixed(1)} %`);
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const thousands = (n) => n.toLocaleString("en");
  const plural = (n, one) => `${thousands(n)} ${one}${n === 1 ? "" : "s"}`;

  function make(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value != null) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child != null));
    return made;
  }

  // ------------------------------------------------------------------------------------------------------ files

  /* A page opened from file:// may not fetch a file, but it may add a script. */
  function addScript(address) {
    return new Promise((resolve, reject) => {
      const done = () => script.remove();
      const script = make("script", { src: address });
      script.onload = () => (done(), resolve());
      script.onerror = () => (done(), reject(new Error(`${address.split("/").pop()} could not be read`)));
      document.head.append(script);
    });
  }

  /* The values that scripts of these names bring. A file that was cut off brings none. */
  async function read(folder, names, progress = () => {}) {
    const files = (globalThis.courseModel ??= {});
    await Promise.all(names.map(async (name) => {
      if (!(name in files)) await addScript(`${folder}/course_model/${name}.js`);
      if (!(name in files)) throw new Error(`${name}.js is incomplete`);
      progress();
    }));
    return names.map((name) => files[name]);
  }

  /* Text in base64 as bytes where the browser decodes it by itself; else the worker will. */
  function packed(parts) {
    return Uint8Array.fromBase64 ? parts.map((part) => Uint8Array.fromBase64(part).buffer) : parts;
  }

  const movable = (parts) => parts.filter((part) => part instanceof ArrayBuffer);

  /* A worker that answers calls in their order. No file can be opened as one from file://, so it is made of text. */
  function startWorker() {
    const source = `(${courseEngine})().serve(self);`;
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(address);
    URL.revokeObjectURL(address);
    const waiting = new Map();
    let count = 0;
    worker.onmessage = ({ data: { id, result, error } }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    };
    worker.onerror = (event) => {
      for (const { reject } of waiting.values()) reject(new Error(event.message || "the worker did not start"));
      waiting.clear();
    };
    return (name, values, moved = []) => new Promise((resolve, reject) => {
      count += 1;
      waiting.set(count, { resolve, reject });
      worker.postMessage({ id: count, name, values }, moved);
    });
  }

  let opened = null;

  /* The model, one for all components of a page: {about, engine, tokenizer, call, folder}. */
  async function open(folder, aboutFile, progress) {
    progress(0);
    const [[about]] = await Promise.all([
      read(folder, [aboutFile.replace(/\.js$/, "")]),
      typeof courseEngine === "function" ? null : addScript(`${folder}/engine.js`),
    ]);
    if (typeof courseEngine !== "function") throw new Error("engine.js is incomplete");
    const engine = courseEngine();
    const names = [...about.parts.tokenizer, ...about.parts.weights];
    let come = 0;
    const [tables, ...weights] = await read(folder, names, () => progress((come += 1) / names.length));
    const parts = packed(weights);
    const call = startWorker();
    const { shape, tensors } = about;
    const loaded = call("load", { shape, tensors, parts, useKernel: engine.simd() }, movable(parts));
    const tokenizer = new engine.Tokenizer(tables);
    const kernel = await loaded;
    // The worker has its own copy.
    for (const name of about.parts.weights) delete globalThis.courseModel[name];
    return { about, engine, tokenizer, call, folder, kernel, bits: 8 };
  }

  // -------------------------------------------------------------------------------------------------- component

  let count = 0;

  function start(root) {
    const view = VIEWS[root.dataset.view];
    const has = (part) => view.parts.includes(part);
    const folder = root.dataset.static;
    const recorded = root.querySelector(".live-recorded");
    const prefix = `live-${(count += 1)}`;
    const id = (name) => `${prefix}-${name}`;
    let state = { sample: 0, text: null, shots: view.shots, sampled: Boolean(view.sampled), seed: 1, ...LECTURES, head: "mean" };
    let model = null;
    let run = null;       // {ids, history, steps: [{token, logits, attention}], next: {logits, attention}, done}
    let picked = null;    // the step that pictures show; null stands for the next token
    let busy = false;
    let stopped = false;

    // Both calls throw where storage is switched off; the state then lasts as long as the page.
    try {
      state = { ...state, ...JSON.parse(localStorage.getItem(KEY + root.dataset.view)) };
    } catch {}
    function keep() {
      try {
        localStorage.setItem(KEY + root.dataset.view, JSON.stringify(state));
      } catch {}
    }

    // ---- before the model is there

    const loadButton = make("button", { type: "button", class: "live-primary", onclick: load },
      `Load the model, ${megabytes(Number(root.dataset.bytes))}`);
    const bar = make("progress", { max: 1, value: 0, hidden: true, "aria-label": "Loading the model" });
    const status = make("p", { class: "live-status", role: "status" });
    const gate = make("div", { class: "live-gate" },
      make("p", {}, "The course model can run in this page, on your own machine: nothing you type leaves it."),
      loadButton, bar);
    root.prepend(gate, status);

    async function load() {
      const begun = performance.now();
      loadButton.disabled = true;
      bar.hidden = false;
      status.textContent = "Loading …";
      try {
        opened ??= open(folder, root.dataset.about, (share) => (bar.value = share));
        model = await opened;
      } catch (error) {
        opened = null;
        loadButton.disabled = false;
        bar.hidden = true;
        root.dataset.state = "failed";
        status.textContent = `The model could not be loaded, since ${error.message}: below is a recorded run instead.`;
        return;
      }
      root.dataset.readyMs = Math.round(performance.now() - begun);
      build();
      gate.remove();
      recorded.hidden = true;
      const { parameters } = model.about.shape;
      status.textContent = `Ready: ${(parameters / 1e6).toFixed(1)} million weights, loaded in ` +
        `${(root.dataset.readyMs / 1000).toFixed(1)} s${model.kernel ? "" : ", without SIMD, so it is slower"}.`;
      root.dataset.state = "ready";
      dialogue.focus({ preventScroll: true });
    }

    // ---- controls

    let dialogue, tokens, meter, meterText, answer, next, attention, answers, writeButton, stepButton, compareButton;
    const labels = {};

    function slider(name, text, values, shown) {
      const at = values.reduce((best, value, i) => Math.abs(value - state[name]) < Math.abs(values[best] - state[name]) ? i : best, 0);
      const output = make("output", { for: id(name) });
      const input = make("input", { type: "range", id: id(name), min: 0, max: values.length - 1, step: 1, value: at });
      const show = () => {
        output.textContent = shown(state[name]);
        input.setAttribute("aria-valuetext", shown(state[name]));
      };
      input.addEventListener("input", () => {
        state[name] = values[Number(input.value)];
        show();
        changed(name);
      });
      labels[name] = () => {
        input.value = values.indexOf(state[name]);
        show();
      };
      show();
      return make("div", { class: "live-slider" }, make("label", { for: id(name) }, text), output, input);
    }

    function radios(name, legend, options) {
      const group = options.map(([value, text]) => {
        const input = make("input", { type: "radio", name: id(name), value, checked: String(state[name]) === String(value) });
        input.addEventListener("change", () => {
          state[name] = typeof state[name] === "boolean" ? value === true || value === "true" : value;
          changed(name);
        });
        return make("label", {}, input, text);
      });
      return make("fieldset", { class: "live-radios" }, make("legend", {}, legend), ...group);
    }

    const range = (from, to, step) => Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => Number((from + i * step).toFixed(4)));
    const orOff = (off, text) => (value) => (value === off ? "off" : text(value));

    function samplingControls() {
      const vocabulary = model.about.shape.vocabulary;
      const ks = [...range(1, 10, 1), 15, 20, 25, 30, 40, 50, 75, 100, 200, 500, 1000].filter((k) => k < vocabulary);
      return make("div", { class: "live-sampling" },
        radios("sampled", "Next token", [[false, "the most probable (greedy)"], [true, "drawn by chance"]]),
        make("div", { class: "live-sliders" },
          slider("penalty", "Repetition penalty", range(1, 2, 0.05), orOff(1, (x) => x.toFixed(2))),
          slider("temperature", "Temperature", [0.05, ...range(0.1, 3, 0.1), 4, 5, 10], (x) => String(x)),
          slider("topK", "Top-k", [0, ...ks], orOff(0, String)),
          slider("topP", "Top-p", range(0.05, 1, 0.05), orOff(1, (x) => x.toFixed(2))),
          slider("minP", "Min-p", range(0, 0.5, 0.02), orOff(0, (x) => x.toFixed(2))),
          slider("cap", "Max new tokens", range(1, model.about.shape.newTokens, 1), String),
          slider("seed", "Seed", range(1, 20, 1), String)),
        make("button", { type: "button", onclick: reset }, "Back to the lectures’ values"));
    }

    function reset() {
      Object.assign(state, LECTURES);
      for (const name of Object.keys(LECTURES)) labels[name]?.();
      changed("temperature");
    }

    function bitsControls() {
      state.bits = 8;
      const more = megabytes(model.about.bytes.rest);
      return radios("bits", "Bits per weight", [[16, `16 (loads ${more} more)`], [8, "8"], [4, "4"], [3, "3"], [2, "2"]]);
    }

    function build() {
      const { samples, compared } = model.about;
      // What an earlier visit left may be of another edition.
      if (!samples[state.sample]) state.sample = 0;
      state.text ??= samples[0].dialogue;
      dialogue = make("textarea", { id: id("dialogue"), rows: 10, spellcheck: "false" });
      dialogue.value = state.text;
      dialogue.addEventListener("input", () => {
        state.text = dialogue.value;
        changed("text");
      });
      const select = make("select", { id: id("sample") }, ...samples.map((one, i) =>
        make("option", { value: i, selected: i === state.sample }, one.topic)));
      select.addEventListener("change", () => {
        state.sample = Number(select.value);
        state.text = dialogue.value = samples[state.sample].dialogue;
        changed("text");
      });
      meter = make("meter", { min: 0, max: model.about.shape.window, "aria-label": "Tokens of the prompt" });
      meterText = make("span", {});
      tokens = make("div", { class: "live-tokens", tabindex: 0, role: "group", "aria-label": "The prompt as tokens" });
      answer = make("div", { class: "live-answer", role: "group", "aria-label": "The answer as tokens" });
      next = make("div", { class: "live-next" });
      attention = make("p", { class: "live-looks", "aria-live": "polite" });
      answers = make("ol", { class: "live-answers" });
      writeButton = make("button", { type: "button", class: "live-primary", onclick: () => (busy ? (stopped = true) : guarded(write)) }, "Write");
      stepButton = make("button", { type: "button", onclick: () => guarded(one) }, "One token");
      compareButton = view.compare && make("button", { type: "button", onclick: () => guarded(compare) }, COMPARE[view.compare]);
      const again = make("button", { type: "button", onclick: () => changed("text") }, "Start over");
      const { heads, decoderLayers } = model.about.shape;
      const headNames = [["mean", "mean of all heads"]];
      for (let l = 0; l < decoderLayers; l += 1) for (let h = 0; h < heads; h += 1) headNames.push([l * heads + h, `layer ${l + 1}, head ${h + 1}`]);
      const head = make("select", { id: id("head") }, ...headNames.map(([value, text]) =>
        make("option", { value, selected: String(state.head) === String(value) }, text)));
      head.addEventListener("change", () => {
        state.head = head.value;
        keep();
        draw();
      });
      const whole = has("attention") || has("tokens");
      const prompt = make("details", { class: "live-prompt", open: whole },
        make("summary", {}, has("attention") ? "The prompt, and where the model looks" : "The prompt as the model reads it"),
        has("attention") ? make("div", { class: "live-row" }, make("label", { for: id("head") }, "Attention"), head) : null,
        has("attention") ? attention : null, tokens);
      const heading = (text) => make("p", { class: "live-heading" }, text);
      root.append(make("div", { class: "live-body" },
        make("div", { class: "live-input" },
          make("div", { class: "live-row" }, make("label", { for: id("sample") }, "A dialogue about"), select),
          make("label", { for: id("dialogue") }, "The dialogue; change it, or write your own"), dialogue,
          has("examples") ? slider("shots", "Solved examples before it", range(0, MOST_SHOTS, 1), String) : null,
          make("div", { class: "live-meter" }, meter, meterText)),
        has("sampling") ? samplingControls() : null,
        has("bits") ? bitsControls() : null,
        make("div", { class: "live-buttons" }, writeButton, stepButton, again, compareButton), status,
        heading("The answer"), answer,
        has("next") ? heading("The next token") : null, has("next") ? next : null,
        prompt,
        make("div", { class: "live-sofar" }, heading("Answers so far"), answers),
        make("p", { class: "live-note" }, `The weights are rounded to 8 bits, with a scale for each row${has("bits") ? `; fewer bits have a scale for each ${model.about.shape.group} weights` : ""}. Of ${compared.prompts} answers to ` +
          `dialogues that training never met, ${compared.same} are word for word those of the weights before rounding. ` +
          "The first dialogue of the list was chosen because the model summarises it well, the others were not chosen.")));
      changed("text");
    }

    /* A control was moved: what was computed from its old value goes. */
    function changed(name) {
      keep();
      if (name === "text" || name === "shots") {
        run = null;
        picked = null;
        status.textContent = "";
        measure();
        draw();
      } else if (name === "bits") guarded(setBits);
      else draw();
    }

    // ---- prompt

    function promptText(shots = state.shots) {
      const { template, samples } = model.about;
      const { before, after, gap } = template;
      const fill = (text) => before + text + after;
      const shown = samples[state.sample].examples.slice(0, shots);
      return shown.map(([text, summary]) => fill(text) + summary + gap).join("") + fill(state.text);
    }

    /* The prompt's tokens; throws a sentence for a text that cannot be one. */
    function promptTokens() {
      const { window: most } = model.about.shape;
      if (!state.text.trim()) throw new Error("There is no dialogue: write one, or pick one of the list.");
      const text = promptText();
      const ids = text.length > most * model.tokenizer.longest ? null : model.tokenizer.encode(text);
      if (!ids || ids.length > most) {
        const came = ids ? plural(ids.length, "token") : `${thousands(text.length)} characters`;
        throw new Error(`The prompt has ${came}, and the model was trained on at most ${thousands(most)} tokens: ` +
          "shorten the dialogue or show fewer examples.");
      }
      return ids;
    }

    function measure() {
      const { window: most } = model.about.shape;
      let ids = [];
      let fault = "";
      try {
        ids = promptTokens();
      } catch (error) {
        fault = error.message;
      }
      meter.value = fault ? most : ids.length;
      meterText.textContent = fault ? "" : `${thousands(ids.length)} of ${thousands(most)} tokens`;
      dialogue.setAttribute("aria-invalid", String(Boolean(fault)));
      writeButton.disabled = stepButton.disabled = Boolean(fault);
      if (compareButton) compareButton.disabled = Boolean(fault);
      status.textContent = fault;
      tokens.replaceChildren(...ids.map((token) => make("span", {}, pieceText(token))));
    }

    function pieceText(token) {
      if (token === model.about.shape.end) return "‹end›";
      return model.tokenizer.pieces[token].replaceAll("\n", "↵\n");
    }

    /* A token where its spaces matter. */
    function visible(token) {
      if (token === model.about.shape.end) return "end of answer";
      return model.tokenizer.pieces[token].replaceAll(" ", "␣").replaceAll("\n", "↵");
    }

    // ---- writing

    /* Do one thing after the other. What is being written stops for what comes next, and for a second press. */
    let latest = Promise.resolve();
    function guarded(work) {
      root.setAttribute("aria-busy", "true");
      stopped = true;
      latest = latest.then(async () => {
        busy = true;
        stopped = false;
        writeButton.textContent = "Stop";
        try {
          await work();
        } catch (error) {
          status.textContent = error.message;
        }
        writeButton.textContent = "Write";
        busy = false;
        root.removeAttribute("aria-busy");
      });
    }

    async function begin() {
      const { call, about } = model;
      const ids = promptTokens();
      await call("prompt", { ids });
      const first = await call("step", { token: about.shape.start });
      run = { ids, history: [about.shape.start], steps: [], next: first, done: false, random: model.engine.random(state.seed) };
      picked = null;
    }

    /* Choose the next token and ask for the scores after it. */
    async function advance(mine = run) {
      const { engine, about } = model;
      const scores = engine.stages(mine.next.logits, mine.history, state, state.sampled).at(-1)[1];
      const token = state.sampled ? engine.draw(engine.probabilities(scores), mine.random()) : engine.greedy(scores);
      mine.steps.push({ ...mine.next, token, history: [...mine.history] });
      mine.history.push(token);
      mine.done = token === about.shape.end || mine.steps.length >= Math.min(state.cap, about.shape.newTokens);
      if (!mine.done) mine.next = await model.call("step", { token });
    }

    async function one() {
      if (!run || run.done) await begin();
      else await advance();
      if (run.steps.length) picked = run.steps.length - 1;
      draw();
      if (run.done) finished(0, 0);
    }

    async function write() {
      const begun = performance.now();
      if (!run || run.done) await begin();
      const mine = run;
      const first = mine.steps.length;
      await advance(mine);
      const firstMs = performance.now() - begun;
      let painted = performance.now();
      let spent = 0;  // without the pictures
      // A new prompt, typed while this one is answered, has no use for the rest.
      while (!mine.done && !stopped && run === mine) {
        const before = performance.now();
        await advance(mine);
        spent += performance.now() - before;
        if (performance.now() - painted > 50) {
          draw();
          await new Promise((resolve) => setTimeout(resolve));
          painted = performance.now();
        }
      }
      if (run !== mine) return;
      const more = mine.steps.length - first - 1;
      const eachMs = more ? spent / more : 0;
      root.dataset.firstMs = firstMs.toFixed(1);
      root.dataset.eachMs = eachMs.toFixed(2);
      picked = leastSure();
      draw();
      finished(firstMs, eachMs);
    }

    /* The step at which the model was least sure: there the bars and the settings have most to show. */
    function leastSure() {
      const largest = run.steps.map(({ logits }) => Math.max(...model.engine.probabilities(logits)));
      return largest.indexOf(Math.min(...largest));
    }

    function text() {
      return model.tokenizer.decode(run.steps.map((step) => step.token)).trim();
    }

    function finished(firstMs, eachMs) {
      const end = run.done && run.history.at(-1) === model.about.shape.end;
      const why = end ? "ended by the model itself" : run.done ? "ended by the cap" : "stopped";
      const took = firstMs ? ` The first took ${firstMs.toFixed(0)} ms, each other ${eachMs.toFixed(1)} ms.` : "";
      const marked = picked === null ? "" : " Marked is where the model was least sure.";
      status.textContent = `${plural(run.steps.length, "token")}, ${why}.${took}${firstMs ? marked : ""}`;
      answers.prepend(make("li", {}, make("span", { class: "live-how" }, `${settingsText()}:`), ` ${text()}`));
      while (answers.children.length > 12) answers.lastChild.remove();
      const { samples } = model.about;
      const known = samples[state.sample];
      const target = known.dialogue === state.text && !answers.querySelector(".live-target")
        ? make("li", { class: "live-target" }, make("span", { class: "live-how" }, "written with the dialogue:"), ` ${known.summary}`) : null;
      if (target) answers.append(target);
    }

    function settingsText() {
      const parts = [];
      if (has("examples")) parts.push(plural(state.shots, "example"));
      if (has("bits")) parts.push(`${model.bits} bits`);
      const on = { penalty: "penalty", temperature: "temperature", topK: "top-k", topP: "top-p", minP: "min-p" };
      const { OFF } = model.engine;
      const used = Object.keys(on).filter((name) => state[name] !== OFF[name] && (state.sampled || name === "penalty"));
      if (has("sampling")) parts.push(state.sampled ? `drawn, seed ${state.seed}` : "greedy", ...used.map((name) => `${on[name]} ${state[name]}`));
      return parts.length ? parts.join(", ") : "greedy";
    }

    async function compare() {
      // The text is not among them: it may be changed meanwhile.
      const { shots, bits, sampled, seed } = state;
      const before = { shots, bits, sampled, seed };
      const runs = {
        shots: () => COMPARED.shots.map((shots) => ({ shots })),
        bits: () => COMPARED.bits.map((bits) => ({ bits })),
        draws: () => [{ sampled: false }, ...Array.from({ length: COMPARED.draws }, (_, i) => ({ sampled: true, seed: before.seed + i }))],
      }[view.compare]();
      answers.replaceChildren();
      for (const change of runs.reverse()) {
        if (stopped) break;
        Object.assign(state, change);
        if ("bits" in change) await setBits();
        run = null;
        await write();
      }
      Object.assign(state, before);
      if (model.bits !== state.bits && has("bits")) await setBits();
      // The prompt and the pictures are those of the settings again.
      run = null;
      picked = null;
      measure();
      draw();
      status.textContent = "The answers stand below, each with what it was written with.";
    }

    async function setBits() {
      const { about, call } = model;
      let parts = null;
      if (state.bits === 16) {
        status.textContent = "Loading the other eight bits …";
        try {
          parts = packed(await read(folder, about.parts.rest));
        } catch (error) {
          state.bits = model.bits;
          root.querySelector(`input[name="${id("bits")}"][value="${state.bits}"]`).checked = true;
          throw new Error(`The other eight bits could not be loaded, since ${error.message}: the weights stay as they were.`);
        }
      }
      await call("bits", { bits: state.bits, parts }, parts ? movable(parts) : []);
      if (parts) for (const name of about.parts.rest) delete globalThis.courseModel[name];
      model.bits = state.bits;
      run = null;
      picked = null;
      status.textContent = `The weights now have ${state.bits} bits.`;
      draw();
    }

    // ---- pictures

    function draw() {
      drawAnswer();
      const step = !run ? null : picked === null ? (run.done ? run.steps.at(-1) : { ...run.next, history: run.history }) : run.steps[picked];
      if (has("next")) drawNext(step);
      if (has("attention")) drawAttention(step);
    }

    function drawAnswer() {
      if (!run || !run.steps.length) {
        answer.replaceChildren(make("span", { class: "live-empty" }, answers.children.length ? "Nothing is being written; earlier answers stand below." : "Nothing is written yet."));
        return;
      }
      const moves = { ArrowRight: 1, ArrowLeft: -1 };
      const wanted = picked ?? run.steps.length - 1;
      const chips = run.steps.map((step, i) => {
        const chip = make("button", { type: "button", tabindex: i === wanted ? 0 : -1, "aria-pressed": String(i === picked), "aria-label": pieceText(step.token).trim() ? null : "space" }, pieceText(step.token));
        const show = () => {
          if (busy || picked === i) return;
          picked = i;
          chips.forEach((other, j) => {
            other.setAttribute("aria-pressed", String(i === j));
            other.tabIndex = i === j ? 0 : -1;
          });
          if (has("next")) drawNext(step);
          if (has("attention")) drawAttention(step);
        };
        for (const event of ["pointerenter", "focus", "click"]) chip.addEventListener(event, show);
        chip.addEventListener("keydown", (event) => {
          const to = chips[i + (moves[event.key] ?? NaN)];
          if (to) to.focus();
        });
        return chip;
      });
      answer.replaceChildren(...chips);
    }

    const stageNames = {
      model: () => "the model",
      penalty: () => `penalty ${state.penalty}`,
      temperature: () => `temperature ${state.temperature}`,
      topK: () => `top-k ${state.topK}`,
      topP: () => `top-p ${state.topP}`,
      minP: () => `min-p ${state.minP}`,
    };

    function drawNext(step) {
      if (!step) {
        next.replaceChildren(make("span", { class: "live-empty" }, "“One token” reads the prompt and shows what may come first."));
        return;
      }
      const { engine } = model;
      const list = engine.stages(step.logits, step.history, state, state.sampled);
      const rows = engine.ranking(step.logits).slice(0, SHOWN);
      if (step.token !== undefined && !rows.includes(step.token)) rows[SHOWN - 1] = step.token;
      next.replaceChildren(...list.map(([name, scores], number) => {
        const p = engine.probabilities(scores);
        let left = 0;
        let bits = 0;
        for (const share of p) {
          if (share > 0) {
            left += 1;
            bits -= share * Math.log2(share);
          }
        }
        const told = `${thousands(left)} left, ${bits.toFixed(2)} bits`;
        const title = list.length === 1 ? "what the model might write here" : number ? `${number}. ${stageNames[name]()}` : stageNames[name]();
        const body = rows.map((token) => make("tr", { class: `${scores[token] > -Infinity ? "" : "live-out"}${token === step.token ? " live-chosen" : ""}` },
          make("th", { scope: "row" }, visible(token)),
          make("td", { "aria-hidden": "true" }, make("span", { class: "live-bar", style: `--share: ${p[token].toFixed(4)}` })),
          make("td", {}, scores[token] > -Infinity ? percent(p[token]) : "out")));
        return make("table", {}, make("caption", {}, title, make("small", {}, told)), make("tbody", {}, ...body));
      }));
    }

    function drawAttention(step) {
      const chips = [...tokens.children];
      if (!step) {
        chips.forEach((chip) => chip.style.removeProperty("--share"));
        attention.textContent = "Write an answer; then point at one of its tokens, or move to it with the arrow keys.";
        return;
      }
      const rows = state.head === "mean" ? step.attention : [step.attention[Number(state.head)] ?? step.attention[0]];
      const shares = chips.map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
      const most = Math.max(...shares);
      chips.forEach((chip, i) => chip.style.setProperty("--share", (shares[i] / most).toFixed(3)));
      const order = shares.map((_, i) => i).sort((a, b) => shares[b] - shares[a]).slice(0, 4);
      const seen = order.map((i) => `${visible(run.ids[i])} ${percent(shares[i])}`).join(", ");
      const what = step.token === undefined ? "Before the next token" : `While it wrote ${visible(step.token)}`;
      attention.textContent = `${what}, it looked most at: ${seen}.`;
      // The line that is read goes to the middle, without moving the page.
      if (picked !== null) tokens.scrollTop = chips[order[0]].offsetTop - tokens.clientHeight / 2;
    }
  }

  document.querySelectorAll(".live-model").forEach(start);
}
