/* What the calculators share: units, fields with labels and sliders, the settings in the page's address.
   A calculator's data, which the site's builder writes from utils, are loaded before this file, itself after it. */
"use strict";

(() => {
  const course = globalThis.courseCalculators;
  const ANNOUNCED_MS = 500;

  /* A number with one decimal in the smallest unit that keeps it below the next, as utils.units prints it. */
  function scaled(number, table, base) {
    const size = Math.abs(number);
    const fits = ([scale]) => Number((size / scale).toFixed(1)) < base;
    const [scale, unit] = table.find(fits) || table[table.length - 1];
    const text = scale === 1 && Number.isInteger(size) ? String(size) : (size / scale).toFixed(1);
    return `${number < 0 ? "-" : ""}${text} ${unit}`.trim();
  }

  const formatBytes = (number) => scaled(number, course.data.decimal_bytes, 1000);
  const formatCount = (number) => scaled(number, course.data.counts, 1000);
  const grouped = (number, digits = 0) =>
    number.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  const svg = (tag, attributes, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  /* A table under its title. It scrolls in a frame of its own, which the keyboard reaches; facts fold on a phone. */
  function table(title, heads, rows, facts = false) {
    const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
    const body = rows.map((cells) =>
      element("tr", {}, element("th", { scope: "row" }, cells[0]),
        ...cells.slice(1).map((cell) => element("td", {}, cell))));
    const made = element("table", { "aria-label": title, class: facts ? "calculator-facts" : null },
      element("thead", {}, head), element("tbody", {}, ...body));
    return element("div", {}, element("p", { class: "calculator-title" }, title),
      element("div", { class: "calculator-table", tabindex: "0", role: "region", "aria-label": title }, made));
  }

  /* Each field has a node, read() and write(value); read() gives undefined for what is no possible value. */
  const fields = {
    choice(id, { label, options }) {
      const select = element("select", { id });
      for (const [group, names] of Object.entries(options)) {
        const made = names.map(([value, text]) => element("option", { value }, text));
        select.append(...(group ? [element("optgroup", { label: group }, ...made)] : made));
      }
      const values = Object.values(options).flat().map(([value]) => value);
      return {
        node: element("div", { class: "calculator-field" }, element("label", { for: id }, label), select),
        parse: (text) => (values.includes(text) ? text : undefined),
        read: () => select.value,
        write(value) { select.value = value; },
      };
    },

    flag(id, { label }) {
      const box = element("input", { id, type: "checkbox" });
      return {
        node: element("div", { class: "calculator-field calculator-flag" }, box, element("label", { for: id }, label)),
        parse: (text) => ({ true: true, false: false })[text],
        read: () => box.checked,
        write(value) { box.checked = value; },
      };
    },

    text(id, { label, parse }) {
      const input = element("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false" });
      return {
        node: element("div", { class: "calculator-field" }, element("label", { for: id }, label), input),
        parse,
        read() {
          const value = parse(input.value);
          input.setAttribute("aria-invalid", String(value === undefined));
          return value;
        },
        write(value) { if (parse(input.value) !== value) input.value = String(value); },
      };
    },

    /* A slider over `stops` and, beside it, a field for any number between the first and the last. */
    number(id, { label, stops, whole = true, said = String }) {
      const [least, most] = [stops[0], stops[stops.length - 1]];
      const exact = element("input", { id, type: "number", min: least, max: most, step: whole ? 1 : "any" });
      const slider = element("input", { type: "range", min: 0, max: stops.length - 1, step: 1, "aria-label": label });
      const possible = (value) => value >= least && value <= most && (!whole || Number.isInteger(value));
      const parse = (text) => (text.trim() !== "" && possible(Number(text)) ? Number(text) : undefined);
      function follow(value) {
        slider.value = stops.reduce((best, stop, i) =>
          Math.abs(stop - value) < Math.abs(stops[best] - value) ? i : best, 0);
        slider.setAttribute("aria-valuetext", said(value));
      }
      slider.addEventListener("input", () => {
        exact.value = stops[Number(slider.value)];
        slider.setAttribute("aria-valuetext", said(Number(exact.value)));
      });
      exact.addEventListener("input", () => {
        if (parse(exact.value) !== undefined) follow(Number(exact.value));
      });
      return {
        node: element("div", { class: "calculator-field" }, element("label", { for: id }, label),
          element("div", { class: "calculator-number" }, slider, exact)),
        parse,
        read() {
          const value = parse(exact.value);
          exact.setAttribute("aria-invalid", String(value === undefined));
          return value;
        },
        write(value) {
          if (parse(exact.value) !== value) exact.value = String(value);
          follow(value);
        },
        range: `from ${said(least)} to ${said(most)}`,
      };
    },
  };

  /* Settings of the address that differ from the defaults; what is impossible is told and left out. */
  function fromAddress(made, defaults) {
    const asked = new URLSearchParams(location.search);
    const values = { ...defaults };
    const wrong = [];
    for (const name of Object.keys(defaults)) {
      if (!asked.has(name)) continue;
      const value = made[name].parse(asked.get(name));
      if (value === undefined) wrong.push(`${name}=${asked.get(name)}`);
      else values[name] = value;
    }
    return { values, wrong };
  }

  function address(values, defaults) {
    const wanted = new URL(location.href);
    for (const [name, value] of Object.entries(values)) {
      if (value === defaults[name]) wanted.searchParams.delete(name);
      else wanted.searchParams.set(name, value);
    }
    return wanted.href;
  }

  /* A panel of fields over an area of results.
     described: for each setting its kind, label, default and what the kind needs; `when(values)` hides a field.
     follow(values, last) gives settings that a change of others brings with it.
     render(values, area, answer) shows the results, the answer apart, since it stays in sight while one moves a
     slider; it returns one sentence for the live region.
     Returns set(values), which changes some settings. */
  function panel(root, { legend, described, render, follow = () => ({}) }) {
    const id = (name) => `${root.dataset.calculator}-${name}`;
    const made = {};
    for (const [name, field] of Object.entries(described)) made[name] = fields[field.kind](id(name), field);
    const defaults = Object.fromEntries(Object.entries(described).map(([name, field]) => [name, field.default]));
    const form = element("fieldset", {}, element("legend", {}, legend), ...Object.values(made).map(({ node }) => node));
    const link = element("a", {}, "Link to these settings");
    const reset = element("button", { type: "button" }, "Back to the start");
    form.append(element("div", { class: "calculator-buttons" }, link, reset));
    const status = element("p", { class: "calculator-status", role: "status" });
    const answer = element("p", { class: "calculator-answer" });
    const results = element("div", { class: "calculator-results" });
    let waiting = 0;
    let last = defaults;

    function announce(sentence) {
      clearTimeout(waiting);
      waiting = setTimeout(() => { status.textContent = sentence; }, ANNOUNCED_MS);
    }

    function show(values, sentence) {
      last = values;
      for (const [name, field] of Object.entries(described)) {
        made[name].node.hidden = Boolean(field.when) && !field.when(values);
      }
      link.href = address(values, defaults);
      try {
        history.replaceState(history.state, "", link.href);
      } catch {
        // A browser may refuse this for a file; the link still holds the settings.
      }
      const told = render(values, results, answer);
      announce(sentence ? `${sentence} ${told}` : told);
    }

    function update() {
      const values = {};
      const wrong = [];
      for (const [name, field] of Object.entries(described)) {
        values[name] = made[name].read();
        if (values[name] === undefined) {
          wrong.push(`${field.label}: ${made[name].range || field.expected}.`);
          values[name] = last[name];
        }
      }
      if (wrong.length) announce(`Not possible, so the last value stays. ${wrong.join(" ")}`);
      else set({ ...values, ...follow(values, last) });
    }

    function set(changes, sentence) {
      const values = { ...last, ...changes };
      for (const [name, value] of Object.entries(values)) {
        made[name].write(value);
        made[name].read();
      }
      show(values, sentence);
    }

    form.addEventListener("input", update);
    reset.addEventListener("click", () => set(defaults));
    root.replaceChildren(form, status, answer, results);
    const { values, wrong } = fromAddress(made, defaults);
    set(values, wrong.length ? `The address asks for ${wrong.join(", ")}, which is not possible and left out.` : "");
    return { set, results };
  }

  /* Build every calculator of this kind on the page. */
  function start(kind, build) {
    if (typeof document === "undefined") return;
    document.querySelectorAll(`.calculator[data-calculator="${kind}"]`).forEach(build);
  }

  const powers = (least, most) => {
    const stops = [];
    for (let stop = least; stop <= most; stop *= 2) stops.push(stop);
    return stops;
  };

  Object.assign(course, { element, svg, table, panel, start, powers, formatBytes, formatCount, grouped });
})();
