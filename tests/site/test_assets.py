"""Scripts, styles and icons: what no page uses goes, what some page may use stays, and a heavy page is a fault."""

import shutil

import pytest
from fontTools.ttLib import TTFont

from tests.support import small_book
from tools.site import assets, check, finish

SHEET = """/*! Licence */
/* a remark */
.used, .gone { color: red }
.gone > p { color: blue }
p:not(.gone), a:is(.gone, .used) { color: green }
@media (min-width: 1px) { .gone { color: red } }
@media (min-width: 2px) { .by-script { color: red } .gone { color: blue } }
@keyframes turn { to { rotate: 1turn } }
"""


@pytest.fixture
def site(tmp_path):
    static = tmp_path / "_static"
    static.mkdir()
    (tmp_path / "index.html").write_text('<p class="used">.gone</p><script src="_static/a.js"></script>')
    (static / "a.js").write_text("element.classList.add('by-script');")
    (static / "a.css").write_text(SHEET)
    return tmp_path


def test_a_style_sheet_keeps_what_some_page_or_script_may_need(site):
    assets.cut(site, site / "own")
    assert (site / "_static" / "a.css").read_text().splitlines() == [
        "/*! Licence */",
        ".used{color: red}",
        "p:not(.gone),a:is(.gone, .used){color: green}",
        "@media (min-width: 2px) {.by-script{color: red}}",
        "@keyframes turn { to { rotate: 1turn } }",
    ]


def test_our_own_style_sheet_stays_as_it_is(site):
    (site / "own").mkdir()
    (site / "own" / "a.css").write_text(SHEET)
    assets.cut(site, site / "own")
    assert (site / "_static" / "a.css").read_text() == SHEET


def test_a_script_stays_where_it_has_something_to_do():
    quiz, always, icons = (f'<script src="../_static/{name}.js?v=1"></script>' for name in ("quiz", "b", "fontawesome"))
    assert assets.without_unused_scripts(f"{quiz}{always}{icons}<p>") == f"{always}<p>"
    assert assets.without_unused_scripts(f'{quiz}{always}<div class="quiz">') == f'{quiz}{always}<div class="quiz">'


def test_a_heavy_page_is_a_fault_also_by_what_its_style_sheet_imports(site):
    (site / "index.html").write_text('<link rel="stylesheet" href="_static/a.css?v=1"><script src="_static/a.js">')
    (site / "_static" / "a.css").write_text('@import "b.css"; @import "a.css";')
    (site / "_static" / "b.css").write_text(" " * (check.HEAVIEST_BYTES - 100))
    assert check.check_weight(site).faults == ()
    (site / "_static" / "b.css").write_text(" " * check.HEAVIEST_BYTES)
    [fault] = check.check_weight(site).faults
    assert fault.startswith("index.html: loads 400,0")


@pytest.fixture(scope="module")
def finished(small_site, tmp_path_factory):
    """The small book's site, finished."""
    folder = tmp_path_factory.mktemp("finished") / "html"
    shutil.copytree(small_site, folder)
    finish.finish(folder, small_book.ROOT)
    return folder


def test_a_built_chapter_is_light(finished):
    report = check.check_weight(finished)
    assert report.faults == ()
    # The heaviest page shows three calculators at once, which no page of the book does.
    assert 100_000 < int(report.counted.split()[0].replace(",", "")) < check.HEAVIEST_BYTES - 25_000
    assert not [path for path in finished.rglob("*") if "fontawesome" in path.as_posix()]


def test_every_icon_of_the_theme_is_in_the_cut_font(finished, browser_page):
    font = TTFont(finished / "_static" / "styles" / assets.ICONS)
    assert font["name"].getDebugName(1) == assets.ICON_FAMILY
    browser_page.goto((finished / "book" / "07_small.html").as_uri())
    contents = browser_page.evaluate(
        """[...document.querySelectorAll("[class*=fa-]")].map((icon) => {
             const style = getComputedStyle(icon, "::before");
             return [style.content.replaceAll('"', ""), style.fontFamily];
           })"""
    )
    assert len(contents) > 10
    for letter, family in contents:
        assert ord(letter) in font.getBestCmap()
        assert assets.ICON_FAMILY in family
    assert browser_page.evaluate(f"document.fonts.check('900 16px \"{assets.ICON_FAMILY}\"')")


def test_the_page_that_searches_keeps_its_index(finished):
    assert "searchindex.js" in (finished / "search.html").read_text()
    assert "searchindex.js" not in (finished / "book" / "07_small.html").read_text()
