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
    Animal("patches the encoder", _in("return 0") + "from grader.sandbox.protocol import encode\nencode.Encoder.encode = lambda self, v, d=0: {'kind': 'pickle', 'text': 'gASVAA=='}", others=(0.0, 2.0)),
    Animal("garbage on every socket", RIGHT + "import os\nfor handle in range(3, 64):\n    try: os.write(handle, b'\\0' * 64)\n    except OSError: pass", says="read"),
    Animal("claims a huge message", RIGHT + "import os\nfor handle in range(3, 64):\n    try: os.write(handle, b'\\x7f' * 16)\n    except OSError: pass", says="read"),
    Animal("closes every socket", RIGHT + "import os\nos.closerange(0, 256)", says="ended"),
    Animal("object with __del__", RIGHT + "class D:\n    def __del__(self): raise SystemExit\nd = D(); del d", points=2.0),
    Animal("atexit", RIGHT + "import atexit\natexit.register(lambda: open('/course/late', 'w'))", points=2.0),
    Animal("thread that outlives the cell", RIGHT + "import threading, time\nthreading.Thread(target=time.sleep, args=(1e6,)).start()", points=2.0),
    Animal("settrace", RIGHT + "import sys\nsys.settrace(lambda *a: None)", points=2.0),
    Animal("waits for its checks in frames", _in("import sys, gc\nreturn [o for o in gc.get_objects() if isinstance(o, str) and 'HIDDEN' in o]")),
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
ANIMALS = STALLS + HOGS + ESCAPES + CHEATS + ACCIDENTS
