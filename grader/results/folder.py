"""The folder of results: whatever its name, and never inside what is graded."""

import os
from pathlib import Path

from sqlalchemy.engine import URL

from utils.errors import CourseError

# What a run writes there that a later run could take for submissions.
COPIES = ("collected", "autograded", "feedback", "moodle")


def prepare(out: Path, submissions: Path) -> None:
    """Make the folder. Raises CourseError where it cannot be one, or where results and submissions would mix."""
    try:
        if _is_within(out.resolve(), submissions):
            raise CourseError(
                f"--out should lie outside the submissions, but {name(out)!r} lies in {name(submissions)!r}, where it "
                "would be graded: name another folder."
            )
        for copies in (out / copy for copy in COPIES):
            if _is_within(submissions.resolve(), copies):
                raise CourseError(
                    f"The submissions should be those of students, but {name(submissions)!r} is what the grader wrote "
                    f"into {name(out)!r}: name another folder."
                )
        out.mkdir(parents=True, exist_ok=True)
    # RuntimeError: a link that leads to itself; ValueError: a null byte.
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CourseError(f"--out should name a folder that can be made, but {name(out)!r} gives: {reason}.") from None


def gradebook_url(out: Path) -> URL:
    """Of the gradebook in this folder. Not a text: "?" and "%" in the folder's name would mean something else there."""
    return URL.create("sqlite", database=str((out / "gradebook.db").resolve()))


def name(path: Path) -> str:
    """A path as it can be printed, also where it is no UTF-8."""
    return os.fsencode(path).decode(errors="replace")


def _is_within(path: Path, folder: Path) -> bool:
    """By what lies on the disk, not by names: there may be links, mounts, and names that differ in case alone."""
    return folder.is_dir() and any(each.exists() and each.samefile(folder) for each in (path, *path.parents))
