"""A process of `judging.grade_one` beside each thread of a Dask worker; it ends with the worker, however that ends.

The two ends share a socket pair, and the worker holds its end alone. So the child sees the connection close when the
worker ends in any way, kill -9 included, and exits by itself; no list of processes has to be kept and cleaned up.
"""

import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection

from grader.records import Row, Task

# A submission at a time for each process, so a worker with several threads needs as many processes.
_of_this_thread = threading.local()


class GradingProcess:
    """One that grades submissions, one after another."""

    def __init__(self):
        parent_end, child_end = socket.socketpair()
        # Started as a program, not forked: a Dask worker has threads, and a fork would copy the locks they hold.
        with child_end:
            command = [sys.executable, "-m", "grader.judging.grade_one", str(child_end.fileno())]
            # pass_fds closes all others in the child: if it held the parent's end too, it would never see that close.
            self.process = subprocess.Popen(command, pass_fds=[child_end.fileno()], stdin=subprocess.DEVNULL)
        self.connection = Connection(parent_end.detach())

    def grade(self, task: Task) -> Row:
        """Raises RuntimeError for an error inside, CourseError where the machine cannot grade, EOFError or OSError when
        the process has ended.
        """
        self.connection.send(task)
        answer = self.connection.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """End it and all that it started."""
        # Killed, not asked: it may wait for a guest. wait() then takes the zombie away.
        self.connection.close()
        self.process.kill()
        self.process.wait()


def run(task: Task) -> Row:
    """Grade one submission in this thread's process; after an error the next one gets a new process.

    Dask calls this. It tries a task that raised once more, on any worker (`class_run`), so a submission whose process
    was killed by accident gets a second chance, and the one after it does not inherit a broken process.
    """
    if not hasattr(_of_this_thread, "process"):
        _of_this_thread.process = GradingProcess()
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
