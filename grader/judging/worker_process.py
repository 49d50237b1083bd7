"""A process for `judging.grade_one` beside each thread of a Dask worker; it ends with the worker, however that ends."""

import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection

from grader.records import Row, Task

_of_this_thread = threading.local()


class Process:
    """One that grades submissions, one after another."""

    def __init__(self):
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "grader.judging.grade_one", str(theirs.fileno())]
            self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        self.line = Connection(ours.detach())

    def grade(self, task: Task) -> Row:
        """Raises RuntimeError for an error inside, EOFError or OSError when the process has ended."""
        self.line.send(task)
        answer = self.line.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """End it and all that it started."""
        self.line.close()
        self.process.kill()
        self.process.wait()


def run(task: Task) -> Row:
    """Grade one submission in this thread's process; after an error the next one gets a new process."""
    if not hasattr(_of_this_thread, "process"):
        _of_this_thread.process = Process()
    try:
        return _of_this_thread.process.grade(task)
    except Exception:
        close()
        raise


def close() -> None:
    """End this thread's process, if it has one."""
    if hasattr(_of_this_thread, "process"):
        _of_this_thread.process.close()
        del _of_this_thread.process
