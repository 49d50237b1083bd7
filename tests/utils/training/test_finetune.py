"""Training few weights: states read once, log-probabilities against transformers' own loss, a loop that learns."""

import sys

import pytest
import torch

from utils import models, runtime
from utils.errors import CourseError
from utils.training import finetune

PROMPTS = ["Dialogue:\n#Person1#: Hello.\n\nWhat was going on?\n", "Repeat this line:\nA much longer line of words."]
TEXTS = ["Ana asks Ben to wait.", "A line."]


@pytest.fixture(scope="module")
def lm():
    return models.load("course", "fp32", "cpu")


@pytest.fixture
def exact(monkeypatch):
    """No short products, so that numbers agree closely."""
    monkeypatch.setattr(models, "bf16_is_faster", lambda device="cpu": False)


def test_states_are_the_encoders_own_whatever_stands_beside_a_prompt(lm, exact):
    together, alone = finetune.encode(lm, PROMPTS), [finetune.encode(lm, [prompt])[0] for prompt in PROMPTS]
    assert [len(row) for row in together] == [len(lm.tokenizer(prompt)["input_ids"]) for prompt in PROMPTS]
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)
        assert not one.requires_grad


def test_log_probabilities_are_those_of_transformers(lm, exact):
    total, tokens = finetune.log_probs(lm, finetune.encode(lm, PROMPTS), TEXTS)
    for row, (prompt, text) in enumerate(zip(PROMPTS, TEXTS, strict=True)):
        given, labels = (lm.tokenizer(t, return_tensors="pt")["input_ids"] for t in (prompt, text))
        with torch.no_grad():
            loss = lm.model(input_ids=given, labels=labels).loss
        assert tokens[row] == labels.shape[1]
        torch.testing.assert_close(-total[row] / tokens[row], loss, atol=1e-3, rtol=1e-3)
    scores = finetune.score(lm, finetune.encode(lm, PROMPTS), TEXTS, batch=1)
    torch.testing.assert_close(scores, total.detach(), atol=1e-3, rtol=1e-3)
    assert not scores.requires_grad


def line_and_rows():
    """A weight that should become 2, and four rows that say so."""
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(net.weight)
    rows = [(torch.tensor([x]), 2 * x) for x in (1.0, -1.0, 0.5, 2.0)]

    def loss(inputs, wanted):
        return (net(torch.stack(inputs))[:, 0] - torch.tensor(wanted)).square().mean()

    return net, loss, rows


def test_fit_learns_and_repeats_itself():
    weights = []
    for _ in range(2):
        net, loss, rows = line_and_rows()
        done = finetune.fit(net, loss, rows, passes=60, batch=2, rate=0.1, seed=3)
        weights.append(net.weight.item())
        assert len(done.losses) == 120
        assert done.seconds > 0
    assert weights[0] == pytest.approx(weights[1], abs=1e-4)
    assert weights[0] == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": []}, "0 rows and rate 0.1 came"),
        ({"rate": 0}, "rate 0 came"),
        ({"rate": float("nan")}, "rate nan came"),
        ({"passes": 0}, "passes must be a whole number of at least 1"),
        ({"batch": 0}, "batch must be a whole number of at least 1"),
    ],
)
def test_fit_refuses_in_sentences(changes, message):
    net, loss, rows = line_and_rows()
    with pytest.raises(CourseError, match=message):
        finetune.fit(net, loss, **{"rows": rows, "passes": 1, "batch": 2, "rate": 0.1} | changes)


def test_fit_wants_weights_to_train_and_a_loss_that_is_a_number():
    net, loss, rows = line_and_rows()
    with pytest.raises(CourseError, match="The loss should be a number, but it is nan in step 0"):
        finetune.fit(net, lambda *columns: loss(*columns) * float("nan"), rows, 1, 2, 0.1)
    net.weight.requires_grad_(False)
    with pytest.raises(CourseError, match="0 weights"):
        finetune.fit(net, loss, rows, 1, 2, 0.1)


def test_texts_and_prompts_come_in_pairs(lm):
    with pytest.raises(CourseError, match="2 came for 1 prompts"):
        finetune.log_probs(lm, finetune.encode(lm, PROMPTS[:1]), TEXTS)
    with pytest.raises(CourseError, match="0 came for 0"):
        finetune.log_probs(lm, [], [])


def test_denormal_numbers_come_back_as_they_were():
    with runtime.without_denormals():
        with pytest.raises(KeyError), runtime.without_denormals():
            raise KeyError
        assert sys.float_info.min / 2 == 0, "the inner one leaves the outer one alone"
    assert sys.float_info.min / 2 > 0
