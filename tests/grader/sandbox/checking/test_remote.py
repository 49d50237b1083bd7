"""The near end of a guest: whatever that says, a check gets a value, an error of a built-in kind, or `Stopped`."""

import os
import socket
import subprocess
import sys
import threading
import time

import pytest
import torch

from grader.sandbox.checking.remote import GuestClient, Stopped
from grader.sandbox.guest.worker import Worker
from grader.sandbox.protocol import messages
from tests.support.labs import ROOT

SLICE = 1_000


@pytest.mark.slow
def test_a_guest_that_answers_with_anything_gets_nothing_done():
    """A slice of the long run: python -m tests.support.fuzz_protocol."""
    seed = str(int.from_bytes(os.urandom(4)))
    command = [sys.executable, "-m", "tests.support.fuzz_protocol", str(SLICE), seed]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, f"seed {seed}: {ran.stdout[-500:]} {ran.stderr[-3000:]}"
    assert ran.stdout.startswith(f"{SLICE} cases"), ran.stdout


@pytest.fixture
def guest():
    """A client, and a worker that serves it in a thread of this process, with a namespace to put functions into."""
    near, far = socket.socketpair()
    namespace = {}
    worker = Worker(far, namespace)
    worker.namespace = namespace
    thread = threading.Thread(target=worker.serve)
    thread.start()
    with far:
        yield GuestClient(near), namespace
        near.close()
        thread.join()


def soon():
    return time.monotonic() + 20


def test_a_call_does_what_it_would_do_here(guest):
    client, namespace = guest

    def change(rows, first):
        first.append(0)
        rows.reverse()
        return rows[-1]

    namespace["change"] = change
    rows = [[1], [2]]
    first = rows[0]
    assert client.call("change", (rows, first), {}, {}, soon()) is first
    assert rows == [[2], [1, 0]]


def test_only_what_the_check_passed_is_called_back(guest):
    client, namespace = guest
    namespace["apply"] = lambda function, value: function(value)
    assert client.call("apply", (lambda value: value + 1, 2), {}, {}, soon()) == 3
    # What a function of the check's returns is no function to be called.
    namespace["twice"] = lambda function: function(0)(1)
    with pytest.raises(TypeError, match="not callable"):
        client.call("twice", (lambda _: len,), {}, {}, soon())


def test_an_error_is_of_a_built_in_kind_and_known_as_the_functions(guest):
    client, namespace = guest

    class Secret(ZeroDivisionError):
        pass

    def fail(value):
        raise Secret(value)

    namespace["fail"] = fail
    with pytest.raises(ZeroDivisionError) as caught:
        client.call("fail", (3,), {}, {}, soon())
    assert type(caught.value) is ZeroDivisionError
    assert client.raised[0] is caught.value
    with pytest.raises(NameError, match="not defined"):
        client.call("missing", (), {}, {}, soon())


def test_an_error_that_ends_an_iteration_does_not_end_the_checks(guest):
    client, namespace = guest
    namespace["stop"] = lambda _: next(iter(()))

    def stop(value):
        return client.call("stop", (value,), {}, {}, soon())

    # Neither a ValueError nor any other kind that a check may be waiting for.
    with pytest.raises(Exception, match=r"^$") as caught:
        list(map(stop, [1, 2]))
    assert type(caught.value) is Exception


def test_gradients_come_from_the_guest(guest):
    client, namespace = guest
    namespace["square"] = lambda x: (x * x).sum()
    x = torch.tensor([1.0, 3.0], requires_grad=True)
    client.call("square", (x,), {}, {}, soon()).backward()
    assert x.grad.tolist() == [2, 6]


def test_a_value_that_cannot_be_sent_is_an_error_of_the_function(guest):
    client, namespace = guest
    namespace["long"] = lambda: 10**5000
    with pytest.raises(ValueError, match="digits"):
        client.call("long", (), {}, {}, soon())


@pytest.mark.parametrize(
    "tree",
    [{"number": 2, "error": None}, {"error": None}, [], {"number": 1},
     {"number": 1, "error": {"name": "x"}}],
    ids=str,
)  # fmt: skip
def test_an_answer_to_another_question_is_none(tree):
    near, far = socket.socketpair()
    with near, far:
        threading.Thread(target=lambda: (far.recv(999), far.sendall(messages.framed(tree, b"")))).start()
        with pytest.raises(Stopped, match="garbled"):
            GuestClient(near).run_cell("cell", "", soon())


def test_an_answer_before_the_question_is_none():
    near, far = socket.socketpair()
    with near, far:
        far.sendall(messages.framed({"number": 1, "error": None}, b""))
        with pytest.raises(Stopped, match="garbled"):
            GuestClient(near).run_cell("cell", "", soon())


def test_a_byte_at_a_time_is_late():
    near, far = socket.socketpair()
    with near, far:
        over = threading.Event()

        def drip():
            far.recv(999)
            while not over.wait(0.05):
                far.send(b"\0")

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(Stopped, match="time"):
            GuestClient(near).run_cell("cell", "", time.monotonic() + 0.5)
        over.set()
        thread.join()
