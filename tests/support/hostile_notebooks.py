"""Hostile and clumsy answers to one exercise of the example lab, each with what must come of it.

Bombs are bounded, so that a grader that fails to stop one harms nobody.

Every animal stands in the cell of `mean`, between two right answers of other exercises. `points`: what `mean` earns.
"""

from dataclasses import dataclass

RIGHT = "def mean(values):\n    return sum(values) / len(values)\n"
CANARY = "canary-b1f3"


@dataclass(frozen=True)
class Animal:
    """A solution cell. says: part of the hint that its student must read. others: points of the other two exercises."""

    name: str
    source: str
    points: float = 0.0
    says: str = ""
    others: tuple[float, float] = (2.0, 2.0)


def _in(body: str) -> str:
    """A function whose body is the given lines."""
    return "def mean(values):\n" + "".join(f"    {line}\n" for line in body.splitlines())


def _call(name: str, arguments: str) -> str:
    """Lines that make a system call, and a wrong answer where the kernel knows it."""
    return (
        "import ctypes, pyseccomp\nheld, libc = ctypes.create_string_buffer(4096), ctypes.CDLL(None, use_errno=True)\n"
        f"number = pyseccomp.resolve_syscall(pyseccomp.system_arch(), {name!r})\n"
        f"if libc.syscall(number, {arguments}) != -1 or ctypes.get_errno() != 38: mean = 0\n"
    )


