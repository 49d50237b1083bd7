/* The course model in a page: its tokenizer, an encoder-decoder of T5's shape, and the choice of the next token.

   All of it is one function that uses nothing outside itself. So its text can become a worker, which is the only way to
   start one from file://, where a page may not open a file as a worker. Node loads it as a module, for the tests. */
"use strict";

function courseEngine() {
  /* tools/site/matmul.wat, assembled. A test compares. */
  const KERNEL = [
    "AGFzbQEAAAABFQJgBHt7e3sBe2AJf39/f39/f39/AAISAQZlbmdpbmUGbWVtb3J5AgABAwMCAAEHCgEGbWF0bXVsAAEKmwcClQEB",
    "AnsgACAB/Q0AAQIDEBESEwQFBgcUFRYXIAAgAf0NCAkKCxgZGhsMDQ4PHB0eH/3kASEEIAIgA/0NAAECAxAREhMEBQYHFBUWFyAC",
    "IAP9DQgJCgsYGRobDA0ODxwdHh/95AEhBSAEIAX9DQABAgMEBQYHEBESExQVFhcgBCAF/Q0ICQoLDA0ODxgZGhscHR4f/eQBC4EG",
    "AgV/C3sCQANAIAZBAkgNAUEAIQkgAiEMIAQhDQNA/QwAAAAAAAAAAAAAAAAAAAAAIRH9DAAAAAAAAAAAAAAAAAAAAAAhEv0MAAAA",
    "AAAAAAAAAAAAAAAAACET/QwAAAAAAAAAAAAAAAAAAAAAIRT9DAAAAAAAAAAAAAAAAAAAAAAhFf0MAAAAAAAAAAAAAAAAAAAAACEW",
    "/QwAAAAAAAAAAAAAAAAAAAAAIRf9DAAAAAAAAAAAAAAAAAAAAAAhGEEAIQoDQCAAIApqIQsgC/0ABAAhDiALIAFq/QAEACEPIAwg",
    "CmohCyAL/QAEACEQIBEgDiAQ/eYB/eQBIREgFSAPIBD95gH95AEhFSALIANqIgv9AAQAIRAgEiAOIBD95gH95AEhEiAWIA8gEP3m",
    "Af3kASEWIAsgA2oiC/0ABAAhECATIA4gEP3mAf3kASETIBcgDyAQ/eYB/eQBIRcgCyADaiIL/QAEACEQIBQgDiAQ/eYB/eQBIRQg",
    "GCAPIBD95gH95AEhGCAKQRBqIgogCEgNAAsgDSARIBIgEyAUEAD9CwQAIA0gBWogFSAWIBcgGBAA/QsEACANQRBqIQ0gDCADQQJ0",
    "aiEMIAlBBGoiCSAHSA0ACyAAIAFBAXRqIQAgBCAFQQF0aiEEIAZBAmshBgwACwsgBgRAQQAhCSACIQwDQP0MAAAAAAAAAAAAAAAA",
    "AAAAACER/QwAAAAAAAAAAAAAAAAAAAAAIRL9DAAAAAAAAAAAAAAAAAAAAAAhE/0MAAAAAAAAAAAAAAAAAAAAACEUQQAhCgNAIAAg",
    "Cmr9AAQAIQ4gDCAKaiELIBEgDiAL/QAEAP3mAf3kASERIAsgA2ohCyASIA4gC/0ABAD95gH95AEhEiALIANqIQsgEyAOIAv9AAQA",
    "/eYB/eQBIRMgCyADaiELIBQgDiAL/QAEAP3mAf3kASEUIApBEGoiCiAISA0ACyAEIBEgEiATIBQQAP0LBAAgBEEQaiEEIAwgA0EC",
    "dGohDCAJQQRqIgkgB0gNAAsLCw==",
  ].join("");

  // ------------------------------------------------------------------------------------------------- tokenizer

  /* Byte-pair encoding with byte fallback, as the library `tokenizers` computes it.

     data: pieces, the text of every token; merges, triples of two tokens and the one they become, most important first;
     bytes, the tokens of the 256 bytes; special, {text: token} of those that stand for no text; pattern, what cuts a
     text into pieces before it is merged, as a JavaScript expression; end, the token that closes a prompt. */
  class Tokenizer {
    constructor({ pieces, merges, bytes, special, pattern, end }) {
      Object.assign(this, { pieces, bytes, special, end });
      this.pattern = new RegExp(pattern, "gu");
      this.tokens = new Map(pieces.map((piece, token) => [piece, token]));
      this.byteOf = new Map(bytes.map((token, byte) => [token, byte]));
      this.hidden = new Set(Object.values(special));
      this.rank = new Map();
      for (let i = 0; i < merges.length; i += 3) {
        const pair = merges[i] * pieces.length + merges[i + 1];
        if (!this.rank.has(pair)) this.rank.set(pair, [i, merges[i + 2]]);
      }
      // Longest first, so that <extra_id_1> is not found in <extra_id_10>, should both end alike one day.
      const names = Object.keys(special).sort((a, b) => b.length - a.length);
      const quoted = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      this.specials = new RegExp(`(${quoted.join("|")})`, "u");
      this.longest = Math.max(...pieces.map((piece) => piece.length));
      this.encoder = new TextEncoder();
      // Without ignoreBOM a decoder swallows U+FEFF; without fatal it writes one sign for several broken bytes.
      this.decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    }

    /* The tokens of a text, the end token included. */
    encode(text) {
      // A lone half of a surrogate pair is no character: it becomes U+FFFD, as wherever text leaves a browser.
      const whole = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
      const found = [];
      whole.split(this.specials).forEach((part, i) => {
        if (i % 2) found.push(this.special[part]);
        else for (const word of this.words(part)) this.merge(word, found);
      });
      found.push(this.end);
      return found;
    }

    /* A text cut by the pattern. What lies between two matches is a word too. */
    words(text) {
      const cut = [];
      let at = 0;
      for (const match of text.matchAll(this.pattern)) {
        if (match.index > at) cut.push(text.slice(at, match.index));
        if (match[0]) cut.push(match[0]);
        at = match.index + match[0].length;
      }
      if (at < text.length) cut.push(text.slice(at));
      return cut;
    }

    /* Append a word's tokens to `found`: characters, or their bytes, joined in the order of the merges. */
    merge(word, found) {
      const list = [];
      for (const character of word) {
        const token = this.tokens.get(character);
        if (token !== undefined) list.push(token);
        else for (const byte of this.encoder.encode(character)) list.push(this.bytes[byte]);
      }
      const pair = (i) => this.rank.get(list[i] * this.pieces.length + list[i + 1]);
      const ranks = list.map((_, i) => pair(i)?.[0] ?? Infinity);
      for (;;) {
        let best = 0;
        for (let i = 1; i < ranks.length; i += 1) if (ranks[i] < ranks[best]) best = i;
        if (!(ranks[best] < Infinity)) break;
        list.splice(best, 2, pair(best)[1]);
        ranks.splice(best, 1);
        ranks[best] = pair(best)?.[0] ?? Infinity;
        if (best > 0) ranks[best - 1] = pair(best - 1)?.[0] ?? Infinity;
      }
      for (const token of list) found.push(token);
    }

    /* The text of tokens, without special ones. Bytes that are no UTF-8 become U+FFFD, one for each byte. */
    decode(tokens) {
      let text = "";
      let bytes = [];
      const flush = () => {
        try {
          text += this.decoder.decode(Uint8Array.from(bytes));
        } catch {
          text += "\ufffd".repeat(bytes.length);
        }
        bytes = [];
      };
      for (const token of tokens) {
        if (this.hidden.has(token)) continue;
        if (this.byteOf.has(token)) bytes.push(this.byteOf.get(token));
        else {
          if (bytes.length) flush();
          text += this.pieces[token];
        }
      }
      if (bytes.length) flush();
      return text;
    }
  }

  // ------------------------------------------------------------------------------------------------ arithmetic

  function fromBase64(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
    return bytes;
  }

  /* Whether this machine runs the kernel; where it does not, the loops below do the same. */
  function simd() {
    return typeof WebAssembly === "object" && WebAssembly.validate(fromBase64(KERNEL));
  }

  /* y = x Wᵀ over an array, with the meaning of tools/site/matmul.wat, but counted in numbers instead of bytes. */
  function plainMatmul(f) {
    function two(x, dx, w, dw, y, dy, k) {
      const [x1, w1, w2, w3] = [x + dx, w + dw, w + 2 * dw, w + 3 * dw];
      let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let i = 0; i < k; i += 1) {
        const p = f[x + i], q = f[x1 + i];
        const r = f[w + i], s = f[w1 + i], t = f[w2 + i], u = f[w3 + i];
        a0 += p * r; a1 += p * s; a2 += p * t; a3 += p * u;
        b0 += q * r; b1 += q * s; b2 += q * t; b3 += q * u;
      }
      f[y] = a0; f[y + 1] = a1; f[y + 2] = a2; f[y + 3] = a3;
      f[y + dy] = b0; f[y + dy + 1] = b1; f[y + dy + 2] = b2; f[y + dy + 3] = b3;
    }
    function one(x, w, dw, y, k) {
      const [w1, w2, w3] = [w + dw, w + 2 * dw, w + 3 * dw];
      let [a0, a1, a2, a3] = [0, 0, 0, 0];
      for (let i = 0; i < k; i += 1) {
        const p = f[x + i];
        a0 += p * f[w + i]; a1 += p * f[w1 + i]; a2 += p * f[w2 + i]; a3 += p * f[w3 + i];
      }
      f[y] = a0; f[y + 1] = a1; f[y + 2] = a2; f[y + 3] = a3;
    }
    return (x, dx, w, dw, y, dy, m, n, k) => {
      for (let j = 0; j < n; j += 4) {
        let i = 0;
        for (; i + 1 < m; i += 2) two(x + i * dx, dx, w + j * dw, dw, y + i * dy + j, dy, k);
        if (i < m) one(x + i * dx, w + j * dw, dw, y + i * dy + j, k);
      }
    };
  }

  function kernelMatmul(memory) {
    const module = new WebAssembly.Module(fromBase64(KERNEL));
    const { matmul } = new WebAssembly.Instance(module, { engine: { memory } }).exports;
    return (x, dx, w, dw, y, dy, m, n, k) => matmul(4 * x, 4 * dx, 4 * w, 4 * dw, 4 * y, 4 * dy, m, n, 4 * k);
  }

  const four = (n) => Math.ceil(n / 4) * 4;

  /* To the nearest whole number, and to the even one of two that are equally near, as torch rounds. */
  function round(x) {
    const down = Math.floor(x);
    const rest = x - down;
    if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
    return down % 2 ? down + 1 : down;
  }

  // ----------------------------------------------------------------------------------------------------- model

  /* An encoder-decoder of T5 v1.1's shape, for one prompt at a time.

     shape: sizes as the export names them. tensors: {name, rows, columns, quantized} of every matrix and vector, in the
     order in which `bytes` holds them: first all floats (the scales of a quantized matrix, the entries of another), then
     all codes. Everything lies in one array, which is the kernel's memory: `at` gives the place of each part. */
  class Model {
    constructor(shape, tensors, bytes, useKernel = simd()) {
      Object.assign(this, { shape, tensors, useKernel });
      const expected = tensors.reduce((sum, t) => sum + (t.quantized ? t.rows * (t.columns + 4) : 4 * t.rows * t.columns), 0);
      if (bytes.byteLength !== expected) throw new Error(`${expected} bytes of weights were expected, ${bytes.byteLength} came.`);
      this.read(bytes);
      const total = this.plan();
      if (useKernel) {
        const memory = new WebAssembly.Memory({ initial: Math.ceil((4 * total) / 65536) });
        this.f = new Float32Array(memory.buffer);
        this.matmul = kernelMatmul(memory);
      } else {
        this.f = new Float32Array(total);
        this.matmul = plainMatmul(this.f);
      }
      this.setBits(8);
    }

    /* Views of floats and codes in the file. */
    read(bytes) {
      let at = 0;
      const aligned = bytes.byteOffset % 4 ? bytes.slice() : bytes;
      for (const t of this.tensors) {
        const count = t.quantized ? t.rows : t.rows * t.columns;
        t.floats = new Float32Array(aligned.buffer, aligned.byteOffset + at, count);
        at += 4 * count;
      }
      for (const t of this.tensors.filter((one) => one.quantized)) {
        t.codes = new Int8Array(aligned.buffer, aligned.byteOffset + at, t.rows * t.columns);
        at += t.rows * t.columns;
      }
    }

    /* Give every part its place; returns how many numbers there are. */
    plan() {
      const { width, heads, head, hidden, vocabulary, window, newTokens, decoderLayers } = this.shape;
      const inner = heads * head;
      const rows = four(window);
      let end = 0;
      this.at = {};
      const place = (name, count) => {
        this.at[name] = end;
        end += four(count);
      };
      for (const t of this.tensors) place(t.name, four(t.rows) * t.columns);
      for (const name of ["x", "h", "y"]) place(name, rows * width);
      for (const name of ["q", "k", "v", "context"]) place(name, rows * inner);
      for (const name of ["gate", "up"]) place(name, rows * hidden);
      place("scores", rows * rows);
      place("transposed", head * rows);
      for (let layer = 0; layer < decoderLayers; layer += 1) {
        for (const name of ["ownKeys", "ownValues"]) place(`${name}${layer}`, four(newTokens) * inner);
        for (const name of ["keys", "values"]) place(`${name}${layer}`, rows * inner);
        place(`attention${layer}`, heads * rows);
      }
      place("logits", four(vocabulary));
      // A model may read its tokens from the table that it writes them with.
      this.at.output ??= this.at.embedding;
      return end;
    }

    /* Hold the matrices in so many bits: 16, 8, or fewer.

       8 is the file as it is, a scale for each row. 16 adds the eight bits that rounding to 8 took away, from a second
       file. Fewer bits round the 8-bit weights again, with a scale for each group of a row, as utils.models.quantize does. */
    setBits(bits, rest = null) {
      let offset = 0;
      for (const t of this.tensors) {
        const to = this.f.subarray(this.at[t.name], this.at[t.name] + t.rows * t.columns);
        if (!t.quantized) to.set(t.floats);
        else {
          for (let r = 0, i = 0; r < t.rows; r += 1) {
            const scale = t.floats[r];
            for (let c = 0; c < t.columns; c += 1, i += 1) {
              to[i] = (bits === 16 ? t.codes[i] + rest[offset + i] / 254 : t.codes[i]) * scale;
            }
          }
          offset += t.rows * t.columns;
          const { group } = this.shape;
          if (bits < 8 && t.columns % group === 0) roundInGroups(to, bits, group);
        }
      }
      this.bits = bits;
    }

    /* Read a prompt: run the encoder, and keep keys and values of its output for the decoder. */
    prompt(ids) {
      const { at, shape } = this;
      const { width, heads, head, encoderLayers, decoderLayers, window, newTokens } = shape;
      if (ids.length > window) throw new Error(`The prompt has ${ids.length} tokens; at most ${window} fit.`);
      const inner = heads * head;
      const L = ids.length;
      const P = four(L);
      this.length = L;
      this.written = 0;
      ids.forEach((id, row) => this.embed(id, at.x + row * width));
      const biases = this.biases("encoder.bias", L);
      for (let layer = 0; layer < encoderLayers; layer += 1) {
        const name = (part) => at[`encoder.${layer}.${part}`];
        this.norm(at.x, at.h, name("attention.norm"), L);
        for (const part of ["q", "k", "v"]) this.linear(at.h, name(`attention.${part}`), at[part], L, inner, width);
        for (let h = 0; h < heads; h += 1) {
          const o = h * head;
          this.matmul(at.q + o, inner, at.k + o, inner, at.scores, P, L, P, head);
          for (let i = 0; i < L; i += 1) this.softmax(at.scores + i * P, L, P, biases[h], L - 1 - i);
          this.transpose(at.v + o, inner, at.transposed, P, L, head);
          this.matmul(at.scores, P, at.transposed, P, at.context + o, inner, L, head, P);
        }
        this.linear(at.context, name("attention.o"), at.y, L, width, inner);
        this.add(at.x, at.y, L * width);
        this.feedForward(`encoder.${layer}`, L);
      }
      this.norm(at.x, at.h, at["encoder.norm"], L);
      for (let layer = 0; layer < decoderLayers; layer += 1) {
        const name = (part) => at[`decoder.${layer}.${part}`];
        this.linear(at.h, name("cross.k"), at[`keys${layer}`], L, inner, width);
        this.linear(at.h, name("cross.v"), at.v, L, inner, width);
        this.transpose(at.v, inner, at[`values${layer}`], P, L, inner);
        // The kernel takes columns beyond the latest token too, with a share of 0, and 0 times NaN is NaN.
        this.f.fill(0, at[`ownValues${layer}`], at[`ownValues${layer}`] + inner * four(newTokens));
      }
    }

    /* Logits of the next token after `token`, the latest one written; the first is shape.start. */
    step(token) {
      const { f, at, shape } = this;
      const { width, heads, head, decoderLayers, vocabulary, outputScale, newTokens } = shape;
      const inner = heads * head;
      const t = this.written;
      if (t >= newTokens) throw new Error(`At most ${newTokens} tokens can be written.`);
      const L = this.length;
      const N = four(newTokens);
      const biases = this.biases("decoder.bias", t + 1);
      this.embed(token, at.x);
      for (let layer = 0; layer < decoderLayers; layer += 1) {
        const name = (part) => at[`decoder.${layer}.${part}`];
        const [keys, values] = [at[`ownKeys${layer}`], at[`ownValues${layer}`]];
        this.norm(at.x, at.h, name("attention.norm"), 1);
        this.linear(at.h, name("attention.q"), at.q, 1, inner, width);
        this.linear(at.h, name("attention.k"), keys + t * inner, 1, inner, width);
        this.linear(at.h, name("attention.v"), at.v, 1, inner, width);
        for (let i = 0; i < inner; i += 1) f[values + i * N + t] = f[at.v + i];
        this.attend(keys, values, N, t + 1, at.scores, biases);
        this.linear(at.context, name("attention.o"), at.y, 1, width, inner);
        this.add(at.x, at.y, width);
        this.norm(at.x, at.h, name("cross.norm"), 1);
        this.linear(at.h, name("cross.q"), at.q, 1, inner, width);
        this.attend(at[`keys${layer}`], at[`values${layer}`], four(L), L, at[`attention${layer}`]);
        this.linear(at.context, name("cross.o"), at.y, 1, width, inner);
        this.add(at.x, at.y, width);
        this.feedForward(`decoder.${layer}`, 1);
      }
      this.norm(at.x, at.h, at["decoder.norm"], 1);
      for (let i = 0; i < width; i += 1) f[at.h + i] *= outputScale;
      this.linear(at.h, at.output, at.logits, 1, four(vocabulary), width);
      this.written += 1;
      return f.slice(at.logits, at.logits + vocabulary);
    }

    /* Attention of the decoder's one query to L keys, with values transposed, so that a head's lie in rows of `stride`.
       The shares of each head stay at `shares`. */
    attend(keys, values, stride, L, shares, biases = null) {
      const { heads, head } = this.shape;
      const inner = heads * head;
      const P = four(L);
      for (let h = 0; h < heads; h += 1) {
        const o = h * head;
        const row = shares + h * P;
        this.matmul(this.at.q + o, inner, keys + o, inner, row, P, 1, P, head);
        this.softmax(row, L, P, biases && biases[h], 0);
        this.matmul(row, P, values + o * stride, stride, this.at.context + o, inner, 1, head, P);
      }
    }

    /* Where the last step's cross-attention looked: for each layer and head a row of shares over the prompt's tokens. */
    attention() {
      const { heads, decoderLayers } = this.shape;
      const P = four(this.length);
      const rows = [];
      for (let layer = 0; layer < decoderLayers; layer += 1) {
        for (let h = 0; h < heads; h += 1) {
          const from = this.at[`attention${layer}`] + h * P;
          rows.push(this.f.slice(from, from + this.length));
        }
      }
      return rows;
    }

    embed(token, to) {
      const from = this.at.embedding + token * this.shape.width;
      this.f.copyWithin(to, from, from + this.shape.width);
    }

    linear(x, w, y, rows, outputs, inputs) {
      this.matmul(x, inputs, w, inputs, y, outputs, rows, outputs, inputs);
    }

    add(x, y, count) {
      for (let i = 0; i < count; i += 1) this.f[x + i] += this.f[y + i];
    }

    transpose(from, stride, to, P, rows, columns) {
      const { f } = this;
      for (let c = 0; c < columns; c += 1) {
        for (let r = 0; r < rows; r += 1) f[to + c * P + r] = f[from + r * stride + c];
        // The kernel takes four columns at once: those beyond the prompt's end must not count.
        f.fill(0, to + c * P + rows, to + (c + 1) * P);
      }
    }

    /* T5's layer norm: no mean is taken away and nothing is added. */
    norm(from, to, gain, rows) {
      const { f } = this;
      const { width, epsilon } = this.shape;
      for (let r = 0; r < rows; r += 1) {
        const at = r * width;
        let squares = 0;
        for (let i = 0; i < width; i += 1) squares += f[from + at + i] * f[from + at + i];
        const scale = 1 / Math.sqrt(squares / width + epsilon);
        for (let i = 0; i < width; i += 1) f[to + at + i] = f[from + at + i] * scale * f[gain + i];
      }
    }

    feedForward(block, rows) {
      const { f, at } = this;
      const { width, hidden } = this.shape;
      this.norm(at.x, at.h, at[`${block}.feed.norm`], rows);
      this.linear(at.h, at[`${block}.feed.gate`], at.gate, rows, hidden, width);
      this.linear(at.h, at[`${block}.feed.up`], at.up, rows, hidden, width);
      for (let i = 0; i < rows * hidden; i += 1) {
        const g = f[at.gate + i];
        // GELU by tanh: (1 + tanh u) / 2 is 1 / (1 + exp(-2 u)), which is quicker.
        const u = Math.sqrt(2 / Math.PI) * (g + 0.044715 * g * g * g);
        f[at.gate + i] = (g / (1 + Math.exp(-2 * u))) * f[at.up + i];
      }
      this.linear(at.gate, at[`${block}.feed.down`], at.y, rows, width, hidden);
      this.add(at.x, at.y, rows * width);
    }

    /* What each head adds to a score by distance, for keys before and after the query: entry L - 1 + (key - query).
       All layers share one table of buckets. */
    biases(name, L) {
      const { heads, encoderBuckets, decoderBuckets } = this.shape;
      const both = name === "encoder.bias";
      const buckets = both ? encoderBuckets : decoderBuckets;
      const far = both ? (buckets.length - 1) / 2 : buckets.length - 1;
      const rows = [];
      for (let h = 0; h < heads; h += 1) {
        const row = new Float32Array(2 * L - 1);
        for (let d = 1 - L; d < L; d += 1) {
          const near = Math.max(-far, Math.min(far, d));
          // In the decoder a key never lies after its query.
          const bucket = both ? buckets[far + near] : buckets[Math.max(0, -near)];
          row[L - 1 + d] = this.f[this.at[name] + bucket * heads + h];
        }
        rows.push(row);
      }
      return rows;
    }

    /* Softmax over L numbers at `from`, after adding bias[shift], bias[shift + 1], …; the rest up to P becomes 0. */
    softmax(from, L, P, bias, shift) {
      const { f } = this;
      let largest = -Infinity;
      for (let j = 0; j < L; j += 1) {
        if (bias) f[from + j] += bias[shift + j];
        if (f[from + j] > largest) largest = f[from + j];
      }
      let total = 0;
      for (let j = 0; j < L; j += 1) {
        const power = Math.exp(f[from + j] - largest);
        f[from + j] = power;
        total += power;
      }
      for (let j = 0; j < L; j += 1) f[from + j] /= total;
      for (let j = L; j < P; j += 1) f[from + j] = 0;
    }
  }

  /* Round each group of `group` weights to `bits`, a scale for each: the largest magnitude over the largest code. */
  function roundInGroups(weights, bits, group) {
    const top = 2 ** (bits - 1) - 1;
    for (let start = 0; start < weights.length; start += group) {
      let largest = 0;
      for (let i = start; i < start + group; i += 1) largest = Math.max(largest, Math.abs(weights[i]));
      const scale = Math.fround(largest / top) || 1;
      for (let i = start; i < start + group; i += 1) weights[i] = round(Math.fround(weights[i] / scale)) * scale;
    }
  }

  // --------------------------------------------------------------------------------------------------- sampling

  const OFF = { penalty: 1, temperature: 1, topK: 0, topP: 1, minP: 0 };

  /* Token numbers, most probable first. */
  function ranking(scores) {
    return Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  }

  function probabilities(scores) {
    let largest = -Infinity;
    for (const z of scores) if (z > largest) largest = z;
    const powers = Float64Array.from(scores, (z) => Math.exp(z - largest));
    const total = powers.reduce((a, b) => a + b, 0);
    return powers.map((p) => p / total);
  }

  const keep = (scores, kept) => scores.map((z, i) => (kept(i) ? z : -Infinity));

  /* What each setting does to scores. `history` holds the tokens written so far, the start token included. */
  const FILTERS = {
    penalty(scores, { penalty }, history) {
      const seen = new Set(history);
      return scores.map((z, i) => (seen.has(i) ? (z < 0 ? z * penalty : z / penalty) : z));
    },
    temperature: (scores, { temperature }) => scores.map((z) => z / temperature),
    topK(scores, { topK }) {
      const border = Float64Array.from(scores).sort()[Math.max(0, scores.length - topK)];
      return keep(scores, (i) => scores[i] >= border);
    },
    topP(scores, { topP }) {
      const p = probabilities(scores);
      const order = ranking(scores).reverse();
      const out = new Set();
      let below = 0;
      for (const i of order.slice(0, -1)) {
        below += p[i];
        if (below > 1 - topP) break;
        out.add(i);
      }
      return keep(scores, (i) => !out.has(i));
    },
    minP(scores, { minP }) {
      const p = probabilities(scores);
      let top = 0;
      for (const share of p) if (share > top) top = share;
      return keep(scores, (i) => p[i] >= minP * top);
    },
  };

  /* The scores before the first and after each setting that is on, as [[name, scores], …], in the order of transformers'
     `generate`: penalty, temperature, top-k, top-p, min-p. Greedy decoding uses the penalty only. */
  function stages(logits, history, settings, sampled = true) {
    let scores = Float64Array.from(logits);
    const list = [["model", scores]];
    for (const name of Object.keys(FILTERS)) {
      if (settings[name] === OFF[name] || !(sampled || name === "penalty")) continue;
      scores = FILTERS[name](scores, settings, history);
      list.push([name, scores]);
    }
    return list;
  }

  /* The first token whose running sum of probabilities is above u, a number from 0 to below 1. */
  function draw(p, u) {
    let sum = 0;
    let last = 0;
    for (let i = 0; i < p.length; i += 1) {
      if (p[i] > 0) last = i;
      sum += p[i];
      if (sum > u) return i;
    }
    return last;
  }

  function greedy(scores) {
    let best = 0;
    for (let i = 1; i < scores.length; i += 1) if (scores[i] > scores[best]) best = i;
    return best;
  }

  /* Random numbers from 0 to below 1 that a seed repeats (mulberry32). They are not those of torch. */
  function random(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  // ----------------------------------------------------------------------------------------------------- worker

  /* One array of bytes from the parts of a file: text in base64, or bytes already. */
  function join(parts) {
    const decoded = parts.map((part) => (typeof part === "string" ? fromBase64(part) : new Uint8Array(part)));
    const whole = new Uint8Array(decoded.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of decoded) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /* Answer a page's calls, one at a time: {id, name, values} in, {id, result} or {id, error} out. */
  function serve(port) {
    let model;
    const calls = {
      load({ shape, tensors, parts, useKernel }) {
        model = new Model(shape, tensors, join(parts), useKernel);
        return model.useKernel;
      },
      bits: ({ bits, parts }) => model.setBits(bits, parts && new Int8Array(join(parts).buffer)),
      prompt: ({ ids }) => model.prompt(ids),
      step: ({ token }) => ({ logits: model.step(token), attention: model.attention() }),
    };
    port.onmessage = ({ data: { id, name, values } }) => {
      try {
        port.postMessage({ id, result: calls[name](values) });
      } catch (error) {
        port.postMessage({ id, error: error.message });
      }
    };
  }

  return { Tokenizer, Model, stages, probabilities, ranking, draw, greedy, random, round, simd, join, serve, plainMatmul, OFF };
}

if (typeof module === "object") module.exports = courseEngine;
