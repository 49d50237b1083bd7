"""nbgrader's formgrader opens what was graded."""

import contextlib
import copy
import json
import subprocess
import sys
import time
from urllib.request import urlopen

import nbformat
import pytest

from grader.records import Submission
from grader.results import formgrader, gradebook
from tests.support import child_process, class_rows


@pytest.mark.slow
def test_formgrader_opens_what_was_graded(lab, tmp_path):
    """In the folder of results, as it stands."""
    path, answer = tmp_path / "ann.ipynb", "def mean(values):\n    return 'my answer'\n"
    given = copy.deepcopy(lab.notebook)
    next(cell for cell in given.cells if cell.id == lab.exercises[1].cell_id).source = answer
    nbformat.write(given, path)
    labs_by_name = {lab.name: lab}
    formgrader.write([Submission("ann", lab.name, path, "digest")], labs_by_name, tmp_path / "autograded")
    row = class_rows.row(lab, "ann", (1, 0, 1))
    gradebook.write([row], labs_by_name, f"sqlite:///{tmp_path}/gradebook.db")
    with jupyter_server(tmp_path) as url:
        (found,) = fetched(f"{url}formgrader/api/submitted_notebooks/{lab.name}/{lab.name}")
        page = urlopen(f"{url}formgrader/submissions/{found['id']}/").read().decode()
        grades = fetched(f"{url}formgrader/api/grades?submission_id={found['id']}")
        comments = fetched(f"{url}formgrader/api/comments?submission_id={found['id']}")
    assert (found["student"], found["score"], found["max_score"]) == ("ann", 4, 6)
    assert "my answer" in page
    assert "HIDDEN" not in page
    assert {grade["name"]: grade["auto_score"] for grade in grades}["mean-check"] == 0
    assert {comment["name"]: comment["auto_comment"] for comment in comments}["mean"] == "Think again."


@contextlib.contextmanager
def jupyter_server(folder):
    """The URL of a server in that folder, on a port of its own choice."""
    environment = child_process.environment(folder, JUPYTER_RUNTIME_DIR=str(folder / "runtime"))
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--port=0"]
    command += ["--ServerApp.token=", "--ServerApp.password="]
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield server_url(folder / "runtime", process)
        finally:
            process.terminate()


def server_url(folder, process):
    for _ in range(600):
        for path in folder.glob("jpserver-*.json"):
            url = json.loads(path.read_text() or "{}").get("url", "")
            with contextlib.suppress(OSError):
                urlopen(f"{url}formgrader/api/assignments").read()
                return url
        assert process.poll() is None
        time.sleep(0.1)
    raise RuntimeError("Jupyter's server did not answer")


def fetched(url):
    return json.loads(urlopen(url).read())
