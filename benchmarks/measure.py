"""One measured number, how it prints, and commands measured under the watchdog."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from utils import units
from utils.systems import process_limits

TIMEOUT_S = 1800.0


@dataclass(frozen=True)
class Measurement:
    """A number with its unit: "s", "bytes", "tokens", "tokens/s" or "times".

    at_most, at_least: the figure it must keep to, in the same unit; None where none was set.
    """

    section: str
    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool:
        """False when a figure was set and missed."""
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    @property
    def target(self) -> str:
        """The figure as text, "" when none was set."""
        if self.at_most is not None:
            return f"≤ {shown(self.at_most, self.unit)}"
        return f"≥ {shown(self.at_least, self.unit)}" if self.at_least is not None else ""


class Failure(RuntimeError):
    """A benchmark that could not be measured, and why."""


def shown(value: float, unit: str) -> str:
    """A value as text in the unit a person would read."""
    if unit == "s":
        return units.format_seconds(value)
    if unit == "bytes":
        return units.format_bytes(value)
    return f"{value:.1f} times" if unit == "times" else f"{value:.0f} {unit}"


def table(measurements: Sequence[Measurement]) -> str:
    """Measurements as aligned lines; a missed figure is marked."""
    rows = [(m.section, m.name, shown(m.value, m.unit), m.target, "" if m.met else "missed") for m in measurements]
    rows.insert(0, ("section", "what", "measured", "figure", ""))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ("  ".join(map(str.ljust, row, widths)) for row in rows)
    return "\n".join(map(str.rstrip, lines))


def command(
    section: str,
    name: str,
    words: Sequence[str],
    cwd: Path,
    at_most: dict[str, float],
) -> list[Measurement]:
    """Wall time and peak memory of a command and everything it starts.

    at_most: figures by unit, "s" and "bytes".
    Raises Failure when the command fails or runs past TIMEOUT_S.
    """
    outcome = process_limits.run(words, timeout_s=TIMEOUT_S, memory_bytes=None, cwd=cwd)
    if outcome.returncode != 0:
        last = "\n".join((outcome.stdout + outcome.stderr).splitlines()[-15:])
        raise Failure(f"{name} ended by {outcome.ended_by} with {outcome.returncode}:\n{last}")
    return wall_and_peak(section, name, outcome, at_most)


def wall_and_peak(
    section: str, name: str, outcome: process_limits.Outcome, at_most: dict[str, float]
) -> list[Measurement]:
    """The two numbers of a command that ended well. at_most: figures by unit, "s" and "bytes"."""
    return [
        Measurement(section, f"{name}, wall", outcome.wall_s, "s", at_most.get("s")),
        Measurement(section, f"{name}, peak memory", outcome.peak_bytes, "bytes", at_most.get("bytes")),
    ]
