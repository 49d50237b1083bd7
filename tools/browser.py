"""The browsers of this machine, headless; none is downloaded.

Chromium is driven by playwright. Firefox as distributions ship it speaks no language of playwright's: there a page runs
a script by itself and reports to this process.
"""

import json
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from playwright.sync_api import Browser, sync_playwright

from utils.errors import CourseError
from utils.systems.process_limits import ProcessTree

FIREFOX = ("firefox-esr", "firefox")
# A new profile would open pages of its own and ask its maker for news.
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
# An address may be fetched from a page that was opened from disk, if nobody reads the answer.
REPORT = """<script>
const errors = [];
addEventListener("error", (event) => errors.push(String(event.message)));
addEventListener("load", async () => {{
  const report = {{ errors }};
  try {{ report.value = await (async () => {{ {script} }})(); }} catch (error) {{ errors.push(String(error)); }}
  new Image().src = "{address}?" + encodeURIComponent(JSON.stringify(report));
}});
</script>"""
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def command() -> str | None:
    """The path of a Chromium on this machine, or None."""
    return next((path for name in COMMANDS if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that ends with the block. Raises CourseError where none is installed.

    While it runs, this thread has a running event loop: whatever calls `asyncio.run` must wait for the end.
    """
    path = command()
    if path is None:
        raise CourseError("A Chromium should be installed, but none is: install the packages of tools/packages.txt.")
    with sync_playwright() as driver:
        # Chromium's sandbox refuses to run as root, which CI's container does; only our own files are opened.
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def firefox() -> str | None:
    """The path of a Firefox on this machine, or None."""
    return next((path for name in FIREFOX if (path := shutil.which(name))), None)


def in_firefox(page: Path, script: str, timeout_s: float = 180) -> dict:
    """Open a page from disk in Firefox and run the body of an async function in it, once all is loaded.

    Returns its value and the errors of the page: {"value", "errors"}. A copy of the page lies beside it meanwhile.
    Raises CourseError where no Firefox is installed, or none reports in time.
    """
    path = firefox()
    if path is None:
        raise CourseError("A Firefox should be installed, but none is: install the packages of tools/packages.txt.")
    with _reports() as (address, reports), tempfile.TemporaryDirectory() as profile:
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items())
        Path(profile, "user.js").write_text("".join(lines), encoding="utf-8")
        driven = page.with_name(f"driven-{page.name}")
        text = page.read_text(encoding="utf-8")
        driven.write_text(text + REPORT.format(script=script, address=address), encoding="utf-8")
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        tree = ProcessTree([path, "--headless", "--no-remote", "--profile", profile, driven.as_uri()], **silent)
        try:
            return json.loads(reports.get(timeout=timeout_s))
        except queue.Empty:
            raise CourseError(f"Firefox should report within {timeout_s:.0f} s, but did not: try it by hand.") from None
        finally:
            tree.end()
            driven.unlink()


@contextmanager
def _reports() -> Iterator[tuple[str, queue.Queue]]:
    """An address on this machine, and the texts that come to it behind a question mark."""
    reports: queue.Queue = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            reports.put(unquote(self.path.partition("?")[2]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", reports
    finally:
        server.shutdown()
        server.server_close()
