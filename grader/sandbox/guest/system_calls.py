"""The system calls that a submission may use, enforced by the kernel (seccomp) through libseccomp.

Two filters, of which the stricter answer holds. The first names the calls that programs need and answers every other
one with ENOSYS, as a kernel does that does not have it: so the C library takes its older way where it knows one, and
calls that future kernels bring are refused too. The second looks at the arguments of calls that the first allows.

Refused, among others: keys (the session keyring is the instructor's), memory that no process has mapped and no limit
counts (memfd_create, shmget, vmsplice, io_setup), new namespaces and mounts, other processes' memory, tracing, message
queues, clocks, io_uring, bpf, userfaultfd, inotify, and every kind of socket but those between one machine's processes.

Source: man pages seccomp(2), seccomp_rule_add(3); include/uapi/asm-generic/{ioctls,mman-common}.h.
"""

import errno
import functools
import socket
from collections.abc import Iterator
from types import ModuleType
from typing import Any

ALLOWED = """
accept accept4 access alarm arch_prctl bind brk cachestat capget chdir chmod chown clock_getres clock_gettime
clock_nanosleep clone close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl
epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64
fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fork fremovexattr
fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue futex_wait futex_waitv futex_wake futimesat get_robust_list
getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid
getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid
getxattr ioctl ioprio_get kill lchown lgetxattr link
linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat madvise membarrier mincore mkdir mkdirat mknod
mknodat mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall munmap nanosleep newfstatat open openat
openat2 pause pidfd_open pidfd_send_signal pipe pipe2 poll ppoll prctl pread64 preadv preadv2 prlimit64 pselect6
pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg removexattr rename renameat
renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity
sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam
sched_setscheduler sched_yield select sendfile sendmmsg sendmsg sendto set_robust_list set_tid_address setitimer setpgid
setpriority setrlimit setsid setsockopt setxattr shutdown sigaltstack signalfd signalfd4 socket socketpair stat statfs
statx symlink symlinkat sysinfo tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_settime
timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname unlink unlinkat utime utimensat utimes
vfork wait4 waitid write writev
""".split()

# clone(2): CLONE_NEWNS and the others, for namespaces of each kind.
CLONE_NEW = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
MAP_SHARED = 0x01
MAP_TYPE = 0x0F
MAP_ANONYMOUS = 0x20
TIOCSTI = 0x5412
TIOCLINUX = 0x541C
F_SETLEASE = 1024
F_NOTIFY = 1026
PR_SET_DUMPABLE = 4
SO_SNDBUFFORCE = 32
# The kernel reads these arguments as int, so what stands in the upper half of the register must not matter here either.
INT = 0xFFFFFFFF
UNKNOWN = -1


def binding() -> ModuleType:
    """The Python binding of libseccomp. Raises ImportError or RuntimeError where it or the library is missing."""
    # Not at the top of the module: it looks for the library when it is imported, and without a sandbox none is needed.
    import pyseccomp

    return pyseccomp


@functools.cache
def filters() -> tuple[Any, ...]:
    """Both filters, not yet in force: made once, in the fork server."""
    seccomp = binding()
    by_name, by_argument = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS)), seccomp.SyscallFilter(seccomp.ALLOW)
    for name in ALLOWED:
        # An older library does not know the youngest calls: these stay refused.
        if seccomp.resolve_syscall(seccomp.system_arch(), name) != UNKNOWN:
            by_name.add_rule(seccomp.ALLOW, name)
    for code, name, *conditions in _refused_arguments(seccomp):
        by_argument.add_rule(seccomp.ERRNO(code), name, *conditions)
    # By name last: it refuses to load any filter after it.
    return by_argument, by_name


def _refused_arguments(seccomp: ModuleType) -> Iterator[tuple]:
    """(error number, system call, conditions on arguments: where all hold it is refused)."""
    for flag in CLONE_NEW:
        yield errno.EPERM, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag)
    # Such memory stays when a process unmaps it, and counts for nobody then. Private memory and shared files are free.
    shared = MAP_SHARED | MAP_ANONYMOUS
    yield errno.EPERM, "mmap", seccomp.Arg(3, seccomp.MASKED_EQ, MAP_TYPE | MAP_ANONYMOUS, shared)
    for name in ("socket", "socketpair"):
        yield errno.EAFNOSUPPORT, name, seccomp.Arg(0, seccomp.NE, socket.AF_UNIX)
    for request in (TIOCSTI, TIOCLINUX):
        yield errno.EPERM, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, INT, request)
    # The kernel's memory for a socket is counted by the buffer that it begins with.
    for option in (socket.SO_SNDBUF, SO_SNDBUFFORCE):
        level = seccomp.Arg(1, seccomp.MASKED_EQ, INT, socket.SOL_SOCKET)
        yield errno.EPERM, "setsockopt", level, seccomp.Arg(2, seccomp.MASKED_EQ, INT, option)
    # Python and `utils` may be the instructor's own files: a lease on one would hold up whoever opens it, the next
    # sandbox too, and a notice tell what other students' code reads.
    for command in (F_SETLEASE, F_NOTIFY):
        yield errno.EPERM, "fcntl", seccomp.Arg(1, seccomp.MASKED_EQ, INT, command)
    # An undumpable process hides its memory from the fork server.
    yield errno.EPERM, "prctl", seccomp.Arg(0, seccomp.MASKED_EQ, INT, PR_SET_DUMPABLE)


def refuse() -> None:
    """Put both filters in force for this process and all that it starts, for ever."""
    for each in filters():
        each.load()
