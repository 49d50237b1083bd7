"""What stands around the lessons: numbers come from the sources, pictures are drawn, set-up cells are folded."""

import re

import nbformat
import pytest

from benchmarks import __main__ as bench
from benchmarks.measure import Measurement
from tests.support import small_book
from tools.site.html_page import Page
from tools.site.sphinx import outline, pictures, plan
from tools.site.sphinx.records import RecordError

ROOT = small_book.ROOT


@pytest.fixture(scope="module")
def course():
    return plan.read(ROOT)


def test_every_chapter_says_what_a_card_and_a_head_need(course):
    assert list(course) == list(range(1, 10))
    for number, chapter in course.items():
        assert chapter.question.endswith("?"), number
        assert chapter.minutes >= plan.ROUNDED_TO_MINUTES
        assert chapter.lab.minutes >= 30
        assert len(chapter.lab.objectives) == 3
        assert "no network" in chapter.lab.needs
        assert chapter.lab.points >= 2 * chapter.lab.exercises
        assert pictures.picture(number)


def test_minutes_count_words_and_cells_and_no_markup():
    text = "# A\n\n" + "word " * 1998 + "\n\n```{code-cell} ipython3\n" + "code " * 500 + "\n```\n"
    assert plan.minutes(text) == 10
    assert plan.minutes(text + "```{code-cell}\n```\n" * 20) == 20


def test_a_plan_that_needs_what_comes_later_is_refused(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "07_small.md").write_text("# A\n\nWhat?\n")
    (tmp_path / "_toc.yml").write_text("root: book/07_small\n")
    (tmp_path / plan.FILE).write_text("- {chapter: 7, needs: [8]}\n")
    with pytest.raises(RecordError, match="chapter 7 must be there, and need only chapters before it"):
        plan.read(tmp_path)


def test_proofs_count_what_is_there():
    claims, cells, exercises = outline.proofs(ROOT, ROOT)
    assert int(claims[0]) > 100
    assert int(cells[0].replace(",", "")) > 500
    assert int(exercises[0]) == sum(chapter.lab.exercises for chapter in plan.read(ROOT).values())
    assert re.search(r"on \d{3} wrong answers", exercises[1])


@pytest.mark.parametrize("number", pictures.PICTURES)
def test_a_picture_stays_in_its_frame_and_in_the_colours_of_the_theme(number):
    drawn = pictures.picture(number)
    assert not re.search(r"#[0-9a-f]{3,6}", drawn)
    assert set(re.findall(r"var\(--([\w-]+)\)", drawn)) <= {
        *(f"figure-{role}" for role in ("ink", "model", "data")),
        "pst-color-background",
    }
    for x, y in re.findall(r'\bc?x="([-\d.]+)" c?y="([-\d.]+)"', drawn):
        assert 0 <= float(x) <= pictures.WIDTH
        assert 0 <= float(y) <= pictures.HEIGHT


def test_the_map_says_in_words_what_it_shows_and_has_room_for_all(course):
    drawn = pictures.plan_map(course)
    assert Page.read(drawn).without_alt == []
    assert "chapter 1 needs none before it; chapter 2 needs 1" in drawn
    level = pictures.levels(course)
    assert all(level[need] < level[number] for number, chapter in course.items() for need in chapter.needs)
    places = re.findall(r'<rect x="([\d.]+)" y="(\d+)"', drawn)
    assert len(set(places)) == len(course)
    # Chapter 9 needs 5 and 8, and 8 needs 5 already.
    assert drawn.count("l -8 -4") == sum(len(chapter.needs) for chapter in course.values()) - 1


def test_a_lab_is_run_from_the_site_and_elsewhere_only_from_a_named_repository(course):
    lab = course[2].lab
    alone = outline.run_strip(lab, "../../_static/a.zip", None)
    assert 'href="../../_static/a.zip" download' in alone
    assert "jupyter lab 02_prompting.ipynb" in alone
    assert f"{lab.exercises} exercises, {lab.points} points" in alone
    assert re.search(r"Python 3\.\d+ or newer, torch \d+\.\d+", alone)
    assert "http" not in alone
    named = outline.run_strip(lab, "a.zip", ("someone", "labs", "main"))
    assert "https://mybinder.org/v2/gh/someone/labs/main?labpath=labs/02_prompting/02_prompting.ipynb" in named
    assert named.count("run-elsewhere") == len(outline.LAUNCHERS)


def test_a_lab_says_what_it_took_where_that_was_measured(tmp_path):
    path = tmp_path / "bench.json"
    assert outline.measured(path, "02_prompting") == ""
    rows = [
        Measurement("labs", "02_prompting, wall", 38.2, "s"),
        Measurement("labs", "02_prompting, peak memory", 1.2e9, "bytes"),
    ]
    bench.write(path, rows, {"labs"})
    said = outline.measured(path, "02_prompting")
    assert re.fullmatch(r"\. All cells ran in 38\.2 s with 1\.2 GB of memory on \d{4}-\d\d-\d\d", said)
    assert outline.measured(path, "03_decoding") == ""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The small book with a graded lab, a set-up cell, a plan and cards."""
    folder = tmp_path_factory.mktemp("outlined")
    lab = nbformat.read(ROOT / "labs" / "02_prompting" / "02_prompting.ipynb", as_version=4)
    lab.cells = lab.cells[:1]
    lab.cells[0].source = lab.cells[0].source.replace("02_prompting", "07_small")
    lab.metadata["mystnb"] = {"execution_mode": "off"}
    chapter = small_book.CHAPTER.replace("# A small chapter\n", "# A small chapter\n\nHow *small* is two?\n")
    chapter = chapter.replace("glue(", "print('as from runtime.start(')\nglue(", 1)
    changed = {
        "book/07_small.md": chapter,
        "book/syllabus.md": "# Syllabus\n\n```{course-plan}\n```\n\n## All\n\n```{syllabus}\n```\n",
        "book/intro.md": small_book.FILES["book/intro.md"] + "\n```{course-proofs}\n```\n\n```{course-cards}\n```\n",
        "labs/07_small/07_small.ipynb": nbformat.writes(lab),
    }
    status, said = small_book.build(folder, changed)
    assert status == 0, said
    return folder / "_build" / "html"


@pytest.mark.slow
def test_a_built_chapter_has_head_folded_set_up_and_end(built):
    page = (built / "book" / "07_small.html").read_text(encoding="utf-8")
    assert '<p class="chapter-question">How <em>small</em> is two?</p>' in page
    assert "Chapter 07 of 01" in page
    assert page.count("<li>") >= 3
    assert "zero-, one- and few-shot prompts" in page
    assert re.search(
        r"<details[^>]*>\s*<summary.*?Show the set-up.*?as from runtime\.start.*?</details>", page, re.DOTALL
    )
    assert re.search(r'class="end-card" href="\.\./labs/07_small/07_small\.html"', page)


@pytest.mark.slow
def test_built_cards_and_plan_lead_to_the_chapter(built):
    front = (built / "book" / "intro.html").read_text(encoding="utf-8")
    assert re.search(r'class="course-card" href="07_small\.html"', front)
    assert re.search(r"<strong>1</strong>", front)
    plan_page = (built / "book" / "syllabus.html").read_text(encoding="utf-8")
    assert 'aria-label="What needs what' in plan_page
    assert re.search(r"<td><p><a [^>]*>(<[^>]*>)?07 A small chapter<", plan_page)
