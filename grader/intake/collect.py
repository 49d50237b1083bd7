"""One submission for each student and lab, from a folder, nbgrader's tree, or what a learning platform exports."""

import hashlib
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from grader import assignment
from grader.intake import archives, platforms
from grader.intake.archives import Found
from grader.intake.platforms import Handed
from grader.records import Submission
from utils.errors import CourseError

JUNK = {"__MACOSX", "__pycache__", "timestamp.txt", "Thumbs.db", "desktop.ini"}


def collect(source: Path, folder: Path, assignments: Collection[str] | None = None) -> list[Submission]:
    """The submissions in `source`, sorted; a file that cannot be used yields one that says why.

    Layouts: see grader.intake.platforms. A student's latest attempt counts; where no order of attempts is known, the
    file with the lab's own name, then the newest; a note names files that differ from the one taken.

    folder: where files from zips are written. assignments: names to look for; None takes every graded lab.
    Raises CourseError for a source that is no folder and no zip, or in which no submission is found.
    """
    source, graded = Path(source), assignment.graded_names()
    wanted = set(graded if assignments is None else assignments)
    labs = platforms.Labs(wanted.union(graded))
    try:
        found = [each for each in archives.files(source, Path(folder)) if not _is_junk(each.parts)]
    except (zipfile.BadZipFile, NotImplementedError, EOFError):
        raise CourseError(f"The zip {source.name!r} should be whole, but is damaged: export it again.") from None
    groups = defaultdict(list)
    for each in _for_labs(platforms.handed(found, labs, source.stem), wanted):
        groups[each.student, each.assignment].append(each)
    if not groups:
        raise CourseError(f"{source.name!r} should hold submitted notebooks, but none was found: name another source.")
    return [_chosen(*key, groups[key]) for key in sorted(groups)]


def _is_junk(parts: tuple[str, ...]) -> bool:
    return any(part in JUNK or part.startswith(".") for part in parts)


def _for_labs(handed: Iterable[Handed], wanted: set[str]) -> Iterator[Handed]:
    """The files for wanted labs.

    A file that tells no lab stands for a student without any other, and for the one lab that all others are for.
    """
    handed = [each for each in handed if each.found.parts[-1] != archives.METADATA]
    told = [each for each in handed if each.assignment in wanted]
    labs = {each.assignment for each in told} or wanted
    only, done = (*labs,)[0] if len(labs) == 1 else "", {each.student for each in told}
    yield from told
    yield from (
        replace(each, assignment=only) for each in handed if each.assignment is None and each.student not in done
    )


def _chosen(student: str, name: str, handed: list[Handed]) -> Submission:
    """What is graded of a student's files for one lab."""
    files = [(replace(each, found=found), digest) for each in handed for found, digest in [_digested(each.found)]]
    files.sort(key=lambda file: _rank(file[0], name), reverse=True)
    (best, digest), others = files[0], {}
    for each, other in files[1:]:
        if other != digest and each.found.is_notebook:
            others.setdefault(other, _shown(each.found))
    notes, problem = (), best.found.problem
    if others:
        listed = ", ".join(list(others.values())[:3])
        notes = (
            f"{len(others) + 1} different notebooks were handed in; {_shown(best.found)} was taken, not {listed}.",
        )
    if not problem and not name:
        problem = f"The name {_shown(best.found)} tells no lab: name the file NN_topic.ipynb after its lab."
    return Submission(student, name, best.found.path, digest, problem, notes)


def _rank(each: Handed, name: str) -> tuple:
    found = each.found
    stem = found.parts[-1].split(".")[0]
    return not found.problem, found.is_notebook, each.order, stem == name, found.modified, found.parts


def _shown(found: Found) -> str:
    return repr(found.parts[-1][:60])


def _digested(found: Found) -> tuple[Found, str]:
    """The file and the digest of its bytes; of the reason and the size where there are none to use."""
    if not found.problem:
        try:
            with found.path.open("rb") as file:
                return found, hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            found = replace(found, problem="The file could not be opened: hand it in again.")
    return found, hashlib.sha256(f"{found.problem} {found.size_bytes}".encode()).hexdigest()
