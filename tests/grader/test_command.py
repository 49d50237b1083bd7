"""The command from a platform's export to the file that the platform takes back."""

import csv

import pytest

from grader import assignment
from grader.__main__ import main
from grader.results.sanitize import number
from tests.support.submitted_files import zip_of

ROSTER = """\ufeffStudent;ID;SIS User ID;SIS Login ID;Section;Lab 02 Prompting (77)
    Points Possible;;;;;10
"Amber, Alice";101;S1;aamber;A;
"Berg, Bo";102;S2;bberg;A;
"Cruz, Carla";103;S3;ccruz;A;
"Dahl, Dan";104;S4;ddahl;A;6
"""
FILES = {
    # No notebooks, which no sandbox has to be started for.
    "amberalice_101_9001_02_prompting.ipynb": b"{}",
    "bergbo_LATE_102_link.html": b"<a>",
    "cruzcarla_103_text.html": b"<p>",
    "stranger_105_9005_02_prompting.ipynb": b"{}",
}


def lines(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_everybody_has_a_row_and_the_platform_gets_its_file_back(tmp_path, capsys):
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    source, out = zip_of(tmp_path, FILES), tmp_path / "re?sults 100%25\n#"
    words = ["grade", str(source), "--out", str(out), "--unsafe", "--workers", "1", "--late-penalty", "50"]
    assert main([*words, "--roster", str(tmp_path / "roster.csv")]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("4 submissions, 0 graded, 4 without a grade, 1 not handed in; results in ")
    assert "Not in the roster, and so not in the file for Canvas: stranger_105." in said.err
    rows = {row["student"]: row for row in lines(out / "grades.csv")}
    assert {student: row["problem"].partition(":")[0].partition(",")[0] for student, row in rows.items()} == {
        "amberalice_101": "The file is JSON but holds no cells",
        "bergbo_102": "A link came",
        "cruzcarla_103": "Typed text came",
        "dahldan_104": "Nothing was handed in.",
        "stranger_105": "The file is JSON but holds no cells",
    }
    assert {student for student, row in rows.items() if row["late"]} == {"bergbo_102"}
    assert [
        (line["ID"], line["SIS Login ID"], line["Lab 02 Prompting (77)"]) for line in lines(out / "canvas.csv")
    ] == [
        ("", "", number(assignment.by_name("02_prompting").points)),
        ("101", "aamber", "0"),
        ("102", "bberg", "0"),
        ("103", "ccruz", "0"),
        ("104", "ddahl", "6"),
    ]
    assert {line["student"] for line in lines(out / "checks.csv")} == set(rows)
    for name in ("gradebook.db", "report.html", "feedback/dahldan_104/02_prompting/02_prompting.html"):
        assert (out / name).stat().st_size > 0
    before = (out / "journal.jsonl").read_bytes()
    assert main(words[:7]) == 0
    assert (out / "journal.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--late-penalty", "101", "--late-penalty must be 0 to 100"),
        ("--late-penalty", "nan", "--late-penalty must be 0 to 100"),
        ("--roster", "nothing.csv", "No such file"),
        ("--out", "submitted/results", "outside the submissions"),
    ],
)
def test_a_wrong_option_is_one_sentence_before_anything_is_graded(tmp_path, capsys, monkeypatch, option, value, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "submitted").mkdir()
    assert main(["grade", "submitted", "--out", "results", "--unsafe", option, value]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert words in said
    assert not (tmp_path / "results" / "journal.jsonl").exists()
