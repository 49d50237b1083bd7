"""Parity: strings kept apart, sequences by hand, and what is read from a network whose writing is known."""

import pytest
import torch

from utils.errors import CourseError
from utils.training import parity


@pytest.mark.parametrize("length", [1, 3, 4, 7, 10])
def test_new_strings_are_not_trained_on_and_half_of_them_are_odd(length):
    seen, new = (parity.strings(length, held_out) for held_out in (False, True))
    together = {tuple(bits) for part in (seen, new) for bits in part.tolist()}
    assert len(together) == 2**length
    if length > 3:
        assert len(seen) + len(new) == 2**length
        assert len(new) == 2**length // 4
    assert (new.sum(1) % 2).float().mean() == (seen.sum(1) % 2).float().mean() == 0.5


def test_each_kind_by_hand():
    bits = torch.tensor([[1, 1, 1]])
    spelled = {kind: parity.spell(parity.rows(bits, kind)[0]) for kind in parity.KINDS}
    assert spelled == {
        "at once": "111_________?1!",
        "dots": "111_________?..1!",
        "steps": "111_________?101!",
    }
    with pytest.raises(CourseError, match="kind"):
        parity.rows(bits, "slowly")


class Scripted(torch.nn.Module):
    """Writes the same tokens after every prompt."""

    def __init__(self, script: str):
        super().__init__()
        self.script = script

    def forward(self, ids):
        written = ids.shape[1] - parity.FRAME - 1
        token = self.script[min(written, len(self.script) - 1)]
        logits = torch.full((*ids.shape, len(parity.SYMBOLS)), -100.0)
        logits[..., parity.SYMBOLS.index(token)] = 100.0
        return logits


@pytest.mark.parametrize(("script", "answer"), [("01!", 1), ("0!1!", 0), ("!", -1), ("1", -1), ("1.!", -1)])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_answer_is_the_bit_before_the_first_end(script, answer, temperature):
    bits = torch.tensor([[1, 0], [1, 1]])
    assert parity.answers(Scripted(script), "steps", bits, temperature).tolist() == [answer] * 2


def test_training_is_seeded_and_writes_what_is_asked():
    one, other = (parity.train("steps", seed=3, steps=4) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert 0 <= parity.accuracy(one, "steps", 4) <= 1
