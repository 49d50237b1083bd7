"""Files of a folder or a zip, taken out so that no archive can write anywhere but where it is told.

A file taken from a zip lies under a number: names inside archives are read, never used as paths. Links, devices,
encrypted entries, names that lead out, and entries over a limit are found, with the reason why they have no bytes.
"""

import itertools
import os
import stat
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.intake import zip_names
from utils.errors import CourseError

# A lab without its outputs has less than 50 kB: the rest is room for pictures and for what students print.
MAX_NOTEBOOK_BYTES = 20 * 1000**2
MAX_STUDENT_ZIP_BYTES = 100 * 1000**2
# Unpacked: of one student's zip, and of the whole source.
MAX_STUDENT_BYTES, MAX_TOTAL_BYTES = 100 * 1000**2, 20 * 1000**3
# The labs' notebooks shrink to a third or a quarter, an output of equal lines to much less; deflate reaches 1,030 on
# zeros, which is what a zip bomb is made of. Below 1 MB a bomb does no harm, and a short file may well be repetitive.
MAX_COMPRESSION_RATIO = 200
MIN_BYTES_FOR_RATIO = 1000**2
MAX_ENTRIES, MAX_STUDENT_ENTRIES = 200_000, 20_000
# An entry of the list takes 46 bytes and its name.
MAX_DIRECTORY_BYTES = 200 * MAX_STUDENT_ENTRIES
MAX_NAME_LENGTH, MAX_FOLDER_DEPTH = 1_000, 20
BLOCK_BYTES = 1 << 20
METADATA = "submission_metadata.yml"
# What systems and tools add by themselves: macOS's zips, Python, nbgrader and Windows.
JUNK = {"__MACOSX", "__pycache__", "timestamp.txt", "Thumbs.db", "desktop.ini"}
# Of Windows, macOS, Linux, and what Google Drive leaves in the place of a document.
LINKS = {".url", ".webloc", ".desktop", ".gdoc", ".gsheet", ".gslides"}
NO_NOTEBOOK_IN_ZIP = "The zip holds no notebook: hand in the lab as .ipynb."
DAMAGED_ZIP = "The zip is damaged: hand in the notebook itself."
ONLY_JUNK = "Only files came that Jupyter or the system adds, such as .ipynb_checkpoints: hand in the notebook itself."
EMPTY_FOLDER = "The folder is empty: hand in the notebook."
LINK = "A link came, and links are not followed: download the notebook and hand in the .ipynb itself."
TYPED_TEXT = "Typed text came, but a notebook is expected: save the lab as .ipynb and hand that in."


@dataclass(frozen=True)
class SourceFile:
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


def files(source: Path, folder: Path) -> Iterator[SourceFile]:
    """Every file of a folder or a zip, students' own zips opened too; what zips hold is written below `folder`.

    Raises CourseError for a source that is neither.
    """
    unpacker = _Unpacker(folder)
    if source.is_dir():
        outer_files = _walk(source)
    elif source.is_file() and zipfile.is_zipfile(source):
        outer_files = unpacker.entries(source, (), MAX_ENTRIES)
    else:
        raise CourseError(f"The submissions should be a folder or a zip, but {source.name!r} is neither: name one.")
    for file in outer_files:
        if is_junk(file.parts):
            yield from _trace(file)
        elif file.problem or not file.parts[-1].lower().endswith(".zip"):
            yield file
        else:
            yield from unpacker.student_zip(file)


def is_junk(parts: tuple[str, ...]) -> bool:
    """Whether a file is hidden, or of those that systems and tools add."""
    return any(part in JUNK or part.startswith(".") for part in parts)


def _trace(file: SourceFile) -> Iterator[SourceFile]:
    """That somebody's folder holds such a file: it may hold nothing else, and then its owner still gets a row."""
    place = next(place for place in range(len(file.parts)) if is_junk(file.parts[: place + 1]))
    if place:
        yield replace(file, parts=(*file.parts[:place], "a file of the system"), problem=ONLY_JUNK)


