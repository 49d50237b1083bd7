"""Who handed in which file, and for which lab: the layouts of folders and of what learning platforms export.

folder      STUDENT/NN_topic.ipynb, STUDENT/NN_topic/any.ipynb, NN_topic/STUDENT.ipynb, student_NN_topic.ipynb, or .zip
nbgrader    submitted/STUDENT/NN_topic/NN_topic.ipynb
Canvas      lastnamefirstname_[LATE_]USER_FILE_name[-N].ipynb; the student is lastnamefirstname_USER
Moodle      "First Last_PARTICIPANT_assignsubmission_file_/name.ipynb"; the student is "First Last_PARTICIPANT"
Gradescope  submission_ID/ and submission_metadata.yml; the student is the sid given there, else email, else name

Source: canvas-lms, lib/content_zipper.rb (get_filename, add_upload_submission, sanitize_user_name); moodle,
mod/assign/classes/downloader.php and, in older versions, mod/assign/locallib.php. Gradescope's program is not public:
its layout is learned from the tools of other courses that read its exports.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

import yaml

from grader.intake.archives import METADATA, SourceFile

# sortable_name in lower case without its punctuation, so "Doe, Jane" is doejane; then, for a late one, LATE; the user's
# number; the uploaded file's. Canvas itself finds these numbers by _digits_, and therefore takes them out of names.
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<user>\d+)_(?P<file>\d+)_")
# The full name with spaces for its underscores, so the first _digits end it: the participant's number, which holds in
# this assignment alone. Behind the plugin's name, file or onlinetext, stands "_/" for a folder, or "_" and a file name.
MOODLE = re.compile(r"(?P<student>.+?_\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)", re.DOTALL)
GRADESCOPE = re.compile(r"submission_\d+")
ROOT_NAMES = {"submitted", "submission", "submissions"}
MAX_STUDENT_LENGTH = 80


@dataclass(frozen=True)
class Upload:
    """A file, who handed it in, and for which lab. assignment: None where nothing tells, "" for a lab not graded.

    order: greater for a later attempt; 0 where the platform does not tell.
    """

    student: str
    assignment: str | None
    file: SourceFile
    order: float = 0.0


class LabNames:
    """Finds the lab that a file or folder name means."""

    def __init__(self, names: Collection[str]):
        # The longest name first, or 02_prompting would be found in a lab 02_prompting_images. Between its words spaces
        # and signs may stand, or nothing: "Lab 02 - Prompting (1)", "lab02prompting". A digit before the name would
        # make it lab 102, a letter after it another word.
        self.patterns = {
            name: re.compile(rf"(?<!\d){re.sub('[^a-z0-9]+', '[^a-z0-9]*', name.lower())}(?![a-z])", re.IGNORECASE)
            for name in sorted(names, key=len, reverse=True)
        }

    def find(self, text: str) -> tuple[str, str] | None:
        """The lab in `text`, and what stands before it; "" for a lab's further notebook, NN_topic_more."""
        for name, pattern in self.patterns.items():
            if match := pattern.search(text):
                is_more = re.match(r"[^a-z0-9]*more(?![a-z])", text[match.end() :], re.IGNORECASE)
                return ("" if is_more else name), text[: match.start()].strip(" _-.")
        return None

    def find_innermost(self, parts: tuple[str, ...]) -> str | None:
        """The lab that a file is for: its own name decides, then the folders from the nearest out."""
        return next((match[0] for part in reversed(parts) if (match := self.find(part))), None)


def uploads(files: list[SourceFile], labs: LabNames, default_student: str) -> Iterator[Upload]:
    """Each file with its student; once for each member of a group on Gradescope.

    default_student: where neither folders nor the file's name tell one.
    """
    files = _below_root(files, labs)
    metadata = _gradescope_metadata(files)
    for file in files:
        # An export's outermost name tells who it is. What lies inside, a student's own zip included, was named by
        # students, and could claim to be another's.
        top, *inner = file.parts
        if isinstance(metadata.get(top), dict):
            yield from _gradescope_uploads(file, metadata[top], labs)
        elif match := MOODLE.match(top):
            lab = labs.find_innermost((match["rest"], *inner))
            yield Upload(_file_safe(match["student"]), lab, file)
        elif match := _match_canvas(top, labs):
            lab = labs.find_innermost((top[match.end() :], *inner))
            student = _file_safe(f"{match['name']}_{match['user']}")
            # Canvas numbers files as they come: the greatest is the last. At most 15 digits are exact in a float.
            yield Upload(student, lab, file, float(match["file"][:15]))
        elif student := _plain_student(file, labs, default_student):
            yield Upload(_file_safe(student), labs.find_innermost(file.parts), file)


