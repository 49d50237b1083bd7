"""The quizzes: each fault of a file is one sentence, the page needs no script to be read, the script does its part."""

import re

import pytest

from tests.support import small_book
from tools.site.html_page import Page
from tools.site.sphinx import chapters, quiz
from tools.site.sphinx.records import RecordError

ROOT = small_book.ROOT
GOOD = small_book.QUIZ
TARGETS = chapters.targets(small_book.CHAPTER)
QUIZZES = sorted((ROOT / "book" / "quizzes").glob("*.yml"))

FAULTS = {
    "no question": (("Which colour has the sky?", '""'), "colour, question: String should have at least 1 character"),
    "none right": (
        ("By day., correct: true", "By day."),
        "colour, options: exactly one must have correct: true",
    ),
    "two right": (
        ("That is grass.", "x, correct: true"),
        "colour, options: exactly one must have correct: true",
    ),
    "no why": ((", why: That is grass.", ""), "colour, options, 2, why: Field required."),
    "empty why": (
        ("That is grass.", '" "'),
        "colour, options, 2, why: String should have at least 1",
    ),
    "a number": (("text: Green", "text: 512"), "colour, options, 2, text: Input should be a valid string, not 512."),
    "yes as text": (
        ("day., correct: true", 'day., correct: "yes"'),
        "colour, options, 1, correct: Input should be",
    ),
    "unknown key": (
        ("section: c07-one", "section: c07-one\n  hint: x"),
        "colour, hint: Extra inputs are not",
    ),
    "two options": (
        ("    - {text: Grey, why: Only in rain.}\n", ""),
        "colour, options: List should have at least 3",
    ),
    "id": (("id: colour", "id: The colour"), "The colour, id: String should match pattern"),
    "section": (("section: c07-one", "section: c07-nine"), "colour: c07-nine is not a target of the chapter."),
}


def check(path):
    """What the page's directive and the test below ask of a file."""
    questions = quiz.read(path)
    quiz.require_sections(path, questions, TARGETS)
    return questions


def test_a_good_quiz_is_read(tmp_path):
    (tmp_path / "07_small.yml").write_text(GOOD)
    assert [question.id for question in check(tmp_path / "07_small.yml")] == ["sum", "colour"]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_sentence(tmp_path, fault):
    (old, new), sentence = FAULTS[fault]
    assert GOOD.count(old) == 1
    (tmp_path / "07_small.yml").write_text(GOOD.replace(old, new))
    with pytest.raises(RecordError) as caught:
        check(tmp_path / "07_small.yml")
    assert str(caught.value).startswith(f"07_small.yml, {sentence}")
    assert "\n" not in str(caught.value)


def test_an_id_that_comes_twice_is_named(tmp_path):
    (tmp_path / "07_small.yml").write_text(GOOD + GOOD)
    with pytest.raises(RecordError, match=r"^07_small\.yml: the id sum comes twice\.$"):
        check(tmp_path / "07_small.yml")


@pytest.mark.parametrize("path", QUIZZES, ids=lambda path: path.stem)
def test_every_quiz_belongs_to_its_chapter(path):
    text = (ROOT / "book" / f"{path.stem}.md").read_text(encoding="utf-8")
    assert chapters.directives(text, "quiz") == [path.stem]
    quiz.require_sections(path, quiz.read(path), chapters.targets(text))


def test_every_chapter_has_a_quiz():
    asked = [path.stem for path in QUIZZES if not path.stem.endswith("_since")]
    assert [path.stem for path in chapters.written(ROOT).values()] == asked


def test_a_page_under_a_chapter_does_not_stand_for_it(tmp_path):
    (tmp_path / "book").mkdir()
    for name in ("07_small", "07_small_since", "08_other"):
        (tmp_path / "book" / f"{name}.md").write_text("# A page\n")
    assert [path.stem for path in chapters.written(tmp_path).values()] == ["07_small", "08_other"]


@pytest.fixture(scope="module")
def page(small_site):
    return (small_site / "book" / "07_small.html").read_text(encoding="utf-8")


def test_the_page_is_readable_without_a_script(page):
    legends = re.findall(r"<fieldset id=.*?><legend>(.*?)</legend>", page, re.DOTALL)
    assert [legend[:2] for legend in legends] == ["1.", "2."]
    assert "<em>one</em>" in legends[0]
    assert "<p>Count on your fingers.</p>" in page
    assert page.count('<label><input type="radio" name="quiz-07_small-sum"') == 3
    assert page.count("<details><summary>Explanation</summary>") == 6
    assert page.count("<strong>Right.</strong>") == 2
    assert 'You counted to <span class="pasted-text">2</span>.' in page
    assert all("hidden" in button for button in re.findall(r"<button type=[^>]*>(?=Check|Clear)", page))
    assert 'href="#c07-two">The <code' in page


