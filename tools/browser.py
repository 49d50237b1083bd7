"""A headless Chromium of this machine, driven by playwright; no browser is downloaded."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from utils.errors import CourseError

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
