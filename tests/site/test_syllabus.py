"""The syllabus: every item of the lectures is listed, each is a target of its chapter, the page links to them."""

import re
from pathlib import Path

import pytest
import yaml

from tests.support import small_book
from tools.site.sphinx import chapters, syllabus
from tools.site.sphinx.records import RecordError
from utils import runtime

ROOT = small_book.ROOT
GOOD = small_book.SYLLABUS


def items(groups):
    return {name: title for group in groups for name, title in group.items.items()}


@pytest.fixture
def groups(tmp_path):
    (tmp_path / "syllabus.yml").write_text(GOOD)
    return syllabus.read(tmp_path / "syllabus.yml")


def test_the_book_teaches_what_the_syllabus_lists():
    assert list(syllabus.faults(syllabus.read(ROOT / syllabus.FILE), syllabus.taught(ROOT))) == []


def test_nothing_of_the_lectures_is_missing_and_no_title_is_theirs():
    if not (file := runtime.env("SYLLABUS_FILE")):
        pytest.skip("SYLLABUS_FILE is unset: it names the list of what the lectures contain, which is not bundled")
    lectures = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    wanted = {item["id"]: item["item"] for chapter in lectures for item in chapter["items"]}
    listed = items(syllabus.read(ROOT / syllabus.FILE))
    assert listed.keys() == wanted.keys()
    assert [name for name, title in listed.items() if title.lower() == wanted[name].lower()] == []


SMALL = {"c07-one": "A", "c07-two": "A", "a-heading": "A"}


@pytest.mark.parametrize(
    ("there", "sentences"),
    [
        ({7: SMALL}, []),
        ({7: {"c07-one": "A"}}, ["Chapter 07 has no target (c07-two)=."]),
        ({7: SMALL, 8: {"c08-three": "B", "c10-four": "B"}}, []),
        ({7: SMALL | {"c10-four": "A"}, 8: {"c08-three": "B"}}, []),
        ({7: SMALL, 8: {"c08-three": "B"}}, ["Chapter 07 or 08 has no target (c10-four)=."]),
        ({7: SMALL | {"c07-ten": "A"}}, ["Chapter 07 has the target (c07-ten)=, which is none of its items in"]),
        ({7: SMALL | {"c08-three": "A"}}, ["Chapter 07 has the target (c08-three)=, which is none of its items in"]),
    ],
    ids=["good", "missing", "shared, in the second", "shared, in the first", "shared, in none", "unknown", "elsewhere"],
)
def test_each_fault_is_one_sentence(groups, there, sentences):
    found = list(syllabus.faults(groups, there))
    assert len(found) == len(sentences)
    assert all(one.startswith(sentence) for one, sentence in zip(found, sentences, strict=True))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("c07-two", "c08-three", "syllabus.yml: the id c08-three comes twice."),
        ("c07-two", "two", "syllabus.yml, record 1, items, two, [key]: String should match pattern"),
        ("The second thing", "2", "syllabus.yml, record 1, items, c07-two: Input should be a valid string, not 2."),
        ("title: Small", "name: Small", "syllabus.yml, record 1, name: Extra inputs are not permitted."),
    ],
)
def test_a_bad_file_is_refused(tmp_path, old, new, sentence):
    (tmp_path / "syllabus.yml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(RecordError) as caught:
        syllabus.read(tmp_path / "syllabus.yml")
    assert str(caught.value).startswith(sentence)


def test_targets_in_code_are_none():
    assert chapters.targets(small_book.CHAPTER) == {"c07-one": "The `first` section", "c07-two": "The `first` section"}


def test_the_page_links_items_to_sections_and_labs(small_site):
    page = (small_site / "book" / "syllabus.html").read_text(encoding="utf-8")
    rows = re.findall(r"<tr class=\"row-\w+\"><td><p>(.*?)</p></td>\s*<td><p>(.*?)</p></td>\s*</tr>", page, re.DOTALL)
    [(section, items)] = rows
    assert 'href="07_small.html#c07-one"' in section
    assert re.findall(r'href="([^"]*)".*?>([^<>]+)<', items) == [
        ("07_small.html#c07-one", "The first thing"),
        ("07_small.html#c07-two", "The second thing"),
    ]
    assert re.search(r'Tried in <a [^>]*href="\.\./labs/07_small/07_small\.html">', page)
    assert page.count("Chapter 08 is not written yet.") == 2
    assert "The third thing" not in page
