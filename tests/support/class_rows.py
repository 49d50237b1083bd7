"""Rows of an invented class for the example lab, as the grader would hand them over.

python class_rows.py URL LAB PREFIX COUNT writes the rows of COUNT students into a gradebook.
"""

import dataclasses
import sys
from pathlib import Path

import numpy as np

from grader import assignment
from grader.judging.fingerprint import fingerprint
from grader.records import CheckResult, Row
from grader.results import gradebook

LOOP = """
def mean(values):
    total, count = 0.0, {0}
    for value in values:
        if value is None or value != value:
            continue
        total = total + value
        count += 1
    return total / count if count else float(len(values))
"""
BUILT_IN = """
def mean(numbers):
    kept = [number for number in numbers if number is not None and number > {0}]
    if not kept:
        raise ValueError("expected numbers")
    return sum(sorted(kept)) / max(len(kept), 1)
"""
WHILE = """
def mean(xs):
    place = {0}
    result = []
    while place < len(xs) and isinstance(xs[place], float):
        result.append(xs[place] * 2)
        place += 1
    return result[-1] - result[0]
"""
# LOOP.format(0) under other names, with other comments and another layout.
RENAMED = """
def average(given):
    '''Mine.'''
    s, n = 0.0, 0   # sum and number

    for one in given:
        if (one is None or one != one): continue
        s = s + one
        n += 1
    return (s / n if n
            else float(len(given)))
"""
SOLUTIONS = (LOOP, BUILT_IN, WHILE)


def row(lab: assignment.Assignment, student: str, shares, **others) -> Row:
    """A row whose exercises have these shares of their points."""
    results = tuple(
        CheckResult(check.name, check.title, share * check.points, check.points, "" if share == 1 else "Think again.")
        for exercise, share in zip(lab.exercises, shares, strict=True)
        for check in exercise.checks
    )
    return dataclasses.replace(Row(student, lab.name, "0" * 64, results, seconds=2.0, peak_bytes=2**26), **others)


def many(lab: assignment.Assignment, count: int, seed: int = 0, prefix: str = "s") -> list[Row]:
    """A class in which the able solve more, with a slow, a broken and some repaired submissions."""
    rng = np.random.default_rng(seed)
    found = []
    for at in range(count):
        able = rng.normal()
        shares = [float(rng.normal() + able > hard) for hard in np.linspace(-1, 0.6, len(lab.exercises))]
        code = fingerprint(SOLUTIONS[at % 3].format(0 if at % 7 else 3))
        one = row(lab, f"{prefix}{at:04}", shares, seconds=float(rng.gamma(8, 0.3)))
        one = dataclasses.replace(one, fingerprints=tuple((exercise.name, code) for exercise in lab.exercises))
        found.append(_unusual(one, at))
    return found


def _unusual(one: Row, at: int) -> Row:
    if at % 17 == 5:
        return dataclasses.replace(one, repairs=("The check cell mean-check was missing and was put back.",))
    if at % 29 == 7:
        blank = tuple(dataclasses.replace(result, earned=0.0) for result in one.results)
        return dataclasses.replace(one, results=blank, problem="The file is no notebook.", fingerprints=())
    return dataclasses.replace(one, seconds=90.0) if at % 41 == 11 else one


if __name__ == "__main__":
    url, path, prefix, count = sys.argv[1:]
    lab = assignment.read(Path(path))
    refused = gradebook.write(many(lab, int(count), prefix=prefix), {lab.name: lab}, url)
    sys.exit("\n".join(refused) or 0)