def _walk(source: Path) -> Iterator[SourceFile]:
    for folder, folders, names in os.walk(source):
        if not folders and not names:
            yield _empty_folder((*Path(folder).relative_to(source).parts,), Path(folder))
        # In place: os.walk goes on with this list. So the order of a run does not depend on the file system.
        folders.sort()
        # os.walk does not follow a link to a folder, but lists it among the folders: without this it would vanish.
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in sorted(names) + links:
            path = Path(folder, name)
            # Not stat(): it would tell of what a link points to, anywhere on the instructor's machine.
            status = path.lstat()
            parts = (*path.relative_to(source).parts, *(["a link"] if name in links else []))
            problem = _problem(name, stat.S_IFMT(status.st_mode), status.st_size)
            yield SourceFile(parts, path, status.st_size, status.st_mtime, problem)


def _empty_folder(parts: tuple[str, ...], path: Path) -> SourceFile:
    return SourceFile((*parts, "an empty folder"), path, 0, 0.0, EMPTY_FOLDER)


def _problem(name: str, file_type: int, size_bytes: int) -> str:
    """Why a file cannot be used, from what is said about it; "" where nothing speaks against it.

    file_type: as stat.S_IFMT gives it. 0 stands for a zip made on a system without these types, such as Windows.
    """
    if file_type == stat.S_IFLNK:
        return "The file is a link to another file, and links are not followed: hand in the notebook itself."
    # A named pipe would block whoever opens it, and a device gives bytes without end.
    if file_type not in (0, stat.S_IFREG):
        return "The file is no ordinary file: hand in the notebook itself."
    if name.lower().endswith(".zip"):
        return _too_large("zip", size_bytes, MAX_STUDENT_ZIP_BYTES)
    if is_notebook(name):
        return _too_large("notebook", size_bytes, MAX_NOTEBOOK_BYTES)
    if Path(name).suffix.lower() in LINKS:
        return LINK
    return "" if name == METADATA else f"No notebook came, but {name[-60:]!r}: save the lab as .ipynb and hand that in."


def _too_large(noun: str, size_bytes: int, max_bytes: int) -> str:
    if size_bytes <= max_bytes:
        return ""
    sizes = f"{size_bytes / 1e6:,.0f} MB, over the limit of {max_bytes / 1e6:,.0f} MB"
    return f"The {noun} has {sizes}: clear its outputs and hand it in again."