STALLS = [
    Animal("endless cell", "while True: pass", says="in time"),
    Animal("endless function", _in("while True: pass"), says="in time"),
    Animal("sleeper", _in("import time\ntime.sleep(1e6)"), says="in time"),
    Animal("exception whose text never ends", _in("raise type('E', (Exception,), {'__str__': spin})()\n")
           + "def spin(self):\n    while True: pass\n", says="in time"),
    Animal("catches everything", "while True:\n    try:\n        while True: pass\n    except BaseException: pass", says="in time"),
]  # fmt: skip
HOGS = [
    Animal("fork bomb", "import os, time\nfor _ in range(7): os.fork()\ntime.sleep(60)", says="processes"),
    Animal("memory bomb", "held = [b'x' * (1 << 26) for _ in range(16)]", says="memory"),
    Animal("memory bomb in children", "import os\nfor _ in range(3):\n    if os.fork() == 0: held = [b'x' * (1 << 26) for _ in range(16)]\n"
           "import time; time.sleep(1e6)", says="memory"),
    Animal("memory held before it forks", "import os, time\nheld = b'x' * (1 << 29)\nfor _ in range(3): os.fork()\ntime.sleep(60)", says="memory"),
    Animal("memory and files together", "import time\nheld = b'x' * (248 << 20)\nopen('/dev/shm/more', 'wb').write(bytes(12 << 20))\ntime.sleep(60)", says="memory"),
    Animal("hides its memory from the kernel's report", "import ctypes, time\nctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\nheld = b'x' * (1 << 29)\ntime.sleep(60)", says="memory"),
    Animal("memory behind a dead main thread", "import os, threading, time, ctypes\ndef hold():\n    held = b'x' * (1 << 29)\n    time.sleep(60)\nif os.fork() == 0:\n    threading.Thread(target=hold).start()\n    time.sleep(0.1)\n    ctypes.CDLL(None).syscall(60, 0)\ntime.sleep(60)", says="memory"),
    Animal("page tables", "import mmap, time\nm = mmap.mmap(-1, 1 << 40, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ)\nfor at in range(0, 1 << 38, 1 << 21): m[at]\ntime.sleep(60)", says="memory"),
    Animal("many empty files", RIGHT + "for name in range(10**5): open(f'{name}', 'w').close()", points=2.0),
    Animal("hides its memory by a program that it may not read", "import os, shutil, time\nshutil.copy(shutil.which('dd'), 'dd')\nos.chmod('dd', 0o111)\n"
           "if os.fork() == 0: os.execl('./dd', 'dd', 'if=/dev/zero', 'of=/dev/null', 'bs=512M')\ntime.sleep(60)", says="memory"),
    Animal("shared memory without a name", RIGHT + "import mmap\nheld = mmap.mmap(-1, 1 << 28)\nmean = 0", points=2.0),
    Animal("shared memory of /dev/zero", RIGHT + "import mmap, os\nheld = mmap.mmap(os.open('/dev/zero', os.O_RDWR), 1 << 28)\nmean = 0", points=2.0),
    Animal("a file in memory", RIGHT + "import os\nos.truncate(os.memfd_create('held'), 1 << 28)\nmean = 0", points=2.0),
    Animal("fills /dev", RIGHT + "open('/dev/held', 'wb').write(bytes(1 << 20))\nmean = 0", points=2.0),
    Animal("fills /dev/shm", RIGHT + "open('/dev/shm/held', 'wb').write(bytes(1 << 27))\nmean = 0", points=2.0),
    Animal("hoards descriptors", RIGHT + "held = [open('/dev/null') for _ in range(10**4)]", points=2.0),
    Animal("hoards pipes", RIGHT + "import fcntl, os\nheld = [os.pipe() for _ in range(100)]\nfor _, end in held:\n    fcntl.fcntl(end, 1031, 1 << 20)\n    os.write(end, bytes(1 << 20))", points=2.0),
    Animal("hoards full sockets", "import os, socket, time\nfor _ in range(9):\n    if os.fork() == 0: break\nheld = []\nfor _ in range(120):\n    held.append(socket.socketpair())\n"
           "    for one in held[-1]:\n        one.setblocking(False)\n        try:\n            while True: one.send(bytes(1 << 15))\n        except BlockingIOError: pass\ntime.sleep(60)", says="memory"),
    Animal("enlarges a socket", RIGHT + "import socket\nsocket.socketpair()[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)\nmean = 0", points=2.0),
    Animal("names itself in bytes that are no text", "import ctypes, time\nctypes.CDLL(None).prctl(15, b'\\xff\\nRssAnon: 1', 0, 0, 0)\nheld = b'x' * (1 << 29)\ntime.sleep(60)", says="memory"),
    Animal("hoards threads", "import threading\nwait = threading.Event()\nfor _ in range(10**4): threading.Thread(target=wait.wait, daemon=True).start()\n" + RIGHT),
    Animal("a gigabyte of output", "for _ in range(10**5): print('x' * 10**4)", says="printed"),
    Animal("output past Python", "import os\nwhile True: os.write(1, b'x' * 10**6)", says="printed"),
    Animal("disk filler", RIGHT + "open('fill', 'wb').write(bytes(1 << 28))", points=2.0),
    Animal("a gigabyte returned", _in("return [0.5] * 10**8")),
    Animal("nesting without end", _in("deep = []\nfor _ in range(10**5): deep = [deep]\nreturn deep")),
    Animal("endless iterator", _in("import itertools\nreturn itertools.count()")),
    Animal("infinite recursion", _in("return mean(values)")),
    Animal("recursion in C", _in("import sys\nsys.setrecursionlimit(10**9)\nreturn mean(values)")),
]  # fmt: skip
ESCAPES = [
    Animal("network call", _in("import socket\nsocket.create_connection(('192.0.2.1', 80), 2)")),
    Animal("loopback call", _in("import socket\nsocket.create_connection(('127.0.0.1', 22), 2)")),
    Animal("reads every environment", _in("from pathlib import Path\nreturn [p.read_text() for p in Path('/proc').glob('[0-9]*/environ')]")),
    Animal("reads its own environment", _in("import os\nreturn dict(os.environ)")),
    Animal("reads memory of process 1", _in("return open('/proc/1/mem', 'rb').read(10)")),
    Animal("reads its parent's memory", _in("import os\nreturn open(f'/proc/{os.getppid()}/mem', 'rb').read(10)")),
    Animal("takes hold of its parent", RIGHT + "import ctypes, os\nassert ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0\nmean = 0", points=2.0),
    Animal("writes into the course", RIGHT + "open('/course/utils/checks.py', 'w').write('')", points=2.0),
    Animal("looks for the labs", _in("import glob\nreturn glob.glob('/course/**/*.ipynb', recursive=True)")),
    Animal("looks for a gradebook", _in("import os\nreturn [f for _, _, fs in os.walk('/home') for f in fs]")),
    Animal("signals its parent", RIGHT + "import os, signal\nos.kill(os.getppid() or 1, signal.SIGKILL)", points=2.0),
    Animal("signals everybody", RIGHT + "import os, signal\nos.kill(-1, signal.SIGKILL)", points=2.0),
    Animal("signals its process group", RIGHT + "import os, signal\nos.kill(0, signal.SIGKILL)", points=2.0),
    Animal("stops its process group", RIGHT + "import os, signal\nos.kill(0, signal.SIGSTOP)", points=2.0),
    Animal("stops the fork server by its priority", RIGHT + "import os\nos.setpriority(os.PRIO_PGRP, 0, 19)\nos.setpriority(os.PRIO_USER, os.getuid(), 19)", points=2.0),
    Animal("reads the instructor's keys", RIGHT + _call("keyctl", "11, -3, held, 64"), points=2.0),
    Animal("adds a key", RIGHT + _call("add_key", "b'user', b'left', b'behind', 6, -4"), points=2.0),
    Animal("reads another's memory by number", RIGHT + _call("process_vm_readv", "1, held, 1, held, 1, 0"), points=2.0),
    Animal("io_uring", RIGHT + _call("io_uring_setup", "8, held"), points=2.0),
    Animal("bpf", RIGHT + _call("bpf", "0, held, 64"), points=2.0),
    Animal("userfaultfd", RIGHT + _call("userfaultfd", "1"), points=2.0),
    Animal("a user namespace by clone3", RIGHT + _call("clone3", "(ctypes.c_ulong * 11)(0x10000000), 88"), points=2.0),
    Animal("a file by its number on the disk", RIGHT + _call("name_to_handle_at", "-100, b'/usr', held, held, 0"), points=2.0),
    Animal("types into a terminal", RIGHT + "import fcntl, os\nfcntl.ioctl(os.openpty()[1], 0x5412, b'x')\nmean = 0", points=2.0),
    Animal("asks the kernel about the network", RIGHT + "import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\nmean = 0", points=2.0),
    Animal("takes a lease on the course's own file", RIGHT + "import fcntl\nfcntl.fcntl(open('/course/utils/checks.py'), fcntl.F_SETLEASE, fcntl.F_WRLCK)\nmean = 0", points=2.0),
    Animal("watches what others read", RIGHT + _call("inotify_init1", "0"), points=2.0),
    Animal("sets the clock", RIGHT + "import time\ntime.clock_settime(time.CLOCK_REALTIME, 0)\nmean = 0", points=2.0),
    Animal("changes a device of the machine", RIGHT + "import os\nos.chmod('/dev/null', 0o666)\nmean = 0", points=2.0),
    Animal("raises its own limits", RIGHT + "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))\nmean = 0", points=2.0),
    Animal("uncovers /proc", _in("import ctypes, os\nctypes.CDLL(None).umount2(b'/proc', 2)\nreturn os.listdir('/proc')")),
    Animal("new namespaces", _in("import ctypes, os\nc = ctypes.CDLL(None)\nc.unshare(0x10020000)\nc.mount(b'proc', b'/proc', b'proc', 0, None)\nreturn os.listdir('/proc')")),
    Animal("daemon", RIGHT + "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(1e6)\n    os._exit(0)", points=2.0),
    Animal("shell in the background", RIGHT + "import subprocess\nsubprocess.Popen(['sleep', '1000'])", points=2.0),
    Animal("device nodes", RIGHT + "import os, stat\nos.mknod('disk', stat.S_IFBLK | 0o600, os.makedev(8, 0))", points=2.0),
]  # fmt: skip
CHEATS = [
    Animal("patches the checks", _in("return 0") + "from utils import checks\nchecks.close = checks.equal = lambda *a, **k: None"),
    Animal("patches builtins", _in("return 0") + "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.AssertionError = KeyError"),
    Animal("lying object", _in("return type('Yes', (), {'__eq__': lambda a, b: True})()")),
    Animal("lying float", _in("return type('Yes', (float,), {'__eq__': lambda a, b: True})()")),
    Animal("right for visible inputs", _in("return {(1, 2): 1.5}.get(tuple(values), 0)")),
    Animal("patches the encoder", _in("return 0") + "from grader.sandbox.protocol import plain\nplain.Encoder.encode = lambda self, v, d=0: {'kind': 'pickle', 'text': 'gASVAA=='}"),
    Animal("garbage on every socket", RIGHT + "import os\nfor handle in range(3, 64):\n    try: os.write(handle, b'\\0' * 64)\n    except OSError: pass", says="read"),
    Animal("claims a huge message", RIGHT + "import os\nfor handle in range(3, 64):\n    try: os.write(handle, b'\\x7f' * 16)\n    except OSError: pass", says="read"),
    Animal("closes every socket", RIGHT + "import os\nos.closerange(0, 256)", says="ended"),
    Animal("object with __del__", RIGHT + "class D:\n    def __del__(self): raise SystemExit\nd = D(); del d", points=2.0),
    Animal("atexit", RIGHT + "import atexit\natexit.register(lambda: open('/course/late', 'w'))", points=2.0),
    Animal("thread that outlives the cell", RIGHT + "import threading, time\nthreading.Thread(target=time.sleep, args=(1e6,)).start()", points=2.0),
    Animal("settrace", RIGHT + "import sys\nsys.settrace(lambda *a: None)", points=2.0),
    Animal("waits for its checks in frames", _in("import sys, gc\nreturn [o for o in gc.get_objects() if isinstance(o, str) and 'HIDDEN' in o]")),
]  # fmt: skip
# Known by heart: the code that serves in the same process, its socket and its numbers.
_SERVER = (
    "import gc, json, os, socket\nfrom grader.sandbox.guest import worker as w\nfrom grader.sandbox.protocol import messages, plain\n"
    "me = next(o for o in gc.get_objects() if type(o) is w.Worker)\n"
)  # fmt: skip


