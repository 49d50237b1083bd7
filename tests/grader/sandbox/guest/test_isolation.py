"""What one guest leaves behind, the next one does not find; and what a guest holds when a student's code begins."""

import json
import shutil

import pytest

from tests.support import guests

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed: tools/packages.txt"),
]
# Each attempt by itself, since the most are refused.
LEAVE = """
import builtins, contextlib, ctypes, fcntl, os, resource, signal, socket, sys, time
libc = ctypes.CDLL(None)

def lock():
    global locked
    locked = open("/course/utils/__init__.py")
    fcntl.flock(locked, fcntl.LOCK_EX)

def name():
    global named
    named = socket.socket(socket.AF_UNIX)
    named.bind("\\0left-behind")
    named.listen()

def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(1, 65):
                with contextlib.suppress(OSError, ValueError):
                    signal.signal(number, signal.SIG_IGN)
            time.sleep(600)
        os._exit(0)

def loopback():
    server = socket.create_server(("127.0.0.1", 5005))
    socket.create_connection(("127.0.0.1", 5005))
    server.accept()[0].close()

attempts = [
    lambda: os.umask(0),
    lambda: open("left", "w").close(),  # in its own folder, which the next line leaves
    lambda: os.chdir("/"),
    lambda: os.nice(3),
    lambda: os.setpriority(os.PRIO_PGRP, 0, 19),
    lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
    lambda: libc.syscall(251, 3, os.getuid(), 3 << 13),
    lambda: os.sched_setaffinity(0, {0}),
    lambda: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0)),
    lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
    lambda: resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20)),
    lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1}),
    lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    lambda: signal.setitimer(signal.ITIMER_VIRTUAL, 1000),
    lambda: libc.prctl(29, 1000, 0, 0, 0),
    lambda: libc.prctl(15, b"left behind", 0, 0, 0),
    lambda: time.clock_settime(time.CLOCK_REALTIME, 0),
    lambda: socket.sethostname("left-behind"),
    lambda: os.environ.update(LEFT="behind"),
    lambda: setattr(builtins, "left", "behind"),
    lambda: sys.modules.update(left=sys),
    lambda: open("/dev/shm/left", "w").close(),
    lambda: open("/dev/left", "w").close(),
    lambda: open("/proc/left", "w").close(),
    lambda: open("/course/left", "w").close(),
    lambda: os.mkfifo("/left"),
    lambda: os.chmod("/dev/null", 0o777),
    lambda: os.chmod("/dev/pts/ptmx", 0),
    lambda: os.utime("/dev/full", (0, 0)),
    lambda: libc.shmget(4711, 4096, 0o1666),
    lambda: libc.semget(4711, 1, 0o1666),
    lambda: libc.msgget(4711, 0o1666),
    lambda: libc.mq_open(b"/left", os.O_CREAT | os.O_RDWR, 0o666, None),
    lambda: libc.syscall(248, b"user", b"left-behind", b"x", 1, -3),
    lock, name, loopback, daemon,
    lambda: os.kill(0, signal.SIGSTOP),
    lambda: os.kill(-1, signal.SIGKILL),
]
for attempt in attempts:
    with contextlib.suppress(Exception):
        attempt()
"""
LOOK = """
import builtins, ctypes, errno, fcntl, json, os, resource, signal, socket, stat, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)

def tried(attempt):
    try:
        return repr(attempt())
    except Exception as error:
        return repr(error)

def asked(attempt):
    return [attempt() == -1, errno.errorcode.get(ctypes.get_errno())]

def described(device):
    seen = os.stat(device)
    return [oct(seen.st_mode), seen.st_uid, seen.st_mtime > 1]

found = {
    "umask": os.umask(0o22),
    "cwd": os.getcwd(),
    "nice": os.getpriority(os.PRIO_PROCESS, 0),
    "io priority": libc.syscall(252, 1, 0),
    "affinity": sorted(os.sched_getaffinity(0)),
    "scheduler": os.sched_getscheduler(0),
    "limits": [resource.getrlimit(number) for number in range(16)],
    "signal mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "handlers": [str(signal.getsignal(number)) for number in range(1, 65)],
    "timer": signal.getitimer(signal.ITIMER_VIRTUAL),
    "timer slack": libc.prctl(30, 0, 0, 0, 0),
    "year": time.gmtime().tm_year > 2000,
    "host name": socket.gethostname(),
    "environment": dict(os.environ),
    "builtins": hasattr(builtins, "left"),
    "modules": "left" in sys.modules,
    "folders": [sorted(os.listdir(f"/{name}")) for name in ("", "tmp", "dev", "dev/shm", "dev/pts", "proc", "course")],
    "devices": [described(f"/dev/{name}") for name in ("null", "full", "zero", "random", "urandom", "pts/ptmx")],
    "terminal": tried(lambda: [os.close(handle) for handle in os.openpty()]),
    "shared memory": asked(lambda: libc.shmget(4711, 0, 0)),
    "semaphores": asked(lambda: libc.semget(4711, 0, 0)),
    "messages": asked(lambda: libc.msgget(4711, 0)),
    "queue": asked(lambda: libc.mq_open(b"/left", os.O_RDONLY)),
    "key": asked(lambda: libc.syscall(249, b"user", b"left-behind", None, -3)),
    "lock": tried(lambda: fcntl.flock(open("/course/utils/__init__.py"), fcntl.LOCK_EX | fcntl.LOCK_NB)),
    "abstract socket": tried(lambda: socket.socket(socket.AF_UNIX).connect("\\0left-behind")),
    "loopback": tried(lambda: socket.create_server(("127.0.0.1", 5005))),
    "processes": [os.getpid(), os.getppid(), os.getpgrp(), os.getsid(0)],
    "threads": threading.active_count(),
    "descriptors": [handle for handle in range(256) if tried(lambda: os.fstat(handle)).startswith("os.stat")],
}
print(json.dumps(found), flush=True)
"""
DESCRIPTORS = """
import json, os, stat
kinds = {}
for handle in range(256):
    try:
        seen = os.fstat(handle)
    except OSError:
        continue
    kinds[handle] = ["socket" if stat.S_ISSOCK(seen.st_mode) else str(os.major(seen.st_rdev)), seen.st_ino]
print(json.dumps(kinds), flush=True)
"""


