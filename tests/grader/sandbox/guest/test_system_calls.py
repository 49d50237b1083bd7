"""What a guest asks of the kernel that no exercise needs is refused; what exercises use works."""

import shutil
import sys

import pytest

from grader.sandbox import bubblewrap
from grader.sandbox.guest import system_calls
from tests.support import guests
from utils.errors import CourseError

REFUSED = """
add_key bpf chroot clock_adjtime clock_settime clone3 delete_module fanotify_init finit_module init_module inotify_init
inotify_init1 io_setup io_uring_setup kcmp kexec_load keyctl lookup_dcookie memfd_create memfd_secret mount move_mount
mq_open msgget name_to_handle_at open_by_handle_at open_tree perf_event_open personality pidfd_getfd pivot_root
process_madvise process_vm_readv process_vm_writev ptrace quotactl reboot request_key seccomp semget setns settimeofday
shmget splice swapon sync tee umount2 unshare userfaultfd vmsplice
"""
TRY_REFUSED = """
import ctypes, errno, pyseccomp
libc = ctypes.CDLL(None, use_errno=True)
number = lambda name: pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
answers = {name: libc.syscall(number(name), 0, 0, 0, 0, 0, 0) == -1 and ctypes.get_errno() for name in NAMES.split()}
wrong = {name: code for name, code in answers.items() if code != errno.ENOSYS}
assert not wrong, wrong
"""
TRY_ARGUMENTS = """
import ctypes, errno, fcntl, mmap, os, signal, socket
libc = ctypes.CDLL(None, use_errno=True)

def code(attempt):
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno]

def called(*arguments):
    if libc.syscall(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "")

import pyseccomp
clone, prctl, ioctl = (pyseccomp.resolve_syscall(pyseccomp.system_arch(), name) for name in ("clone", "prctl", "ioctl"))
for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
    assert code(lambda: called(clone, flag | signal.SIGCHLD, 0, 0, 0, 0)) == "EPERM", hex(flag)
assert code(lambda: mmap.mmap(-1, 4096)) == "EPERM"
assert code(lambda: mmap.mmap(os.open("/dev/zero", os.O_RDWR), 4096)) == "ENODEV"
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK, socket.AF_ALG):
    assert code(lambda: socket.socket(family, socket.SOCK_DGRAM)) == "EAFNOSUPPORT", family
# A lease on a file of Python's or of the course's own would hold up everybody who opens it.
for path in (os.__file__, "/course/utils/checks.py"):
    with open(path) as file:
        for kind in (fcntl.F_RDLCK, fcntl.F_WRLCK):
            assert code(lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, kind)) == "EPERM", path
assert code(lambda: fcntl.fcntl(os.open("/usr", os.O_RDONLY), fcntl.F_NOTIFY, 1)) == "EPERM"
terminal, _ = os.openpty()
# What stands in the upper half of a register, which the kernel does not read, changes nothing.
for upper in (0, 1 << 32):
    assert code(lambda: called(ioctl, terminal, ctypes.c_ulong(0x5412 | upper), b"x")) == "EPERM"
    assert code(lambda: called(prctl, ctypes.c_ulong(4 | upper), 0, 0, 0, 0)) == "EPERM"
"""
USED = {
    "threads": "import threading\nthread = threading.Thread(target=print)\nthread.start()\nthread.join()",
    "a pool of processes": "from concurrent.futures import ProcessPoolExecutor\n"
    "with ProcessPoolExecutor(2) as pool: assert list(pool.map(abs, [-1, 2])) == [1, 2]",
    "multiprocessing": "import multiprocessing\n"
    "with multiprocessing.Pool(2) as pool: assert pool.map(abs, [-1]) == [1]\n"
    "assert multiprocessing.Manager().list([1])[0] == multiprocessing.Value('i', 1).value",
    "shared memory by name": "from multiprocessing.shared_memory import SharedMemory\n"
    "block = SharedMemory(create=True, size=8)\nblock.buf[0] = 1\nblock.close()\nblock.unlink()",
    "programs": "import subprocess\n"
    "done = subprocess.run('echo a b > f; cp f g; sort g | wc -w; mv g h; rm h', shell=True, capture_output=True)\n"
    "assert done.stdout.strip() == b'2', done",
    "another Python": "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import numpy'], check=True)",
    "files": "import mmap, tempfile\nwith tempfile.TemporaryFile() as file:\n"
    "    file.write(b'x' * 4096)\n    file.flush()\n    assert mmap.mmap(file.fileno(), 4096)[0] == 120",
    "private memory": "import mmap\nmmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)",
    "asyncio": "import asyncio\nassert asyncio.run(asyncio.to_thread(abs, -1)) == 1",
    "torch": "import torch\nweights = torch.randn(64, 64, requires_grad=True)\n(weights @ weights).sum().backward()\n"
    "torch.zeros(3).share_memory_()\ntorch.linalg.svd(torch.eye(8))",
    "a data loader": "from torch.utils.data import DataLoader\n"
    "assert sum(batch.sum() for batch in DataLoader([1, 2, 3, 4], batch_size=2, num_workers=2)) == 10",
    "a database": "import sqlite3\nsqlite3.connect('file.db').execute('create table t(c)')",
    "a terminal": "import os\nhandle, _ = os.openpty()\nos.write(handle, b'x')",
    "timers": "import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 1000)\ntime.sleep(0.01)",
}  # fmt: skip


@pytest.fixture(scope="module")
def box():
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed: tools/packages.txt")
    with guests.sandbox("import numpy, torch") as box:
        yield box


@pytest.mark.sandbox
@pytest.mark.slow
def test_what_no_exercise_needs_looks_like_a_call_that_the_kernel_does_not_have(box):
    assert guests.error_of(box, f"NAMES = '''{REFUSED}'''\n{TRY_REFUSED}") is None


@pytest.mark.sandbox
@pytest.mark.slow
def test_arguments_that_no_exercise_needs_are_refused(box):
    assert guests.error_of(box, TRY_ARGUMENTS) is None


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize("use", USED)
def test_what_exercises_use_works(box, use):
    assert guests.error_of(box, USED[use]) is None


def test_no_refused_call_is_allowed():
    assert set(REFUSED.split()) & set(system_calls.ALLOWED) == set()


def test_without_the_library_grading_refuses(monkeypatch):
    # None in sys.modules makes the import fail, as a missing package would.
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is asked for first, and is not installed: tools/packages.txt")
    with pytest.raises(CourseError, match="libseccomp2"):
        bubblewrap.require()