def test_the_quiz_needs_no_network(small_site, page):
    assert re.search(r'<script defer="defer" src="\.\./_static/quiz\.js', page)
    assert "http" not in (small_site / "_static" / "quiz.js").read_text(encoding="utf-8")
    assert [link for link in Page.read(page).fetched if "quiz" in link and "//" in link] == []


SUM = "#quiz-07_small-sum"
KEPT = "llm-foundations/quiz/07_small"


def opened(page, small_site):
    """The page, loaded anew, with its deferred scripts run."""
    page.goto((small_site / "book" / "07_small.html").as_uri())
    return page


def state(page) -> tuple[int, str, int]:
    """Of the first question: the place of the chosen option or -1, what is said about it, explanations shown."""
    chosen = page.locator(f"{SUM} input").evaluate_all("options => options.findIndex(option => option.checked)")
    said = page.locator(f"{SUM} [role=status]").text_content()
    return chosen, said, page.locator(f"{SUM} details:visible").count()


def total(page) -> str:
    return page.locator(".quiz-score").text_content()


def test_a_question_is_answered_by_keyboard_at_the_second_try_and_kept(browser_page, small_site):
    page = opened(browser_page, small_site)
    page.locator(f"{SUM} input").first.focus()
    assert state(page) == (-1, "", 0)
    told = (
        ("Space", "Wrong. One more try, for half a point.", 1),
        ("ArrowUp", "Right, at the second try. ½ point.", 3),
    )
    for place, (key, said, explained) in enumerate(told):
        page.keyboard.press(key)
        page.keyboard.press("Tab")
        assert page.locator(":focus").text_content() == "Check"
        page.keyboard.press("Enter")
        assert state(page) == (place, said, explained)
        if not place:
            # The right option is not given away, and the wrong one cannot be chosen again.
            assert page.locator(f"{SUM}.quiz-answered").count() == 0
            assert page.locator(f"{SUM} input").first.is_disabled()
            page.locator(f"{SUM} input").nth(2).focus()
    assert total(page) == "1 of 2 questions answered, ½ point."
    page = opened(page, small_site)
    assert state(page) == (1, "Right, at the second try. ½ point.", 3)
    assert total(page) == "1 of 2 questions answered, ½ point."


def test_points_are_added_up_and_shown_beside_the_chapter(browser_page, small_site):
    page = opened(browser_page, small_site)
    page.locator(f"{SUM} input").nth(1).check()
    page.locator(f"{SUM} button").click()
    assert state(page) == (1, "Right. 1 point.", 3)
    colour = page.locator("#quiz-07_small-colour")
    for wrong in (1, 2):
        colour.locator("input").nth(wrong).check()
        colour.locator("button").click()
    assert colour.locator("[role=status]").text_content() == "Wrong again. The explanations say why. No point."
    assert total(page) == "2 of 2 questions answered, 1 point."
    assert page.locator(".bd-sidenav .reader-mark").text_content() == " 1 of 2"


def test_answers_are_cleared_for_good(browser_page, small_site):
    page = opened(browser_page, small_site)
    page.locator(f"{SUM} input").first.check()
    page.locator(f"{SUM} button").click()
    assert state(page)[0] == 0
    page.locator(".quiz-clear").click()
    assert state(page) == (-1, "", 0)
    assert total(page) == "0 of 2 questions answered, 0 points."
    assert state(opened(page, small_site)) == (-1, "", 0)


def test_checking_without_an_answer_says_so(browser_page, small_site):
    page = opened(browser_page, small_site)
    page.locator(f"{SUM} button").click()
    assert state(page) == (-1, "Choose an answer first.", 0)


@pytest.mark.parametrize("kept", ["{", "7", '{"quiz-07_small-sum": "gone"}', '{"quiz-07_small-sum": ["gone"]}'])
def test_an_answer_that_means_nothing_any_more_is_dropped(browser_page, small_site, kept):
    page = opened(browser_page, small_site)
    page.evaluate("([key, value]) => localStorage.setItem(key, value)", [KEPT, kept])
    page = opened(page, small_site)
    assert state(page)[:2] == (-1, "")
    page.locator(f"{SUM} input").nth(1).check()
    page.locator(f"{SUM} button").click()
    assert state(page)[1] == "Right. 1 point."
