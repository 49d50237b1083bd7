"""A worker of the tests whose last rank misbehaves in the way its settings name; quick, for it needs no PyTorch."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from utils.systems import distributed

SLEEP = [sys.executable, "-c", "import time; time.sleep(300)"]


def leave_a_grandchild():
    """Started in its own session, from a child that ends at once: no parent leads to it."""
    starter = f"import subprocess; subprocess.Popen({SLEEP!r}, start_new_session=True)"
    subprocess.run([sys.executable, "-c", starter], check=True)


def fail_once():
    if os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
        os.kill(os.getpid(), signal.SIGKILL)


def garbage():
    sys.stdout.buffer.write(b'{"rank": 7}\xff\xfe\x00\x1b[31m{{{\n' * 1000)


WAYS = {
    "raise": lambda: 1 / 0,
    "exit": lambda: sys.exit(3),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "hang": lambda: time.sleep(300),
    "deaf": lambda: (signal.signal(signal.SIGTERM, signal.SIG_IGN), time.sleep(300)),
    "silent": lambda: os._exit(0),
    "garbage": garbage,
    "garbage and exit": lambda: (garbage(), sys.exit(4)),
    "grandchild": leave_a_grandchild,
    "grandchild and hang": lambda: (leave_a_grandchild(), time.sleep(300)),
    "fail once": fail_once,
    "no JSON": lambda: distributed.report(object()),
}

given = distributed.settings()
Path(given["pids"], str(os.getpid())).touch()
rank = int(os.environ["RANK"])
if rank == int(os.environ["WORLD_SIZE"]) - 1:
    print("rank", rank, "is ready", flush=True)
    WAYS[given["way"]]()
distributed.report(rank)
