"""The learning rate over a training's steps: by hand, a rise of part of a step, and beyond the end."""

import math

import pytest
import torch

from utils.training.schedules import warmup_and_decay


def rates(peak, steps, warmup, decay, made):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    scheduler, found = warmup_and_decay(optimizer, steps, warmup, decay), []
    for _ in range(made):
        found += scheduler.get_last_lr()
        optimizer.step()
        scheduler.step()
    return found


def test_a_linear_schedule_by_hand():
    assert rates(2.0, 4, 2, "linear", 5) == pytest.approx([1.0, 1.5, 1.0, 0.5, 0.0])


def test_a_cosine_is_at_half_in_the_middle_and_zero_beyond_the_end():
    found = rates(1.0, 8, 0, "cosine", 10)
    assert found[:5:2] == pytest.approx([1.0, (1 + math.sqrt(0.5)) / 2, 0.5])
    assert found[8:] == pytest.approx([0, 0])


def test_a_rise_may_end_within_a_step():
    assert rates(1.0, 1000, 2.5, "linear", 4) == pytest.approx([0.4, 0.8 * 0.999, 0.998, 0.997])
