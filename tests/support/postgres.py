"""A PostgreSQL server of the tests' own: in a temporary folder, on a unix socket, stopped at the end.

Not pytest-postgresql: the tests run as root in CI, PostgreSQL refuses to, and pytest-postgresql 10.0.0 cannot start it
as another user ("pg_ctl: cannot be run as root"). It also picks a free port before it starts the server, which
another job may take.
"""

import contextlib
import getpass
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

USER = "postgres"
START_S = 60


def command(name: str) -> str | None:
    """The path of one of the server's programs; Debian keeps them off the path."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(beside[-1]) if beside else None)


def missing() -> str:
    """Why there can be no server here, or ""."""
    if not command("initdb") or not command("postgres"):
        return "PostgreSQL is not installed"
    if os.geteuid() == 0 and subprocess.run(["id", USER], capture_output=True).returncode:
        return f"PostgreSQL refuses to run as root, and there is no user {USER}"
    return ""


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The URL of an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    who = {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
    if who:
        shutil.chown(folder, USER, USER)
    name = USER if who else getpass.getuser()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **who}
    try:
        make = [command("initdb"), "-D", "data", "-U", name, "--auth=trust", "--no-sync", "--encoding=UTF8"]
        subprocess.run([*make, "--locale=C"], check=True, **quiet)
        run = [command("postgres"), "-D", folder / "data", "-k", folder, "-c", "listen_addresses=", "-F"]
        process = subprocess.Popen(run, **quiet)
        try:
            _wait(folder, process)
            yield f"postgresql://{name}@/postgres?host={folder}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(folder: Path, process: subprocess.Popen) -> None:
    """Until the server accepts connections. Raises RuntimeError when it ends or takes too long."""
    ready = [command("pg_isready"), "-q", "-h", folder]
    for _ in range(START_S * 10):
        if subprocess.run(ready).returncode == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")
