"""Memory that processes share counts once, and none that they hold is overlooked."""

import contextlib
import mmap
import os
import signal
import socket

import pytest

from grader.records import MEBIBYTE
from grader.sandbox.guest import memory

HELD_BYTES = 64 * MEBIBYTE
# Other memory of the test's own process, which comes and goes meanwhile: page tables of a child are some of it, and a
# process that has run many tests has large ones. Half of what is held, so that nothing can count twice or be missed.
TOLERANCE_BYTES = HELD_BYTES // 2


@contextlib.contextmanager
def forked(function=lambda: None):
    """A child that has called a function and then waits."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        function()
        os.write(write_end, b"x")
        signal.pause()
    os.read(read_end, 1)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(read_end)
        os.close(write_end)


def test_pages_from_before_a_fork_count_once():
    held = b"x" * HELD_BYTES
    alone = memory.proportional_bytes([os.getpid()])
    assert alone > HELD_BYTES
    with forked() as first, forked() as second:
        together = memory.proportional_bytes([os.getpid(), first, second])
        assert abs(together - alone) < TOLERANCE_BYTES
        assert memory.resident_bytes(first) > len(held)


@pytest.mark.parametrize("kind", [mmap.MAP_SHARED, mmap.MAP_PRIVATE])
def test_what_a_child_writes_is_added(kind):
    # Made before the fork: what the child allocates for itself may stay in its heap when it is freed, and count.
    page = b"x" * mmap.PAGESIZE

    def fill():
        for _ in range(HELD_BYTES // mmap.PAGESIZE):
            block.write(page)

    with mmap.mmap(-1, HELD_BYTES, flags=kind | mmap.MAP_ANONYMOUS) as block:
        before = memory.proportional_bytes([os.getpid()])
        with forked(fill) as child:
            rose = memory.proportional_bytes([os.getpid(), child]) - before
        assert abs(rose - HELD_BYTES) < TOLERANCE_BYTES


def test_where_the_kernel_does_not_say_all_pages_count(monkeypatch):
    monkeypatch.setattr(memory, "PROPORTIONAL", ("Pss_of_older_kernels",))
    both = memory.proportional_bytes([os.getpid()]), memory.resident_bytes(os.getpid())
    assert abs(both[0] - both[1]) < TOLERANCE_BYTES


def test_a_process_that_has_ended_holds_nothing():
    with forked() as child:
        pass
    assert (memory.resident_bytes(child), memory.proportional_bytes([child]), memory.file_bytes(child)) == (0, 0, 0)


def test_a_socket_that_two_processes_hold_counts_once():
    before = memory.socket_bytes([os.getpid()])
    with socket.socket(socket.AF_UNIX) as one, forked() as child:
        rose = memory.socket_bytes([os.getpid(), child]) - before
        assert rose == one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
