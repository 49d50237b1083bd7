"""Every page of the built site as a stranger's browser meets it: on a phone, in both themes, offline."""

import pytest

from tests.support import small_book

SITE = small_book.ROOT / "_build" / "html"
PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if "_static" not in path.parts and path != SITE / "index.html"
)
LARGEST_SHIFT = 0.05
# What moved by itself while the page loaded, as the browser sums it up.
SHIFT = """new Promise((told) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => told(sum), 300);
})"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PAGES, reason="there is no built site: make book comes first"),
]


@pytest.fixture
def faults(browser_page):
    """What the console calls an error, and every request that leaves the disk."""
    found = []
    browser_page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    browser_page.on("pageerror", lambda error: found.append(str(error)))
    local = ("file:", "data:", "blob:")
    browser_page.on("request", lambda request: None if request.url.startswith(local) else found.append(request.url))
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_stands_still_and_asks_nobody(browser_page, faults, name):
    browser_page.set_viewport_size({"width": 360, "height": 740})
    browser_page.goto((SITE / name).as_uri())
    assert browser_page.evaluate("document.documentElement.scrollWidth") <= 360
    assert browser_page.evaluate(SHIFT) <= LARGEST_SHIFT
    assert faults == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_on_a_page(browser_page, name, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="make setup installs axe").Axe()
    browser_page.add_init_script(f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')")
    browser_page.goto((SITE / name).as_uri())
    found = axe.run(browser_page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in serious] == []
