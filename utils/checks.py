"""Checks for exercises: plain values compared, and a sentence when they differ.

A check never asks the learner's object whether it is equal. Types are compared exactly first, at every level,
so an object with an operator that always agrees is named for what it is.

While grading, checks run in a process of their own, where an exercise's function is a call into another sandbox. So a
check gives it inputs and compares what comes back: thousands of calls are slow, and no object comes back that has no
plain form.
"""

import copy
import math
import reprlib
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass

import numpy as np

# Compared by `type(value) in`, never by isinstance: a class derived from one of these brings operators of its own.
PLAIN = (type(None), bool, int, float, complex, str, bytes)
# numpy's own scalars, which count as the Python value that they hold.
SCALARS = tuple({np.dtype(code).type for code in "?bBhHiIlLqQefd"})
NUMBERS = (int, float)


class Failed(AssertionError):
    """A check that did not hold. hint: what to look at, without the values compared. what: the subject of both."""

    def __init__(self, sentence: str, hint: str = "", what: str = ""):
        super().__init__(sentence)
        self.hint, self.what = hint, what


def equal(got, want, what: str, hint: str = "") -> None:
    """Stop unless `got` is the same plain value as `want`, types included.

    A scalar of numpy or PyTorch counts as the Python value that it holds: np.int64(2) is 2, and not 2.0.

    got, want: numbers, strings, None, lists, tuples, dicts, sets, dataclasses of these, arrays or tensors.
    what: what the value is, as the message's subject. hint: what to look at, as a sentence.
    Raises AssertionError with a sentence: what was expected, what came, the hint.
    """
    problem = _difference(got, want, "")
    if problem:
        raise Failed(_sentence(what, problem, hint), hint, what)


def close(got, want, what: str, atol: float = 1e-6, hint: str = "") -> None:
    """Stop unless every number in `got` lies within `atol` of the one in `want`.

    got, want: a number, an array or a tensor, or a list or tuple of these; integers and floats mix freely, scalars of
    numpy and PyTorch too.
    Raises AssertionError as `equal` does; nan is close to nothing.
    """
    problem = _distance(got, want, atol, "")
    if problem:
        raise Failed(_sentence(what, problem, hint), hint, what)


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
    raise Failed(_sentence(what, problem, hint), hint, what)


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


def refuses(function: Callable, cases: dict[str, tuple | list], error: type[Exception] = ValueError) -> None:
    """Stop unless the function raises `error` for each case. cases: its arguments, by words that name what is wrong.

    Raises AssertionError with a hint that names the case, so its words hold no number that a student should not see.

    >>> refuses(range, {"a step of 0": (1, 2, 0)})
    """
    for what, args in cases.items():
        name = error.__name__
        article = "an" if name[0] in "AEIOU" else "a"
        try:
            raises(error, function, *args, what=what)
        except Failed as failed:
            # The case stands in the hint: as its subject it would be told twice.
            raise Failed(str(failed), f"Raise {article} {name} for {what}.") from None


def answers(function: Callable, *args, what: str):
    """What the function returns for arguments that it must take, though a hasty one raises.

    what: the case in words, the subject of message and hint.
    Raises AssertionError with the kind of error that came instead.
    """
    try:
        return function(*args)
    except (Failed, NotImplementedError):  # of `untouched`, called through this one; of an exercise not written yet
        raise
    except Exception as came:
        hint = f"The exercise allows {what}, but the function raised {type(came).__name__}."
        raise Failed(_sentence(what, f"expected a result, got {_named(came)}", ""), hint) from came


def untouched(function: Callable, *args, hint: str = "Leave the arguments as they were: work on copies."):
    """What the function returns; stop when it changed one of its arguments, in whatever depth.

    It comes before the values are looked at: after a change in place, a second call gives another result, and its
    author would be told of a fault in the formula. The arguments hold no nan, which equals nothing.
    """
    before = copy.deepcopy(args)
    result = function(*args)
    for place, (now, then) in enumerate(zip(args, before, strict=True), start=1):
        comparable = isinstance(then, list | tuple | dict | set) or hasattr(type(then), "tolist")
        problem = _difference(now, then, "") if comparable else ""
        if problem:
            raise Failed(_sentence(f"argument {place} after the call", problem, hint), hint)
    return result


def typed(got, kind: type, what: str, hint: str = "") -> None:
    """Stop unless `got` is exactly of type `kind`, not of a type derived from it."""
    problem = _type_difference(got, kind, "")
    if problem:
        raise Failed(_sentence(what, problem, hint), hint, what)


def _difference(got, want, where: str) -> str:
    """The first difference as text, or "" when there is none."""
    if type(want) in PLAIN:
        got = _scalar(got)
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
    # Both ways: tensors are members by identity, so ten of them may hold one value.
    found = all(any(not _difference(g, w, "") for w in want) for g in got)
    found = found and all(any(not _difference(g, w, "") for g in got) for w in want)
    return "" if found and len(got) == len(want) else f"expected {_show(want)}{where}, got {_show(got)}"


def _dict_difference(got, want, where: str) -> str:
    problem = _set_difference(set(got), set(want), f"{where} as keys")
    found = (_difference(got[key], want[key], f"{where} at key {_show(key)}") for key in want)
    return problem or next(filter(None, found), "")


def _distance(got, want, atol: float, where: str) -> str:
    """The first pair of numbers further apart than `atol` as text, or ""."""
    got, want = _unpacked(got), _unpacked(want)
    if type(want) in (list, tuple):
        if type(got) not in (list, tuple):
            return f"expected {len(want)} numbers{where}, got {type(got).__name__} {_show(got)}"
        return _sequence_difference(got, want, where, lambda g, w, at: _distance(g, w, atol, at))
    if type(got) not in NUMBERS:
        return f"expected a number near {_show(want)}{where}, got {type(got).__name__} {_show(got)}"
    # Equal first: the distance of two infinities is nan.
    near = float(got) == float(want) or abs(float(got) - float(want)) <= atol
    return "" if near and not math.isnan(got) else f"expected {want:.6g} ± {atol:g}{where}, got {got:.6g}"


def _unpacked(value):
    """An array, a tensor or a scalar of theirs as Python's lists and numbers."""
    return value.tolist() if type(value) in (*SCALARS, *_array_types()) else value


def _scalar(value):
    """Python's own value for a scalar of numpy or PyTorch."""
    holds_one = type(value) in SCALARS or (type(value) in _array_types() and value.ndim == 0)
    return _unpacked(value) if holds_one else value


def _array_types() -> tuple[type, ...]:
    # Exact types: `tolist` of any other would be the learner's code, and could give what is wanted. PyTorch is not
    # imported for this: who passes one of its tensors has done so.
    torch = sys.modules.get("torch")
    return (np.ndarray, torch.Tensor, torch.nn.Parameter) if torch else (np.ndarray,)


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
