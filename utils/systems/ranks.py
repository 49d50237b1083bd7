"""One function as every rank of a group, in one process: for exercises, and wherever no process can be started.

The ranks take turns. Each runs until it calls a collective, whose answer needs the others; there it is broken off. When
all have come to one, the answer is known, and all start anew: a rank computes as before, gets the answer this time, and
goes on to its next collective. So nothing travels but what a rank gives to a collective, and N ranks with C collectives
take N (C + 1) runs. The function must do the same each time it is called.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from utils.checks import Failed

# What each rank gets, from all ranks' tensors in order of rank.
COLLECTIVES: dict[str, Callable[[list[torch.Tensor]], list[torch.Tensor]]] = {
    "all_reduce": lambda given: [sum(given)] * len(given),
    "all_gather": lambda given: [torch.cat(given)] * len(given),
    "reduce_scatter": lambda given: list(sum(given).chunk(len(given))),
}


@dataclass(frozen=True)
class Call:
    """A collective that all ranks called together. entries: of the tensor that each rank gave."""

    name: str
    entries: int


@dataclass(frozen=True)
class Run:
    """values: what each rank returned. calls: the collectives, in order."""

    values: tuple
    calls: tuple[Call, ...]


class Waiting(Exception):
    """Breaks a rank off at a collective whose answer is not known yet."""


class Rank:
    """One rank's way through the function. answers: of the collectives so far; given: what it gave to each."""

    def __init__(self, answers: Sequence[torch.Tensor]):
        self.answers, self.given = answers, []

    def collective(self, name: str) -> Callable[[torch.Tensor], torch.Tensor]:
        """The function that the worker calls."""

        def call(tensor: torch.Tensor) -> torch.Tensor:
            if len(self.given) > len(self.answers):  # it went on although it was broken off
                raise Waiting("a collective waits for the other ranks")
            if not isinstance(tensor, torch.Tensor) or tensor.ndim != 1 or not len(tensor):
                raise ValueError(f"{name} takes a vector with at least one entry, but {tensor!r} came")
            self.given.append((name, tensor.detach().clone()))
            if len(self.given) > len(self.answers):
                raise Waiting("a collective waits for the other ranks")
            return self.answers[len(self.given) - 1].clone()

        return call

    @property
    def waits(self) -> bool:
        """Whether it was broken off."""
        return len(self.given) > len(self.answers)


def run(
    worker: Callable, arguments: Callable[[int], tuple], world_size: int, *collectives: str, **settings: object
) -> Run:
    """What each of `world_size` ranks returns.

    arguments: of a rank, made anew each time. collectives: names in COLLECTIVES; the worker gets a function for each as
    an argument of that name. Each takes a vector and returns one: `all_reduce` the sum over the ranks, `reduce_scatter`
    this rank's chunk of the sum, `all_gather` the ranks' vectors joined. settings: further arguments, the same for all.
    Raises what the worker raises, and AssertionError where ranks do not make the same calls.

    >>> run(lambda mine, all_reduce: all_reduce(mine).item(), lambda rank: (torch.ones(1) * rank,), 3, "all_reduce")
    Run(values=(3.0, 3.0, 3.0), calls=(Call(name='all_reduce', entries=1),))
    """
    answers: list[list[torch.Tensor]] = [[] for _ in range(world_size)]
    calls: list[Call] = []
    while True:
        ranks = [Rank(mine) for mine in answers]
        values = [_turn(worker, rank, arguments(number), collectives, settings) for number, rank in enumerate(ranks)]
        if not any(rank.waits for rank in ranks):
            return Run(tuple(values), tuple(calls))
        given = [_next(number, rank) for number, rank in enumerate(ranks)]
        calls.append(_together(given, world_size))
        for mine, answer in zip(answers, COLLECTIVES[calls[-1].name]([tensor for _, tensor in given]), strict=True):
            mine.append(answer)


def _turn(worker: Callable, rank: Rank, arguments: tuple, collectives: Sequence[str], settings: dict):
    try:
        return worker(*arguments, **{name: rank.collective(name) for name in collectives}, **settings)
    except Exception:
        # In the grader it comes back from another process as another class. What counts is that the rank waits.
        if not rank.waits:
            raise
        return None


def _next(number: int, rank: Rank) -> tuple[str, torch.Tensor]:
    """The collective that a rank has come to."""
    if not rank.waits:
        raise Failed(
            f"Rank {number} has returned, and others wait for it in a collective.",
            "Every rank must make the same calls, in the same order.",
            "the ranks' calls",
        )
    return rank.given[-1]


def _together(given: Sequence[tuple[str, torch.Tensor]], world_size: int) -> Call:
    kinds = {(name, len(tensor)) for name, tensor in given}
    if len(kinds) > 1:
        told = "; ".join(f"rank {rank}: {name} of {len(tensor)}" for rank, (name, tensor) in enumerate(given))
        raise Failed(
            f"The ranks meet in unlike calls: {told}.",
            "Every rank must make the same calls, in the same order, with tensors of one length.",
            "the ranks' calls",
        )
    name, entries = kinds.pop()
    if name == "reduce_scatter" and entries % world_size:
        raise Failed(
            f"reduce_scatter got {entries} entries, which {world_size} ranks do not divide.",
            "Give reduce_scatter the whole vector.",
            "the ranks' calls",
        )
    return Call(name, entries)
