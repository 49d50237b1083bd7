"""JavaScript of the site run in Node, with JSON in and out."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ENGINE = Path(__file__).resolve().parents[2] / "book" / "_static" / "engine.js"
FRAME = """
const engine = require({engine})();
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
{body}
process.stdout.write(JSON.stringify(answer(given) ?? null));
"""
needed = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed: tools/packages.txt")


def run(body: str, given: object = None) -> object:
    """What the function `answer` of a script returns. It may use `engine`, what book/_static/engine.js offers."""
    program = FRAME.format(engine=json.dumps(str(ENGINE)), body=body)
    done = subprocess.run(["node", "-e", program], input=json.dumps(given), capture_output=True, text=True)
    assert not done.returncode, done.stderr[-2000:]
    return json.loads(done.stdout)
