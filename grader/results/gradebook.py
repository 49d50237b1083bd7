"""Rows into nbgrader's own gradebook, so that its formgrader, export and feedback work on them.

A gradebook that `nbgrader generate_assignment` has made is filled as it stands. One that is new gets the same cells and
points, but no hidden checks: in their place stands a line that stops `nbgrader autograde` until generate_assignment has
run, because autograding by the visible checks alone would give points away.
"""

import copy
from collections.abc import Iterable, Mapping

import nbformat
from nbgrader import api, preprocessors, utils
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from grader.assignment import Assignment, Check, Exercise
from grader.records import Row
from grader.results.database import COURSE, cause, opened, transaction
from grader.results.sanitize import plain
from utils.errors import CourseError

GUARD = 'raise RuntimeError("This gradebook holds no hidden checks: run nbgrader generate_assignment first.")\n'


def write(
    rows: Iterable[Row], assignments: Mapping[str, Assignment], url: str | URL, course: str = COURSE
) -> list[str]:
    """Write every row in a transaction of its own; the same rows again change nothing, a regrade replaces scores.

    assignments: by name. url: of SQLAlchemy, sqlite:///FILE or postgresql://… Returns one sentence for each row that
    the database refused. Raises CourseError when the gradebook cannot be opened or is lost on the way.
    """
    refused = []
    with opened(url, course) as book:
        for row in rows:
            try:
                # Of its own: a row that the database refuses takes no other with it, and other graders wait for
                # milliseconds, not for a class.
                with transaction(book):
                    _write_row(book, row, assignments[row.assignment])
            except OperationalError as error:
                raise CourseError(f"The gradebook was lost: {cause(error)}. Start it and run again.") from error
            # Such as a name with a NUL, which PostgreSQL cannot store, or a lone surrogate, which nobody can encode.
            except (ValueError, SQLAlchemyError) as error:
                refused.append(plain(f"{row.student}, {row.assignment}: the gradebook refused it, {cause(error)}."))
    return refused


def _write_row(book: api.Gradebook, row: Row, assignment: Assignment) -> None:
    book.update_or_create_student(row.student)
    notebook = _find_or_add_notebook(book, assignment)
    # Known as a student, but without a submission: nbgrader's own tables then say that there is none.
    if not row.handed_in:
        book.db.commit()
        return
    _update_grade_cells(book, row, assignment, notebook)
    book.update_or_create_submission(row.assignment, row.student)
    submitted = book.find_submission_notebook(assignment.name, assignment.name, row.student)
    submitted.late_submission_penalty = row.penalty
    _add_missing_grades(book, notebook, submitted)
    earned = {result.check: result.earned for result in row.results}
    for grade in submitted.grades:
        grade.auto_score = earned.get(grade.name, 0.0)
        # A score that a person gave stays, and wins over ours; that person is asked to look again.
        grade.needs_manual_grade = grade.manual_score is not None
    comments = _comments(row, assignment)
    for comment in submitted.comments:
        comment.auto_comment = comments.get(comment.name)
    # In `transaction`, nbgrader's commits and this one end a savepoint; others see all of it when the block has ended.
    book.db.commit()


def _find_or_add_notebook(book: api.Gradebook, assignment: Assignment) -> api.Notebook:
    """The notebook's entry, as generate_assignment makes it if it is not there yet."""
    try:
        return book.find_notebook(assignment.name, assignment.name)
    except api.MissingEntry:
        book.update_or_create_assignment(assignment.name, course_id=book.course_id)
    # Notebook and assignment have the same name in this course.
    notebook_key = (assignment.name, assignment.name)
    book.add_notebook(*notebook_key)
    for cell in filter(utils.is_solution, assignment.notebook.cells):
        book.add_solution_cell(cell.metadata.nbgrader.grade_id, *notebook_key)
    for cell in _student_version(assignment):
        # nbgrader autograde puts these back where a student has changed a locked cell.
        columns = {"source": cell.source, "cell_type": cell.cell_type, "locked": utils.is_locked(cell)}
        columns["checksum"] = utils.compute_checksum(cell)
        book.add_source_cell(cell.metadata.nbgrader.grade_id, *notebook_key, **columns)
    return book.find_notebook(*notebook_key)


def _student_version(assignment: Assignment) -> list[nbformat.NotebookNode]:
    """The cells that nbgrader knows, without solutions; those that give points stop whoever runs them."""
    notebook, resources = copy.deepcopy(assignment.notebook), {}
    # nbgrader's own steps. generate_assignment saves cells before the last of them, so that its gradebook holds the
    # hidden checks. Here they are left out, as of everything else that grading writes.
    for preprocessor in (preprocessors.LockCells, preprocessors.ClearSolutions, preprocessors.ClearHiddenTests):
        notebook, resources = preprocessor().preprocess(notebook, resources)
    for cell in filter(utils.is_grade, notebook.cells):
        cell.source = GUARD + cell.source
    return [cell for cell in notebook.cells if "nbgrader" in cell.metadata]


def _update_grade_cells(book: api.Gradebook, row: Row, assignment: Assignment, notebook: api.Notebook) -> None:
    """Cells and points of the lab; a private check, which no notebook holds, gets a cell of its own."""
    max_scores = {check.name: check.points for exercise in assignment.exercises for check in exercise.checks}
    # The lab's own points win over those of the row, which may come from an older version of the lab.
    max_scores = {result.check: result.points for result in row.results} | max_scores
    stored_max_scores = {cell.name: cell.max_score for cell in notebook.grade_cells}
    for name, points in max_scores.items():
        # Only what differs: nbgrader commits for each cell, and most rows of a class change none.
        if stored_max_scores.get(name) != points:
            book.update_or_create_grade_cell(name, assignment.name, assignment.name, max_score=points, cell_type="code")


def _add_missing_grades(book: api.Gradebook, notebook: api.Notebook, submitted: api.SubmittedNotebook) -> None:
    """A submission entered before a cell was named lacks that cell's grade."""
    # nbgrader makes grades when it makes the submission, for the cells that exist then.
    graded_cell_ids = {grade.cell_id for grade in submitted.grades}
    for cell in notebook.grade_cells:
        if cell.id not in graded_cell_ids:
            book.db.add(api.Grade(cell_id=cell.id, notebook=submitted))
    # Autoflush is off in `transaction`; and `submitted.grades` was loaded before, so it is read anew.
    book.db.flush()
    book.db.expire(submitted)


def _comments(row: Row, assignment: Assignment) -> dict[str, str]:
    """The safe hints by solution cell, for formgrader and nbgrader's own feedback."""
    hints = {result.check: result.hint for result in row.results if result.hint}
    by_exercise = {
        exercise.name: " ".join(
            dict.fromkeys(_hint(check, hints[check.name], exercise) for check in exercise.checks if check.name in hints)
        )
        for exercise in assignment.exercises
    }
    return {name: plain(f"{row.problem} {hint}".strip()) for name, hint in by_exercise.items() if hint or row.problem}


def _hint(check: Check, hint: str, exercise: Exercise) -> str:
    """With the check's title where an exercise has several, which share one comment."""
    is_said_alone = len(exercise.checks) == 1 or not check.title
    return hint if is_said_alone else f"{check.title.rstrip('.')}: {hint}"
