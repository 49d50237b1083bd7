"""Who handed in which file, and for which lab: the layouts of folders and of what learning platforms export.

folder       STUDENT/NN_topic.ipynb, STUDENT/NN_topic/any.ipynb, NN_topic/STUDENT.ipynb, student_NN_topic.ipynb, or .zip
nbgrader     submitted/STUDENT/NN_topic/NN_topic.ipynb
Canvas       lastnamefirstname_[LATE_]USER_FILE_name[-N].ipynb, …_USER_text.html for typed text and …_USER_link.html for
             a link; the student is lastnamefirstname_USER. Graded anonymously: [LATE_]anon_CODE_FILE_name.ipynb
Moodle       "First Last_PARTICIPANT_assignsubmission_file_/name.ipynb", …_onlinetext_/onlinetext.html for typed text;
             the student is "First Last_PARTICIPANT", or "Participant_PARTICIPANT" where names are hidden
Gradescope   submission_ID/ and submission_metadata.yml; the student is the sid given there, else email, else name
Blackboard   TITLE_USERNAME_attempt_DATE_name.ipynb, and …_attempt_DATE.txt for each attempt; the student is USERNAME
Brightspace  "USER-FOLDER - First Last - May 1, 2026 1224 PM/name.ipynb"; the student is "First Last_USER"

Several exports may lie side by side, each in a folder of its own.

Source: canvas-lms, lib/content_zipper.rb (get_filename, add_text_or_url, add_upload_submission, sanitize_user_name);
moodle, mod/assign/classes/downloader.php and, in older versions, mod/assign/locallib.php; nbgrader,
plugins/zipcollect.py (Blackboard's names). The programs of Gradescope, Blackboard and Brightspace are not public: their
layouts are learned from the tools of other courses that read their exports.
"""

import contextlib
import datetime
import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

import yaml

from grader.intake.archives import LINK, METADATA, ONLY_JUNK, TYPED_TEXT, SourceFile

# sortable_name in lower case without its punctuation, so "Doe, Jane" is doejane; then, for a late one, LATE; the user's
# number; the uploaded file's, or what else was handed in. Canvas itself finds these numbers by _digits_, and therefore
# takes them out of names.
CANVAS = re.compile(
    r"(?:(?P<name>.*?)_)??(?P<late>LATE_)?(?:(?P<user>\d+)|(?P<anonymous>anon_[0-9A-Za-z]+))"
    r"_(?:(?P<file>\d+)_|(?P<entry>text|link)\.html$)"
)
# The full name with spaces for its underscores, so the first _digits end it: the participant's number, which holds in
# this assignment alone; a group without a number is the default one. Behind the plugin's name, file or onlinetext,
# stands "_/" for a folder, or "_" and a file name.
MOODLE = re.compile(
    r"(?P<student>.+?(?:_(?P<participant>\d+))?)_assignsubmission_(?P<plugin>[a-z]+)_?(?P<rest>.*)", re.DOTALL
)
GRADESCOPE = re.compile(r"submission_\d+")
BLACKBOARD = re.compile(r"(?P<before>.+)_attempt_(?P<date>\d{4}(?:-\d\d){5})(?:_(?P<rest>.*)|\.txt)", re.DOTALL)
# The organisation's number of the user, the folder's, the name, and when it was handed in, which differs by attempt.
BRIGHTSPACE = re.compile(
    r"(?P<user>\d+)-\d+ - (?P<name>.+?) - (?P<date>[A-Z][a-z]+ \d+, \d{4}) (?P<time>\d{3,4} [AP]M)(?P<rest>.*)",
    re.DOTALL,
)
# What exports of Gradescope and Brightspace hold beside the submissions.
LISTS = {METADATA, "index.html"}
# "02_prompting-Copy1 (final)" is a file of somebody's, "02_prompting_anna" is Anna's.
VERSION = re.compile(
    r"(?:[\W_](?:copy|of|final|new|old|done|draft|fixed|solution|solved|submission|v|version)?\d*)+$", re.IGNORECASE
)
ROOT_NAMES = {"submitted", "submission", "submissions"}
MAX_STUDENT_LENGTH = 80


