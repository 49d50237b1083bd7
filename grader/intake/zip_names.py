"""Names of a zip's entries as their writer meant them.

The format knows two encodings: UTF-8, where bit 11 of an entry's flags is set, and code page 437 where it is not. The
Finder of macOS writes UTF-8 without that flag, Info-ZIP puts it into an extra field beside another name, and some
programs set the flag over bytes that are no UTF-8, at which zipfile gives up on the whole zip.

Source: PKWARE, APPNOTE.TXT, 4.4.4 (bit 11), 4.6.9 (Unicode Path) and appendix D.
"""

import mmap
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

UTF8_FLAG = 1 << 11
UNICODE_PATH = 0x7075
# An entry of the list of files: its signature, then fields of fixed size, the name, the extra field and a comment. Some
# of it stands before the file's own bytes once more.
ENTRY_SIGNATURE, ENTRY_BYTES = b"PK\x01\x02", 46
FLAGS_OFFSET, LENGTHS_OFFSET, LOCAL_FLAGS_OFFSET = 8, 28, 6


def opened(path: Path) -> zipfile.ZipFile:
    """The zip, also where names are not in the encoding that they state."""
    try:
        return zipfile.ZipFile(path)
    except UnicodeDecodeError:
        return _opened_without_wrong_flags(path)


def name(entry: zipfile.ZipInfo) -> str:
    """The entry's path, its folders separated by "/"."""
    # Some programs of Windows write "\\" between folders, against the format.
    return _decoded(entry).replace("\\", "/")


def _decoded(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & UTF8_FLAG:
        return entry.filename
    raw = entry.orig_filename.encode("cp437", errors="replace")
    candidates = [unicode_path, raw] if (unicode_path := _unicode_path(entry.extra, raw)) else [raw]
    for candidate in candidates:
        try:
            return candidate.decode().partition("\0")[0]
        except UnicodeDecodeError:
            continue
    # Neither: its writer may have meant yet another encoding, and then an umlaut looks wrong in the student's name. But
    # each byte has a character of its own here, so no two students become one.
    return entry.filename


def _unicode_path(extra: bytes, raw: bytes) -> bytes:
    """The name in Info-ZIP's extra field; b"" where there is none, or where it belongs to another name."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        # A version, then the checksum of the name that it stands for: a program may rename an entry and forget this.
        if kind == UNICODE_PATH and len(field) > 5 and struct.unpack_from("<L", field, 1)[0] == zlib.crc32(raw):
            return field[5:]
    return b""


def _opened_without_wrong_flags(path: Path) -> zipfile.ZipFile:
    with path.open("rb") as file:
        start, end = _directory(file)
        copy = _PrivateCopy(file.fileno(), 0, access=mmap.ACCESS_COPY)
    for place in _misnamed(copy, start, end):
        copy.clear_flag(place + FLAGS_OFFSET)
    archive = _OwningZip(copy)
    archive.filename = str(path)
    for entry in archive.infolist():
        if not entry.flag_bits & UTF8_FLAG:
            copy.clear_flag(entry.header_offset + LOCAL_FLAGS_OFFSET)
    return archive


class _PrivateCopy(mmap.mmap):
    """A file's bytes to be changed, in memory alone: an export of some gigabytes is not read for a few bytes."""

    def clear_flag(self, place: int) -> None:
        """Take the flag for UTF-8 from the flags that stand there, if anything does."""
        if 0 <= place <= len(self) - 2:
            (flags,) = struct.unpack_from("<H", self, place)
            struct.pack_into("<H", self, place, flags & ~UTF8_FLAG)

    def seekable(self) -> bool:
        """As zipfile asks; mmap itself answers from Python 3.13 on."""
        return True


class _OwningZip(zipfile.ZipFile):
    """A zip that closes the file it was given."""

    def close(self) -> None:
        """Both."""
        file = self.fp
        super().close()
        if file is not None:
            file.close()


def _directory(file) -> tuple[int, int]:
    """Where the list of files begins and ends. Raises BadZipFile where there is none."""
    record = zipfile._EndRecData(file)
    if record is None:
        raise zipfile.BadZipFile
    end = record[zipfile._ECD_LOCATION]
    if record[zipfile._ECD_SIGNATURE] == zipfile.stringEndArchive64:
        end -= zipfile.sizeEndCentDir64 + zipfile.sizeEndCentDir64Locator
    return end - record[zipfile._ECD_SIZE], end


def _misnamed(data: mmap.mmap, place: int, end: int) -> Iterator[int]:
    """Places of the entries whose name is flagged as UTF-8 and is none."""
    while place + ENTRY_BYTES <= end and data[place : place + 4] == ENTRY_SIGNATURE:
        name_bytes, extra_bytes, comment_bytes = struct.unpack_from("<HHH", data, place + LENGTHS_OFFSET)
        flags = struct.unpack_from("<H", data, place + FLAGS_OFFSET)[0]
        raw = data[place + ENTRY_BYTES : place + ENTRY_BYTES + name_bytes]
        if flags & UTF8_FLAG and not _is_utf8(raw):
            yield place
        place += ENTRY_BYTES + name_bytes + extra_bytes + comment_bytes


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
