"""The engine of the live model computes what torch, tokenizers and transformers compute."""

import itertools
import json
import random
import re
import shutil
import subprocess
import unicodedata
from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import T5Config, T5ForConditionalGeneration

from tests.support import node
from tools.site import build, model_export
from utils import data, generation, models, prompts
from utils.errors import CourseError
from utils.models import quantize

PROMPTS, TEACHER = 10, 16
MODEL = """
const fs = require("fs");
const about = JSON.parse(fs.readFileSync(given.folder + "/about.json"));
const read = (name) => new Uint8Array(fs.readFileSync(given.folder + "/" + name));
const model = (kernel) => new engine.Model(about.shape, about.tensors, read("data.bin"), kernel);
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course model, rounded to 8 bits as the page gets it, and its files as Node reads them."""
    lm = models.load("course", precision="fp32", device="cpu")
    lm.model.set_attn_implementation("eager")
    weights = model_export.weights(lm)
    folder = tmp_path_factory.mktemp("course_model")
    (folder / "data.bin").write_bytes(weights.data)
    (folder / "rest.bin").write_bytes(weights.rest)
    about = {"shape": model_export.shape(lm), "tensors": weights.tensors}
    (folder / "about.json").write_text(json.dumps(about))
    train, test = data.dialogues(split="train"), data.dialogues(split="test")
    rows = test[:: len(test) // PROMPTS][:PROMPTS]
    texts = [prompts.few_shot(row.dialogue, prompts.pick_examples(train, row, i % 2)) for i, row in enumerate(rows)]
    ids = [lm.tokenizer(text)["input_ids"] for text in texts]
    answers = [lm.tokenizer(row.summary)["input_ids"][:TEACHER] for row in rows]
    rounded = quantize.rounded(lm.model, 8)
    return SimpleNamespace(
        lm=lm, tables=model_export.tokenizer(lm), folder=folder, rounded=rounded, ids=ids, answers=answers, texts=texts
    )


def test_the_kernel_is_what_its_text_says(tmp_path):
    if shutil.which("wat2wasm") is None:
        pytest.skip("wabt is not installed: tools/packages.txt")
    made = tmp_path / "matmul.wasm"
    subprocess.run(["wat2wasm", build.ROOT / "tools" / "site" / "matmul.wat", "-o", made], check=True)
    text = re.search(r"const KERNEL = \[(.*?)\]", node.ENGINE.read_text(encoding="utf-8"), re.DOTALL)[1]
    inside = "".join(re.findall(r'"([^"]*)"', text))
    assert bytes(node.run("const answer = (text) => Array.from(engine.join([text]));", inside)) == made.read_bytes()


@node.needed
@pytest.mark.slow
@pytest.mark.parametrize("kernel", [True, False], ids=["kernel", "plain"])
def test_logits_and_attention_equal_those_of_torch(course, kernel, tmp_path):
    body = """
    const net = model(given.kernel);
    const out = [];
    given.ids.forEach((ids, i) => {
      net.prompt(ids);
      for (const token of [about.shape.start, ...given.answers[i].slice(0, -1)]) out.push(net.step(token));
    });
    const rows = net.attention();
    fs.writeFileSync(given.out, Buffer.concat([...out, ...rows].map((row) => Buffer.from(row.buffer))));
    return net.useKernel;
    """
    given = {"folder": str(course.folder), "kernel": kernel, "ids": course.ids, "answers": course.answers}
    given["out"] = str(tmp_path / "out.bin")
    assert node.run(f"function answer(given) {{ {MODEL} {body} }}", given) is kernel
    found = torch.from_numpy(np.fromfile(given["out"], np.float32))
    expected = []
    for ids, answer in zip(course.ids, course.answers, strict=True):
        with torch.inference_mode():
            made = course.rounded(
                input_ids=torch.tensor([ids]), labels=torch.tensor([answer]), output_attentions=True, use_cache=False
            )
        expected.append(made.logits[0])
    looked = torch.cat([layer[0, :, -1] for layer in made.cross_attentions])
    expected = torch.cat([*(part.flatten() for part in expected), looked.flatten()])
    assert found.shape == expected.shape
    assert (found - expected).abs().max() < 1e-4


@node.needed
@pytest.mark.parametrize("kernel", [True, False], ids=["kernel", "plain"])
@pytest.mark.parametrize("tied", [True, False])
def test_every_size_is_read_from_the_model(tied, kernel, tmp_path):
    sizes = {"vocab_size": 301, "d_model": 32, "d_kv": 8, "d_ff": 20, "num_heads": 3, "n_positions": 30}
    layers = {"num_layers": 1, "num_decoder_layers": 3, "relative_attention_num_buckets": 8}
    far = {"relative_attention_max_distance": 12, "layer_norm_epsilon": 1e-3}
    torch.manual_seed(0)
    config = T5Config(
        **sizes, **layers, **far, feed_forward_proj="gated-gelu", tie_word_embeddings=tied, decoder_start_token_id=5
    )
    net = T5ForConditionalGeneration(config).eval()
    if not tied:
        net.lm_head.weight = torch.nn.Parameter(torch.randn_like(net.shared.weight))
    lm = models.LanguageModel("small", quantize.rounded(net, 8), None, 30, "fp32")
    weights = model_export.weights(lm)
    (tmp_path / "data.bin").write_bytes(weights.data)
    (tmp_path / "about.json").write_text(json.dumps({"shape": model_export.shape(lm), "tensors": weights.tensors}))
    ids, answer = [7, 300, 9, 12, 30, 31, 1] * 3, [5, 17, 230, 300, 2, 8]
    body = """
    const net = model(given.kernel);
    net.prompt([3, 4, 5, 6, 7, 8, 9, 1]);
    net.step(5);
    net.prompt(given.ids);
    return given.answer.map((token) => Array.from(net.step(token)));
    """
    given = {"folder": str(tmp_path), "kernel": kernel, "ids": ids, "answer": answer}
    found = torch.tensor(node.run(f"function answer(given) {{ {MODEL} {body} }}", given))
    with torch.inference_mode():
        made = lm.model(input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([answer]))
    torch.testing.assert_close(found, made.logits[0], atol=1e-5, rtol=1e-4)


KNOWN = {"model_type": "t5", "is_gated_act": True, "dense_act_fn": "gelu_new", "d_model": 8, "d_kv": 4, "d_ff": 8}


@pytest.mark.parametrize(
    "change", [{"model_type": "bart"}, {"is_gated_act": False}, {"dense_act_fn": "relu"}, {"d_kv": 63}]
)
def test_a_model_that_the_engine_does_not_know_is_refused(change):
    net = SimpleNamespace(config=SimpleNamespace(**KNOWN | change))
    with pytest.raises(CourseError, match="The live model needs"):
        model_export.shape(SimpleNamespace(model=net))


@node.needed
@pytest.mark.slow
def test_greedy_tokens_of_ten_prompts_equal_those_of_generate(course):
    body = """
    const net = model(true);
    return given.ids.map((ids) => {
      net.prompt(ids);
      const written = [];
      let token = about.shape.start;
      while (written.length < 50 && token !== about.shape.end) {
        token = engine.greedy(net.step(token));
        written.push(token);
      }
      return written;
    });
    """
    given = {"folder": str(course.folder), "ids": course.ids}
    found = node.run(f"function answer(given) {{ {MODEL} {body} }}", given)
    config = generation.settings(50)
    for ids, tokens in zip(course.ids, found, strict=True):
        with torch.inference_mode():
            made = course.rounded.generate(input_ids=torch.tensor([ids]), generation_config=config)
        assert tokens == made[0, 1:].tolist()


@node.needed
@pytest.mark.slow
@pytest.mark.parametrize("bits", [16, 8, 4, 3, 2])
def test_weights_in_fewer_bits_are_those_of_quantize(course, bits, tmp_path):
    body = """
    const net = model(false);
    net.setBits(2);
    net.setBits(given.bits, given.bits === 16 ? new Int8Array(read("rest.bin").buffer) : null);
    const parts = about.tensors.map((t) => net.f.slice(net.at[t.name], net.at[t.name] + t.rows * t.columns));
    fs.writeFileSync(given.out, Buffer.concat(parts.map((part) => Buffer.from(part.buffer))));
    """
    given = {"folder": str(course.folder), "bits": bits, "out": str(tmp_path / "out.bin")}
    node.run(f"function answer(given) {{ {MODEL} {body} }}", given)
    found = np.fromfile(given["out"], np.float32)
    net = course.lm.model if bits == 16 else course.rounded
    net = quantize.rounded(net, bits, quantize.GROUP) if bits < 8 else net
    expected = np.concatenate([part.detach().numpy().ravel() for _, part in model_export.named_tensors(net)])
    if bits < 16:
        assert np.array_equal(found, expected)
    else:
        before = np.concatenate(
            [part.detach().numpy().ravel() for _, part in model_export.named_tensors(course.rounded)]
        )
        assert np.abs(found - expected).max() < np.abs(before - expected).max() / 200


OFF = {"penalty": 1.0, "temperature": 1.0, "topK": 0, "topP": 1.0, "minP": 0.0}
SETTINGS = [
    {"temperature": 0.8, "topK": 25},
    {"topK": 1},
    {"temperature": 2.0, "topK": 40, "topP": 0.9},
    {"temperature": 0.05, "topP": 0.01},
    {"topP": 0.5, "minP": 0.2},
    {"penalty": 1.3, "temperature": 1.5, "minP": 0.05},
    {"penalty": 0.5, "temperature": 3.0, "topK": 10, "topP": 0.95, "minP": 0.1},
    {},
]


@node.needed
@pytest.mark.parametrize("tied", [False, True])
def test_the_next_token_is_chosen_as_generate_chooses_it(course, tied):
    logits = 3 * torch.randn(4, 60, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    logits = logits.round() if tied else logits
    cases = [(row.tolist(), [0, 5, 5, 9], OFF | one) for row, one in itertools.product(logits, SETTINGS)]
    body = """const answer = (cases) => cases.map(([logits, history, settings]) => {
      const list = engine.stages(logits, history, settings);
      return [list.map(([name]) => name), Array.from(engine.probabilities(list.at(-1)[1]))];
    });"""
    for (row, history, one), (names, found) in zip(cases, node.run(body, cases), strict=True):
        config = generation.settings(
            do_sample=True, temperature=one["temperature"], top_k=one["topK"], top_p=one["topP"]
        )
        config.repetition_penalty, config.min_p = one["penalty"], one["minP"] or None
        processors = course.lm.model._get_logits_processor(config, 1, device="cpu")
        kinds = [type(each).__name__ for each in processors]
        assert len(kinds) == len(names) - 1
        scores = processors(torch.tensor([history]), torch.tensor([row], dtype=torch.float64))
        expected, got = scores.softmax(-1)[0], torch.tensor(found, dtype=torch.float64)
        # Which of two equal tokens stays at the border of top-p is a matter of sorting.
        torch.testing.assert_close(got.sort().values, expected.sort().values)
        assert tied or torch.equal(got > 0, expected > 0)


@node.needed
def test_tokens_are_drawn_by_running_sums_and_never_what_is_out():
    given = [[0, 0.5, 0, 0.25, 0.25, 0], [0, 0.49, 0.5, 0.75, 0.9999999]]
    assert node.run("const answer = ([p, us]) => us.map((u) => engine.draw(p, u));", given) == [1, 1, 3, 4, 4]
    assert node.run("const answer = ([p, u]) => engine.draw(p, u);", [[0.5, 0.4, 0], 0.95]) == 1
    assert node.run("const answer = () => [3, 3, 4].map((seed) => engine.random(seed)());")[0] < 1


def every_script(count: int, rng: random.Random) -> list[str]:
    """Texts of letters, digits and signs from each block of writing that this Python names."""
    scripts = defaultdict(list)
    for code in range(0x110000):
        name = unicodedata.name(chr(code), "")
        if name:
            scripts[name.split()[0]].append(chr(code))
    names = sorted(scripts)
    texts = []
    for i in range(count):
        mixed = scripts[names[i % len(names)]] if i < 2 * len(names) else scripts[rng.choice(names)] + list("aZ ,.:#\n")
        words = ["".join(rng.choices(mixed, k=rng.randint(1, 7))) for _ in range(rng.randint(1, 5))]
        texts.append(rng.choice([" ", "\n", "", "1", " #Person1#: "]).join(words))
    return texts


HARD = [
    "", " ", "\n\n\n", "\u01c5ungla \u01c5", "a\u0085b", "\ufeffStart", "a\u00a0b\u2028c", "\u0661\u0662 12 \u00bd",
    "</s>", "say </s> and <pad> twice <unk>", "<extra_id_1><extra_id_10> <extra_id_0", "#Person1#: Hi.\n#Person23#",
    "e\u0301 e\u0301\u0302", "\U0001f469\u200d\U0001f680 \U0001f1e9\U0001f1ea", "\x00\x01\x1f", "a" * 300,
    " the the  the", "<0x41> <0xFF>",
]  # fmt: skip


@node.needed
@pytest.mark.slow
def test_texts_of_every_script_have_the_same_tokens(course):
    texts = HARD + every_script(1000, random.Random(0))
    body = """function answer([tables, texts]) {
      const tokenizer = new engine.Tokenizer(tables);
      return texts.map((text) => [tokenizer.encode(text), tokenizer.decode(tokenizer.encode(text))]);
    }"""
    for text, (ids, back) in zip(texts, node.run(body, [course.tables, texts]), strict=True):
        assert ids == course.lm.tokenizer(text, verbose=False)["input_ids"], repr(text)
        assert back == course.lm.tokenizer.decode(ids, skip_special_tokens=True), repr(text)


@node.needed
def test_a_lone_surrogate_becomes_the_sign_for_no_character(course):
    body = "const answer = ([tables, texts]) => texts.map((text) => new engine.Tokenizer(tables).encode(text));"
    texts = ["a\ud800b", "\udc00", "\udc00\ud800", "\ud83d\ude80 \ud83d"]
    expected = ["a\ufffdb", "\ufffd", "\ufffd\ufffd", "\U0001f680 \ufffd"]
    assert node.run(body, [course.tables, texts]) == [course.lm.tokenizer(text)["input_ids"] for text in expected]


@node.needed
def test_broken_bytes_are_decoded_alike(course):
    rng = random.Random(0)
    tables, size = course.tables, len(course.tables["pieces"])
    rows = [[rng.choice([*tables["bytes"], rng.randrange(size)]) for _ in range(12)] for _ in range(300)]
    rows += [[tables["bytes"][byte] for byte in "\ufeffé".encode()], [tables["bytes"][0xC3]], [0, 1, 2]]
    body = """function answer([tables, rows]) {
      const tokenizer = new engine.Tokenizer(tables);
      return rows.map((row) => tokenizer.decode(row));
    }"""
    for row, text in zip(rows, node.run(body, [tables, rows]), strict=True):
        assert text == course.lm.tokenizer.decode(row, skip_special_tokens=True)


@node.needed
def test_weights_of_another_size_are_refused_in_one_sentence(course):
    body = """try { new engine.Model(about.shape, about.tensors, read("data.bin").slice(8), false); }
    catch (error) { return error.message; }"""
    said = node.run(f"function answer(given) {{ {MODEL} {body} }}", {"folder": str(course.folder)})
    assert re.fullmatch(r"\d+ bytes of weights were expected, \d+ came\.", said)


@pytest.mark.parametrize("pattern", ["", r"\w+", r"(?i)a", r"a++", r"\bthe"])
def test_a_pattern_that_javascript_may_read_otherwise_is_refused(pattern):
    with pytest.raises(CourseError, match="known classes"):
        model_export.javascript(pattern)
