"""What a submission's process gives up before a student's code runs: namespaces, folders, limits, privileges.

Constants have the kernel's names and values (include/uapi/linux/{sched,mount,prctl,capability}.h). `os.unshare` exists
only since Python 3.12 and `mount`, `prctl` and `capset` in no version, so they are called in the C library.

Source: man pages unshare(2), user_namespaces(7), pid_namespaces(7), mount(2), prctl(2), capabilities(7), capset(2),
setrlimit(2).
"""

import contextlib
import ctypes
import os
import re
import resource
import stat
from pathlib import Path
from typing import Any

from grader.sandbox.guest import system_calls

# unshare(2)
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
# mount(2)
MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_NOATIME = 1024
MS_NODIRATIME = 2048
MS_BIND = 4096
MS_RELATIME = 1 << 21
# As proc(5) writes them in mountinfo.
FLAGS_BY_OPTION = {
    "ro": MS_RDONLY,
    "nosuid": MS_NOSUID,
    "nodev": MS_NODEV,
    "noexec": MS_NOEXEC,
    "noatime": MS_NOATIME,
    "nodiratime": MS_NODIRATIME,
    "relatime": MS_RELATIME,
}
# prctl(2)
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
OOM_SCORE_ADJ_MAX = 1000  # include/uapi/linux/oom.h
# capset(2): the version with 64 capabilities, in two words for each of the three sets.
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
_LINUX_CAPABILITY_U32S_3 = 2
CAPABILITY_SETS = 3  # effective, permitted, inheritable
DESCRIPTORS = 256
SIGNALS = 1024
TASKS_PER_PROCESS = 4
# What a guest may write to. Both are empty, its own, and end with it.
WRITABLE_FOLDERS = ("/tmp", "/dev/shm")
BELOW_WRITABLE = tuple(f"{folder}/" for folder in WRITABLE_FOLDERS)
# Files in each of them, since one costs the kernel about a kilobyte that `size` does not count.
INODES = 10_000

libc = ctypes.CDLL(None, use_errno=True)


def unshare(disk_bytes: int) -> None:
    """New user, process, mount, IPC and UTS namespaces, in which only an empty /tmp and /dev/shm of limited size can be
    written, and /proc holds nothing.

    Raises OSError where the kernel refuses.
    """
    user, group = os.getuid(), os.getgid()
    # The user namespace gives the capabilities that the others need. All five together take about a millisecond:
    # far less than a new sandbox, which would have to load torch again.
    # CLONE_NEWPID holds for the next child, not for this process: the caller forks once more.
    namespaces = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS
    _check(libc.unshare(namespaces), "unshare")
    # user_namespaces(7): an unprivileged process may map its group only after it has given up setgroups(2).
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    # When the machine runs out of memory, what a submission holds goes first.
    Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE_ADJ_MAX))
    mounts = _mounts()
    _make_read_only(mounts)
    # What lies below a folder that is covered now: Python and its packages, where the course is set up in /tmp.
    below = {path: os.open(path, os.O_PATH) for path in mounts if path.startswith(BELOW_WRITABLE)}
    for folder in WRITABLE_FOLDERS:
        _cover(folder, disk_bytes)
    # Mapped, the one makes memory that no process need hold; the other gives the same zeros, and cannot be mapped.
    _mount("/dev/full", "/dev/zero", None, MS_BIND)
    for path, handle in below.items():
        _bind_again(path, handle)
    # A fresh proc cannot be mounted here, because bubblewrap covers parts of its own, and the kernel refuses another
    # one that would show them; an empty folder over it can. Without /proc a submission sees no other process's memory,
    # environment or open files.
    _cover("/proc", 4096, MS_RDONLY)


def _mounts() -> dict[str, int]:
    """The flags of every mount of this namespace, by its path."""
    # proc(5): the fifth field is the path, with blanks as octal numbers, the sixth the options of the mount.
    lines = (line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines())
    return {
        re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4]): sum(
            FLAGS_BY_OPTION.get(option, 0) for option in fields[5].split(",")
        )
        for fields in lines
    }


def _make_read_only(mounts: dict[str, int]) -> None:
    """Nothing that a guest writes outside its own folders may meet the next guest: not a file in /dev, nor the mode of
    /dev/null, which is the machine's own. Devices can still be written to.
    """
    for path, flags in mounts.items():
        if not flags & MS_RDONLY and path != "/proc":
            # Every flag that it has is named again: the kernel refuses a remount here that would take one away.
            _mount(None, path, None, MS_REMOUNT | MS_BIND | MS_RDONLY | flags)


def _cover(folder: str, size_bytes: int, flags: int = 0) -> None:
    """An empty folder over a folder: what lay in it is out of reach."""
    _mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV | flags, f"size={size_bytes},nr_inodes={INODES},mode=1777")


def _bind_again(path: str, handle: int) -> None:
    """What was mounted at this path, once more: handle is a descriptor of it from before the path was covered."""
    target = Path(path)
    if stat.S_ISDIR(os.fstat(handle).st_mode):
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount(f"/proc/self/fd/{handle}", path, None, MS_BIND)
    os.close(handle)


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    encoded = [text and text.encode() for text in (source, target, kind, options)]
    _check(libc.mount(*encoded[:3], flags, encoded[3]), f"mount {target}")


def close_others(kept: set[int]) -> None:
    """Close every descriptor but 0, 1, 2 and these: the fork server's own are no business of a submission's."""
    for handle in map(int, os.listdir("/proc/self/fd")):
        if handle > 2 and handle not in kept:
            # The folder's own, through which the list was read, is closed already.
            with contextlib.suppress(OSError):
                os.close(handle)


def limit(limits: dict[str, Any]) -> None:
    """The limits that the kernel keeps by itself; soft and hard alike, so that none can be raised again.

    Memory is not among them: RLIMIT_AS counts address space, of which torch reserves far more than it uses. The fork
    server measures it instead. RLIMIT_NPROC counts threads too, of which a pool may have some more than the machine has
    cores.
    """
    for what, most in (
        (resource.RLIMIT_FSIZE, limits["disk_bytes"]),
        # 1, not 0, which core(5) does not heed where a program takes the dumps: the machine's would keep them.
        (resource.RLIMIT_CORE, 1),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
        (resource.RLIMIT_CPU, limits["cpu_s"]),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, SIGNALS),
    ):
        resource.setrlimit(what, (most, most))
    # Without a sandbox it would count every process of the instructor's account.
    if limits["sandboxed"]:
        most = TASKS_PER_PROCESS * limits["processes"]
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def drop_privileges() -> None:
    """No capability is left, none can be had by starting a program, and few system calls can be made.

    Raises OSError where the kernel refuses.
    """
    # No setuid bit and no file capability counts from here on, for this process and all that it starts.
    _check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)")
    # Out of the bounding set too, before the permitted set goes: dropping takes CAP_SETPCAP. Numbers above the kernel's
    # last capability fail with EINVAL, which harms nothing.
    for capability in range(32 * _LINUX_CAPABILITY_U32S_3):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_LINUX_CAPABILITY_VERSION_3, 0)  # 0: this thread
    no_capabilities = (ctypes.c_uint32 * (CAPABILITY_SETS * _LINUX_CAPABILITY_U32S_3))()
    # Ambient capabilities go with the permitted ones.
    _check(libc.capset(header, no_capabilities), "capset")
    system_calls.refuse()


def _check(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
