"""Files of a folder or a zip, taken out so that no archive can write anywhere but where it is told.

A file taken from a zip lies under a number: names inside archives are read, never used as paths. Links, devices,
encrypted entries, names that lead out, and entries over a limit are found, with the reason why they have no bytes.
"""

import itertools
import os
import stat
import struct
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from utils.errors import CourseError

NOTEBOOK_BYTES = 20 * 1000**2
STUDENT_ZIP_BYTES = 100 * 1000**2
STUDENT_BYTES, ALL_BYTES = 100 * 1000**2, 20 * 1000**3
RATIO = 200
RATIO_FROM_BYTES = 1000**2
ENTRIES, STUDENT_ENTRIES = 200_000, 20_000
LISTED_BYTES = 200 * STUDENT_ENTRIES
LONGEST_NAME = 1_000
BLOCK_BYTES = 1 << 20
DIRECTORY_END, TAIL_BYTES = b"PK\x05\x06", 22 + 65535
METADATA = "submission_metadata.yml"
NO_NOTEBOOK_IN_ZIP = "The zip holds no notebook: hand in the lab as .ipynb."
DAMAGED_ZIP = "The zip is damaged: hand in the notebook itself."
NO_NOTEBOOK = "No notebook was handed in: save the lab as .ipynb and hand that in."


@dataclass(frozen=True)
class Found:
    """A file of a source. parts: its folders and name there. path: its bytes. problem: why there are none to use."""

    parts: tuple[str, ...]
    path: Path
    size_bytes: int
    modified: float
    problem: str = ""

    @property
    def is_notebook(self) -> bool:
        """By its name: also x.ipynb.txt and x.ipynb.json, as browsers save it."""
        return is_notebook(self.parts[-1])


def is_notebook(name: str) -> bool:
    """Whether a file of that name is meant as a notebook."""
    return ".ipynb" in Path(name.lower()).suffixes


def files(source: Path, folder: Path) -> Iterator[Found]:
    """Every file of a folder or a zip, students' own zips opened too; what zips hold is written below `folder`.

    Raises CourseError for a source that is neither.
    """
    unpacker = _Unpacker(folder)
    if source.is_dir():
        outer = _walk(source)
    elif source.is_file() and zipfile.is_zipfile(source):
        outer = unpacker.entries(source, (), ENTRIES)
    else:
        raise CourseError(f"The submissions should be a folder or a zip, but {source.name!r} is neither: name one.")
    for found in outer:
        if found.problem or not found.parts[-1].lower().endswith(".zip"):
            yield found
        else:
            yield from unpacker.student_zip(found)


def _walk(source: Path) -> Iterator[Found]:
    for folder, folders, names in os.walk(source):
        folders.sort()
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in sorted(names) + links:
            path = Path(folder, name)
            status = path.lstat()
            parts = (*path.relative_to(source).parts, *(["a link"] if name in links else []))
            problem = _problem(name, stat.S_IFMT(status.st_mode), status.st_size)
            yield Found(parts, path, status.st_size, status.st_mtime, problem)


def _problem(name: str, kind: int, size_bytes: int) -> str:
    """Why a file cannot be used, from what is said about it."""
    if kind == stat.S_IFLNK:
        return "The file is a link to another file, and links are not followed: hand in the notebook itself."
    if kind not in (0, stat.S_IFREG):
        return "The file is no ordinary file: hand in the notebook itself."
    if name.lower().endswith(".zip"):
        return _too_large("zip", size_bytes, STUDENT_ZIP_BYTES)
    if is_notebook(name):
        return _too_large("notebook", size_bytes, NOTEBOOK_BYTES)
    return "" if name == METADATA else NO_NOTEBOOK


def _too_large(what: str, size_bytes: int, most_bytes: int) -> str:
    if size_bytes <= most_bytes:
        return ""
    sizes = f"{size_bytes / 1e6:,.0f} MB, over the limit of {most_bytes / 1e6:,.0f} MB"
    return f"The {what} has {sizes}: clear its outputs and hand it in again."


