/* The scaling planner: utils.costs.scaling_laws in JavaScript, and its panel. Loss is in nats per token. */
"use strict";

(() => {
  const course = globalThis.courseCalculators;
  const { data } = course;

  const loss = (law, parameters, tokens) => law.E + law.A / parameters ** law.alpha + law.B / tokens ** law.beta;
  const trainingFlops = (parameters, tokens) => 6 * parameters * tokens;

  /* Size and data of least loss under C = 6ND. */
  function optimal(law, flops) {
    const sum = law.alpha + law.beta;
    const g = ((law.alpha * law.A) / (law.beta * law.B)) ** (1 / sum);
    return { parameters: g * (flops / 6) ** (law.beta / sum), tokens: (flops / 6) ** (law.alpha / sum) / g };
  }

  const deviceHours = (flops, peakFlops, utilization) => flops / (utilization * peakFlops) / 3600;
  const affordable = (dollars, price, peakFlops, utilization) => (dollars / price) * 3600 * peakFlops * utilization;

  /* As numpy interpolates between the two nearest. */
  function percentile(numbers, percent) {
    const sorted = [...numbers].sort((a, b) => a - b);
    const place = (percent / 100) * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  const interval = (numbers) => [percentile(numbers, 2.5), percentile(numbers, 97.5)];

  course.scaling = { loss, trainingFlops, optimal, deviceHours, affordable, percentile };

  const { element, svg, table, formatCount, grouped } = course;
  const REFIT = "refit";
  const LAWS = {
    [REFIT]: "refit, Besiroglu et al. 2024",
    source: "Chinchilla, from its source file",
    printed: "Chinchilla, as printed",
  };
  const dollarsOf = (number) => `${grouped(number)} dollars`;
  const steps = (least, most) => {
    const stops = [];
    for (let power = least; power < most; power *= 10) stops.push(power, 2 * power, 5 * power);
    return [...stops, most];
  };

  const described = {
    dollars: { kind: "number", label: "Budget in dollars", default: 100_000, stops: steps(1000, 1e9), said: dollarsOf },
    device: { kind: "choice", label: "Hardware", default: "H100",
      options: { "": Object.entries(data.devices).map(([name, peak]) => [name, `${name}, ${grouped(peak / 1e12)} TFLOP/s at its peak`]) } },
    price: { kind: "number", label: "Dollars for an hour of one, an assumption",
      default: data.prices.H100, whole: false, stops: [0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, 20], said: dollarsOf },
    devices: { kind: "number", label: "How many at a time", default: 64, stops: course.powers(1, 65536), said: grouped },
    mfu: { kind: "number", label: "MFU in percent of the peak, an assumption",
      default: 100 * data.utilization, stops: [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 70, 80, 100], said: (value) => `${value} percent` },
    size: { kind: "number", label: "Size of the model, times the best", default: 1, whole: false,
      stops: [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50], said: (value) => `${value} times` },
    law: { kind: "choice", label: "Law", default: REFIT, options: { "": Object.entries(LAWS) } },
  };

  /* Another device brings its own assumed price. */
  const follow = (values, last) => (values.device === last.device ? {} : { price: data.prices[values.device] });

  function plan(values) {
    const law = data.laws[values.law];
    const peak = data.devices[values.device];
    const flops = affordable(values.dollars, values.price, peak, values.mfu / 100);
    const best = optimal(law, flops);
    const parameters = best.parameters * values.size;
    const tokens = flops / 6 / parameters;
    const hours = deviceHours(flops, peak, values.mfu / 100);
    const made = { flops, best, parameters, tokens, hours, days: hours / values.devices / 24, loss: loss(law, parameters, tokens) };
    made.above = made.loss - loss(law, best.parameters, best.tokens);
    if (values.law === REFIT) {
      made.losses = interval(data.simulated.map((each) => loss(each, parameters, tokens)));
      made.sizes = interval(data.simulated.map((each) => optimal(each, flops).parameters));
    }
    return made;
  }

  /* How many times the plan goes beyond the largest runs behind the law. */
  function beyond({ parameters, tokens, flops }) {
    const names = { flops: "the budget", parameters: "the size", tokens: "the text" };
    const reached = { parameters, tokens, flops };
    return Object.entries(names).map(([name, text]) => [text, reached[name] / data.largest_runs[name]])
      .filter(([, times]) => times > 1).map(([text, times]) => `${text} ${grouped(times, 1)} times`);
  }

  /* Loss against size at this budget, with the interval as a band; the dot is the plan. */
  function curve(values, made) {
    const [width, height, left, right, top, bottom] = [420, 260, 46, 12, 34, 44];
    const law = data.laws[values.law];
    const factors = Array.from({ length: 61 }, (_, i) => 64 ** (i / 30 - 1));
    const rows = factors.map((factor) => {
      const n = made.best.parameters * factor;
      const d = made.flops / 6 / n;
      const spread = made.losses ? interval(data.simulated.map((each) => loss(each, n, d))) : null;
      return { factor, loss: loss(law, n, d), spread };
    });
    const floor = Math.min(...rows.map((row) => (row.spread ? row.spread[0] : row.loss)));
    const least = loss(law, made.best.parameters, made.best.tokens);
    const ceiling = Math.min(Math.max(...rows.map((row) => (row.spread ? row.spread[1] : row.loss))), Math.max(made.loss + 0.1, least + 0.6));
    const x = (factor) => left + ((Math.log(factor) / Math.log(64) + 1) / 2) * (width - left - right);
    const y = (value) => height - bottom - ((value - floor) / (ceiling - floor)) * (height - top - bottom);
    const inside = rows.filter((row) => (row.spread ? row.spread[1] : row.loss) <= ceiling);
    const line = (points) => points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ");
    const drawn = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "planner-curve",
      "aria-label": `Loss against the size of the model at this budget. The best size is ${formatCount(made.best.parameters)} ` +
        `with ${least.toFixed(3)} nats; the plan, at ${values.size} times that, has ${made.loss.toFixed(3)}.` });
    const step = ceiling - floor > 0.8 ? 0.2 : 0.1;
    for (let tick = Math.ceil(floor / step) * step; tick <= ceiling; tick += step) {
      drawn.append(svg("line", { class: "planner-grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
        svg("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, tick.toFixed(1)));
    }
    for (const factor of [1 / 64, 1 / 8, 1, 8, 64]) {
      drawn.append(svg("text", { x: x(factor), y: height - bottom + 18, "text-anchor": factor > 8 ? "end" : factor < 0.1 ? "start" : "middle" },
        formatCount(made.best.parameters * factor)));
    }
    drawn.append(svg("text", { x: (left + width - right) / 2, y: height - 5, "text-anchor": "middle" }, "parameters"),
      svg("text", { x: left - 40, y: 16 }, "loss"));
    if (made.losses) {
      const band = [...inside.map((row) => [row.factor, row.spread[0]]), ...inside.reverse().map((row) => [row.factor, row.spread[1]])];
      drawn.append(svg("polygon", { class: "planner-band", points: line(band) }));
      inside.reverse();
    }
    drawn.append(svg("polyline", { class: "planner-line", points: line(inside.map((row) => [row.factor, row.loss])) }),
      svg("circle", { class: "planner-dot", cx: x(values.size), cy: y(made.loss), r: 6 }));
    return drawn;
  }

  const power = (number) => {
    const [digits, exponent] = number.toExponential(2).split("e");
    return element("span", {}, `${digits} × 10`, element("sup", {}, String(Number(exponent))));
  };
  const between = ([low, high], say) => `${say(low)} to ${say(high)}`;

  function render(values, area, answer) {
    const made = plan(values);
    const far = beyond(made);
    const nats = (number) => number.toFixed(3);
    const range = made.losses ? ` (${between(made.losses, nats)})` : "";
    answer.replaceChildren(element("strong", {}, formatCount(made.parameters)), " parameters, ",
      element("strong", {}, formatCount(made.tokens)), " tokens, loss ", element("strong", {}, nats(made.loss)),
      `${range}, ${grouped(made.days, 1)} days`);
    const marked = far.length
      ? `Extrapolated: beyond the largest run behind the law, ${far.join(", ")}. The interval knows nothing of that.`
      : "Within the sizes, texts and budgets of the runs behind the law.";
    const rows = [
      ["budget", dollarsOf(values.dollars), ""],
      ["compute, 6ND", power(made.flops), `${grouped(made.flops / data.pfs_day, 1)} petaflop/s-days`],
      ["time", `${grouped(made.days, 1)} days`, `${grouped(made.hours)} device-hours on ${grouped(values.devices)} ${values.device}`],
      ["best size for this budget", formatCount(made.best.parameters), made.sizes ? between(made.sizes, formatCount) : "no interval"],
      ["parameters", formatCount(made.parameters), values.size === 1 ? "the best" : `${values.size} times the best`],
      ["tokens", formatCount(made.tokens), `${grouped(made.tokens / made.parameters, 1)} a parameter`],
      ["loss, nats per token", nats(made.loss), made.losses ? between(made.losses, nats) : "no interval"],
      ["nats above the best split", nats(made.above), ""],
    ];
    area.replaceChildren(
      element("p", { class: far.length ? "calculator-note planner-far" : "calculator-note" }, marked),
      curve(values, made),
      table("The plan, with 95 % intervals over laws fitted again to simulated runs", ["what", "value", "interval, or in other words"], rows, true));
    return `${formatCount(made.parameters)} parameters, ${formatCount(made.tokens)} tokens, loss ${nats(made.loss)}${range}, ` +
      `${grouped(made.days, 1)} days.${far.length ? " Extrapolated." : ""}`;
  }

  course.start("scaling", (root) => course.panel(root, { legend: "Scaling planner", described, render, follow }));
})();
