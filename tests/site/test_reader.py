"""For the reader: progress is kept in the browser and as a file, meanings show by keyboard, pages fit a phone."""

import json

import pytest

from tests.support import small_book
from tools.site import finish

GLOSSARY = "# Glossary\n\n```{glossary}\ntwo\n    One more than one.\n```\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The small book with a glossary, a front page with cards, and a wide formula, finished."""
    folder = tmp_path_factory.mktemp("read")
    wide = "$" + "+".join(["a_{many}"] * 40) + "$"
    changed = {
        "_toc.yml": small_book.TOC + "  - file: book/glossary\n",
        "book/glossary.md": GLOSSARY,
        "book/07_small.md": small_book.CHAPTER + f"\n{{term}}`two`, `{'long' * 40}`, {wide}\n" + "\nMore.\n" * 60,
        "book/intro.md": small_book.FILES["book/intro.md"]
        + '\n```{raw} html\n<p class="course-continue" hidden></p>\n```\n\n```{course-cards}\n```\n',
    }
    status, said = small_book.build(folder, changed)
    assert status == 0, said
    finish.finish(folder / "_build" / "html", folder)
    return folder / "_build" / "html"


pytestmark = pytest.mark.slow


def show(page, site, name):
    page.goto((site / name).as_uri())
    return page


def test_a_finished_chapter_is_marked_and_the_front_page_leads_back(browser_page, site):
    page = show(browser_page, site, "book/07_small.html")
    page.locator(".reader-done input").check()
    assert page.locator(".bd-sidenav .reader-mark").first.text_content() == " ✓"
    page.locator("#the-first-section").scroll_into_view_if_needed()
    page.mouse.wheel(0, 3000)
    page.wait_for_function("localStorage.getItem('llm-foundations/last') !== null")
    page = show(page, site, "book/intro.html")
    assert page.locator(".course-card .reader-mark").text_content() == " ✓"
    link = page.locator(".course-continue a")
    assert link.text_content() == "The first section"
    link.click()
    assert page.url.endswith("book/07_small.html#the-first-section")


def test_progress_is_saved_as_a_file_and_loaded_again(browser_page, site, tmp_path):
    page = show(browser_page, site, "book/07_small.html")
    page.locator(".reader-done input").check()
    page = show(page, site, "book/intro.html")
    with page.expect_download() as download:
        page.get_by_text("Save my progress").click()
    kept = tmp_path / "kept.json"
    download.value.save_as(kept)
    assert json.loads(kept.read_text())["llm-foundations/done"] == '{"book/07_small":true}'
    page.get_by_text("Forget it").click()
    assert page.locator(".reader-mark").count() == 0
    page.locator("input[type=file]").set_input_files(kept)
    page.get_by_text("Loaded.").wait_for()
    assert page.locator(".course-card .reader-mark").count() == 1
    (tmp_path / "other.json").write_text('{"password": "x"}')
    page.locator("input[type=file]").set_input_files(tmp_path / "other.json")
    page.get_by_text("This file holds no progress of this course.").wait_for()
    assert page.evaluate("localStorage.getItem('password')") is None


def test_the_meaning_of_a_term_and_a_source_show_on_focus(browser_page, site):
    page = show(browser_page, site, "book/07_small.html")
    for link, words in (("a[href*='term-two']", "One more than one."), ("a[href*='intro.html#id']", "Ann Small")):
        page.locator(f"article {link}").first.focus()
        bubble = page.locator("[role=tooltip]:visible")
        assert words in bubble.text_content()
        assert page.locator(":focus").get_attribute("aria-describedby") == bubble.get_attribute("id")
        page.keyboard.press("Escape")
        assert page.locator("[role=tooltip].reader-hover:visible").count() == 0


def test_a_search_from_disk_shows_where_the_word_stands(browser_page, site):
    said = []
    browser_page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page = browser_page
    page.goto(f"{(site / 'search.html').as_uri()}?q=stands")
    page.locator("ul.search li p.context").first.wait_for()
    assert "stands below" in page.locator("ul.search").text_content()
    assert said == []


NAMES = (
    "book/intro.html",
    "book/07_small.html",
    "book/syllabus.html",
    "book/glossary.html",
    "book/calculators.html",
    "labs/07_small/07_small.html",
)


def test_no_page_scrolls_sideways_on_a_phone(browser_page, site):
    browser_page.set_viewport_size({"width": 360, "height": 740})
    for name in NAMES:
        page = show(browser_page, site, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser_page, site, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="make setup installs axe").Axe()
    browser_page.add_init_script(f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')")
    for name in (*NAMES, "search.html"):
        page = show(browser_page, site, name)
        found = axe.run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
        serious = [one for one in found if one["impact"] in ("serious", "critical")]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in serious] == [], name
