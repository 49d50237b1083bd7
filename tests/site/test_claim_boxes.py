"""The claims: each fault of the file is one sentence, each record is shown by one chapter, the box has all parts."""

import re

import pytest

from tests.support import small_book
from tools.site.sphinx import chapters, claims
from tools.site.sphinx.records import RecordError

ROOT = small_book.ROOT
GOOD = small_book.CLAIMS
SECOND = "- {id: e8, finding: open, title: a, statement: b, verdict: c, source: d, check: e}\n"

FAULTS = {
    "unknown key": (GOOD + "  note: x\n", "claims.yml, e7, note: Extra inputs are not permitted."),
    "missing key": (GOOD.replace("  title: two is small\n", ""), "claims.yml, e7, title: Field required."),
    "missing id": (GOOD.replace("- id: e7\n  finding", "- finding"), "claims.yml, record 1, id: Field required."),
    "empty": (
        GOOD.replace("two is small", "' '"),
        "claims.yml, e7, title: String should have at least 1 char",
    ),
    "unknown finding": (
        GOOD.replace("holds", "true-ish"),
        "claims.yml, e7, finding: Input should be 'holds', 'partly',",
    ),
    "not text": (GOOD.replace("two is small", "2"), "claims.yml, e7, title: Input should be a valid string, not 2."),
    "odd id": (GOOD.replace("id: e7", "id: seven"), "claims.yml, seven, id: String should match pattern"),
    "twice": (GOOD + GOOD, "claims.yml: the id e7 comes twice."),
    "order": (SECOND + GOOD, "claims.yml: e7 must stand before e8."),
    "no list": ("id: e7\n", "claims.yml: a list is expected."),
    "no mapping": (
        "- e7\n",
        "claims.yml, record 1: Input should be a valid dictionary or",
    ),
    "no YAML": ("- id: [\n", "claims.yml: it is not YAML: "),
}


def test_good_claims_are_read_in_order(tmp_path):
    (tmp_path / "claims.yml").write_text(GOOD + SECOND)
    assert list(claims.read(tmp_path / "claims.yml")) == ["e7", "e8"]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_sentence(tmp_path, fault):
    text, sentence = FAULTS[fault]
    (tmp_path / "claims.yml").write_text(text)
    with pytest.raises(RecordError) as caught:
        claims.read(tmp_path / "claims.yml")
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RecordError, match=r"^claims\.yml: there is no such file in "):
        claims.read(tmp_path / "claims.yml")


def test_every_claim_is_shown_by_one_chapter():
    pages = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "book").glob("*.md"))]
    shown = sorted(name for page in pages for name in chapters.directives(page, "claim"))
    assert shown == sorted(claims.read(ROOT / claims.FILE))


def test_no_box_is_written_by_hand():
    pages = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "book").glob("*.md")}
    assert [name for name, text in pages.items() if "} Check the claim" in text] == []


def test_the_box_has_every_part_with_its_markdown(small_site):
    page = (small_site / "book" / "07_small.html").read_text(encoding="utf-8")
    box = re.search(r'<div class="[^"]*admonition" id="claim-e7">(.*?)</div>', page, re.DOTALL)[1]
    parts = [">Check the claim: two is small<", "Claim.</strong> Two is <em>small</em>."]
    parts += ["Verdict: holds.</strong> True."]
    parts += ['<span class="pasted-text">2.0</span>', "Source.</strong> <span", ">2020</a>", "Check.</strong> <math"]
    assert [part for part in parts if part not in box] == []
    assert '<a class="reference internal" href="#claim-e7">' in page


@pytest.mark.slow
def test_unknown_names_fail_the_build_in_one_sentence_each(tmp_path):
    """One chapter with every wrong directive: a build is slow."""
    asks = ["{claim} e8", "{quiz} 08_large", "{quiz} 07_small", "{quiz} 07_listed"]
    page = "# A page\n\n(c07-one)=\nOne.\n\n" + "\n\n".join(f"```{ask}\n```" for ask in asks)
    listed = small_book.QUIZ.replace("question: Which", "question: '- Which").replace("sky?", "sky?'")
    changed = {"book/07_small.md": page, "book/quizzes/07_listed.yml": listed.replace("c07-two", "c07-one")}
    status, said = small_book.build(tmp_path, changed)
    assert status != 0
    for sentence in (
        "book/claims.yml has no claim e8.",
        "08_large.yml: there is no such file in quizzes/.",
        "07_small.yml, sum: c07-two is not a target of the chapter.",
        "07_listed.yml, colour: the question must open with a paragraph.",
    ):
        assert said.count(sentence) == 1


def test_the_list_tells_how_many_and_leads_to_every_box(small_site):
    page = (small_site / "book" / "intro.html").read_text(encoding="utf-8")
    assert "1 claims: 1 hold." in page
    row = page[page.index('class="claim-row') :]
    assert "finding-holds" in row
    assert re.search(r'Chapter 07\. <a class="reference internal" href="07_small\.html#claim-e7">', row)


def test_a_claim_belongs_to_its_chapter_wherever_it_is_shown(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "03_a.md").write_text("# A\n\n```{claim} e1\n```\n")
    (tmp_path / "book" / "claims.md").write_text(
        "# More\n\n(claims-01)=\n## One\n\n```{claim} e2\n```\n\n(claims-03)=\n## Three\n\n```{claim} e3\n```\n"
    )
    assert claims.homes(tmp_path) == {"e1": "03", "e2": "01", "e3": "03"}


def test_a_reader_chooses_claims_by_chapter_and_finding(browser_page, tmp_path):
    row = (
        '<div class="claim-row"><div class="claim-finding finding-{0}">{1}</div>'
        '<div class="claim-told chapter-{2}">c</div></div>'
    )
    rows = [("wrong", "wrong", "01"), ("holds", "holds", "01"), ("wrong", "wrong", "06")]
    script = (ROOT / "book" / "_static" / "claims.js").read_text(encoding="utf-8")
    html = "".join(row.format(*each) for each in rows)
    (tmp_path / "page.html").write_text(f"<body>{html}<script>{script}</script></body>")
    browser_page.goto((tmp_path / "page.html").as_uri())
    shown = browser_page.locator(".claim-row:visible")
    assert shown.count() == 3
    browser_page.get_by_label("Finding").select_option("wrong")
    assert shown.count() == 2
    browser_page.get_by_label("Chapter").select_option("06")
    assert shown.count() == 1
    assert browser_page.get_by_role("status").text_content() == "1 of 3 claims"
    browser_page.get_by_label("Finding").select_option("")
    browser_page.get_by_label("Chapter").select_option("")
    assert shown.count() == 3
