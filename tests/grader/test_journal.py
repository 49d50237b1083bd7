"""Rows on disk: a line that was cut off is dropped, and nothing else."""

from grader.journal import Journal
from grader.records import Row


def test_a_journal_drops_a_line_that_was_cut_off(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.add("k1", Row("ada", "lab", "d", ()))
        journal.add("k2", Row("bob", "lab", "d", (), problem="It is no notebook."))
    path.write_bytes(path.read_bytes()[:-10])
    with Journal(path) as journal:
        assert (journal.key("ada", "lab"), journal.key("bob", "lab")) == ("k1", "")
        journal.add("k3", Row("bob", "lab", "d", ()))
    with Journal(path) as journal:
        assert [row.student for row in journal.of([("ada", "lab"), ("bob", "lab")])] == ["ada", "bob"]
