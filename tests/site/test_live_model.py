"""The course model in the page: it loads on a click and writes, from a file and from a server, or says why not."""

import json
import re
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from tests.support import live_site
from tools import browser
from tools.site import live_model, model_scripts
from tools.site.sphinx.live_model import VIEWS

pytestmark = pytest.mark.slow
WAIT_MS = 120_000


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return live_site.build(tmp_path_factory.mktemp("live"))


class Quiet(SimpleHTTPRequestHandler):
    """Files of one folder, and nothing on stderr."""

    def log_message(self, *arguments):
        pass


@pytest.fixture
def served():
    """A function that serves a folder on this machine and gives its address."""
    servers = []

    def serve(folder):
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def visit(browser_page):
    """A function that opens a view; it gives the component and what the browser complained of and asked for."""
    seen = SimpleNamespace(page=browser_page, errors=[], requests=[])
    browser_page.on("console", lambda message: message.type == "error" and seen.errors.append(message.text))
    browser_page.on("pageerror", lambda error: seen.errors.append(str(error)))
    browser_page.on("request", lambda request: seen.requests.append(request.url))

    def go(address, view):
        browser_page.goto(f"{address}/book/{view}.html")
        seen.errors.clear()  # the theme's own, on a first visit
        seen.root = browser_page.locator(".live-model")
        return seen

    return go


def load(seen, state="ready"):
    seen.root.get_by_role("button", name="Load the model").click()
    seen.page.wait_for_selector(f'.live-model[data-state="{state}"]', timeout=WAIT_MS)


def button(seen, name):
    return seen.root.get_by_role("button", name=name, exact=True)


def press(seen, name):
    """Press a button and wait until the model is at rest."""
    button(seen, name).click()
    rest(seen)


def rest(seen):
    seen.page.wait_for_function("!document.querySelector('.live-model[aria-busy]')", timeout=WAIT_MS)


def said(seen):
    return seen.root.locator(".live-status").inner_text()


def answer(seen):
    """The newest answer, without what it was written with."""
    return seen.root.locator(".live-answers li").first.inner_text().split(": ", 1)[1]


@pytest.mark.parametrize("kernel", [True, False], ids=["kernel", "plain"])
@pytest.mark.parametrize("way", ["file", "server"])
def test_it_writes_what_python_wrote_and_asks_nobody(site, visit, served, browser_page, way, kernel):
    if not kernel:
        browser_page.add_init_script("WebAssembly.validate = () => false;")
    address = f"file://{site}" if way == "file" else served(site)
    seen = visit(address, "full")
    assert seen.root.locator(".live-recorded").is_visible()
    load(seen)
    assert ("without SIMD" in said(seen)) is not kernel
    press(seen, "Write")
    recorded = live_model.exported().recorded
    assert answer(seen) == recorded["answer"]
    # The step's likeliest token, with the share that Python computed.
    seen.root.locator(".live-answer button").first.click()
    row = seen.root.locator(".live-next table").first.locator("tr").first.inner_text()
    name, share = recorded["steps"][0]["likeliest"][0]
    assert row.split()[0] == name.strip()
    assert float(re.search(r"[\d.]+ %", row)[0][:-2]) == pytest.approx(100 * share, abs=0.06)
    assert not seen.root.locator(".live-recorded").is_visible()
    assert seen.errors == []
    foreign = [url for url in seen.requests if not url.startswith((address, "blob:", "data:"))]
    assert foreign == []


FAULTS = [
    ("weights-1", "missing"), ("weights-1", "cut off"), ("weights-1", "blocked"), ("tokenizer", "empty"),
    ("about", "missing"), ("about", "cut off"), ("engine", "cut off"), ("engine", "blocked"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "fault"), FAULTS)
def test_a_file_that_does_not_come_gives_a_sentence_and_the_recorded_run(
    site, visit, served, browser_page, tmp_path, kind, fault
):
    folder = tmp_path / "site"
    shutil.copytree(site, folder)
    (path,) = [*(folder / "_static").glob(f"{kind}*.js"), *(folder / "_static" / "course_model").glob(f"{kind}*.js")]
    if fault == "missing":
        path.unlink()
    elif fault == "cut off":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif fault == "empty":
        path.write_text("")
    else:
        browser_page.route(f"**/{path.name}", lambda route: route.abort())
    seen = visit(served(folder) if fault == "blocked" else f"file://{folder}", "front")
    load(seen, "failed")
    assert re.fullmatch(r"The model could not be loaded, since .*: below is a recorded run instead\.", said(seen))
    assert path.name.removesuffix(".js").split("-")[0] in said(seen)
    assert seen.root.locator(".live-recorded").is_visible()
    assert seen.root.get_by_role("button", name="Load the model").is_enabled()
    # What was missing may come back.
    if fault == "blocked":
        browser_page.unroute_all()
        load(seen)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_works_by_keyboard_without_complaint_and_fits_a_phone(site, visit, view):
    seen = visit(f"file://{site}", view)
    seen.page.set_viewport_size({"width": 360, "height": 740})
    seen.root.get_by_role("button", name="Load the model").focus()
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector('.live-model[data-state="ready"]', timeout=WAIT_MS)
    assert seen.page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    button(seen, "Write").focus()
    seen.page.keyboard.press("Enter")
    rest(seen)
    assert answer(seen)
    seen.page.locator(".live-answer button[tabindex='0']").focus()
    seen.page.keyboard.press("ArrowLeft")
    assert seen.page.locator(".live-answer button[aria-pressed='true']").count() == 1
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert seen.errors == []


