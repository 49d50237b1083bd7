"""The calculators of the site: each formula in JavaScript equals that of utils, and each panel works in a browser."""

import json
import math
import random
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import numpy
import pytest

from tools.site import calculators
from utils import units
from utils.costs import accelerators, measured_memory, memory, scaling_laws
from utils.models import number_formats, published

SCRIPTS = Path(__file__).resolve().parents[2] / "book" / "_static" / calculators.FOLDER
INPUTS = 200
LAWS = {
    "refit": scaling_laws.BESIROGLU,
    "source": scaling_laws.CHINCHILLA,
    "printed": scaling_laws.CHINCHILLA_PRINTED,
}
# Calls are read as lines of JSON, in which numbers that JSON does not know are text.
RUNNER = """
const { readFileSync } = require("node:fs");
for (const file of process.argv.slice(1)) (0, eval)(readFileSync(file, "utf8"));
const course = globalThis.courseCalculators;
const special = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity, "-0": -0 };
const read = (key, value) => (typeof value === "string" && value in special ? special[value] : value);
const write = (key, value) => (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
  ? (Object.is(value, -0) ? "-0" : String(value)) : value);
const model = (name) => course.data.models.find((spec) => spec.name === name);
const law = (name) => course.data.laws[name];
const format = course.numbers.formatOf;
for (const line of readFileSync(0, "utf8").trim().split("\\n")) {
  const [expression, given] = JSON.parse(line, read);
  const call = new Function("course", "model", "law", "format", "given", `return ${expression}`);
  console.log(JSON.stringify(call(course, model, law, format, given), write));
}
"""
SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf, "-0": -0.0}


