"""One submission for each student and lab, from a folder, nbgrader's tree, or what a learning platform exports."""

import hashlib
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from grader import assignment
from grader.intake import archives, platforms
from grader.intake.archives import SourceFile
from grader.intake.platforms import Upload
from grader.records import Submission
from utils.errors import CourseError

TRACES = (archives.ONLY_JUNK, archives.EMPTY_FOLDER)


def collect(source: Path, folder: Path, assignments: Collection[str] | None = None) -> list[Submission]:
    """The submissions in `source`, sorted; a file that cannot be used yields one that says why.

    Layouts: see grader.intake.platforms. A student's latest attempt counts; where no order of attempts is known, the
    file with the lab's own name, then the newest; a note names files that differ from the one taken.

    folder: where files from zips are written. assignments: names to look for; None takes every graded lab.
    Raises CourseError for a source that is no folder and no zip, or in which no submission is found.
    """
    source, graded = Path(source), assignment.graded_names()
    selected = set(graded if assignments is None else assignments)
    # All graded labs, also those not selected: a file of another lab must be known for one, to be left out.
    labs = platforms.LabNames(selected.union(graded))
    try:
        files = list(archives.files(source, Path(folder)))
    except CourseError:
        raise
    # zipfile raises BadZipFile, struct.error, NotImplementedError, EOFError and more on a file that is damaged.
    except Exception:
        raise CourseError(f"The zip {source.name!r} should be whole, but is damaged: export it again.") from None
    uploads = list(platforms.uploads(files, labs, source.stem))
    groups = defaultdict(list)
    for upload in _of_labs((upload for upload in uploads if upload.student), selected):
        groups[upload.student, upload.assignment].append(upload)
    if not groups:
        raise CourseError(f"{source.name!r} should hold submitted notebooks, but none was found: name another source.")
    _say_left_out([upload.file for upload in uploads if not upload.student])
    return [_submission(*key, groups[key]) for key in sorted(groups)]


def _say_left_out(files: list[SourceFile]) -> None:
    """Name files beside the submissions that are nobody's: one of them may be somebody's after all."""
    names = sorted(
        {file.parts[-1] for file in files if file.problem not in TRACES and file.parts[-1] not in platforms.LISTS}
    )
    if names:
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        shown = ", ".join(repr(name[:60]) for name in names[:10])
        print(f"Left out, since nothing tells whose they are: {shown}{more}.", file=sys.stderr)


def _of_labs(uploads: Iterable[Upload], selected: set[str]) -> Iterator[Upload]:
    """The files for the selected labs.

    A file that tells no lab stands for a student without any other, and for the one lab that all others are for.
    """
    uploads = [upload for upload in uploads if upload.file.parts[-1] != archives.METADATA]
    with_lab = [upload for upload in uploads if upload.assignment in selected]
    labs = {upload.assignment for upload in with_lab} or selected
    # With several labs it would be a guess; "" then gets the student a row that says so, instead of none.
    assumed_lab = (*labs,)[0] if len(labs) == 1 else ""
    students_with_lab = {upload.student for upload in with_lab}
    yield from with_lab
    yield from (
        replace(upload, assignment=assumed_lab)
        for upload in uploads
        if upload.assignment is None and upload.student not in students_with_lab
    )


def _submission(student: str, name: str, uploads: list[Upload]) -> Submission:
    """What is graded of a student's files for one lab."""
    candidates = [
        (replace(upload, file=file), digest) for upload in uploads for file, digest in [_with_digest(upload.file)]
    ]
    candidates.sort(key=lambda candidate: _preference(candidate[0], name), reverse=True)
    (best, digest), others = candidates[0], {}
    # By content: the same notebook handed in twice is nothing to tell.
    for upload, other_digest in candidates[1:]:
        if other_digest != digest and upload.file.is_notebook:
            others.setdefault(other_digest, _quoted_name(upload.file))
    notes, problem = (), best.file.problem
    if others:
        names = ", ".join(list(others.values())[:3])
        notes = (
            f"{len(others) + 1} different notebooks were handed in; {_quoted_name(best.file)} was taken, not {names}.",
        )
    if not problem and not name:
        problem = f"The name {_quoted_name(best.file)} tells no lab: name the file NN_topic.ipynb after its lab."
    return Submission(student, name, best.file.path, digest, problem, notes, best.late, best.platform, best.platform_id)


def _preference(upload: Upload, name: str) -> tuple:
    """The greatest is graded."""
    file = upload.file
    stem = file.parts[-1].split(".")[0]
    # A file that can be used comes first: a broken second try must not cost the good first one. Then the platform's own
    # order, which no student can set. The date comes late, since copying and unzipping change it; the name makes the
    # choice the same on every machine.
    return not file.problem, file.is_notebook, upload.order, stem == name, file.modified, file.parts


def _quoted_name(file: SourceFile) -> str:
    return repr(file.parts[-1][:60])


def _with_digest(file: SourceFile) -> tuple[SourceFile, str]:
    """The file and the digest of its bytes; of the reason and the size where there are none to use."""
    if not file.problem:
        try:
            with file.path.open("rb") as opened:
                return file, hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError:
            file = replace(file, problem="The file could not be opened: hand it in again.")
    # Still a digest that changes when something better is handed in, or the journal would keep the old row.
    return file, hashlib.sha256(f"{file.problem} {file.size_bytes}".encode()).hexdigest()