class _Unpacker:
    """Takes entries out of zips, each under a new number, until all that may be written is written."""

    def __init__(self, folder: Path):
        self.folder, self.left_bytes, self.numbers = folder, ALL_BYTES, itertools.count()
        folder.mkdir(parents=True, exist_ok=True)

    def student_zip(self, found: Found) -> Iterator[Found]:
        """The notebooks that a student has zipped, or the zip itself with the reason why it gives none."""
        inside, rest_bytes = [], max(0, self.left_bytes - STUDENT_BYTES)
        self.left_bytes -= rest_bytes
        try:
            _refuse_large_directory(found.path)
            entries = self.entries(found.path, found.parts, STUDENT_ENTRIES)
            inside = [each for each in entries if each.is_notebook]
            problem = "" if inside else NO_NOTEBOOK_IN_ZIP
        except CourseError as error:
            problem = str(error)
        except Exception:
            problem = DAMAGED_ZIP
        self.left_bytes += rest_bytes
        yield from inside
        if problem:
            yield Found(found.parts, found.path, found.size_bytes, found.modified, problem)

    def entries(self, path: Path, prefix: tuple[str, ...], most: int) -> Iterator[Found]:
        """The files of one zip. Raises CourseError for more than `most` entries."""
        with zipfile.ZipFile(path) as archive:
            listed = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(listed) > most:
                raise CourseError(f"The zip holds {len(listed):,} files, but {most:,} are allowed: hand in fewer.")
            for entry in listed:
                yield self._entry(archive, entry, prefix)

    def _entry(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, prefix: tuple[str, ...]) -> Found:
        name = entry.filename[:LONGEST_NAME].replace("\\", "/")
        parts = tuple(part for part in name.split("/") if part not in ("", ".", ".."))[:20] or ("unnamed",)
        problem = _entry_problem(entry, name, parts[-1], bool(prefix))
        target = self.folder / f"{next(self.numbers):06d}{Path(parts[-1]).suffix[:10] if not problem else ''}"
        if not problem:
            problem = self._write(archive, entry, target)
        path = Path(archive.filename) if problem else target
        return Found((*prefix, *parts), path, entry.file_size, _modified(entry), problem)

    def _write(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> str:
        """Block by block; a size that the zip states wrongly ends here too."""
        if entry.file_size > self.left_bytes:
            return "The files in the zip are larger together than may be unpacked: this one was left out."
        self.left_bytes -= entry.file_size
        try:
            with archive.open(entry) as packed, target.open("wb") as file:
                left = entry.file_size
                while left >= 0 and (block := packed.read(BLOCK_BYTES)):
                    left -= len(block)
                    file.write(block)
        except Exception:
            target.unlink(missing_ok=True)
            return "The file is damaged in the zip: hand it in again."
        return ""


def _entry_problem(entry: zipfile.ZipInfo, name: str, last: str, nested: bool) -> str:
    if name.startswith("/") or name[1:3] == ":/" or ".." in name.split("/"):
        return "The file's name in the zip leads out of it: zip the notebook again."
    if entry.flag_bits & 1:
        return "The file is encrypted in the zip: hand it in without a password."
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "The file is packed in a way that is not read: use an ordinary zip."
    if entry.file_size > RATIO_FROM_BYTES and entry.file_size > RATIO * entry.compress_size:
        return "The file is packed so tightly that it cannot be a notebook: hand in the notebook itself."
    if nested and last.lower().endswith(".zip"):
        return "The zip lies within another zip: hand in the notebook itself."
    return _problem(last, stat.S_IFMT(entry.external_attr >> 16), entry.file_size)


def _refuse_large_directory(path: Path) -> None:
    """Raise CourseError before a hostile zip's list of entries is read into memory."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read()
    at = len(tail) - 22 if tail[-22:].startswith(DIRECTORY_END) else tail.rfind(DIRECTORY_END)
    if at < 0 or len(tail) < at + 22:
        raise zipfile.BadZipFile
    (size_bytes,) = struct.unpack_from("<L", tail, at + 12)
    if size_bytes > LISTED_BYTES:
        raise CourseError("The zip's list of files is too long: hand in the notebook itself.")


def _modified(entry: zipfile.ZipInfo) -> float:
    try:
        return time.mktime((*entry.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0