class _Unpacker:
    """Takes entries out of zips, each under a new number, until all that may be written is written."""

    def __init__(self, folder: Path):
        self.folder, self.remaining_bytes, self.numbers = folder, MAX_TOTAL_BYTES, itertools.count()
        folder.mkdir(parents=True, exist_ok=True)

    def student_zip(self, file: SourceFile) -> Iterator[SourceFile]:
        """The notebooks that a student has zipped, or the zip itself with the reason why it gives none."""
        # Out of reach for this zip, so that one student cannot use up what is there for all.
        notebooks, reserved_bytes = [], max(0, self.remaining_bytes - MAX_STUDENT_BYTES)
        self.remaining_bytes -= reserved_bytes
        try:
            _refuse_large_directory(file.path)
            entries = list(self.entries(file.path, file.parts, MAX_STUDENT_ENTRIES))
            notebooks = [entry for entry in entries if entry.is_notebook and not is_junk(entry.parts)]
            only_junk = entries and all(is_junk(entry.parts) for entry in entries)
            problem = "" if notebooks else ONLY_JUNK if only_junk else NO_NOTEBOOK_IN_ZIP
        except CourseError as error:
            problem = str(error)
        # zipfile raises BadZipFile, struct.error, UnicodeDecodeError, zlib.error and more on a file made to break it.
        except Exception:
            problem = DAMAGED_ZIP
        self.remaining_bytes += reserved_bytes
        yield from notebooks
        if problem:
            yield SourceFile(file.parts, file.path, file.size_bytes, file.modified, problem)

    def entries(self, path: Path, prefix: tuple[str, ...], max_entries: int) -> Iterator[SourceFile]:
        """The files of one zip, and its empty folders. Raises CourseError for more than `max_entries`."""
        with zip_names.opened(path) as archive:
            entries = archive.infolist()
            if len(entries) > max_entries:
                raise CourseError(
                    f"The zip holds {len(entries):,} files, but {max_entries:,} are allowed: hand in fewer."
                )
            if not prefix:
                yield from _empty_folders(entries, path)
            for entry in entries:
                if not entry.is_dir():
                    yield self._entry(archive, entry, prefix)

    def _entry(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, prefix: tuple[str, ...]) -> SourceFile:
        name = zip_names.name(entry)
        parts = _parts(name)
        problem = _entry_problem(entry, name, parts[-1], bool(prefix))
        # The suffix is the only part that comes from the archive, for people who look into the folder.
        target = self.folder / f"{next(self.numbers):06d}{Path(parts[-1]).suffix[:10] if not problem else ''}"
        if not problem:
            problem = self._write(archive, entry, target)
        path = Path(archive.filename) if problem else target
        return SourceFile((*prefix, *parts), path, entry.file_size, _modified(entry), problem)

    def _write(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> str:
        """Block by block; a size that the zip states wrongly ends here too."""
        if entry.file_size > self.remaining_bytes:
            return "The files in the zip are larger together than may be unpacked: this one was left out."
        # Before writing, and not given back when it fails: thousands of damaged entries would cost time without end.
        self.remaining_bytes -= entry.file_size
        try:
            with archive.open(entry) as packed, target.open("wb") as unpacked:
                missing_bytes = entry.file_size
                while missing_bytes >= 0 and (block := packed.read(BLOCK_BYTES)):
                    missing_bytes -= len(block)
                    unpacked.write(block)
        except Exception:
            target.unlink(missing_ok=True)
            return "The file is damaged in the zip: hand it in again."
        return ""


def _parts(name: str) -> tuple[str, ...]:
    """Folders and name, of which none leads anywhere."""
    parts = tuple(part for part in name[:MAX_NAME_LENGTH].split("/") if part not in ("", ".", ".."))
    return parts[:MAX_FOLDER_DEPTH] or ("unnamed",)


def _empty_folders(entries: list[zipfile.ZipInfo], path: Path) -> Iterator[SourceFile]:
    """Folders that a zip lists and that hold nothing: a student's, perhaps."""
    folders = [_parts(zip_names.name(entry)) for entry in entries if entry.is_dir()]
    used = {
        parts[:depth] for entry in entries for parts in [_parts(zip_names.name(entry))] for depth in range(len(parts))
    }
    yield from (_empty_folder(parts, path) for parts in folders if parts not in used)


def _entry_problem(entry: zipfile.ZipInfo, name: str, file_name: str, nested: bool) -> str:
    # Nothing would be written there, but a name that tries says nothing honest about whose file it is.
    if name.startswith("/") or name[1:3] == ":/" or ".." in name.split("/"):
        return "The file's name in the zip leads out of it: zip the notebook again."
    if entry.flag_bits & 1:
        return "The file is encrypted in the zip: hand it in without a password."
    # Ordinary programs use these two. LZMA could be read too, but takes as much memory as the file's header asks for.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "The file is packed in a way that is not read: use an ordinary zip."
    if entry.file_size > MIN_BYTES_FOR_RATIO and entry.file_size > MAX_COMPRESSION_RATIO * entry.compress_size:
        return "The file is packed so tightly that it cannot be a notebook: hand in the notebook itself."
    # Zips in zips multiply their ratios: 42.zip holds five levels and 4.5 PB in 42 kB.
    if nested and file_name.lower().endswith(".zip"):
        return "The zip lies within another zip: hand in the notebook itself."
    # The upper 16 bits are the mode of a Unix file, where the zip was made on such a system.
    return _problem(file_name, stat.S_IFMT(entry.external_attr >> 16), entry.file_size)


def _refuse_large_directory(path: Path) -> None:
    """Raise CourseError before a hostile zip's list of entries is read into memory.

    zipfile reads the whole list when it opens a file, so its number of entries can be asked only when it is too late.
    """
    with path.open("rb") as file:
        # zipfile's own function, not a copy: another reading would find another record, or miss that of a Zip64.
        record = zipfile._EndRecData(file)
    if record is None:
        raise zipfile.BadZipFile
    size_bytes = record[zipfile._ECD_SIZE]
    if size_bytes > MAX_DIRECTORY_BYTES:
        raise CourseError("The zip's list of files is too long: hand in the notebook itself.")


def _modified(entry: zipfile.ZipInfo) -> float:
    # A zip states a local time without its zone, to two seconds, and may state the 31st of February.
    try:
        return time.mktime((*entry.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0