@dataclass(frozen=True)
class Upload:
    """A file, who handed it in, and for which lab. assignment: None where nothing tells, "" for a lab not graded.

    order: greater for a later attempt; 0 where the platform does not tell. late, platform, platform_id: as in
    `Submission`.
    """

    student: str
    assignment: str | None
    file: SourceFile
    order: float = 0.0
    late: bool = False
    platform: str = ""
    platform_id: str = ""


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

    def is_lab(self, text: str) -> bool:
        """Whether `text` is a lab's name and nothing more: with more it may be a student's."""
        return any(pattern.fullmatch(text) for pattern in self.patterns.values())

    def text_after(self, text: str) -> str:
        """What stands behind the lab's name in `text`, "" where it names none."""
        matches = (pattern.search(text) for pattern in self.patterns.values())
        return next((text[match.end() :].strip(" _-") for match in matches if match), "")

    def name_beside(self, file_name: str) -> str | None:
        """What stands before the lab in a file's name, else behind it where it tells a person; None without a lab."""
        match = self.find(file_name)
        if match is None or match[1]:
            return match and match[1]
        behind = self.text_after(file_name.split(".")[0])[:MAX_STUDENT_LENGTH]
        return VERSION.sub("", f"_{behind}").strip(" _-")

    def find_innermost(self, parts: tuple[str, ...]) -> str | None:
        """The lab that a file is for: its own name decides, then the folders from the nearest out."""
        return next((match[0] for part in reversed(parts) if (match := self.find(part))), None)


def uploads(files: list[SourceFile], labs: LabNames, default_student: str) -> Iterator[Upload]:
    """Each file with its student, "" where nothing tells one; once for each member of a group on Gradescope.

    default_student: for a notebook of a lab whose folders and name tell none.
    """
    files = _below_root(files, labs)
    nested = _is_exports_only(files, labs)
    depths = [_depth(file, labs, nested) for file in files]
    names = {file.parts[depth] for file, depth in zip(files, depths, strict=True)}
    readers = (_Gradescope(files, set(depths)), _Moodle(), _Blackboard(names, labs), _Brightspace(), _Canvas())
    for file, depth in zip(files, depths, strict=True):
        for reader in readers:
            if found := reader.uploads(file, depth, labs):
                yield from found
                break
        else:
            student = _plain_student(file, labs, default_student)
            yield Upload(file_safe(student) if student else "", labs.find_innermost(file.parts), file)


def _depth(file: SourceFile, labs: LabNames, nested: bool) -> int:
    """Where in a file's path an export's name for its student may stand."""
    # That one name tells who it is. What lies inside, a student's own zip included, was named by students, and could
    # claim to be another's. A folder before it may be a lab's, or hold one of several exports.
    return int(len(file.parts) > 1 and (nested or labs.is_lab(file.parts[0])))


def _is_exports_only(files: list[SourceFile], labs: LabNames) -> bool:
    """Whether all lies in folders of which each is an export: of all, since one student could make a folder so."""
    folders = defaultdict(set)
    for file in (file for file in files if file.problem != ONLY_JUNK):
        if len(file.parts) == 1:
            return False
        folders[file.parts[0]].add(file.parts[1])
    return all(
        not _is_of_export(folder, labs) and all(_is_of_export(name, labs) or name in LISTS for name in names)
        for folder, names in folders.items()
    )


def _is_of_export(name: str, labs: LabNames) -> bool:
    """Whether a platform's export has given a file or folder this name."""
    patterns = (MOODLE, GRADESCOPE, BLACKBOARD, BRIGHTSPACE)
    return any(pattern.fullmatch(name) for pattern in patterns) or _match_canvas(name, labs) is not None


def _below_root(files: list[SourceFile], labs: LabNames) -> list[SourceFile]:
    """The files with names below the folder that holds the students: an export's own folder is left out."""
    while files:
        # A file of the system's tells whose folder it lies in, if it is somebody's, and nothing else about folders.
        files = [file for file in files if file.problem != ONLY_JUNK or len(file.parts) > 1]
        telling = [file for file in files if file.problem != ONLY_JUNK]
        roots = {file.parts[0] for file in files}
        if len(roots) != 1 or any(len(file.parts) == 1 for file in telling):
            return files
        if not _holds_students(*roots, telling, labs):
            return files
        files = [replace(file, parts=file.parts[1:]) for file in files]
    return files


