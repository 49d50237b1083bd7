/* The float explorer: utils.models.number_formats in JavaScript, and its panel of bits that can be clicked. */
"use strict";

(() => {
  const course = globalThis.courseCalculators;
  const { data } = course;

  /* To the nearest whole number, ties to the even one, as IEEE 754 and Python round. */
  function roundEven(number) {
    const below = Math.floor(number);
    const rest = number - below;
    return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
  }

  const isNegative = (number) => number < 0 || Object.is(number, -0);
  const modulo = (a, b) => ((a % b) + b) % b;

  const floats = {
    bias: (format) => 2 ** (format.exponent_bits - 1) - 1,

    largestCode(format) {
      const last = 2 ** (format.exponent_bits + format.fraction_bits);
      return format.infinities ? last - 2 ** format.fraction_bits - 1 : last - 2;
    },

    value(format, code) {
      const half = 2 ** (format.bits - 1);
      const size = code % half;
      const exponent = Math.floor(size / 2 ** format.fraction_bits);
      const fraction = size % 2 ** format.fraction_bits;
      let number;
      if (size > floats.largestCode(format)) number = format.infinities && !fraction ? Infinity : NaN;
      else {
        const whole = fraction + (exponent ? 2 ** format.fraction_bits : 0);
        number = whole * 2 ** (Math.max(exponent, 1) - floats.bias(format) - format.fraction_bits);
      }
      return code >= half ? -number : number;
    },

    code(format, number) {
      const sign = isNegative(number) ? 2 ** (format.bits - 1) : 0;
      const beyond = floats.largestCode(format) + (format.infinities ? 1 : 0);
      if (Number.isNaN(number)) return beyond + (format.infinities ? 2 ** (format.fraction_bits - 1) : 1);
      if (!Number.isFinite(number)) return sign + beyond;
      const size = Math.abs(number);
      const least = 1 - floats.bias(format);
      let exponent = Math.max(Math.floor(Math.log2(size)), least);
      // The logarithm is rounded, so it can be off by one.
      if (exponent > least && 2 ** exponent > size) exponent -= 1;
      if (2 ** (exponent + 1) <= size) exponent += 1;
      const steps = roundEven(size / 2 ** (exponent - format.fraction_bits));
      return sign + Math.min(steps + (exponent + floats.bias(format) - 1) * 2 ** format.fraction_bits, beyond);
    },

    neighbours(format, code) {
      const half = 2 ** (format.bits - 1);
      const size = code % half;
      const last = floats.largestCode(format) + (format.infinities ? 1 : 0);
      if (size > last) return [null, null];
      const place = code >= half ? -size : size;
      const at = (other) => (other < 0 ? -floats.value(format, -other) : floats.value(format, other));
      return [place - 1, place + 1].map((other) => (Math.abs(other) <= last ? at(other) : null));
    },
  };

  const integers = {
    scale: (format, largest) => largest / (2 ** (format.bits - 1) - 1),

    value(format, code, largest) {
      const top = 2 ** (format.bits - 1);
      return (code >= top ? code - 2 * top : code) * integers.scale(format, largest);
    },

    code(format, number, largest) {
      const top = 2 ** (format.bits - 1);
      const rounded = roundEven(number / integers.scale(format, largest));
      return modulo(Math.max(-top, Math.min(top - 1, rounded)), 2 * top);
    },

    neighbours(format, code, largest) {
      const [top, count] = [2 ** (format.bits - 1), 2 ** format.bits];
      const at = (other) => integers.value(format, modulo(other, count), largest);
      return [code === top ? null : at(code - 1), code === top - 1 ? null : at(code + 1)];
    },
  };

  const levels = {
    value: (format, code, largest) => format.levels[code] * largest,

    code(format, number, largest) {
      const share = number / largest;
      return format.levels.slice(1).filter((level, i) => (format.levels[i] + level) / 2 < share).length;
    },

    neighbours(format, code, largest) {
      return [code - 1, code + 1].map((other) =>
        (format.levels[other] === undefined ? null : levels.value(format, other, largest)));
    },
  };

  const KINDS = { FloatFormat: floats, IntegerFormat: integers, LevelFormat: levels };
  const formatOf = (name) => data.formats.find((format) => format.name === name);
  const value = (format, code, largest) => KINDS[format.kind].value(format, code, largest);
  const codeOf = (format, number, largest) => KINDS[format.kind].code(format, number, largest);
  const neighbours = (format, code, largest) => KINDS[format.kind].neighbours(format, code, largest);

  course.numbers = { formatOf, value, codeOf, neighbours };

  const { element, svg, table } = course;
  const SPECIAL = { inf: Infinity, infinity: Infinity, "-inf": -Infinity, "-infinity": -Infinity, nan: NaN, pi: Math.PI, "π": Math.PI, e: Math.E };

  /* The text of a number as it was typed, if it is one; fractions such as 1/3 too. */
  function numberText(text) {
    const parts = text.trim().toLowerCase().split("/");
    if (parts.length > 2 || parts.some((part) => part.trim() === "")) return undefined;
    const [above, below = 1] = parts.map((part) => SPECIAL[part.trim()] ?? (/^nan$/.test(part) ? NaN : Number(part)));
    const named = parts.some((part) => part.trim() === "nan");
    return Number.isNaN(above / below) && !named ? undefined : text.trim();
  }

  function numberOf(text) {
    const [above, below = 1] = text.toLowerCase().split("/").map((part) => SPECIAL[part.trim()] ?? Number(part));
    return below === 1 ? above : above / below;
  }

  const codeText = (text) => (/^(0x[0-9a-f]{1,8})?$/.test(text) ? text : undefined);
  const shared = ({ format }) => formatOf(format).kind !== "FloatFormat";

  const described = {
    format: { kind: "choice", label: "Format", default: "FP16",
      options: { "": data.formats.map(({ name, bits }) => [name, `${name}, ${bits} bits`]) } },
    number: { kind: "text", label: "A number, such as 0.1, 1/3, pi or inf", default: "3.141592653589793",
      parse: numberText, expected: "a number such as 0.1, 1e-8, 1/3 or pi" },
    largest: { kind: "number", label: "Largest number that shares the scale", default: 4, whole: false,
      stops: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4, 6, 10, 20, 50, 100, 127, 500, 1000], said: String, when: shared },
    code: { kind: "text", label: "Code", default: "", parse: codeText, expected: "a code such as 0x4248", when: () => false },
  };

  /* Bits that were set by hand give way to a new number or format. */
  function follow(values, last) {
    const same = ["format", "number", "largest"].every((name) => values[name] === last[name]);
    return same ? {} : { code: "" };
  }

  function say(number) {
    if (number === null) return "none";
    return (Object.is(number, -0) ? "−0" : String(number)).replaceAll("-", "−").replace("Infinity", "infinity");
  }

  /* The fields of a code: name, number of bits, class. */
  function runs(format) {
    if (format.kind !== "FloatFormat") {
      return [[format.kind === "LevelFormat" ? "number of a level" : "whole number", format.bits, "bits-code"]];
    }
    return [["sign", 1, "bits-sign"], ["exponent", format.exponent_bits, "bits-exponent"],
      ["fraction", format.fraction_bits, "bits-fraction"]];
  }

  /* Buttons for the bits of a format. The arrow keys move between them, so that Tab passes all in one step. */
  function bitRow(format, flip) {
    const buttons = [];
    const groups = runs(format).map(([name, count, style]) => {
      const made = Array.from({ length: count }, (_, i) => {
        const place = buttons.length;
        const button = element("button", { type: "button", tabindex: place ? "-1" : "0" });
        button.dataset.said = `${name}, bit ${i + 1} of ${count}`;
        button.addEventListener("click", () => flip(format.bits - 1 - place));
        buttons.push(button);
        return button;
      });
      return element("span", { class: `bits ${style}` }, element("span", { class: "bits-boxes" }, ...made),
        element("span", { class: "bits-name" }, `${name}, ${count}`));
    });
    const row = element("div", { class: "bits-row", role: "group",
      "aria-label": `Bits of ${format.name}: click one to flip it, the arrow keys move` }, ...groups);
    row.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(document.activeElement);
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (at < 0 || !buttons[to]) return;
      event.preventDefault();
      buttons[at].tabIndex = -1;
      buttons[to].tabIndex = 0;
      buttons[to].focus();
    });
    return { row, show(code) {
      buttons.forEach((button, i) => {
        const bit = Math.floor(code / 2 ** (format.bits - 1 - i)) % 2;
        button.textContent = String(bit);
        button.setAttribute("aria-pressed", String(Boolean(bit)));
        button.setAttribute("aria-label", `${button.dataset.said}: ${bit}`);
      });
    } };
  }

  /* The value as the formula makes it from the fields. */
  function worked(format, code, largest) {
    const sup = (text) => element("sup", {}, String(text).replace("-", "−"));
    if (format.kind === "IntegerFormat") {
      const whole = integers.value(format, code, 2 ** (format.bits - 1) - 1);
      return [`${say(whole)} × ${largest} / ${2 ** (format.bits - 1) - 1}`];
    }
    if (format.kind === "LevelFormat") return [`level ${code} of 0 to ${format.levels.length - 1}: ${say(format.levels[code])} × ${largest}`];
    const half = 2 ** (format.bits - 1);
    const size = code % half;
    if (size > floats.largestCode(format)) return ["a code that is set apart"];
    const [exponent, fraction] = [Math.floor(size / 2 ** format.fraction_bits), size % 2 ** format.fraction_bits];
    const share = [String(fraction), " / 2", sup(format.fraction_bits)];
    return ["(−1)", sup(code >= half ? 1 : 0), " × 2", sup(`${Math.max(exponent, 1)} − ${floats.bias(format)}`), " × ",
      ...(exponent ? ["(1 + ", ...share, ")"] : share), ...(exponent ? [] : [", subnormal"])];
  }

  function limits(format, largest) {
    if (format.kind !== "FloatFormat") {
      const all = Array.from({ length: 2 ** format.bits }, (_, code) => value(format, code, largest));
      return [["range", `${say(Math.min(...all))} to ${say(Math.max(...all))}`, `${2 ** format.bits} codes`]];
    }
    return [["largest", say(value(format, floats.largestCode(format))), format.infinities ? "then infinity" : "beyond it the same"],
      ["smallest normal", say(value(format, 2 ** format.fraction_bits)), "below it with fewer digits"],
      ["smallest above 0", say(value(format, 1)), "half of it and less becomes 0"],
      ["step at 1", say(2 ** -format.fraction_bits), ""]];
  }

  /* The numbers nearest to the one that is held, smallest first, at most `count` on each side. */
  function around(format, code, largest, count = 8) {
    const walk = (side) => {
      const found = [];
      let next = neighbours(format, code, largest)[side];
      while (next !== null && Number.isFinite(next) && found.length < count) {
        found.push(next);
        next = neighbours(format, codeOf(format, next, largest), largest)[side];
      }
      return found;
    };
    return [...walk(0).reverse(), value(format, code, largest), ...walk(1)];
  }

  /* A piece of the number line: what the format has there, the number that is held, and the typed one above it. */
  function numberLine(format, code, typed, largest) {
    const held = value(format, code, largest);
    if (!Number.isFinite(held)) return element("span");
    const numbers = around(format, code, largest);
    const [low, high] = [numbers[0], numbers[numbers.length - 1]];
    const x = (number) => 10 + ((number - low) / (high - low)) * 400;
    const short = (number) => say(Number(number.toPrecision(4)));
    const drawn = svg("svg", { viewBox: "0 0 420 74", role: "img", class: "bits-line",
      "aria-label": `Number line from ${short(low)} to ${short(high)}: ${format.name} has ${numbers.length} numbers there.` });
    drawn.append(svg("line", { class: "bits-axis", x1: 10, x2: 410, y1: 44, y2: 44 }));
    for (const number of numbers) {
      const style = number === held ? "bits-held" : "bits-tick";
      drawn.append(svg("line", { class: style, x1: x(number), x2: x(number), y1: number === held ? 26 : 36, y2: 52 }));
    }
    if (typed >= low && typed <= high) drawn.append(svg("path", { class: "bits-typed", d: `M${x(typed)} 22l-6 -10h12z` }));
    drawn.append(svg("text", { x: 10, y: 70 }, short(low)), svg("text", { x: 410, y: 70, "text-anchor": "end" }, short(high)));
    return drawn;
  }

  course.start("numbers", (root) => {
    let bits = null;
    let current = {};

    function render(values, area, answer) {
      const format = formatOf(values.format);
      const asked = values.code ? parseInt(values.code, 16) : NaN;
      const typed = numberOf(values.number);
      const lost = Number.isNaN(typed) && shared(values);
      const byHand = asked < 2 ** format.bits;
      const code = byHand ? asked : codeOf(format, lost ? 0 : typed, values.largest);
      const stored = value(format, code, values.largest);
      if (current.format !== format) {
        bits = bitRow(format, (place) => {
          const bit = Math.floor(current.code / 2 ** place) % 2;
          const flipped = current.code + (bit ? -1 : 1) * 2 ** place;
          panel.set({ code: `0x${flipped.toString(16)}` });
        });
        area.replaceChildren(bits.row, element("div"));
      }
      current = { format, code };
      bits.show(code);
      const error = stored === typed ? 0 : stored - typed;
      const [below, above] = neighbours(format, code, values.largest);
      const hex = `0x${code.toString(16).padStart(Math.ceil(format.bits / 4), "0")}`;
      const rows = [
        ["code", hex, element("span", {}, ...worked(format, code, values.largest))],
        ["next smaller", say(below), below === null ? "" : `${say(stored - below)} away`],
        ["next larger", say(above), above === null ? "" : `${say(above - stored)} away`],
        ["typed number", say(typed), byHand ? "the bits were set by hand" : lost ? `${format.name} has no code for it` : "the nearest number is held"],
        ["error", say(error), Number.isFinite(error) && typed ? `${((100 * Math.abs(error)) / Math.abs(typed)).toPrecision(3)} % of it` : ""],
        ...limits(format, values.largest),
      ];
      answer.replaceChildren(`${format.name} holds `, element("strong", {}, say(stored)));
      area.lastChild.replaceChildren(
        numberLine(format, code, typed, values.largest),
        element("p", { class: "calculator-title" }, "The numbers around it: the long mark is held, the triangle was typed."),
        table(`The number, its neighbours and the range of ${format.name}`, ["what", "value", "in other words"], rows, true));
      return `${format.name} holds ${say(stored)}.`;
    }

    const panel = course.panel(root, { legend: "Float explorer", described, render, follow });
  });
})();
