"""Ranks by turns: each collective's answer, what travels, and every way in which ranks fail to meet."""

import pytest
import torch

from utils import checks
from utils.systems import ranks


def run(worker, *collectives, world_size=3):
    return ranks.run(worker, lambda rank: (rank, torch.arange(3.0) + 10 * rank), world_size, *collectives)


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("all_reduce", [[30.0, 33.0, 36.0]] * 3),
        ("reduce_scatter", [[30.0], [33.0], [36.0]]),
        ("all_gather", [[0.0, 1.0, 2.0, 10.0, 11.0, 12.0, 20.0, 21.0, 22.0]] * 3),
    ],
)
def test_each_collective_answers(name, answers):
    ran = run(lambda rank, mine, **given: given[name](mine).tolist(), name)
    assert list(ran.values) == answers
    assert ran.calls == (ranks.Call(name, 3),)


def test_calls_follow_each_other():
    def worker(rank, mine, reduce_scatter, all_gather):
        return all_gather(2 * reduce_scatter(mine)).tolist()

    ran = run(worker, "reduce_scatter", "all_gather")
    assert list(ran.values) == [[60.0, 66.0, 72.0]] * 3
    assert ran.calls == (ranks.Call("reduce_scatter", 3), ranks.Call("all_gather", 1))


def test_a_worker_without_a_call_runs_once():
    seen = []
    ran = run(lambda rank, mine, all_reduce: seen.append(rank), "all_reduce")
    assert (seen, ran.calls) == ([0, 1, 2], ())


def test_what_a_rank_changes_later_has_not_travelled():
    def worker(rank, mine, all_reduce):
        total = all_reduce(mine)
        mine += 100
        total += 100
        return all_reduce(mine).tolist()

    assert run(worker, "all_reduce").values[0] == [330.0, 333.0, 336.0]


def swallows(rank, mine, all_reduce):
    try:
        return all_reduce(mine).tolist()
    except Exception:
        return all_reduce(mine).tolist()


def test_a_worker_that_catches_everything_gets_no_other_answer():
    assert run(swallows, "all_reduce").values[0] == [30.0, 33.0, 36.0]


FAULTS = {
    "one rank calls nothing": (lambda rank, mine, all_reduce: rank or all_reduce(mine), "has returned"),
    "other lengths": (lambda rank, mine, all_reduce: all_reduce(mine[rank:]), "unlike calls"),
    "one call more": (
        lambda rank, mine, all_reduce: [all_reduce(mine) for _ in range(1 + (rank == 2))],
        "has returned",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_ranks_that_do_not_meet(fault):
    worker, words = FAULTS[fault]
    with pytest.raises(checks.Failed, match=words):
        run(worker, "all_reduce")


def test_entries_that_the_ranks_do_not_divide():
    with pytest.raises(checks.Failed, match="do not divide"):
        run(lambda rank, mine, reduce_scatter: reduce_scatter(mine), "reduce_scatter", world_size=2)


@pytest.mark.parametrize("tensor", [torch.ones(2, 2), torch.tensor(1.0), torch.ones(0), [1.0]])
def test_what_is_no_vector_is_refused_where_it_is_sent(tensor):
    with pytest.raises(ValueError, match="takes a vector"):
        run(lambda rank, mine, all_reduce: all_reduce(tensor), "all_reduce")


def test_what_a_worker_raises_by_itself_comes_out():
    def worker(rank, mine, all_reduce):
        all_reduce(mine)
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        run(worker, "all_reduce")