def _holds_students(root: str, files: list[SourceFile], labs: LabNames) -> bool:
    """Whether the one folder that everything lies in is the class, and not a student."""
    # A class of one: its only student's folder must not be taken for the class.
    if _is_of_export(root, labs) or root.lower().endswith(".zip") or labs.find(root):
        return False
    subfolders = {file.parts[1] for file in files if len(file.parts) > 2}
    is_export = any(name == METADATA or _is_of_export(name, labs) for name in {file.parts[1] for file in files})
    # Folders of labs are a student's; two others are two students.
    has_several_students = len([name for name in subfolders if not labs.find(name)]) > 1
    named = {labs.name_beside(file.parts[1]) for file in files if len(file.parts) == 2 and file.is_notebook}
    has_several_files = len(named) > 1 and not {"", None} & named
    is_class = is_export or has_several_students or has_several_files or root.lower() in ROOT_NAMES
    return is_class or _holds_a_folder_of_students(files, labs)


def _holds_a_folder_of_students(files: list[SourceFile], labs: LabNames) -> bool:
    """Whether below the one folder that everything lies in there is one more, of a week or a lab, and then students."""
    if len({file.parts[1] for file in files}) > 1 or any(len(file.parts) < 4 for file in files):
        return False
    folders = {file.parts[2] for file in files if not labs.find(file.parts[2])}
    # Each with a notebook: a single student may well have folders of data and pictures.
    return len(folders) > 1 and folders <= {file.parts[2] for file in files if file.is_notebook}


class _Canvas:
    def uploads(self, file: SourceFile, depth: int, labs: LabNames) -> list[Upload]:
        match = _match_canvas(file.parts[depth], labs)
        if not match:
            return []
        if match["entry"]:
            file = replace(file, problem=LINK if match["entry"] == "link" else TYPED_TEXT)
        lab = _lab(file, depth, labs, file.parts[depth][match.end() :])
        student = file_safe(match["anonymous"] or f"{match['name'] or ''}_{match['user']}")
        # Canvas numbers files as they come: the greatest is the last. At most 15 digits are exact in a float.
        order = float((match["file"] or "0")[:15])
        return [Upload(student, lab, file, order, bool(match["late"]), "canvas", match["user"] or "")]


class _Moodle:
    def uploads(self, file: SourceFile, depth: int, labs: LabNames) -> list[Upload]:
        match = MOODLE.fullmatch(file.parts[depth])
        if not match:
            return []
        if match["plugin"] != "file" and not file.is_notebook:
            file = replace(file, problem=LINK if "url" in match["plugin"] else TYPED_TEXT)
        lab = _lab(file, depth, labs, match["rest"])
        return [Upload(file_safe(match["student"]), lab, file, 0.0, False, "moodle", match["participant"] or "")]


class _Blackboard:
    """names: of all submissions, whose common beginning is the assignment's title where that is no lab's name."""

    def __init__(self, names: Collection[str], labs: LabNames):
        before = {match["before"] for name in names if (match := BLACKBOARD.fullmatch(name))}
        # One name alone has all of itself in common: then the user's is taken for its last word.
        self.title = _common_beginning(before).rpartition("_")[0] + "_" if len(before) > 1 else ""

    def uploads(self, file: SourceFile, depth: int, labs: LabNames) -> list[Upload]:
        match = BLACKBOARD.fullmatch(file.parts[depth])
        if not match:
            return []
        before = match["before"]
        lab = _lab(file, depth, labs, before, match["rest"] or "")
        student = labs.text_after(before) or before.removeprefix(self.title or f"{before.rpartition('_')[0]}_")
        return [Upload(file_safe(student), lab, file, float(match["date"].replace("-", "")))]


def _common_beginning(texts: Collection[str]) -> str:
    # The first and the last in order differ as early as any two.
    first, last = min(texts), max(texts)
    differing = (place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(differing, min(len(first), len(last)))]


class _Brightspace:
    def uploads(self, file: SourceFile, depth: int, labs: LabNames) -> list[Upload]:
        match = BRIGHTSPACE.fullmatch(file.parts[depth])
        if not match:
            return []
        order = 0.0
        for month in ("%b", "%B"):
            with contextlib.suppress(ValueError):
                text = f"{match['date']} {match['time'].zfill(7)}"
                order = datetime.datetime.strptime(text, f"{month} %d, %Y %I%M %p").timestamp()
        lab = _lab(file, depth, labs, match["rest"])
        return [Upload(file_safe(f"{match['name']}_{match['user']}"), lab, file, order)]


