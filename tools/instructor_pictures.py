"""Pictures of a page of feedback and of a class report for the chapter "For instructors": needs Chromium.

`python -m tools.instructor_pictures` grades the sample class of that chapter and photographs two of the pages.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tools import sample_class
from tools.browser import chromium
from utils.runtime import project_root

LAB, STUDENTS, WRONG = "07_distributed", 16, "student0002"
OUT = project_root() / "book" / "_static"
PICTURES = {
    "instructors_feedback.png": (f"feedback/{WRONG}/{LAB}/{LAB}.html", 900, 1000),
    "instructors_report.png": ("report.html", 1000, 1300),
}


def photograph(browser: Browser, page: Path, picture: Path, width: int, height: int) -> None:
    """The top of a page, in 64 colours."""
    tab = browser.new_page(viewport={"width": width, "height": height})
    tab.goto(page.resolve().as_uri())
    tab.screenshot(path=picture)
    Image.open(picture).convert("RGB").quantize(64).save(picture, optimize=True)


def main() -> None:
    """Grade, photograph. Raises CourseError without a Chromium."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        submitted, results = Path(folder) / "submitted", Path(folder) / "results"
        sample_class.write(LAB, STUDENTS, submitted, stuck=True)
        command = [sys.executable, "-m", "grader", "grade", str(submitted), "--out", str(results), "--seconds", "5"]
        subprocess.run(command, cwd=project_root(), check=True)
        for name, (page, width, height) in PICTURES.items():
            photograph(browser, results / page, OUT / name, width, height)


if __name__ == "__main__":
    main()