def _answers(answer: str, ready: str = "") -> str:
    """A submission whose every answer to a call is the given expression; `r` is the request."""
    return (
        f"{RIGHT}{_SERVER}{ready}\nold = w.Worker._call\n"
        "def forged(self, r, blob):\n"
        "    if r['function'] != 'mean': return old(self, r, blob)\n"
        f"    return {answer}, plain.Encoder()\n"
        "w.Worker._call = forged\n"
    )


_REST = "'graph': None, 'written': [], 'random_states': None"
FORGERIES = [
    Animal("names Python's own names", _answers("{'value': {'kind': 'name', 'name': '__builtins__'}, " + _REST + "}"), says="read"),
    Animal("writes names into arguments", _answers("{'value': 1.5, 'graph': None, 'random_states': None, 'written': [[0, {'kind': 'list', 'items': [{'kind': 'name', 'name': '__builtins__'}]}]]}"), says="read"),
    Animal("sends a pickle", _answers("{'value': {'kind': 'pickle', 'text': 'Y29zCnN5c3RlbQooUydlY2hvIHgnCnRSLg=='}, " + _REST + "}"), says="read"),
    Animal("sends a function to call", _answers("{'value': {'kind': 'callback', 'index': 0}, " + _REST + "}"), says="read"),
    Animal("calls what was not passed", _answers("{'callback': 0, 'args': {'kind': 'tuple', 'items': []}, 'kwargs': {'kind': 'dict', 'items': []}}"), says="read"),
    Animal("sends a class of the course", _answers("{'value': {'kind': 'record', 'module': 'utils.runtime', 'class': 'Path', 'fields': {}}, " + _REST + "}"), says="read"),
    Animal("refers to what was not passed", _answers("{'value': {'kind': 'passed', 'ref': 10**6}, " + _REST + "}"), says="read"),
    Animal("gives back what was passed", _in("return values")),
    Animal("writes into what cannot be written", _answers("{'value': 1.5, 'graph': None, 'random_states': None, 'written': [[0, {'kind': 'dict', 'items': []}]]}"), says="read"),
    Animal("a position outside a generator", _answers("{'value': 1.5, 'graph': None, 'written': [], 'random_states': s}", "s = w.random_states()\ns = plain.Encoder().encode((s[0], (s[1][0], 10**6, 0, 0.0), s[2]))"), says="read"),
    Animal("states of no generator", _answers("{'value': 1.5, 'graph': None, 'written': [], 'random_states': [1]}"), says="read"),
    Animal("three million rows of nothing", _answers("{'value': {'kind': 'array', 'dtype': '<f8', 'shape': [3000000, 0], 'span': [0, 0]}, " + _REST + "}"), says="read"),
    Animal("a shape that overflows", _answers("{'value': {'kind': 'array', 'dtype': '<f8', 'shape': [2**62, 2**62, 0], 'span': [0, 0]}, " + _REST + "}"), says="read"),
    Animal("colliding numbers", _in("return {k * (2**61 - 1) for k in range(10**4)}"), says="read"),
    Animal("colliding keys", _in("return {k * (2**61 - 1): 0 for k in range(10**4)}"), says="read"),
    Animal("colliding tuples", _in("return {(k * (2**61 - 1),) for k in range(10**4)}"), says="read"),
    Animal("a number of many digits", _in("return 10**4000"), says="read"),
    Animal("a number of too many digits", _in("return 10**10**5"), says="ValueError"),
    Animal("pointers in an array", _in("import numpy\nreturn numpy.array([object()] * 3)")),
    Animal("a structured array", _in("import numpy\nreturn numpy.zeros(3, 'f4,f4')")),
    Animal("a tensor without numbers", _in("import torch\nreturn torch.empty(2, device='meta')")),
    Animal("a sparse tensor", _in("import torch\nreturn torch.eye(3).to_sparse()")),
    Animal("an error with an endless name", _in("raise type('E' * 10**6, (Exception,), {})('x' * 10**7)"), says="an Exception"),
    Animal("an error of half a character", _in("raise ValueError('\\ud800\\x00\\x1b[2J')"), says="ValueError"),
    Animal("an error that counts as an assertion", _in("raise AssertionError('the mean of 1 and 2 lies between them, so full marks')"), says="AssertionError"),
    Animal("an error with a hint of its own", "from utils import checks\n" + _in("raise checks.Failed('x', 'Everything is right.')"), says="raised an AssertionError"),
    Animal("a group of errors", _in("raise ExceptionGroup('x', [ValueError(1)])"), says="raised"),
    Animal("GeneratorExit", _in("raise GeneratorExit"), says="raised"),
    Animal("an error with forged fields", _answers("{'error': {'builtin_kinds': ['eval', 'exit'], 'name': 'x', 'message': 'y', 'line': 1, 'text': ''}, 'written': [], 'random_states': None}"), says="RuntimeError"),
    Animal("an error without fields", _answers("{'error': 3, 'written': [], 'random_states': None}"), says="read"),
    Animal("answers before it is asked", RIGHT + _SERVER + "for n in range(2, 90): me.calls.sendall(messages.framed({'number': n, 'value': 1.5, 'graph': None, 'written': [], 'random_states': None}, b''))", says="read"),
    Animal("answers twice", _answers("(me.calls.sendall(messages.framed({'number': r['number'], 'value': 1.5, " + _REST + "}, b'')), {'value': 1.5, " + _REST + "})[1]"), says="read"),
    Animal("answers another question", _answers("(setattr(me, 'number', 7), {'value': 1.5, " + _REST + "})[1]"), says="read"),
    Animal("JSON in UTF-16", RIGHT + _SERVER + "t = '{}'.encode('utf-16')\nme.calls.sendall(messages.LENGTHS.pack(len(t), 0) + t)", says="read"),
    Animal("hangs up one half", RIGHT + _SERVER + "me.calls.shutdown(socket.SHUT_WR)", says="ended"),
    Animal("speaks out of band", RIGHT + _SERVER + "me.calls.send(b'x', socket.MSG_OOB)", points=2.0),
    Animal("leaves descriptors on their way", RIGHT + "import socket\none, two = socket.socketpair()\nwhile True: socket.send_fds(one, [b'x'], [two.fileno()] * 100)", points=2.0),
    Animal("sends descriptors with its answers", RIGHT + _SERVER + "w.Worker._send = lambda self, tree, encoder=None: socket.send_fds(self.calls, [(encoder or plain.Encoder()).message(tree | {'number': self.number})], [0, 1, 2])", points=2.0),
    Animal("ends the check's iteration", _in("raise StopIteration"), says="an Exception"),
    Animal("stops itself", RIGHT + "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nos.system('kill -STOP $PPID')", points=2.0),
    Animal("its child answers too", RIGHT + "import os\nos.fork()", points=2.0),
    Animal("a list that holds itself", _in("values.append(values)\nreturn values")),
    Animal("ten million items in the argument", _in("values.extend([0.5] * 10**7)\nreturn 1.5")),
    Animal("changes the lab's own list", RIGHT + "HEIGHTS.append(10**9)\nHEIGHTS[:] = [1, 2]\n", points=2.0),
    Animal("an iterator that ends the process", _in("import os\nyield 1\nos._exit(0)"), says="ended"),
    Animal("an iterator of large parts", _in("while True: yield 'x' * 10**6"), says="memory"),
]  # fmt: skip
ACCIDENTS = [
    Animal("syntax error", "def mean(values:", says="SyntaxError"),
    Animal("os._exit", "import os\nos._exit(0)", says="ended"),
    Animal("os._exit in the function", _in("import os\nos._exit(0)"), says="ended"),
    Animal("sys.exit", RIGHT + "import sys\nsys.exit(0)", points=2.0),
    Animal("KeyboardInterrupt", RIGHT + "raise KeyboardInterrupt", points=2.0),
    Animal("segmentation fault", "import ctypes\nctypes.string_at(0)", says="ended"),
    Animal("deletes itself", RIGHT + "del mean"),
    Animal("a class in its place", "class mean:\n    def __init__(self, values): pass"),
    Animal("returns nothing", _in("pass")),
    Animal("another signature", "def mean(): return 1.5"),
    Animal("empty cell", ""),
    Animal("right", RIGHT, points=2.0),
]  # fmt: skip
ANIMALS = STALLS + HOGS + ESCAPES + CHEATS + FORGERIES + ACCIDENTS
