"""The script of chapter 03's panel computes what transformers computes, and opens with the lectures' values."""

import itertools
from pathlib import Path

import pytest
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

SCRIPT = Path(__file__).resolve().parents[2] / "book" / "_static" / "decoding_panel.js"
SETTINGS = [(0.8, 25, 1), (1, 40, 1), (1, 1, 1), (2, 40, 0.9), (2, 10, 0.5), (0.05, 40, 0.01), (3, 3, 0.99)]


@pytest.fixture
def panel(browser_page):
    """Calls a function of the script, or gives one of its constants."""
    browser_page.add_script_tag(path=SCRIPT)

    def ask(name, *arguments):
        return browser_page.evaluate(f"(given) => {name}(...given)" if arguments else name, list(arguments))

    return ask


def test_it_opens_with_the_values_of_the_lectures(panel):
    assert panel("DEFAULTS") == {"cap": 200, "topK": 25, "topP": 1, "temperature": 0.8}


@pytest.mark.parametrize("tied", [False, True])
def test_its_transforms_equal_those_of_transformers(panel, tied):
    logits = 3 * torch.randn(4, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    logits = logits.round() if tied else logits
    for row, (t, k, p) in itertools.product(logits, SETTINGS):
        made = panel("distribution", row.tolist(), {"temperature": t, "topK": k, "topP": p})
        scores = TopKLogitsWarper(k)(None, TemperatureLogitsWarper(float(t))(None, row[None]))
        scores = TopPLogitsWarper(p)(None, scores) if p < 1 else scores
        expected = scores.softmax(-1)[0]
        # Which of two equal tokens stays at the border of top-p is a matter of sorting.
        got = torch.tensor(made["probabilities"], dtype=torch.float64)
        torch.testing.assert_close(got.sort().values, expected.sort().values)
        assert tied or torch.equal(got > 0, expected > 0)
        assert made["left"] == scores.isfinite().sum()
        assert made["bits"] == pytest.approx(torch.special.entr(expected).sum().item() / torch.tensor(2.0).log().item())


def test_it_draws_by_running_sums_and_never_what_is_out(panel):
    probabilities = [0, 0.5, 0, 0.25, 0.25, 0]
    assert [panel("draw", probabilities, u) for u in (0, 0.49, 0.5, 0.75, 0.9999999)] == [1, 1, 3, 4, 4]
    assert panel("draw", [0.5, 0.4, 0], 0.95) == 1


def test_it_refuses_settings_that_mean_nothing(panel):
    bad = [("temperature", 0), ("topK", 0), ("topK", 2.5), ("topK", 41), ("topP", 0), ("topP", 1.1), ("cap", 0)]
    good = [("temperature", 0.8), ("topK", 25), ("topP", 1), ("cap", 200)]
    assert [panel("fault", *setting, 40) is None for setting in bad + good] == [False] * len(bad) + [True] * len(good)
