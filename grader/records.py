"""What passes between the grader's parts: options, submissions, tasks, rebuilt notebooks, rows."""

from dataclasses import dataclass, field
from pathlib import Path

MEBIBYTE = 2**20
NOTHING_HANDED_IN = "Nothing was handed in."


@dataclass(frozen=True)
class Limits:
    """What a submission may use: seconds for a cell or an exercise's checks, seconds and processor seconds in all, its
    own memory, processes, files, what it prints.
    """

    exercise_s: float = 30.0
    total_s: float = 300.0
    cpu_s: int = 300
    memory_bytes: int = 2048 * MEBIBYTE
    processes: int = 16
    disk_bytes: int = 64 * MEBIBYTE
    printed_bytes: int = MEBIBYTE


@dataclass(frozen=True)
class Options:
    """How to grade. private: a folder of further checks; secret: what varies their inputs from student to student."""

    sandboxed: bool = True
    private: str = ""
    secret: str = ""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Submission:
    """One student's file for one assignment.

    digest: SHA-256 of its bytes. unreadable: why there is no file to read. notes: what the student should know of how
    this file was chosen. assignment: "" where nothing tells it, and then `unreadable` says so. late: as the platform
    says. platform: "canvas" or "moodle", "" for any other. platform_id: its number of the student, "" where unknown.
    """

    student: str
    assignment: str
    path: Path
    digest: str
    unreadable: str = ""
    notes: tuple[str, ...] = ()
    late: bool = False
    platform: str = ""
    platform_id: str = ""


@dataclass(frozen=True)
class Task:
    """One submission on its way to a worker. content: the file's bytes."""

    student: str
    assignment: str
    digest: str
    content: bytes
    unreadable: str
    notes: tuple[str, ...]
    private: dict[str, str]
    options: Options


@dataclass(frozen=True)
class Rebuilt:
    """A submission's cells put back into the released order.

    cells: (id, source) of solution cells and of cells the student added, in the order to run. repairs: one sentence for
    each thing mended. lost: reason by solution cell id, for exercises that could not be found. check_places: by
    solution cell id how many cells run before the exercise's check does in the student's notebook.
    """

    cells: tuple[tuple[str, str], ...]
    repairs: tuple[str, ...] = ()
    lost: tuple[tuple[str, str], ...] = ()
    check_places: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class CheckResult:
    """Points of one check, and what a student may read about it."""

    check: str
    title: str
    earned: float
    points: float
    hint: str = ""


@dataclass(frozen=True)
class Row:
    """What came of one submission. Every submission has one.

    problem: why nothing could be graded, "" otherwise. seconds, peak_bytes: spent in the sandbox. fingerprints: of each
    solution by exercise, for finding submissions that are nearly the same. late: as the platform says; penalty: points
    taken off for that, by the instructor's policy.
    """

    student: str
    assignment: str
    digest: str
    results: tuple[CheckResult, ...]
    repairs: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0
    peak_bytes: int = 0
    fingerprints: tuple[tuple[str, str], ...] = ()
    late: bool = False
    penalty: float = 0.0

    @property
    def earned(self) -> float:
        """Points in all, the penalty taken off."""
        return sum(result.earned for result in self.results) - self.penalty

    @property
    def handed_in(self) -> bool:
        """Whether anything came of this student; a roster also names those of whom nothing did."""
        return self.problem != NOTHING_HANDED_IN

    @property
    def points(self) -> float:
        """Points that could be had."""
        return sum(result.points for result in self.results)
