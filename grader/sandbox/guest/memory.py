"""How much memory a submission's processes hold, read from /proc by the fork server.

A page that two processes share, after a fork or in a shared mapping, is held once. The proportional set size (PSS)
counts it by halves, so its sum over every process that may share it is what they hold together. A guest shares most of
its pages with the fork server: that one's must be in the sum, and what it held alone is subtracted.

Measuring the PSS takes milliseconds a process, since the kernel walks every page. The resident set size (RSS) costs
nothing and is never smaller, so the PSS is asked for only where the sum of the RSS breaks the limit.

Pages of files on a disk are not counted: they are no guest's, and the kernel takes them back when it needs memory.
Memory that no process has mapped shows in neither figure: the system calls that make it are refused
(`system_calls`), for the files in a guest's own folders their file systems are asked, and what the kernel keeps for a
socket is counted as if it were full.

Source: man page proc(5), status and smaps_rollup.
"""

import contextlib
import functools
import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.sandbox.guest import isolation

# VmPTE: page tables, which grow with the addresses touched even where nothing is stored.
RESIDENT = ("RssAnon", "RssShmem", "VmSwap", "VmPTE", "HugetlbPages")
PROPORTIONAL = ("Pss_Anon", "Pss_Shmem", "SwapPss")
NOT_IN_PSS = ("VmPTE", "HugetlbPages")


def resident_bytes(pid: int) -> int:
    """What a process holds at most: pages that it shares count whole."""
    return _sum(pid, "status", RESIDENT)


def proportional_bytes(pids: Iterable[int]) -> int:
    """What processes hold together, where none but them shares it."""
    # The kernel does not say the PSS of a process that has made itself undumpable, and before Linux 5.4 of none.
    return sum(
        proportional + _sum(pid, "status", NOT_IN_PSS)
        if (proportional := _sum(pid, "smaps_rollup", PROPORTIONAL))
        else resident_bytes(pid)
        for pid in pids
    )


def file_bytes(pid: int) -> int:
    """What lies in the folders that a guest may write to, as this process of it sees them."""
    held = 0
    for folder in isolation.WRITABLE_FOLDERS:
        try:
            found = os.statvfs(f"/proc/{pid}/root{folder}")
        except OSError:  # it has just ended
            continue
        held += found.f_frsize * (found.f_blocks - found.f_bfree)
    return held


def socket_bytes(pids: Iterable[int]) -> int:
    """What the kernel may hold for sockets of these processes: each one's buffer, full or not."""
    # A thread may have descriptors of its own. A socket that several hold counts once, by its number in the kernel.
    handles = [
        handle for pid in pids for thread in threads(pid) for handle in _sockets(f"/proc/{pid}/task/{thread}/fd")
    ]
    return _buffer_bytes() * len(set(handles))


@functools.cache
def _buffer_bytes() -> int:
    """The buffer that every socket here begins with. `system_calls` refuses to enlarge it."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as one:
        return one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)


def _sockets(folder: str) -> list[str]:
    """Names of the sockets among the descriptors in a folder of /proc."""
    try:
        handles = os.listdir(folder)
    except PermissionError:  # an undumpable process: it may hold as many as it is allowed
        return [f"{folder}/{number}" for number in range(isolation.DESCRIPTORS)]
    except OSError:  # it has just ended
        return []
    links = (_link(f"{folder}/{handle}") for handle in handles)
    return [link for link in links if link.startswith("socket:")]


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:  # just closed
        return ""


def threads(pid: int) -> list[str]:
    """The numbers of a process's threads."""
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:  # it has just ended
        return []


def _sum(pid: int, file: str, names: tuple[str, ...]) -> int:
    """Bytes on the named lines of a file of /proc.

    A process whose main thread has ended shows nothing under its own number, while its other threads hold the memory:
    each of them shows all of it.
    """
    return next((held for text in _texts(pid, file) if (held := _sum_of_lines(text, names))), 0)


def _texts(pid: int, file: str) -> Iterator[str]:
    """The file of the process, then of each of its threads; those that can be read."""
    yield from _text(f"/proc/{pid}/{file}")
    for thread in threads(pid):
        yield from _text(f"/proc/{pid}/task/{thread}/{file}")


def _text(path: str) -> Iterator[str]:
    try:
        # A process may name itself in any bytes.
        yield Path(path).read_text(errors="replace")
    except OSError:  # it has just ended, or the kernel does not say
        return


def _sum_of_lines(text: str, names: tuple[str, ...]) -> int:
    fields = (line.partition(":") for line in text.splitlines())
    return 1024 * sum(int(value.split()[0]) for name, _, value in fields if name in names)
