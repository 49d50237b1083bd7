"""The course model in a page: bytes that a click loads, time until it is ready, until the first token, and for each.

The page is opened from disk, with the component of the page "The model, live". Each round is a new browser, so that its
first answer is cold: no code of the engine was compiled before. A Firefox is measured too where there is one.
"""

import gzip
import shutil
import statistics
import tempfile
from pathlib import Path

from benchmarks.measure import Failure, Measurement
from tools import browser
from tools.site import live_model
from tools.site.sphinx.live_model import component
from utils.runtime import project_root

# Load, make the dialogue so long that the prompt has 300 tokens, write five answers; the first is cold. In seconds.
DRIVE = """
const root = document.querySelector(".live-model");
const button = (name) => [...root.querySelectorAll("button")].find((one) => one.textContent.startsWith(name));
const until = async (met) => { while (!met()) await new Promise((resolve) => setTimeout(resolve, 5)); };
const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
button("Load the model").click();
await until(() => root.dataset.state);
const box = root.querySelector("textarea");
const count = () => parseInt(root.querySelector(".live-meter span").textContent.replaceAll(",", ""));
while (count() < 300) {
  box.value += " the".repeat(300 - count());
  box.dispatchEvent(new Event("input"));
}
const runs = [];
for (let i = 0; i < 5; i += 1) {
  button("Start over").click();
  button("Write").click();
  await until(() => !root.hasAttribute("aria-busy"));
  runs.push([root.dataset.firstMs / 1000, root.dataset.eachMs / 1000]);
}
const [cold, ...warm] = runs;
const [firsts, each] = [0, 1].map((i) => middle(warm.map((run) => run[i])));
return { tokens: count(), ready: root.dataset.readyMs / 1000, cold: cold[0], warm: firsts, each };
"""
PAGE = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>The model, live</title>
<body>{component}<script src="_static/live_model.js" defer></script></body></html>
"""
WITHOUT_SIMD = "WebAssembly.validate = () => false;"


def measure(quick: bool = False) -> list[Measurement]:
    """Sizes, then times: medians over the rounds, in each browser. `quick` takes one round."""
    rounds = 1 if quick else 5
    with tempfile.TemporaryDirectory() as folder:
        page = write_page(Path(folder))
        sizes = [(len(raw), len(gzip.compress(raw, 9))) for raw in map(Path.read_bytes, loaded(Path(folder)))]
        found = [
            Measurement("live_model", "files that a click loads", sum(raw for raw, _ in sizes), "bytes"),
            Measurement("live_model", "the same, gzip", sum(packed for _, packed in sizes), "bytes", at_most=8.5e6),
        ]
        ways = {
            "Chromium": [in_chromium(page) for _ in range(rounds)],
            "Chromium without SIMD": [in_chromium(page, WITHOUT_SIMD) for _ in range(rounds)],
        }
        if browser.firefox():
            ways["Firefox"] = [in_firefox(page) for _ in range(rounds)]
    for way, runs in ways.items():
        found += times(way, runs, quick)
    return found


def times(way: str, runs: list[dict[str, float]], quick: bool) -> list[Measurement]:
    """The medians over the runs of one browser, against the figures they must keep."""
    first = f"{way}: first token, prompt of {runs[0]['tokens']} tokens"
    figures = {
        f"{way}: click to ready, from disk": ("ready", 0.6),
        f"{first}, cold": ("cold", 0.6 if way.endswith("SIMD") else 0.25),
        f"{first}, warm": ("warm", 0.6 if way.endswith("SIMD") else 0.1),
        f"{way}: each further token": ("each", None if way.endswith("SIMD") else 0.001),
    }
    return [
        Measurement("live_model", name, statistics.median(run[key] for run in runs), "s", None if quick else at_most)
        for name, (key, at_most) in figures.items()
    ]


def write_page(folder: Path) -> Path:
    """A page with the component and all its files; returns its path."""
    static = folder / "_static"
    shutil.copytree(project_root() / "book" / "_static", static)
    made = live_model.exported()
    live_model.copy(made, static)
    (folder / "page.html").write_text(PAGE.format(component=component("full", "_static", made)), encoding="utf-8")
    return folder / "page.html"


def loaded(folder: Path) -> list[Path]:
    """The files that a click loads."""
    static = folder / "_static"
    kinds = ("about", "tokenizer", "weights")
    return [
        static / "engine.js",
        *(path for kind in kinds for path in (static / live_model.FOLDER).glob(f"{kind}-*.js")),
    ]


def in_chromium(page: Path, before: str = "") -> dict[str, float]:
    """What DRIVE reports of one new Chromium. before: a script that runs first."""
    with browser.chromium() as started:
        tab = started.new_page()
        tab.set_default_timeout(0)
        tab.add_init_script(before)
        tab.goto(page.as_uri())
        return tab.evaluate(f"async () => {{ {DRIVE} }}")


def in_firefox(page: Path) -> dict[str, float]:
    """What DRIVE reports of one new Firefox. Raises Failure when the page had an error."""
    report = browser.in_firefox(page, DRIVE)
    if report["errors"]:
        raise Failure(f"the page in Firefox failed: {report['errors'][0]}")
    return report["value"]
