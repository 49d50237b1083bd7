"""Checks for exercises: plain values compared, and a sentence when they differ.

A check never asks the learner's object whether it is equal. Types are compared exactly first, at every level,
so an object with an operator that always agrees is named for what it is.

Checks run in the grader's trusted process, where an exercise's function is a call into the sandbox. So a check gives it
inputs and compares what comes back: thousands of calls are slow, and no object comes back that has no plain form.
"""

import math
import reprlib
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass

import numpy as np

# Compared by `type(value) in`, never by isinstance: a class derived from one of these brings operators of its own.
PLAIN = (type(None), bool, int, float, complex, str, bytes)
NUMBERS = (int, float, np.float64, np.float32, np.float16, np.int64, np.int32)


class Failed(AssertionError):
    """A check that did not hold. hint: what to look at, without the values compared."""

    def __init__(self, sentence: str, hint: str = ""):
        super().__init__(sentence)
        self.hint = hint


def equal(got, want, what: str, hint: str = "") -> None:
    """Stop unless `got` is the same plain value as `want`, types included.

    got, want: numbers, strings, None, lists, tuples, dicts, sets, dataclasses of these, arrays or tensors.
    what: what the value is, as the message's subject. hint: what to look at, as a sentence.
    Raises AssertionError with a sentence: what was expected, what came, the hint.
    """
    problem = _difference(got, want, "")
    if problem:
        raise Failed(_sentence(what, problem, hint), hint)


def close(got, want, what: str, atol: float = 1e-6, hint: str = "") -> None:
    """Stop unless every number in `got` lies within `atol` of the one in `want`.

    got, want: a number, a list or tuple of numbers, an array or a tensor; integers and floats mix freely.
    Raises AssertionError as `equal` does; nan is close to nothing.
    """
    problem = _distance(_unpacked(got, want), _unpacked(want, want), atol, "")
    if problem:
        raise Failed(_sentence(what, problem, hint), hint)


def raises(error: type[Exception], function: Callable, *args, what: str, hint: str = "") -> None:
    """Stop unless `function(*args)` raises `error`.

    Raises AssertionError naming the error that came instead, or the value returned.
    """
    try:
        got = function(*args)
    except error:
        return
    except Exception as other:
        problem = f"expected a {error.__name__}, got {_named(other)}"
    else:
        problem = f"expected a {error.__name__}, got the value {_show(got)}"
    raise Failed(_sentence(what, problem, hint), hint)


@contextmanager
def breaks(error: type[Exception], part: str = "") -> Iterator[None]:
    """Show the error that the block raises, and go on; stop when no error comes, or another one.

    error: the type that should come, or one that it derives from. part: words that stand in its message.
    Prints the line of the block that raised, and the error with its message.
    Raises AssertionError, with what was expected and what came.

    >>> with breaks(ZeroDivisionError, "by zero"):
    ...     1 / 0
    line 2: 1 / 0
    ZeroDivisionError: division by zero
    """
    wanted = f"a {error.__name__}" + (f" that says {part!r}" if part else "")
    advice = "run the cells above in order, then compare this one with the course's"
    try:
        yield
    except Exception as came:
        if not isinstance(came, error) or part not in str(came):
            raise Failed(f"The block should raise {wanted}, but {_named(came)} came: {advice}.") from came
        # The first frame is this generator's, into which contextlib throws the error; the second is the block's.
        place = traceback.extract_tb(came.__traceback__)[1]
        print(f"line {place.lineno}: {place.line}", _named(came), sep="\n")
    else:
        raise Failed(f"The block should raise {wanted}, but it ran to its end: {advice}.")


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip()


def typed(got, kind: type, what: str, hint: str = "") -> None:
    """Stop unless `got` is exactly of type `kind`, not of a type derived from it."""
    problem = _type_difference(got, kind, "")
    if problem:
        raise Failed(_sentence(what, problem, hint), hint)


def _difference(got, want, where: str) -> str:
    """The first difference as text, or "" when there is none."""
    problem = _type_difference(got, type(want), where, want)
    if problem:
        return problem
    if type(want) in PLAIN:
        same = got == want
        return "" if same else f"expected {_show(want)}{where}, got {_show(got)}"
    if type(want) in (list, tuple):
        return _sequence_difference(got, want, where, _difference)
    if type(want) is dict:
        return _dict_difference(got, want, where)
    if type(want) in (set, frozenset):
        return _set_difference(got, want, where)
    if is_dataclass(want):
        pairs = ((getattr(got, f.name), getattr(want, f.name), f"{where} in .{f.name}") for f in fields(want))
        return next(filter(None, (_difference(*pair) for pair in pairs)), "")
    if hasattr(type(want), "tolist"):
        return _difference(got.tolist(), want.tolist(), where)
    raise TypeError(f"equal compares plain values, not {type(want).__name__}")


def _type_difference(got, kind: type, where: str, want=None) -> str:
    if type(got) is kind:
        return ""
    value = f"{_show(want)}, " if want is not None else ""
    return f"expected {value}a value of type {kind.__name__}{where}, got {type(got).__name__} {_show(got)}"


def _sequence_difference(got, want, where: str, compare: Callable) -> str:
    if len(got) != len(want):
        return f"expected {len(want)} items{where}, {_show(want)}, got {len(got)}, {_show(got)}"
    found = (compare(g, w, f"{where} at index {i}") for i, (g, w) in enumerate(zip(got, want, strict=True)))
    return next(filter(None, found), "")


def _set_difference(got, want, where: str) -> str:
    # `got == want` would trust the members' own __hash__ and __eq__, so each one is compared as a value, types first.
    found = all(any(not _difference(g, w, "") for w in want) for g in got)
    return "" if found and len(got) == len(want) else f"expected {_show(want)}{where}, got {_show(got)}"


def _dict_difference(got, want, where: str) -> str:
    problem = _set_difference(set(got), set(want), f"{where} as keys")
    found = (_difference(got[key], want[key], f"{where} at key {_show(key)}") for key in want)
    return problem or next(filter(None, found), "")


def _distance(got, want, atol: float, where: str) -> str:
    """The first pair of numbers further apart than `atol` as text, or ""."""
    if type(want) in (list, tuple):
        if type(got) not in (list, tuple):
            return f"expected {len(want)} numbers{where}, got {type(got).__name__} {_show(got)}"
        return _sequence_difference(got, want, where, lambda g, w, at: _distance(g, w, atol, at))
    if type(got) not in NUMBERS:
        return f"expected a number near {_show(want)}{where}, got {type(got).__name__} {_show(got)}"
    # Equal first: the distance of two infinities is nan.
    near = float(got) == float(want) or abs(float(got) - float(want)) <= atol
    return "" if near and not math.isnan(got) else f"expected {want:.6g} ± {atol:g}{where}, got {got:.6g}"


def _unpacked(value, want):
    """An array or tensor as nested lists, when it has exactly the type of `want` or of numpy's array."""
    # `tolist` of any other type would be the learner's code, and could give what is wanted.
    known = type(value) is np.ndarray or (type(value) is type(want) and hasattr(type(want), "tolist"))
    return value.tolist() if known else value


def _show(value) -> str:
    try:  # the learner's __repr__ may raise
        return _SHORT.repr(value)
    except Exception:
        return f"<{type(value).__name__} that cannot be printed>"


def _sentence(what: str, problem: str, hint: str) -> str:
    return f"{what}: {problem}." + (f" {hint}" if hint else "")


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 160
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = 8
