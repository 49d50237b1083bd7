"""A web service started from a notebook: its address once it is ready, its log, and a sure end.

`start` runs a Python file as a child process. In that file, `settings()` is what `start` was given, and `serve(app)`
serves on 127.0.0.1 at a port that the system chose. The service ends when it is told to, or when its parent is gone.

    python service.py --batch_size 8

runs the same file by hand: its settings are then arguments, and it prints its address.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from utils import runtime
from utils.errors import CourseError
from utils.systems import cluster_jobs, process_limits

FOLDER, LOOPBACK = "COURSE_SERVICE", "127.0.0.1"
POLL_S, GRACE_S = 0.05, 5.0


@dataclass(eq=False)
class Service:
    """A running service. url: where it answers. started_s: seconds from its start until it was ready.

    As a context manager it stops at the end of the block, whatever happens in it.
    """

    url: str
    started_s: float
    tree: process_limits.ProcessTree = field(repr=False)
    folder: Path = field(repr=False)
    _kept: str | None = field(default=None, repr=False)

    @property
    def process(self) -> subprocess.Popen:
        """The service's own process, which may have children."""
        return self.tree.root

    @property
    def log(self) -> str:
        """What it printed, and said on stderr."""
        return _read(self.folder / "log.txt") if self._kept is None else self._kept

    @property
    def memory_bytes(self) -> int:
        """Its resident memory now."""
        return psutil.Process(self.process.pid).memory_info().rss

    def stop(self) -> None:
        """Ask it to end, and end it after GRACE_S if it does not; a second call does nothing."""
        if self._kept is None:
            self.tree.end(GRACE_S)
            self._kept = self.log
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_) -> None:
        self.stop()


def start(worker: str | os.PathLike, settings: Mapping | None = None, *, timeout_s: float = 60) -> Service:
    """Start a service file and wait until it answers.

    settings: what JSON can hold. timeout_s: wall clock in seconds until it must be ready.
    Raises CourseError with the end of its log when it ends before, or is not ready in time; no process is then left.
    """
    worker = Path(worker).resolve()
    if not worker.is_file():
        raise CourseError(f"A service is a Python file, but there is no {worker}: check its name and this folder.")
    if not 0 < timeout_s < float("inf"):
        raise CourseError(f"timeout_s must be a positive number of seconds, but {timeout_s!r} came: change it.")
    try:
        given = json.dumps({"parent": os.getpid(), "settings": dict(settings or {})})
    except (TypeError, ValueError) as error:
        raise CourseError(f"settings take what JSON can hold, but {error}: give numbers, texts, lists.") from None
    folder = Path(tempfile.mkdtemp(prefix="service-"))
    (folder / "settings.json").write_text(given, encoding="utf-8")
    started_s = time.monotonic()
    runtime.release_memory()  # two processes share it now
    service = Service("", 0.0, _started(worker, folder), folder)
    try:
        service.url = _address(service.process, folder, worker.name, timeout_s)
    except BaseException:
        service.stop()
        raise
    service.started_s = time.monotonic() - started_s
    return service


def settings() -> dict:
    """In a service: what `start` was given; what stands on the command line when it was started by hand."""
    folder = runtime.env(FOLDER)
    return _given(Path(folder))["settings"] if folder else cluster_jobs.settings_of(sys.argv[1:])


def serve(app, grace_s: float = GRACE_S) -> None:
    """In a service: serve an ASGI app until SIGTERM or the end of the parent.

    The port is the system's choice and the parent learns it when the app's own start-up is done. Requests under way
    get `grace_s` seconds to end.
    """
    import uvicorn

    folder = Path(runtime.env(FOLDER)) if runtime.env(FOLDER) else None
    # Port 0 is any free one, bound at once: a free port that is chosen first and bound later may be taken in between.
    listener = socket.create_server((LOOPBACK, 0), backlog=2048)
    url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"

    class Server(uvicorn.Server):
        async def startup(self, sockets=None) -> None:
            await super().startup(sockets)
            if self.started:
                _tell(folder, url)

    # Uvicorn raises the signal again when it is done, which by default would end Python before it can tidy up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if folder:
        threading.Thread(target=_follow, args=(folder, grace_s), daemon=True).start()
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=int(grace_s))
    server = Server(config)
    server.run(sockets=[listener])
    if not server.started:
        sys.exit(3)


def _started(worker: Path, folder: Path) -> process_limits.ProcessTree:
    """-P: a file that lies beside the service, such as json.py, must not stand in for a module."""
    env = runtime.child_environment(PYTHONUNBUFFERED="1", **{FOLDER: str(folder)})
    with (folder / "log.txt").open("wb") as log:
        return process_limits.ProcessTree([sys.executable, "-P", worker], env=env, stdout=log, stderr=log)


def _address(process: subprocess.Popen, folder: Path, name: str, timeout_s: float) -> str:
    deadline_s = time.monotonic() + timeout_s
    while not (folder / "url.txt").is_file():
        status, said = process.poll(), process_limits.tail(_read(folder / "log.txt"))
        if status is not None:
            raise CourseError(f"{name} ended with status {status} before it was ready: correct it. {said}")
        if time.monotonic() > deadline_s:
            raise CourseError(f"{name} was not ready within {timeout_s:g} s: give it longer or less. {said}")
        time.sleep(POLL_S)
    return _read(folder / "url.txt")


def _given(folder: Path) -> dict:
    return json.loads(_read(folder / "settings.json"))


def _tell(folder: Path | None, url: str) -> None:
    """The parent waits for the file to appear, and so must not find half an address in it."""
    if folder is None:
        print(url, flush=True)
        return
    with runtime.write_atomically(folder / "url.txt") as unfinished:
        unfinished.write_text(url, encoding="utf-8")


def _follow(folder: Path, grace_s: float) -> None:
    """In a thread of the service: when the parent is gone, end, and leave no folder.

    A killed notebook can end nobody. Whoever loses its parent gets another one, so its parent's number tells.
    """
    parent = _given(folder)["parent"]
    while os.getppid() == parent:
        time.sleep(POLL_S * 4)
    shutil.rmtree(folder, ignore_errors=True)
    os.kill(os.getpid(), signal.SIGTERM)  # as if it had been told to stop: requests under way are answered
    time.sleep(grace_s + 1)
    os._exit(1)  # some request did not end; sys.exit in a thread would end the thread alone


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
