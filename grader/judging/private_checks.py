"""Checks of an instructor's own, from a folder outside the repository: NN_topic/<exercise>.py.

Each file is a check cell: asserts on the exercise's function. `rng`, a random.Random, is seeded from a secret and the
student's name, so that inputs vary from student to student and nobody can learn them from a neighbour. An exercise
whose own checks hold and whose private one does not loses the points of its last check.
"""

import hashlib
import hmac
from pathlib import Path

from grader.assignment import Assignment
from utils.errors import CourseError


def read(folder: str, assignment: Assignment) -> dict[str, str]:
    """Source by exercise name. Raises CourseError for a folder that is not there, or a file that names no exercise."""
    if not folder:
        return {}
    if not Path(folder).is_dir():
        raise CourseError(f"The private checks should be in a folder, but {folder!r} is none: correct --private.")
    sources = {path.stem: path.read_text(encoding="utf-8") for path in Path(folder, assignment.name).glob("*.py")}
    # Only this lab's folder is read: another lab may have an exercise of the same name.
    exercises = {exercise.name for exercise in assignment.exercises}
    # A misspelt file would never run, and nobody would notice.
    for name in sorted(set(sources) - exercises):
        raise CourseError(f"{name}.py should be named after one of {', '.join(sorted(exercises))}: rename it.")
    return sources


def seed(secret: str, student: str, exercise: str) -> str:
    """Of the inputs' generator, in hexadecimal digits: the same for the same student and secret, and for nobody else.

    An HMAC, since a student knows the own name: without the secret the seed, and so the inputs, cannot be computed.
    """
    return hmac.digest(secret.encode(), f"{student}\n{exercise}".encode(), hashlib.sha256).hex()
