"""The calculators in a browser, from disk and from a server: every control, the keyboard, links, a narrow page."""

import functools
import http.server
import math
import re
import threading
from urllib.parse import urlencode

import pytest

from tools import browser
from tools.site import calculators
from utils import units
from utils.costs import accelerators, memory, scaling_laws
from utils.models import published

PAGE = "book/calculators.html"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def served(small_site):
    """The address of the small site on a server of this machine."""
    handler = functools.partial(Quiet, directory=small_site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(params=["disk", "server"])
def address(request, small_site):
    return small_site.as_uri() if request.param == "disk" else request.getfixturevalue("served")


@pytest.fixture
def opened(browser_page, address):
    """Opens the calculators with settings; in the end nothing failed and nothing left the place they came from."""
    faults = []
    browser_page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
    browser_page.on("pageerror", lambda error: faults.append(str(error)))
    browser_page.on(
        "request", lambda sent: None if sent.url.startswith((address, "data:")) else faults.append(sent.url)
    )

    def go(**settings):
        browser_page.goto(f"{address}/{PAGE}?{urlencode(settings)}")
        browser_page.wait_for_selector(".calculator-answer")
        return browser_page

    yield go
    assert faults == []


def calculator(page, name):
    return page.locator(f'.calculator[data-calculator="{name}"]')


def told(page, name, words):
    """What the live region says once it holds these words; it waits until the reader pauses."""
    region = calculator(page, name).get_by_role("status").filter(has_text=words or re.compile(r"\S"))
    region.wait_for(state="attached")
    return region.inner_text()


@pytest.mark.parametrize(
    ("name", "settings"),
    [("memory", {"model": "FLAN-T5-base"}), ("memory", {"mode": "inference"}), ("scaling", {}), ("numbers", {})],
)
def test_every_control_changes_the_result(opened, name, settings):
    page = opened(**settings)
    panel = calculator(page, name)
    results = panel.locator(".calculator-results")
    for select in panel.locator("select:visible").all():
        kept, before = select.input_value(), results.inner_text()
        options = select.locator("option").evaluate_all("all => all.map(one => one.value)")
        select.select_option(next(option for option in reversed(options) if option != kept))
        assert results.inner_text() != before
        select.select_option(kept)
    for box in panel.locator('input[type="checkbox"]:visible').all():
        before = results.inner_text()
        box.check()
        assert results.inner_text() != before
    for slider in panel.locator('input[type="range"]:visible').all():
        before, link = results.inner_text(), page.url
        slider.focus()
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        assert results.inner_text() != before
        assert page.url != link
        assert slider.get_attribute("aria-label")
        exact = slider.locator("xpath=following-sibling::input")
        kept = exact.input_value()
        exact.fill("-1")
        assert exact.get_attribute("aria-invalid") == "true"
        exact.fill(kept)
        assert exact.get_attribute("aria-invalid") == "false"
    assert told(page, name, "")


def test_an_impossible_number_is_told_and_the_last_result_stays(opened):
    page = opened()
    before = calculator(page, "memory").locator(".calculator-results").inner_text()
    page.locator("#memory-batch").fill("0")
    assert "Rows in a batch, on each rank: from 1 to 1024." in told(page, "memory", "Not possible")
    assert calculator(page, "memory").locator(".calculator-results").inner_text() == before


def test_a_link_restores_memory_with_what_python_computes(opened):
    page = opened(model="GPT-3", stage=3, ranks=512, batch=1, tokens=2048, checkpointing="true", free=10)
    spec = published.MODELS["GPT-3"]
    more = {"precision": "mixed", "zero_stage": 3, "checkpointing": True}
    peak = memory.training(spec, 1, 2048, world_size=512, **more).peak
    panel = calculator(page, "memory")
    assert units.format_bytes(peak) in panel.locator(".calculator-answer").inner_text()
    needed = memory.ranks_needed(0.9 * accelerators.capacities()["RTX 4090"], spec, 1, 2048, **more)
    row = panel.get_by_role("row").filter(has=page.get_by_role("rowheader", name="RTX 4090")).inner_text()
    assert (f"{needed:,} ranks" if needed else "no number is enough") in row
    before = panel.locator(".calculator-results").inner_text()
    page.goto(panel.get_by_role("link", name="Link to these settings").get_attribute("href"))
    assert panel.locator(".calculator-results").inner_text() == before


def test_a_link_restores_a_plan_and_marks_what_is_extrapolated(opened):
    page = opened(dollars=10_000_000, device="H100", price=3, devices=1024, mfu=40)
    split = scaling_laws.BESIROGLU.optimal(accelerators.Offer(accelerators.device("H100"), 3.0, 0.4).flops(1e7))
    panel = calculator(page, "scaling")
    assert units.format_count(split.parameters) in panel.locator(".calculator-answer").inner_text()
    assert "Extrapolated" in panel.locator(".calculator-results").inner_text()
    panel.locator("#scaling-dollars").fill("1000")
    assert "Extrapolated" not in panel.locator(".calculator-results").inner_text()
    panel.locator("#scaling-device").select_option("A100")
    assert panel.locator("#scaling-price").input_value() == str(accelerators.PRICES["A100"])


def test_bits_flip_by_mouse_and_keyboard(opened):
    page = opened(format="FP16", number="3.141592653589793")
    panel = calculator(page, "numbers")
    held = panel.locator(".calculator-answer strong")
    assert float(held.inner_text()) == 3.140625
    bits = panel.get_by_role("group", name="Bits of FP16").get_by_role("button")
    assert bits.count() == 16
    bits.first.click()
    assert held.inner_text() == "−3.140625"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert bits.nth(1).get_attribute("aria-pressed") == "false"
    assert float(held.inner_text().replace("−", "-")) == -584 / 2**24
    assert "by hand" in panel.locator(".calculator-results").inner_text()
    page.reload()
    assert float(held.inner_text().replace("−", "-")) == -584 / 2**24
    panel.locator("#numbers-number").fill("1/3")
    assert math.isclose(float(held.inner_text()), 1 / 3, rel_tol=1e-3)


def test_what_a_link_cannot_ask_for_is_told(opened):
    page = opened(model="GPT-7", batch="many")
    assert "model=GPT-7, batch=many" in told(page, "memory", "The address")


def test_a_measured_step_sets_the_panel(opened):
    page = opened()
    panel = calculator(page, "memory")
    panel.get_by_role("button", name="Set the calculator to Lab 06's decoder: 16 rows").first.click()
    assert panel.locator("#memory-batch").input_value() == "16"
    assert "16 rows" in told(page, "memory", "Set to Lab 06's decoder")


def test_nothing_is_wider_than_a_phone(chromium, small_site):
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    for settings in ({}, {"format": "FP32", "mode": "inference"}, {"format": "NF4", "model": "FLAN-T5-base"}):
        page.goto(f"{(small_site / PAGE).as_uri()}?{urlencode(settings)}")
        page.wait_for_selector(".bits-row")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_without_scripts_the_text_stands(chromium, small_site):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((small_site / PAGE).as_uri())
    assert "Without scripts a parameter takes" in calculator(page, "memory").inner_text()
    assert calculator(page, "numbers").locator("input").count() == 0
    context.close()


IN_FIREFOX = """
const panel = (name) => document.querySelector(`.calculator[data-calculator="${name}"]`);
panel("numbers").querySelector(".bits-row button").click();
const slider = panel("memory").querySelector('input[type="range"]');
slider.value = 0;
slider.dispatchEvent(new Event("input", { bubbles: true }));
const answers = [...document.querySelectorAll(".calculator-answer")].map((one) => one.textContent);
return { answers, search: location.search };
"""


@pytest.mark.skipif(browser.firefox() is None, reason="Firefox is not installed: tools/packages.txt")
def test_a_second_browser_calculates_the_same(small_site, opened):
    report = browser.in_firefox(small_site / PAGE, IN_FIREFOX)
    assert report["errors"] == []
    assert report["value"]["search"] == "?code=0xc248&ranks=1"
    page = opened(code="0xc248", ranks=1)
    assert report["value"]["answers"] == page.locator(".calculator-answer").all_text_contents()


def test_only_pages_with_calculators_load_them(small_site):
    loaded = {path.name: "calculators/" in path.read_text(encoding="utf-8") for path in small_site.glob("book/*.html")}
    assert [name for name, loads in loaded.items() if loads] == ["calculators.html"]
    for name in calculators.CALCULATORS:
        files = [small_site / "_static" / calculators.FOLDER / file for file in calculators.scripts(name)]
        assert sum(file.stat().st_size for file in files) < 50_000
