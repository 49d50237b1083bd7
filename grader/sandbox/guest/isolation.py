"""What a submission's process gives up before a student's code runs: namespaces, folders, limits, privileges.

Constants have the kernel's names and values (include/uapi/linux/{sched,mount,prctl,capability}.h). `os.unshare` exists
only since Python 3.12 and `mount`, `prctl` and `capset` in no version, so they are called in the C library.

Source: man pages unshare(2), user_namespaces(7), pid_namespaces(7), mount(2), prctl(2), capabilities(7), capset(2),
setrlimit(2).
"""

import ctypes
import os
import resource
from pathlib import Path
from typing import Any

# unshare(2)
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
# mount(2)
MS_NOSUID = 2
MS_NODEV = 4
# prctl(2)
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
# capset(2): the version with 64 capabilities, in two words for each of the three sets.
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
_LINUX_CAPABILITY_U32S_3 = 2
CAPABILITY_SETS = 3  # effective, permitted, inheritable

libc = ctypes.CDLL(None, use_errno=True)


def unshare(disk_bytes: int) -> None:
    """New user, process, mount, IPC and UTS namespaces; an empty /tmp and /dev/shm of limited size; nothing in /proc.

    Raises OSError where the kernel refuses.
    """
    user, group = os.getuid(), os.getgid()
    # The user namespace gives the capabilities that the others need. Inside bubblewrap all five together take 75 ms:
    # far less than a new sandbox, which would have to load torch again.
    # CLONE_NEWPID holds for the next child, not for this process: the caller forks once more.
    namespaces = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS
    _check(libc.unshare(namespaces), "unshare")
    # user_namespaces(7): an unprivileged process may map its group only after it has given up setgroups(2).
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    # What the last submission left in /tmp and /dev/shm lies under these mounts, out of reach. /proc is hidden in the
    # same way. A fresh proc cannot be mounted here, because bubblewrap covers parts of its own, and the kernel refuses
    # another one that would show them; an empty folder over it can. Without /proc a submission sees no other process's
    # memory, environment or open files.
    for folder, size in (("/tmp", disk_bytes), ("/dev/shm", disk_bytes), ("/proc", 4096)):
        options = f"size={size},mode=1777".encode()
        _check(libc.mount(b"tmpfs", folder.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, options), f"mount {folder}")


def limit(limits: dict[str, Any]) -> None:
    """The limits that the kernel keeps by itself; soft and hard alike, so that none can be raised again.

    Memory is not among them: RLIMIT_AS counts address space, of which torch reserves far more than it uses. The fork
    server measures it instead. RLIMIT_NPROC counts threads too, hence twice the number of processes.
    """
    for what, most in (
        (resource.RLIMIT_FSIZE, limits["disk_bytes"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CPU, limits["cpu_s"]),
    ):
        resource.setrlimit(what, (most, most))
    # Without a sandbox it would count every process of the instructor's account.
    if limits["sandboxed"]:
        resource.setrlimit(resource.RLIMIT_NPROC, (2 * limits["processes"], 2 * limits["processes"]))


def drop_privileges() -> None:
    """No capability is left, and none can be had by starting a program. Raises OSError where the kernel refuses."""
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


def _check(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
