/* The inference panel of chapter 03: temperature, top-k and top-p on rows of real logits that the page carries.
   The transforms follow transformers: temperature, then top-k with ties, then top-p. */
"use strict";

const DEFAULTS = { cap: 200, topK: 25, topP: 1, temperature: 0.8 };
const SHOWN = 12;
const DRAWS = 20;

function softmax(logits) {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = logits.map((z) => Math.exp(z - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / total);
}

/* Token numbers, likeliest first. */
function ranking(logits) {
  return logits.map((_, i) => i).sort((a, b) => logits[b] - logits[a]);
}

/* Probabilities after the three transforms, how many tokens are left, and the entropy in bits. */
function distribution(logits, { temperature, topK, topP }) {
  const order = ranking(logits);
  const border = logits[order[Math.min(topK, logits.length) - 1]];
  let kept = logits.map((z) => (z < border ? -Infinity : z / temperature));
  if (topP < 1) {
    const shares = softmax(kept);
    const inside = new Set();
    let before = 0;
    for (const i of order) {
      if (before >= topP) break;
      inside.add(i);
      before += shares[i];
    }
    kept = kept.map((z, i) => (inside.has(i) ? z : -Infinity));
  }
  const probabilities = softmax(kept);
  const left = kept.filter((z) => z > -Infinity).length;
  const bits = probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
  return { probabilities, left, bits };
}

/* The first token whose running sum is above u. */
function draw(probabilities, u) {
  let sum = 0;
  let last = 0;
  for (let i = 0; i < probabilities.length; i += 1) {
    if (probabilities[i] > 0) last = i;
    sum += probabilities[i];
    if (sum > u) return i;
  }
  return last;
}

/* What a setting must be, or null when it is fine. */
function fault(name, value, vocabulary) {
  const whole = Number.isInteger(value);
  const rules = {
    temperature: [value > 0 && value <= 10, "Temperature must be above 0 and at most 10."],
    topK: [whole && value >= 1 && value <= vocabulary, `Top-k must be a whole number from 1 to ${vocabulary}.`],
    topP: [value > 0 && value <= 1, "Top-p must be above 0 and at most 1."],
    cap: [whole && value >= 1 && value <= 200, "Max new tokens must be a whole number from 1 to 200."],
  };
  return rules[name][0] ? null : rules[name][1];
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function buildPanel(root, number) {
  const data = JSON.parse(root.querySelector("script").textContent);
  const vocabulary = data.tokens.length;
  const position = element("select", { id: `decoding-row-${number}` });
  data.rows.forEach((row, i) => {
    const name = row.after ? `after “${row.after}”` : "first token";
    position.append(element("option", { value: i }, name));
  });
  const kinds = [
    ["cap", "Max new tokens", 1, 200, 1],
    ["topK", "Sample top-k", 1, vocabulary, 1],
    ["topP", "Sample top-p", 0.01, 1, 0.01],
    ["temperature", "Temperature", 0.05, 10, 0.05],
  ];
  const inputs = {};
  const form = element("div", { class: "decoding-settings" });
  form.append(element("label", { for: position.id }, "Step", position));
  for (const [name, text, min, max, step] of kinds) {
    const id = `decoding-${name}-${number}`;
    inputs[name] = element("input", { id, type: "number", min, max, step, value: DEFAULTS[name] });
    form.append(element("label", { for: id }, text, inputs[name]));
  }
  const drawButton = element("button", { type: "button" }, `Draw ${DRAWS} tokens`);
  const resetButton = element("button", { type: "button" }, "Back to the lectures’ values");
  const status = element("p", { role: "status", "aria-live": "polite" });
  const body = element("tbody");
  const heads = ["token", "before", "after", "after, as a bar"].map((text) => element("th", { scope: "col" }, text));
  const table = element("table", {}, element("caption", {}, `The ${SHOWN} likeliest tokens`),
    element("thead", {}, element("tr", {}, ...heads)), body);
  const drawn = element("p", { class: "decoding-drawn", role: "status", "aria-live": "polite" });
  const answer = element("p", { class: "decoding-answer" });
  const group = element("fieldset", {}, element("legend", {}, "Inference panel"), form,
    element("div", { class: "decoding-buttons" }, drawButton, resetButton), status, table, drawn, answer);
  let current = null;

  function update() {
    const settings = {};
    const faults = [];
    for (const [name, input] of Object.entries(inputs)) {
      settings[name] = input.value === "" ? NaN : Number(input.value);
      const wrong = fault(name, settings[name], vocabulary);
      input.setAttribute("aria-invalid", String(Boolean(wrong)));
      if (wrong) faults.push(wrong);
    }
    drawButton.disabled = faults.length > 0;
    drawn.textContent = "";
    if (faults.length) {
      status.textContent = faults.join(" ");
      return;
    }
    const { logits } = data.rows[Number(position.value)];
    const before = softmax(logits);
    current = distribution(logits, settings);
    const off = settings.topP === 1 ? " Top-p 1 removes nothing." : "";
    status.textContent = `${current.left} of ${vocabulary} tokens can be drawn, ` +
      `${current.bits.toFixed(2)} bits, like ${(2 ** current.bits).toFixed(1)} equal tokens.${off}`;
    body.replaceChildren(...ranking(logits).slice(0, SHOWN).map((i) => {
      const p = current.probabilities[i];
      const bar = element("span", { class: "decoding-bar", style: `width:${(100 * p).toFixed(1)}%` });
      return element("tr", { class: p > 0 ? "" : "decoding-out" },
        element("th", { scope: "row" }, data.tokens[i]), element("td", {}, before[i].toFixed(4)),
        element("td", {}, p > 0 ? p.toFixed(4) : "out"), element("td", { "aria-hidden": "true" }, bar));
    }));
    const length = Math.min(settings.cap, data.completion.length);
    const stop = settings.cap > data.completion.length ? "the end token" : "the cap";
    answer.textContent = `Greedy answer, ${length} tokens, stopped by ${stop}: ${data.completion[length - 1]}`;
  }

  drawButton.addEventListener("click", () => {
    const counts = new Map();
    for (let n = 0; n < DRAWS; n += 1) {
      const token = data.tokens[draw(current.probabilities, Math.random())];
      counts.set(token, (counts.get(token) || 0) + 1);
    }
    const sorted = [...counts].sort((a, b) => b[1] - a[1]);
    drawn.textContent = `Drawn: ${sorted.map(([token, count]) => `${token} × ${count}`).join(", ")}.`;
  });
  resetButton.addEventListener("click", () => {
    for (const [name, input] of Object.entries(inputs)) input.value = DEFAULTS[name];
    update();
  });
  form.addEventListener("input", update);
  root.replaceChildren(group);
  update();
}

document.querySelectorAll(".decoding-panel").forEach(buildPanel);