@pytest.fixture(scope="module")
def in_node(tmp_path_factory):
    """The values of JavaScript expressions, each with its arguments."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node on this machine, and the formulas are compared in it")
    folder, files = tmp_path_factory.mktemp("data"), {}
    for name in calculators.CALCULATORS:
        data, *_ = calculators.scripts(name)
        (folder / data).write_text(calculators.data_script(name), encoding="utf-8")
        files |= {file: (folder if file == data else SCRIPTS) / file for file in calculators.scripts(name)}

    def ask(calls):
        lines = "\n".join(json.dumps([expression, _plain(given)], allow_nan=False) for expression, given in calls)
        command = [node, "-e", RUNNER, *map(str, files.values())]
        done = subprocess.run(command, input=lines, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return [_number(json.loads(line, parse_int=_whole)) for line in done.stdout.splitlines()]

    return ask


def _whole(text):
    """JavaScript writes the shortest digits of a double, which for a large one are not its exact value."""
    return int(text) if abs(int(text)) <= 2**53 else float(text)


def _plain(value):
    if isinstance(value, float) and (not math.isfinite(value) or (value == 0 and math.copysign(1, value) < 0)):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "-0")
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value


def _number(value):
    if isinstance(value, list):
        return [_number(one) for one in value]
    return SPECIAL.get(value, value) if isinstance(value, str) else value


def _same(a, b):
    if isinstance(a, float) and isinstance(b, float | int) and math.isnan(a):
        return math.isnan(b)
    return a == b


def specs():
    shapes = {row.spec.name: row.spec for row in measured_memory.bundled_steps()}
    return list((published.MODELS | shapes).values())


def training_inputs(chance):
    spec = chance.choice(specs())
    settings = {
        "batch": chance.randint(1, 64),  # whole numbers up to 2^53 are exact in JavaScript
        "tokens": chance.randint(1, 8192),
        "precision": chance.choice(list(units.PRECISION_BYTES)),
        "optimizer": chance.choice(list(memory.MOMENTS)),
        "checkpointing": chance.random() < 0.5,
    }
    more = {"target_tokens": chance.randint(1, 5000), "zero_stage": chance.randint(0, 3)}
    return spec, settings, more, chance.randint(1, 5000)


def test_memory_of_training_equals_that_of_utils(in_node):
    chance, calls, expected = random.Random(0), [], []
    for _ in range(INPUTS):
        spec, settings, more, ranks = training_inputs(chance)
        if spec.kind != "encoder-decoder":
            more["target_tokens"] = 0
        step = memory.training(spec, **settings, **more, world_size=ranks)
        room = step.peak * chance.uniform(0.3, 2)
        needed = memory.ranks_needed(room, spec, **settings, **more)
        expected.append([asdict(step), step.total, step.peak, needed])
        given = settings | {"targetTokens": more["target_tokens"], "stage": more["zero_stage"], "ranks": ranks}
        ask = """(({ training, ranksNeeded }, spec) => [training(spec, given), ranksNeeded(given.room, spec, given)])(
            course.memory, model(given.model))"""
        calls.append((ask, given | {"model": spec.name, "room": room}))
    for (made, ranks), (parts, total, peak, needed) in zip(in_node(calls), expected, strict=True):
        assert made["parts"] == parts
        assert (made["total"], made["peak"], ranks) == (total, peak, needed)


def test_memory_of_generating_equals_that_of_utils(in_node):
    chance, calls, expected = random.Random(1), [], []
    ask = "course.memory.inference(model(given.model), ...given.sizes)"
    for _ in range(INPUTS):
        spec = chance.choice([one for one in specs() if one.decoder_layers])
        sizes = [chance.randint(1, 1000), chance.randint(1, 100_000), chance.randint(0, 5000)]
        sizes += [chance.choice(calculators.STORED), chance.choice(calculators.STORED)]
        held = memory.inference(spec, *sizes)
        calls.append((ask, {"model": spec.name, "sizes": sizes}))
        expected.append({"parts": asdict(held), "total": held.total})
    assert in_node(calls) == expected


def test_the_planner_equals_utils(in_node):
    chance, calls, expected = random.Random(2), [], []
    ask = """(({ loss, optimal, trainingFlops, deviceHours, affordable, percentile }) => [
        loss(law(given.law), given.n, given.d), optimal(law(given.law), given.flops), trainingFlops(given.n, given.d),
        deviceHours(given.flops, course.data.devices[given.device], given.share),
        affordable(given.dollars, given.price, course.data.devices[given.device], given.share),
        percentile(given.numbers, given.percent)])(course.scaling)"""
    for _ in range(INPUTS):
        given = {name: 10 ** chance.uniform(6, 13) for name in ("n", "d", "dollars")}
        given |= {
            "flops": 10 ** chance.uniform(17, 27),
            "share": chance.uniform(0.05, 1),
            "percent": chance.uniform(0, 100),
        }
        given |= {"law": chance.choice(list(LAWS)), "device": chance.choice(list(accelerators.PRICES))}
        given |= {"price": chance.uniform(0.1, 20), "numbers": [chance.random() for _ in range(chance.randint(1, 60))]}
        law, device = LAWS[given["law"]], accelerators.device(given["device"])
        hours = scaling_laws.device_hours(given["flops"], device, given["share"])
        bought = accelerators.Offer(device, given["price"], given["share"]).flops(given["dollars"])
        calls.append((ask, given))
        flops = scaling_laws.training_flops(given["n"], given["d"])
        spread = float(numpy.percentile(given["numbers"], given["percent"]))
        expected.append(
            [
                law.loss(given["n"], given["d"]),
                *asdict(law.optimal(given["flops"])).values(),
                flops,
                hours,
                bought,
                spread,
            ]
        )
    for (loss, split, *rest), numbers in zip(in_node(calls), expected, strict=True):
        assert [loss, split["parameters"], split["tokens"], *rest] == pytest.approx(numbers, rel=1e-9)


@pytest.mark.parametrize("name", number_formats.FORMATS)
def test_the_explorer_equals_utils(in_node, name):
    chance, calls, expected, one = random.Random(name), [], [], number_formats.FORMATS[name]
    ask = """(({ value, codeOf, neighbours }) => [value(format(given.name), given.code, given.largest),
        codeOf(format(given.name), given.number, given.largest),
        neighbours(format(given.name), given.code, given.largest)])(course.numbers)"""
    is_float = isinstance(one, number_formats.FloatFormat)
    special = (
        [0.0, -0.0, math.inf, -math.inf, math.nan, 464.0, 465.0, 65_519.99, 65_520.0, 1e-45] if is_float else [0.0]
    )
    for number in [*special, *(chance.choice((-1, 1)) * 10 ** chance.uniform(-46, 39) for _ in range(INPUTS))]:
        code, largest = chance.randrange(2**one.bits), 10 ** chance.uniform(-3, 3)
        number = number if is_float else chance.uniform(-1.2, 1.2) * largest
        shared = [] if is_float else [largest]
        calls.append((ask, {"name": name, "code": code, "number": number, "largest": largest}))
        expected.append([one.value(code, *shared), one.code(number, *shared), list(one.neighbours(code, *shared))])
    for (value, code, (below, above)), (number, coded, around) in zip(in_node(calls), expected, strict=True):
        assert code == coded
        assert _same(value, number)
        assert _same(below, around[0])
        assert _same(above, around[1])


def test_bytes_and_counts_are_printed_as_utils_prints_them(in_node):
    chance = random.Random(3)
    numbers = [0, 12, 999, 999_949, 1_000_000, *(round(10 ** chance.uniform(0, 16)) for _ in range(INPUTS))]
    ask = "[course.formatBytes(given.n), course.formatCount(given.n)]"
    assert in_node([(ask, {"n": n}) for n in numbers]) == [
        [units.format_bytes(n), units.format_count(n)] for n in numbers
    ]


def test_examples_in_the_text_of_the_pages_hold():
    assert memory.states(10**9).total == memory.states(10**9, "mixed").total == 16e9
    assert scaling_laws.BESIROGLU.optimal(5.76e23).parameters == pytest.approx(70e9, rel=0.1)
    assert number_formats.FORMATS["FP16"].code(math.pi) % 2**10 == 584
    assert number_formats.FORMATS["FP8 E4M3"].largest == 448
