"""Turns between pytest's workers: a test marked `alone` runs while every other worker waits.

Some tests count processes or shared memory, or show how long something takes; what runs beside them would spoil them.
Two locks serve: everyone passes the gate one by one, then holds the room, with others or alone. Who waits for the
room alone keeps the gate shut meanwhile, so that no stream of short tests can keep it out for ever.
"""

import fcntl
import tempfile
from pathlib import Path


class Turns:
    """One worker's part in it. run: names the run that its workers share."""

    def __init__(self, run: str):
        paths = [Path(tempfile.gettempdir()) / f"course-tests-{run}.{name}" for name in ("gate", "room")]
        self.gate, self.room = (path.open("w") for path in paths)
        self.paths, self.alone = paths, False

    def take(self, alone: bool) -> None:
        """Wait for a turn. One that is alone already keeps its turn for the next that must be."""
        if self.alone and alone:
            return
        fcntl.flock(self.gate, fcntl.LOCK_EX)
        fcntl.flock(self.room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(self.gate, fcntl.LOCK_UN)
        self.alone = alone

    def leave(self) -> None:
        fcntl.flock(self.room, fcntl.LOCK_UN)
        self.alone = False

    def close(self) -> None:
        """Other workers have opened the files long before one of them ends, so they may go."""
        self.gate.close()
        self.room.close()
        for path in self.paths:
            path.unlink(missing_ok=True)
