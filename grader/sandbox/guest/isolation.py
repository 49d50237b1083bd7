"""What a job gives up before a student's code runs: namespaces, folders, limits, privileges."""

import ctypes
import os
import resource
from pathlib import Path
from typing import Any

NEW_MOUNTS, NEW_NAMES, NEW_IPC, NEW_USERS, NEW_PROCESSES = 0x20000, 0x04000000, 0x08000000, 0x10000000, 0x20000000
NO_SUID_NO_DEV = 0x6
NO_NEW_PRIVILEGES, DROP_CAPABILITY, LAST_CAPABILITY = 38, 24, 63
libc = ctypes.CDLL(None, use_errno=True)


def unshare(disk_bytes: int) -> None:
    """Own users, processes, mounts and names; an empty /tmp and /dev/shm of limited size; nothing in /proc."""
    user, group = os.getuid(), os.getgid()
    _checked(libc.unshare(NEW_USERS | NEW_PROCESSES | NEW_MOUNTS | NEW_IPC | NEW_NAMES), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    for folder, size in (("/tmp", disk_bytes), ("/dev/shm", disk_bytes), ("/proc", 4096)):
        options = f"size={size},mode=1777".encode()
        _checked(libc.mount(b"tmpfs", folder.encode(), b"tmpfs", NO_SUID_NO_DEV, options), f"mount {folder}")


def limit(limits: dict[str, Any]) -> None:
    for what, most in (
        (resource.RLIMIT_FSIZE, limits["disk_bytes"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CPU, limits["cpu_s"]),
    ):
        resource.setrlimit(what, (most, most))
    if limits["sandboxed"]:
        resource.setrlimit(resource.RLIMIT_NPROC, (2 * limits["processes"], 2 * limits["processes"]))


def drop_privileges() -> None:
    """No capability is left, and none can be had by starting a program."""
    _checked(libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no new privileges")
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(DROP_CAPABILITY, capability, 0, 0, 0)
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    _checked(libc.capset(header, nothing), "drop capabilities")


def _checked(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
