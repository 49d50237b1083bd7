"""The course model in a page: bytes that a click loads, time until it is ready, until the first token, and for each.

The page is opened from disk in Chromium, with the component of the page "The model, live". Each round is a new browser,
so that its first answer is cold: no code of the engine was compiled before.
"""

import gzip
import re
import shutil
import statistics
import tempfile
from pathlib import Path

from benchmarks.measure import Measurement
from tools import browser
from tools.site import live_model
from tools.site.sphinx.live_model import component
from utils.runtime import project_root

PROMPT_TOKENS = 300
PAGE = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>The model, live</title>
<body>{component}<script src="_static/live_model.js" defer></script></body></html>
"""
WITHOUT_SIMD = "WebAssembly.validate = () => false;"
WAIT_MS = 120_000


def measure(quick: bool = False) -> list[Measurement]:
    """Sizes, then times: medians over the rounds, with and without SIMD. `quick` takes one round."""
    rounds = 1 if quick else 5
    with tempfile.TemporaryDirectory() as folder:
        page = write_page(Path(folder))
        sizes = [(len(raw), len(gzip.compress(raw, 9))) for raw in map(Path.read_bytes, loaded(Path(folder)))]
        found = [
            Measurement("live_model", "files that a click loads", sum(raw for raw, _ in sizes), "bytes"),
            Measurement("live_model", "the same, gzip", sum(packed for _, packed in sizes), "bytes", at_most=8.5e6),
        ]
        with_simd = [answers(page, "") for _ in range(rounds)]
        without = [answers(page, WITHOUT_SIMD) for _ in range(rounds)]
    first = f"first token, prompt of {with_simd[0]['tokens']} tokens"
    figures = (
        (with_simd, "ready", "click to ready, from disk", 0.6),
        (with_simd, "cold", f"{first}, cold", 0.25),
        (with_simd, "warm", f"{first}, warm", 0.1),
        (with_simd, "each", "each further token", 0.001),
        (without, "cold", f"{first}, without SIMD, cold", None),
        (without, "warm", f"{first}, without SIMD, warm", 0.6),
        (without, "each", "each further token, without SIMD", None),
    )
    for runs, key, name, at_most in figures:
        middle = statistics.median(run[key] for run in runs)
        found.append(Measurement("live_model", name, middle, "s", at_most=None if quick else at_most))
    return found


def write_page(folder: Path) -> str:
    """A page with the component and all its files; returns its address."""
    static = folder / "_static"
    shutil.copytree(project_root() / "book" / "_static", static)
    made = live_model.exported()
    live_model.copy(made, static)
    (folder / "page.html").write_text(PAGE.format(component=component("full", "_static", made)), encoding="utf-8")
    return (folder / "page.html").as_uri()


def loaded(folder: Path) -> list[Path]:
    """The files that a click loads."""
    static = folder / "_static"
    kinds = ("about", "tokenizer", "weights")
    return [
        static / "engine.js",
        *(path for kind in kinds for path in (static / live_model.FOLDER).glob(f"{kind}-*.js")),
    ]


def answers(page: str, script: str) -> dict[str, float]:
    """Seconds of one new browser: until it is ready, the first token cold and warm, each further token when warm."""
    with browser.chromium() as started:
        tab = started.new_page()
        tab.add_init_script(script)
        tab.goto(page)
        tab.get_by_role("button", name="Load the model").click()
        tab.wait_for_selector('.live-model[data-state="ready"]', timeout=WAIT_MS)
        root = tab.locator(".live-model")
        tokens = lengthen(tab)
        cold, *warm = [written(tab) for _ in range(5)]
        firsts, each = zip(*warm, strict=True)
        return {
            "tokens": tokens,
            "ready": float(root.get_attribute("data-ready-ms")) / 1000,
            "cold": cold[0],
            "warm": statistics.median(firsts),
            "each": statistics.median(each),
        }


def lengthen(tab) -> int:
    """Make the dialogue so long that the prompt has PROMPT_TOKENS tokens, or one more. Returns their number."""
    box = tab.get_by_role("textbox")
    text, words = box.input_value(), 0
    while (
        tokens := int(re.sub(r"\D", "", tab.locator(".live-meter span").inner_text().split(" of ")[0]))
    ) < PROMPT_TOKENS:
        words += PROMPT_TOKENS - tokens
        box.fill(text + " the" * words)
    return tokens


def written(tab) -> tuple[float, float]:
    """Write one answer from the start. Seconds until its first token, and for each other."""
    tab.get_by_role("button", name="Start over").click()
    tab.get_by_role("button", name="Write", exact=True).click()
    tab.wait_for_function("!document.querySelector('.live-model[aria-busy]')", timeout=WAIT_MS)
    root = tab.locator(".live-model")
    return float(root.get_attribute("data-first-ms")) / 1000, float(root.get_attribute("data-each-ms")) / 1000
