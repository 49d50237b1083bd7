"""The script of chapter 03's panel computes what transformers computes, and opens with the lectures' values."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

SCRIPT = Path(__file__).resolve().parents[2] / "book" / "_static" / "decoding_panel.js"
PROGRAM = """
const panel = require(process.argv[1]);
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const made = asked.rows.map(([logits, settings]) => panel.distribution(logits, settings));
const picks = asked.draws.map(([shares, u]) => panel.draw(shares, u));
const faults = asked.values.map(([name, value]) => panel.fault(name, value, 40) !== null);
console.log(JSON.stringify({ defaults: panel.DEFAULTS, made, picks, faults }));
"""
SETTINGS = [(0.8, 25, 1), (1, 40, 1), (1, 1, 1), (2, 40, 0.9), (2, 10, 0.5), (0.05, 40, 0.01), (3, 3, 0.99)]


@pytest.fixture(scope="module")
def run():
    """What the script answers to a dictionary of questions."""
    node = shutil.which("node")
    if not node:
        pytest.skip("the panel's script is tested with node, which is not installed")

    def ask(rows=(), draws=(), values=()):
        asked = json.dumps({"rows": list(rows), "draws": list(draws), "values": list(values)})
        command = [node, "-e", PROGRAM, str(SCRIPT)]
        return json.loads(subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout)

    return ask


def test_it_opens_with_the_values_of_the_lectures(run):
    assert run()["defaults"] == {"cap": 200, "topK": 25, "topP": 1, "temperature": 0.8}


@pytest.mark.parametrize("tied", [False, True])
def test_its_transforms_equal_those_of_transformers(run, tied):
    logits = 3 * torch.randn(4, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    logits = logits.round() if tied else logits
    cases = [(row, settings) for row in logits for settings in SETTINGS]
    rows = [(row.tolist(), {"temperature": t, "topK": k, "topP": p}) for row, (t, k, p) in cases]
    for (row, (t, k, p)), made in zip(cases, run(rows)["made"], strict=True):
        scores = TopKLogitsWarper(k)(None, TemperatureLogitsWarper(float(t))(None, row[None]))
        scores = TopPLogitsWarper(p)(None, scores) if p < 1 else scores
        expected = scores.softmax(-1)[0]
        # Which of two equal tokens stays at the border of top-p is a matter of sorting.
        got = torch.tensor(made["probabilities"], dtype=torch.float64)
        torch.testing.assert_close(got.sort().values, expected.sort().values)
        assert tied or torch.equal(got > 0, expected > 0)
        assert made["left"] == scores.isfinite().sum()
        assert made["bits"] == pytest.approx(torch.special.entr(expected).sum().item() / torch.tensor(2.0).log().item())


def test_it_draws_by_running_sums_and_never_what_is_out(run):
    shares = [0, 0.5, 0, 0.25, 0.25, 0]
    picks = run(draws=[(shares, u) for u in (0, 0.49, 0.5, 0.75, 0.9999999)])["picks"]
    assert picks == [1, 1, 3, 4, 4]
    assert run(draws=[([0.5, 0.4, 0], 0.95)])["picks"] == [1]


def test_it_refuses_settings_that_mean_nothing(run):
    bad = [("temperature", 0), ("topK", 0), ("topK", 2.5), ("topK", 41), ("topP", 0), ("topP", 1.1), ("cap", 0)]
    good = [("temperature", 0.8), ("topK", 25), ("topP", 1), ("cap", 200)]
    assert run(values=bad + good)["faults"] == [True] * len(bad) + [False] * len(good)
