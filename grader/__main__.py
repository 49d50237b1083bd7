"""Grade a class, or let a student look before handing in.

python -m grader grade SUBMISSIONS --out RESULTS
python -m grader check NOTEBOOK
python -m grader release
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from grader import assignment, class_run
from grader.class_report import report
from grader.intake import collect, roster
from grader.intake.roster import Roster
from grader.journal import Journal
from grader.records import Limits, Options, Row, Submission
from grader.results import exports, feedback, folder, formgrader, gradebook, lateness, platform_files
from grader.sandbox import bubblewrap
from grader.student import precheck, release
from utils.errors import CourseError


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, 1 for a notebook that is not ready, 2 for what stands in the way, in one sentence."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except CourseError as problem:
        print(problem, file=sys.stderr)
        return 2


def _grade(options: argparse.Namespace) -> int:
    # First, before a class is unpacked: nobody should wait for the news that nothing can be graded.
    if not options.unsafe:
        bubblewrap.require()
    _check_numbers(options)
    limits = Limits(exercise_s=options.seconds)
    settings = Options(not options.unsafe, str(options.private or ""), options.secret or "", limits)
    listed = roster.read(options.roster) if options.roster else None
    folder.prepare(options.out, options.submissions)
    submissions = collect.collect(options.submissions, options.out / "collected", options.assignment)
    said: list[str] = []
    if listed:
        submissions, said = roster.applied(listed, submissions)
    with (
        Journal(options.out / "journal.jsonl") as journal,
        class_run.connected(options.scheduler, options.workers) as client,
    ):
        rows = class_run.grade(submissions, journal, client, settings)
    rows = lateness.marked(rows, submissions, options.late_penalty)
    for sentence in [*said, *_write(submissions, rows, options.out, options.db, listed)]:
        print(sentence, file=sys.stderr)
    handed_in, graded = sum(row.handed_in for row in rows), sum(not row.problem for row in rows)
    missing = f", {len(rows) - handed_in} not handed in" if handed_in < len(rows) else ""
    counts = f"{handed_in} submissions, {graded} graded, {handed_in - graded} without a grade{missing}"
    print(f"{counts}; results in {folder.name(options.out)}")
    return 0


def _check_numbers(options: argparse.Namespace) -> None:
    if not 0 < options.seconds < float("inf"):
        raise CourseError(f"--seconds must be above 0, but {options.seconds} came: correct it.")
    if not 0 <= options.late_penalty <= 100:
        raise CourseError(f"--late-penalty must be 0 to 100, but {options.late_penalty} came: correct it.")


def _write(
    submissions: list[Submission], rows: list[Row], out: Path, db: str | None, listed: Roster | None = None
) -> list[str]:
    """Everything that instructors and students get; returns sentences about what it cannot hold."""
    exports.grades(rows, out / "grades.csv")
    # What tells no lab is in the table for people; there is no page, column or cell of a lab that it could go to.
    rows = [row for row in rows if row.assignment]
    labs = {name: assignment.by_name(name) for name in sorted({row.assignment for row in rows})}
    exports.checks(rows, labs, out / "checks.csv")
    said = platform_files.write(rows, submissions, listed, out)
    feedback.write(rows, labs, out / "feedback")
    formgrader.write(submissions, labs, out / "autograded")
    report.write(rows, labs, out / "report.html")
    # Last: where the database is lost, everything else is there.
    return said + gradebook.write(rows, labs, db or folder.gradebook_url(out))


def _check(options: argparse.Namespace) -> int:
    findings = precheck.check_notebook(options.notebook, options.assignment)
    print("\n".join(findings.lines))
    return 0 if findings.ready else 1


def _release(options: argparse.Namespace) -> int:
    for path in release.write(options.assignment or assignment.graded_names()):
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m grader", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    grade = commands.add_parser("grade", help="grade a folder or an export of submissions")
    grade.add_argument("submissions", type=Path, help="a folder, nbgrader's submitted/ tree, or a platform's zip")
    grade.add_argument("--out", type=Path, required=True, help="folder for results; the same one again goes on")
    grade.add_argument("--assignment", action="append", help="a lab to grade, NN_topic; default: all that are found")
    grade.add_argument("--scheduler", help="address of a Dask cluster, tcp://…; default: local workers")
    grade.add_argument("--workers", type=int, help="local workers; default: one per core")
    grade.add_argument("--db", help="gradebook, sqlite:///FILE or postgresql://…; default: gradebook.db in the results")
    grade.add_argument(
        "--roster", type=Path, help="who is in the course: Canvas's gradebook or Moodle's worksheet, as CSV"
    )
    grade.add_argument(
        "--late-penalty", type=float, default=0.0, help="percent of its points that a late submission loses"
    )
    grade.add_argument("--private", type=Path, help="folder of further checks, NN_topic/<exercise>.py")
    grade.add_argument("--secret", help="what varies the inputs of private checks from student to student")
    grade.add_argument("--seconds", type=float, default=Limits().exercise_s, help="limit for an exercise")
    grade.add_argument("--unsafe", action="store_true", help="run submissions without a sandbox")
    grade.set_defaults(run=_grade)
    check = commands.add_parser("check", help="would this notebook run, and is everything in it?")
    check.add_argument("notebook", type=Path)
    check.add_argument("--assignment", help="the lab, where the file's name does not tell")
    check.set_defaults(run=_check)
    release_command = commands.add_parser(
        "release", help="make student versions, and a zip for each that runs by itself"
    )
    release_command.add_argument("assignment", nargs="*", help="labs, NN_topic; default: all")
    release_command.set_defaults(run=_release)
    return parser


if __name__ == "__main__":
    sys.exit(main())
