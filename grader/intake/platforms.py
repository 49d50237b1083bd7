"""Who handed in which file, and for which lab: the layouts of folders and of what learning platforms export.

folder      STUDENT/NN_topic.ipynb, STUDENT/NN_topic/any.ipynb, NN_topic/STUDENT.ipynb, student_NN_topic.ipynb, or .zip
nbgrader    submitted/STUDENT/NN_topic/NN_topic.ipynb
Canvas      lastnamefirstname_[LATE_]USER_FILE_name[-N].ipynb; the student is lastnamefirstname_USER
Moodle      "First Last_PARTICIPANT_assignsubmission_file_/name.ipynb"; the student is "First Last_PARTICIPANT"
Gradescope  submission_ID/ and submission_metadata.yml; the student is the sid given there, else email, else name
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

import yaml

from grader.intake.archives import METADATA, Found

CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<user>\d+)_(?P<file>\d+)_")
MOODLE = re.compile(r"(?P<student>.+?_\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)", re.DOTALL)
GRADESCOPE = re.compile(r"submission_\d+")
ROOTS = {"submitted", "submission", "submissions"}
LONGEST_STUDENT = 80


@dataclass(frozen=True)
class Handed:
    """A file, who handed it in, and for which lab. assignment: None where nothing tells, "" for a lab not graded.

    order: greater for a later attempt.
    """

    student: str
    assignment: str | None
    found: Found
    order: float = 0.0


class Labs:
    """Finds the lab that a file or folder name means."""

    def __init__(self, names: Collection[str]):
        self.patterns = {
            name: re.compile(rf"(?<!\d){re.sub('[^a-z0-9]+', '[^a-z0-9]*', name.lower())}(?![a-z])", re.IGNORECASE)
            for name in sorted(names, key=len, reverse=True)
        }

    def named(self, text: str) -> tuple[str, str] | None:
        """The lab in `text`, and what stands before it; "" for a lab's further notebook, NN_topic_more."""
        for name, pattern in self.patterns.items():
            if match := pattern.search(text):
                is_more = re.match(r"[^a-z0-9]*more(?![a-z])", text[match.end() :], re.IGNORECASE)
                return ("" if is_more else name), text[: match.start()].strip(" _-.")
        return None

    def innermost(self, parts: tuple[str, ...]) -> str | None:
        """The lab that a file is for: its own name decides, then the folders from the nearest out."""
        return next((named[0] for part in reversed(parts) if (named := self.named(part))), None)


def handed(found: list[Found], labs: Labs, owner: str) -> Iterator[Handed]:
    """Each file with its student; once for each member of a group on Gradescope.

    owner: the student where neither folders nor the file's name tell one.
    """
    found = _without_root(found, labs)
    metadata = _metadata(found)
    for each in found:
        first = each.parts[0]
        if isinstance(metadata.get(first), dict):
            yield from _gradescope(each, metadata[first], labs)
        elif match := MOODLE.match(first):
            rest = (match["rest"], *each.parts[1:])
            yield Handed(_safe(match["student"]), labs.innermost(rest), each)
        elif match := _canvas(first, labs):
            rest = (first[match.end() :], *each.parts[1:])
            student = _safe(f"{match['name']}_{match['user']}")
            yield Handed(student, labs.innermost(rest), each, float(match["file"][:15]))
        elif student := _plain_student(each, labs, owner):
            yield Handed(_safe(student), labs.innermost(each.parts), each)


def _without_root(found: list[Found], labs: Labs) -> list[Found]:
    """The files with names below the folder that holds the students: an export's own folder is left out."""
    while found:
        roots = {each.parts[0] for each in found}
        (root, *others) = roots
        if others or any(len(each.parts) == 1 for each in found) or not _holds_students(root, found, labs):
            return found
        found = [replace(each, parts=each.parts[1:]) for each in found]
    return found


def _holds_students(root: str, found: list[Found], labs: Labs) -> bool:
    """Whether the one folder that everything lies in is the class, and not a student."""
    if MOODLE.match(root) or GRADESCOPE.fullmatch(root) or root.lower().endswith(".zip") or labs.named(root):
        return False
    below = {each.parts[1] for each in found if len(each.parts) > 2}
    exported = METADATA in {each.parts[1] for each in found} or any(
        MOODLE.match(part) or GRADESCOPE.fullmatch(part) for part in below
    )
    several = len([part for part in below if not labs.named(part)]) > 1
    return exported or several or root.lower() in ROOTS


def _metadata(found: list[Found]) -> dict[str, Any]:
    """Gradescope's list of submissions beside their folders; {} where there is none to read."""
    try:
        path = next(each.path for each in found if each.parts == (METADATA,) and not each.problem)
        listed = yaml.load(path.read_bytes(), _Lenient)
    except (StopIteration, ValueError, TypeError, OSError, yaml.YAMLError, RecursionError):
        return {}
    return listed if isinstance(listed, dict) else {}


class _Lenient(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Reads Gradescope's YAML, whose Ruby tags mean nothing here."""


def _untagged(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    return loader.construct_mapping(node) if isinstance(node, yaml.MappingNode) else None


_Lenient.add_multi_constructor("!ruby", _untagged)


def _gradescope(found: Found, record: dict[str, Any], labs: Labs) -> Iterator[Handed]:
    made = record.get(":created_at")
    try:
        order = made.timestamp()
    except (AttributeError, ValueError, OverflowError):
        order = 0.0
    for student in _submitters(record) or [found.parts[0]]:
        yield Handed(_safe(student), labs.innermost(found.parts[1:]), found, order)


def _submitters(record: dict[str, Any]) -> list[str]:
    listed = record.get(":submitters")
    people = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    names = [next((str(each[key]) for key in (":sid", ":email", ":name") if each.get(key)), "") for each in people]
    return list(dict.fromkeys(filter(None, names)))


def _canvas(name: str, labs: Labs) -> re.Match | None:
    """Canvas's prefix, but not the number of a lab taken for one, as in smith_12345_02_prompting.ipynb."""
    match, named = CANVAS.match(name), labs.named(name)
    return match if match and (not named or named[0] == "" or labs.named(name[match.end() :])) else None


def _plain_student(found: Found, labs: Labs, owner: str) -> str:
    """The first folder that is not a lab's, else what stands before the lab in the file's name, else that name."""
    *folders, name = found.parts
    for folder in folders:
        stem = folder[:-4] if folder.lower().endswith(".zip") else folder
        named = labs.named(stem)
        if not named or named[1]:
            return named[1] if named else stem
    if named := labs.named(name):
        return named[1] or owner
    return name.split(".")[0] if found.is_notebook or name.lower().endswith(".zip") else ""


def _safe(name: str) -> str:
    """A student's name that can name a file; one that had to be changed gets a mark, so that no two become one."""
    name = unicodedata.normalize("NFC", name).strip()
    safe = re.sub(r"[^\w .,'’@+-]", "_", name)[:LONGEST_STUDENT].strip(" .")
    safe = safe if safe[:1] not in ("", "-") else f"_{safe}"
    mark = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:6]
    return safe if safe == name else f"{safe}-{mark}"
