"""Dialogues and reviews by name: bundled, folder, CSV, real DialogSum rows, and bad rows by line."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.loopback_hub import write_dialogues
from utils import data, runtime
from utils.data import Dialogue, dialogues, reviews
from utils.errors import CourseError

ROW = {"id": "dev_0", "dialogue": "#Person1#: Hello.\n#Person2#: Bye.", "summary": "They part.", "topic": "parting"}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)


def write(folder: Path, *rows, name: str = "test.jsonl") -> Path:
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    (folder / name).write_bytes(b"\n".join(lines) + b"\n")
    return folder


def refusal(folder: Path, split: str = "test") -> str:
    with pytest.raises(CourseError) as caught:
        dialogues(str(folder), split)
    sentence = str(caught.value)
    assert caught.value.__context__ is None
    assert sentence.endswith('or set DATA="course", which works offline.')
    return sentence


@pytest.mark.parametrize("split", data.SPLITS)
def test_bundled_dialogues_are_whole(split):
    rows = dialogues(split=split)
    assert len(rows) >= 100
    assert len({row.id for row in rows}) == len(rows)
    assert all(row.references[0] == row.summary and row.convention for row in rows)
    assert all(row.dialogue.startswith("#Person1#:") for row in rows)


def test_handwritten_dialogues_are_bundled_as_a_test_split():
    assert len(dialogues("handwritten")) >= 60
    with pytest.raises(CourseError, match=r'"train" in its name, but those there are: test\.jsonl'):
        dialogues("handwritten", "train")


def test_a_data_set_that_nobody_knows_is_told_the_bundled_names():
    with pytest.raises(
        CourseError, match='The data set should be "course", "natural", "handwritten", an existing folder or'
    ):
        dialogues("nowhere")


def test_natural_dialogues_know_speakers_keys_and_a_second_summary():
    plain, styled = dialogues("natural"), dialogues("natural", styled=True)
    assert [row.dialogue for row in plain] == [row.dialogue for row in styled]
    assert len({row.convention for row in plain}) == 1 < len({row.convention for row in styled})
    assert all(row.speakers and row.keys and row.outcome and "label" in row.shows for row in plain)


def test_a_column_that_only_has_the_name_of_a_known_one_is_passed_over(tmp_path):
    odd = ROW | {"shows": "price", "keys": ["a key"], "speakers": 2, "outcome": 1, "facts": {"asker": "Anna"}}
    (row,) = dialogues(str(write(tmp_path, odd)))
    assert (row.shows, row.keys, row.speakers, row.outcome, row.facts) == ((), (), (), "", None)


@pytest.mark.parametrize("split", data.SPLITS)
def test_bundled_reviews_are_whole(split):
    rows = reviews(split)
    assert len(rows) >= 50
    assert {row.sentiment for row in rows} == set(data.SENTIMENTS)


@pytest.mark.parametrize("read", [dialogues, lambda split: reviews(split)])
def test_unknown_split(read):
    with pytest.raises(CourseError, match="one of train, validation, test, but 'dev' came"):
        read(split="dev")


@pytest.mark.parametrize(("split", "rows", "references"), [("validation", 400, 1), ("test", 400, 3)])
def test_real_dialogsum(split, rows, references):
    if not (folder := runtime.dialogsum_dir()):
        pytest.skip("DIALOGSUM_DIR is unset: it names the folder of real DialogSum rows, which are not bundled")
    real = dialogues(str(folder), split)
    assert len(real) == rows
    assert max(len(row.references) for row in real) == references
    assert all(row.references[0] == row.summary for row in real)
    assert all(row.dialogue.count("#Person") >= 2 for row in real)


def test_real_dialogsum_through_csv_equals_its_jsonl(tmp_path):
    if not (folder := runtime.dialogsum_dir()):
        pytest.skip("DIALOGSUM_DIR is unset: it names the folder of real DialogSum rows, which are not bundled")
    real = dialogues(str(folder), "test")
    rows = [
        {"id": row.id, "dialogue": row.dialogue, "summary": reference, "topic": row.topic}
        for row in real
        for reference in row.references
    ]
    assert dialogues(str(write_dialogues(tmp_path / "csv", {"test": rows})), "test") == real


def test_dialogsum_test_row_has_three_references(tmp_path):
    row = {"fname": "test_0", "dialogue": "#Person1#: Hi."}
    for number, summary in enumerate("abc", 1):
        row |= {f"summary{number}": summary, f"topic{number}": f"topic {summary}"}
    expected = Dialogue("test_0", "#Person1#: Hi.", "a", "topic a", "", ("a", "b", "c"))
    assert dialogues(str(write(tmp_path, row))) == [expected]


def test_rows_that_share_a_dialogue_are_merged_in_order(tmp_path):
    rows = [ROW | {"id": f"test_0_{number}", "summary": text} for number, text in enumerate("abab")]
    other = ROW | {"id": "test_1", "dialogue": "#Person1#: Else."}
    merged = dialogues(str(write_dialogues(tmp_path / "csv", {"test": [*rows, other]})))
    assert [(row.id, row.references) for row in merged] == [("test_0_0", ("a", "b")), ("test_1", ("They part.",))]


def test_rows_of_another_convention_are_not_merged(tmp_path):
    folder = write(tmp_path, ROW | {"convention": "past"}, ROW | {"convention": "present", "summary": "They go."})
    assert [row.convention for row in dialogues(str(folder))] == ["past", "present"]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("dialogsum.dev.jsonl", "validation"),
        ("val.jsonl", "validation"),
        ("my_train.jsonl", "train"),
        ("TEST.jsonl", "test"),
    ],
)
def test_split_is_read_from_the_file_name(tmp_path, name, split):
    assert dialogues(str(write(tmp_path, ROW, name=name)), split)[0].id == "dev_0"


def test_missing_split_names_the_files_there_are(tmp_path):
    assert "those there are: contest.jsonl, dev.jsonl" in refusal(
        write(write(tmp_path, ROW, name="dev.jsonl"), ROW, name="contest.jsonl")
    )


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (b'{"id": "x", ', "is not JSON"),
        (b"[1, 2]", "is not a JSON object"),
        ('{"dialogue": "café"}'.encode("latin-1"), "is not UTF-8 text"),
        ({key: ROW[key] for key in ("id", "dialogue", "topic")}, "has no summary"),
        ({key: ROW[key] for key in ("id", "summary", "topic")}, "has no dialogue"),
        ({key: ROW[key] for key in ("dialogue", "summary", "topic")}, "has no fname"),
        (ROW | {"dialogue": " \n"}, "has an empty dialogue"),
        (ROW | {"summary": ""}, "has an empty summary"),
        (ROW | {"summary": None}, "has no summary"),
        (ROW | {"dialogue": ["a", "b"]}, "has a dialogue that is not text"),
        (ROW | {"dialogue": "half a pair: \ud83d"}, "has a dialogue with a broken character"),
    ],
)
def test_bad_row_is_reported_by_file_and_line(tmp_path, row, says):
    sentence = refusal(write(tmp_path, ROW, b"", row, ROW))
    assert f"1 of its rows are bad (test.jsonl:3 {says})" in sentence


def test_every_bad_row_is_counted_and_ten_are_listed(tmp_path):
    sentence = refusal(write(tmp_path, *[b"{" for _ in range(13)], ROW))
    assert "13 of its rows are bad" in sentence
    assert "test.jsonl:10 is not JSON, and 3 more)" in sentence
    assert "test.jsonl:11" not in sentence


def test_empty_file_is_not_an_empty_data_set(tmp_path):
    (tmp_path / "test.jsonl").write_text("")
    (tmp_path / "train.csv").write_text("")
    assert "has no row for test" in refusal(tmp_path)
    assert "has no row for train" in refusal(tmp_path, "train")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('id,dialogue,summary,topic\n1,"a\nb",s,t\n2,,s,t\n', "test.csv:4 has an empty dialogue"),
        ("id,dialogue,summary\n1,d,s\n", "test.csv:2 has no topic"),
        ("id,dialogue,summary,topic\n1,d,s,t\n\n2,d,s,t,more\n", "test.csv:4 has 5 fields under 4 columns"),
        ("id,dialogue,summary,topic\n1,d,s\n", "test.csv:2 has 3 fields under 4 columns"),
        ('id,dialogue,summary,topic\n1,d,s,"t\n', "test.csv:2 is not CSV (unexpected end of data)"),
        ('id,dialogue,summary,topic\n1,"d"e,s,t\n', "test.csv:2 is not CSV"),
        ("id,dialogue,summary,topic\n1,d,s\n2,,s,t\n", "2 of its rows are bad (test.csv:2 has 3 fields under 4"),
        ("id,dialogue,summary,topic\n1,d,s\n2,,s,t\n", "test.csv:3 has an empty dialogue)"),
        ('id;dialogue\n1;"a\nb"\n2;c\n', "1 of its rows are bad (test.csv:1 separates its columns by semicolons, not"),
        ("id\tdialogue\n1\td\n", "1 of its rows are bad (test.csv:1 separates its columns by tabs, not by commas)"),
        ("id\n1\n", "test.csv:2 has no summary"),
    ],
)
def test_bad_csv_row_is_reported_by_file_and_line(tmp_path, content, says):
    (tmp_path / "test.csv").write_text(content)
    assert says in refusal(tmp_path)


def test_an_index_without_a_name_is_left_out(tmp_path):
    """As pandas' `to_csv` writes it unless told otherwise."""
    (tmp_path / "test.csv").write_text(',id,dialogue,summary,topic\n0,a,"d\n1",s,t\n1,b,d2,s,t\n')
    assert [(row.id, row.dialogue) for row in dialogues(str(tmp_path))] == [("a", "d\n1"), ("b", "d2")]