def test_a_text_without_words_or_too_long_is_refused_in_one_sentence(site, visit):
    seen = visit(f"file://{site}", "examples")
    load(seen)
    text = seen.root.get_by_role("textbox")
    for given, expected in (
        ("  ", r"There is no dialogue: .*\."),
        ("word " * 1500, r"The prompt has [\d,]+ tokens, and the model was trained on at most [\d,]+ tokens: .*\."),
        ("word " * 90_000, r"The prompt has [\d,]+ characters, and the model was trained on at most .*\."),
    ):
        text.fill(given)
        assert re.fullmatch(expected, said(seen))
        assert button(seen, "Write").is_disabled()
    text.fill("#Person1#: Hi, \ud83d\ude80!")
    assert button(seen, "Write").is_enabled()


def test_text_and_settings_outlast_a_reload(site, visit):
    seen = visit(f"file://{site}", "full")
    load(seen)
    seen.root.get_by_role("textbox").fill("#Person1#: Keep me.")
    seen.root.get_by_label("Top-k").press("ArrowLeft")
    seen.root.get_by_label("drawn by chance").check()
    before = seen.root.get_by_label("Top-k").get_attribute("aria-valuetext")
    seen.page.reload()
    load(seen)
    assert seen.root.get_by_role("textbox").input_value() == "#Person1#: Keep me."
    assert seen.root.get_by_label("Top-k").get_attribute("aria-valuetext") == before != "25"
    assert seen.root.get_by_label("drawn by chance").is_checked()


def test_each_filter_shows_its_own_bars_in_the_true_order(site, visit):
    seen = visit(f"file://{site}", "full")
    load(seen)
    seen.root.get_by_label("drawn by chance").check()
    for label in ("Repetition penalty", "Min-p"):
        seen.root.get_by_label(label).press("ArrowRight")
    seen.root.get_by_label("Top-p").press("ArrowLeft")
    press(seen, "One token")
    found = [text.split("\n")[0] for text in seen.root.locator(".live-next caption").all_inner_texts()]
    assert found[0] == "the model"
    assert [text.split()[1] for text in found[1:]] == ["penalty", "temperature", "top-k", "top-p", "min-p"]


def test_with_top_k_1_a_drawn_answer_is_the_greedy_one(site, visit):
    seen = visit(f"file://{site}", "decoding")
    load(seen)
    seen.root.get_by_label("the most probable").check()
    press(seen, "Write")
    greedy = answer(seen)
    seen.root.get_by_label("drawn by chance").check()
    seen.root.get_by_label("Top-k").press("Home")
    seen.root.get_by_label("Top-k").press("ArrowRight")
    press(seen, "Write")
    assert answer(seen) == greedy


def test_fewer_bits_change_the_answer_and_more_are_loaded_when_asked_for(site, visit, served, browser_page):
    seen = visit(served(site), "bits")
    load(seen)
    press(seen, "Write")
    eight = answer(seen)
    seen.root.get_by_label("2", exact=True).check()
    rest(seen)
    press(seen, "Write")
    assert answer(seen) != eight
    browser_page.route("**/rest-*", lambda route: route.abort())
    seen.root.get_by_label("16 (loads").click()
    rest(seen)
    assert "could not be loaded" in said(seen)
    assert seen.root.get_by_label("2", exact=True).is_checked()
    browser_page.unroute_all()
    seen.root.get_by_label("16 (loads").click()
    rest(seen)
    press(seen, "Write")
    assert "16 bits" in seen.root.locator(".live-answers li").first.inner_text()


WRITE_IN_FIREFOX = """
const root = document.querySelector(".live-model");
const button = (name) => [...root.querySelectorAll("button")].find((one) => one.textContent.startsWith(name));
const until = async (met) => { while (!met()) await new Promise((resolve) => setTimeout(resolve, 50)); };
button("Load the model").click();
await until(() => root.dataset.state);
button("Write").click();
await until(() => root.hasAttribute("aria-busy"));
await until(() => !root.hasAttribute("aria-busy"));
return root.querySelector(".live-answers li").textContent;
"""


@pytest.mark.skipif(browser.firefox() is None, reason="Firefox is not installed: tools/packages.txt")
@pytest.mark.parametrize("view", ["full", "bits"])
def test_a_second_browser_writes_the_same(site, view):
    report = browser.in_firefox(site / "book" / f"{view}.html", WRITE_IN_FIREFOX)
    assert report["errors"] == []
    assert report["value"].split(": ", 1)[1] == live_model.exported().recorded["answer"]


def test_names_of_scripts_follow_their_content(tmp_path):
    made = live_model.exported()
    live_model.copy(made, tmp_path)
    about = json.loads((made.folder / made.about).read_text(encoding="utf-8").split(" = ", 1)[1].rstrip(";\n"))
    names = {f"{name}.js" for parts in about["parts"].values() for name in parts} | {made.about}
    assert {path.name for path in (tmp_path / live_model.FOLDER).iterdir()} == names
    again = model_scripts._scripts(tmp_path, "about", [json.dumps(about)])
    assert again == [made.about.removesuffix(".js")]
    assert model_scripts._scripts(tmp_path, "about", ["{}"]) != again
