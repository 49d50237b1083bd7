"""Cells run in a guest of a sandbox, without an assignment and its checks."""

import time

from grader.records import Limits
from grader.sandbox.bubblewrap import SUBMISSION, Guest, Sandbox
from grader.sandbox.checking.remote import GuestClient

WAIT_S = 60


def sandbox(imports: str) -> Sandbox:
    """One whose setup cell holds a line of imports."""
    return Sandbox(SUBMISSION, {"cells": [("setup", imports)]})


def error_of(box: Sandbox, source: str) -> dict | None:
    """What a cell raises in a guest of its own; None where it raises nothing."""
    with box.guest(Limits()) as guest:
        return GuestClient(guest.calls).run_cell("cell", source, time.monotonic() + WAIT_S)


def printed(box: Sandbox, *sources: str) -> str:
    """What the cells of one guest print, the last of them a line that ends in a newline."""
    with box.guest(Limits()) as guest:
        client = GuestClient(guest.calls)
        for source in sources:
            assert client.run_cell("cell", source, time.monotonic() + WAIT_S) is None
        return _line(guest)


def _line(guest: Guest) -> str:
    # Another thread reads it.
    end = time.monotonic() + WAIT_S
    while not guest.printed.endswith(b"\n"):
        assert time.monotonic() < end, f"a line should have been printed, but {bytes(guest.printed)} came"
        time.sleep(0.001)
    return guest.printed.decode()