def test_csv_in_another_encoding(tmp_path):
    (tmp_path / "test.csv").write_bytes("id,dialogue,summary,topic\n1,d,s,t\n2,café,s,t\n".encode("latin-1"))
    assert "test.csv:3 is not UTF-8 text" in refusal(tmp_path)


def test_byte_order_mark_and_windows_line_ends(tmp_path):
    row = Dialogue("1", "d", "s", "t", "", ("s",))
    (tmp_path / "test.csv").write_bytes(b"\xef\xbb\xbfid,dialogue,summary,topic\r\n1,d,s,t\r\n")
    assert dialogues(str(tmp_path)) == [row]
    (tmp_path / "test.csv").unlink()
    line = b'{"id": "1", "dialogue": "d", "summary": "s", "topic": "t"}\r\n'
    (tmp_path / "test.jsonl").write_bytes(b"\xef\xbb\xbf" + line)
    assert dialogues(str(tmp_path)) == [row]


@pytest.mark.parametrize("value", ["NA", "null", "None", "nan", "42", "1e5", "true", '"', "a,b", " spaced "])
def test_csv_text_stays_text(tmp_path, value):
    row = {"id": "007", "dialogue": value, "summary": value, "topic": value}
    assert dialogues(str(write_dialogues(tmp_path / "csv", {"test": [row]}))) == [
        Dialogue("007", value, value, value, "", (value,))
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=4, unique_by=lambda row: row[0]))
def test_any_text_survives_jsonl_and_csv(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("odd")
    expected = [(str(number), *row) for number, row in enumerate(rows)]
    named = [dict(zip(("id", "dialogue", "summary", "topic"), row, strict=True)) for row in expected]
    for source in (write(folder, *named), write_dialogues(folder / "csv", {"test": named})):
        assert [(row.id, row.dialogue, row.summary, row.topic) for row in dialogues(str(source))] == expected


def test_reading_a_csv_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    folder = write_dialogues(tmp_path / "csv", {"test": [ROW]})
    dialogues(str(folder))
    assert [path.name for path in folder.iterdir()] == ["test.csv"]
    assert not list((tmp_path / "temporary").iterdir())