def _below_root(files: list[SourceFile], labs: LabNames) -> list[SourceFile]:
    """The files with names below the folder that holds the students: an export's own folder is left out."""
    while files:
        roots = {file.parts[0] for file in files}
        (root, *other_roots) = roots
        if other_roots or any(len(file.parts) == 1 for file in files) or not _holds_students(root, files, labs):
            return files
        files = [replace(file, parts=file.parts[1:]) for file in files]
    return files


def _holds_students(root: str, files: list[SourceFile], labs: LabNames) -> bool:
    """Whether the one folder that everything lies in is the class, and not a student."""
    # A class of one: its only student's folder must not be taken for the class.
    if MOODLE.match(root) or GRADESCOPE.fullmatch(root) or root.lower().endswith(".zip") or labs.find(root):
        return False
    subfolders = {file.parts[1] for file in files if len(file.parts) > 2}
    is_export = METADATA in {file.parts[1] for file in files} or any(
        MOODLE.match(name) or GRADESCOPE.fullmatch(name) for name in subfolders
    )
    # Folders of labs are a student's; two others are two students.
    has_several_students = len([name for name in subfolders if not labs.find(name)]) > 1
    return is_export or has_several_students or root.lower() in ROOT_NAMES


def _gradescope_metadata(files: list[SourceFile]) -> dict[str, Any]:
    """Gradescope's list of submissions beside their folders; {} where there is none to read."""
    try:
        # Beside the folders only: a file of this name inside one is a student's, who could write others' names in it.
        path = next(file.path for file in files if file.parts == (METADATA,) and not file.problem)
        metadata = yaml.load(path.read_bytes(), _RubyTagLoader)
    except (StopIteration, ValueError, TypeError, OSError, yaml.YAMLError, RecursionError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


class _RubyTagLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Reads Gradescope's YAML, whose Ruby tags mean nothing here.

    It comes from a Rails program: keys are symbols, ":name", and hashes carry tags such as
    !ruby/hash:ActiveSupport::HashWithIndifferentAccess, at which a safe loader gives up.
    """


def _ignoring_tag(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    return loader.construct_mapping(node) if isinstance(node, yaml.MappingNode) else None


_RubyTagLoader.add_multi_constructor("!ruby", _ignoring_tag)


def _gradescope_uploads(file: SourceFile, record: dict[str, Any], labs: LabNames) -> Iterator[Upload]:
    created_at = record.get(":created_at")
    try:
        order = created_at.timestamp()
    except (AttributeError, ValueError, OverflowError):
        order = 0.0
    for student in _submitters(record) or [file.parts[0]]:
        yield Upload(_file_safe(student), labs.find_innermost(file.parts[1:]), file, order)


def _submitters(record: dict[str, Any]) -> list[str]:
    submitters = record.get(":submitters")
    members = [member for member in submitters if isinstance(member, dict)] if isinstance(submitters, list) else []
    # The sid is often empty: instructors need not enter it.
    names = [
        next((str(member[key]) for key in (":sid", ":email", ":name") if member.get(key)), "") for member in members
    ]
    return list(dict.fromkeys(filter(None, names)))


def _match_canvas(name: str, labs: LabNames) -> re.Match | None:
    """Canvas's prefix, but not the number of a lab taken for one, as in smith_12345_02_prompting.ipynb."""
    match, lab = CANVAS.match(name), labs.find(name)
    return match if match and (not lab or lab[0] == "" or labs.find(name[match.end() :])) else None


def _plain_student(file: SourceFile, labs: LabNames, default_student: str) -> str:
    """The first folder that is not a lab's, else what stands before the lab in the file's name, else that name."""
    *folders, name = file.parts
    for folder in folders:
        stem = folder[:-4] if folder.lower().endswith(".zip") else folder
        match = labs.find(stem)
        if not match:
            return stem
        _, text_before = match
        if text_before:
            return text_before
    if match := labs.find(name):
        return match[1] or default_student
    return name.split(".")[0] if file.is_notebook or name.lower().endswith(".zip") else ""


def _file_safe(name: str) -> str:
    """A student's name that can name a file; one that had to be changed gets a mark, so that no two become one."""
    # macOS writes "ö" as "o" and a mark, others as one character: without this they would be two students.
    name = unicodedata.normalize("NFC", name).strip()
    safe = re.sub(r"[^\w .,'’@+-]", "_", name)[:MAX_STUDENT_LENGTH].strip(" .")
    # A hyphen in front would make it an option of whatever command is given the file's name.
    safe = safe if safe[:1] not in ("", "-") else f"_{safe}"
    # surrogatepass: a file's name on Linux may hold bytes that are no UTF-8, which Python keeps as lone surrogates.
    mark = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:6]
    return safe if safe == name else f"{safe}-{mark}"