@pytest.fixture(scope="module")
def box():
    with guests.sandbox("import numpy") as box:
        yield box


def test_what_a_guest_leaves_behind_the_next_one_does_not_find(box):
    alone = json.loads(guests.printed(box, LOOK))
    for _ in range(2):
        assert guests.error_of(box, LEAVE) is None
        found = json.loads(guests.printed(box, LOOK))
        assert {key: found[key] for key in alone if found[key] != alone[key]} == {}


def test_a_guest_does_change_what_is_its_own(box):
    """Else the test above would compare nothing."""
    alone, after = json.loads(guests.printed(box, LOOK)), json.loads(guests.printed(box, LEAVE, LOOK))
    changed = {key for key in alone if after[key] != alone[key]}
    assert changed >= {"cwd", "nice", "affinity", "limits", "signal mask", "handlers", "timer", "timer slack"}
    assert changed >= {"environment", "builtins", "modules", "folders", "lock", "abstract socket", "scheduler"}


def test_a_guest_holds_its_two_sockets_and_nothing_of_the_fork_server(box):
    kinds = json.loads(guests.printed(box, DESCRIPTORS))
    (input_kind, _), stdout, stderr, (calls_kind, calls_inode) = kinds.values()
    assert input_kind == "1"  # the major number of the memory devices: /dev/null
    assert stdout == stderr
    assert (stdout[0], calls_kind) == ("socket", "socket")
    assert stdout[1] != calls_inode


def test_nothing_can_be_seen_of_other_processes_or_of_what_is_mounted(box):
    look = "import os\nprint([sorted(os.listdir(name)) for name in ('/proc', '/course')], flush=True)"
    assert guests.printed(box, look) == "[[], ['grader', 'utils']]\n"