def _lab(file: SourceFile, depth: int, labs: LabNames, *texts: str) -> str | None:
    """The lab of an export's file. texts: what its name tells behind the student's, the last one first."""
    return labs.find_innermost((*file.parts[:depth], *texts, *file.parts[depth + 1 :]))


class _Gradescope:
    """depths: where folders of submissions stand, and beside them Gradescope's own list."""

    def __init__(self, files: list[SourceFile], depths: Collection[int]):
        # A file of this name inside a submission's folder is a student's, who could write others' names in it.
        listed = [file for file in files if file.parts[-1] == METADATA and len(file.parts) - 1 in depths]
        self.metadata = {file.parts[:-1]: _read_metadata(file) for file in listed}
        records = [record for metadata in self.metadata.values() for record in metadata.values()]
        names = [_named(member)[1] for record in records for member in _members(record) if not _named(member)[0]]
        self.ambiguous = {name for name in names if names.count(name) > 1}

    def uploads(self, file: SourceFile, depth: int, labs: LabNames) -> list[Upload]:
        folder = file.parts[depth]
        record = self.metadata.get(file.parts[:depth], {}).get(folder)
        if not isinstance(record, dict):
            return []
        order = 0.0
        with contextlib.suppress(AttributeError, ValueError, OverflowError):
            order = record[":created_at"].timestamp() if record.get(":created_at") else 0.0
        lab = _lab(file, depth, labs)
        return [Upload(file_safe(student), lab, file, order) for student in self._students(record, folder)]

    def _students(self, record: dict[str, Any], folder: str) -> list[str]:
        """Everybody who handed it in; with the submission's number where two people have one name and nothing else."""
        named = [_named(member) for member in _members(record)]
        students = [key or (f"{name} {folder}" if name in self.ambiguous else name) for key, name in named]
        return list(dict.fromkeys(filter(None, students))) or [folder]


def _read_metadata(file: SourceFile) -> dict[str, Any]:
    """Gradescope's list of submissions; {} where it cannot be read."""
    try:
        metadata = {} if file.problem else yaml.load(file.path.read_bytes(), _RubyTagLoader)
    except (ValueError, TypeError, OSError, yaml.YAMLError, RecursionError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _members(record: Any) -> list[dict[str, Any]]:
    submitters = record.get(":submitters") if isinstance(record, dict) else None
    return [member for member in submitters if isinstance(member, dict)] if isinstance(submitters, list) else []


def _named(member: dict[str, Any]) -> tuple[str, str]:
    """What tells a member from others, and the name."""
    # The sid is often empty: instructors need not enter it.
    key = next((str(member[key]) for key in (":sid", ":email") if member.get(key)), "")
    return key, str(member.get(":name") or "")


class _RubyTagLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Reads Gradescope's YAML, whose Ruby tags mean nothing here.

    It comes from a Rails program: keys are symbols, ":name", and hashes carry tags such as
    !ruby/hash:ActiveSupport::HashWithIndifferentAccess, at which a safe loader gives up.
    """


def _ignoring_tag(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    return loader.construct_mapping(node) if isinstance(node, yaml.MappingNode) else None


_RubyTagLoader.add_multi_constructor("!ruby", _ignoring_tag)


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
    beside = labs.name_beside(name)
    if beside is not None:
        return beside or default_student
    return name.split(".")[0] if file.is_notebook or name.lower().endswith(".zip") else ""


def file_safe(name: str) -> str:
    """A student's name that can name a file; one that had to be changed gets a mark, so that no two become one."""
    # macOS writes "ö" as "o" and a mark, others as one character: without this they would be two students.
    name = unicodedata.normalize("NFC", name).strip()
    safe = "".join(map(_safe_character, name))[:MAX_STUDENT_LENGTH].strip(" .")
    # A hyphen in front would make it an option of whatever command is given the file's name.
    safe = safe if safe[:1] not in ("", "-") else f"_{safe}"
    # surrogatepass: a file's name on Linux may hold bytes that are no UTF-8, which Python keeps as lone surrogates.
    mark = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:6]
    return safe if safe == name else f"{safe}-{mark}"


def _safe_character(character: str) -> str:
    # Marks are no \w in Python, but without its vowel signs a name in Hindi or Thai cannot be read.
    is_safe = re.match(r"[\w .,'’@+-]", character) or unicodedata.category(character).startswith("M")
    return character if is_safe else "_"
