"""A class to try the grader on: `python -m tools.sample_class 02_prompting 60 FOLDER` writes a submitted/ tree.

Right and wrong notebooks of one lab. The wrong answers are the mutants that prove the lab's checks.
"""

import argparse
import copy
import shutil
from collections.abc import Mapping
from pathlib import Path

import nbformat

from grader import assignment
from grader.judging.judge import Judge
from utils.errors import at_least
from utils.runtime import project_root

STUCK = "while True: pass"


def write(
    name: str, students: int, folder: Path, stuck: bool = False, profile: str = "laptop"
) -> dict[str, dict[assignment.Exercise, str]]:
    """Write the submissions; returns each student's wrong answers, by exercise.

    Student i is right but for i mod 3 exercises, each with a mutant in its place; with `stuck`, the last never ends.
    profile: what the first cell says. Raises CourseError for a lab that does not exist, or no students.
    """
    at_least(1, students=students)
    lab, mutants = assignment.by_name(name), project_root() / "tests" / "mutants" / name
    answers = {}
    for i in range(students):
        wrong = {each: _mutant(mutants / each.name, i) for each in lab.exercises[: i % 3]}
        if stuck and i == students - 1:
            wrong = {lab.exercises[-1]: STUCK}
        student = f"student{i:04d}"
        _write(lab, {each.cell_id: source for each, source in wrong.items()}, profile, folder / student / name)
        answers[student] = wrong
    return answers


def points_due(name: str, answers: Mapping[str, Mapping[assignment.Exercise, str]]) -> dict[str, float]:
    """The points of each student of a class that `write` wrote, from one judgement of each wrong answer."""
    lab, costs = assignment.by_name(name), {}
    solved = {cell.id: cell.source for cell in lab.notebook.cells if assignment.is_solution(cell)}
    with Judge(lab, None, sandboxed=shutil.which("bwrap") is not None) as judge:
        for exercise, source in {pair for wrong in answers.values() for pair in wrong.items()}:
            cost = exercise.points
            if source != STUCK:  # no check comes to an end: nothing to wait for
                outcome = judge.grade(list((solved | {exercise.cell_id: source}).items()))
                cost = lab.points - sum(result.earned for result in outcome.results)
            costs[exercise, source] = cost
    return {student: lab.points - sum(costs[pair] for pair in wrong.items()) for student, wrong in answers.items()}


def _mutant(folder: Path, number: int) -> str:
    found = sorted(folder.glob("*.py"))
    return found[number % len(found)].read_text(encoding="utf-8")


def _write(lab: assignment.Assignment, wrong: Mapping[str, str], profile: str, folder: Path) -> None:
    notebook = copy.deepcopy(lab.notebook)
    for cell in notebook.cells:
        cell.source = wrong.get(cell.id, assignment.without_hidden(cell.source))
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace('PROFILE = "laptop"', f'PROFILE = "{profile}"')
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{lab.name}.ipynb")


def main(arguments: list[str] | None = None) -> None:
    """Write a class."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignment")
    parser.add_argument("students", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stuck", action="store_true", help="the last student's notebook never ends")
    options = parser.parse_args(arguments)
    write(options.assignment, options.students, options.folder, options.stuck)


if __name__ == "__main__":
    main()
