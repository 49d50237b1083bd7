"""The checks' end of one submission's process: calls into the guest, as if the student's functions were here.

`messages` specifies what is sent. This end speaks first and the guest answers; during a call alone may the guest speak
out of turn, to call back a function that was passed to it. In order, for one submission:

1. `run_cell` for each of its cells. What a cell raises is an answer, not an end.
2. `call` for each time that a check uses a student's function. Arguments travel by value. Before the value is returned,
   what the call wrote into its arguments is written into ours (`mutations`), and the shared generators of random
   numbers are put where the call left them. So to the check it looks as if the function had run here.
3. `backward`, where a check differentiates what a call returned (`gradients`).

The guest may answer late, never, unasked, or with anything. Every wait has a deadline, and every fault of the other
side, be it silence, a closed connection or a message that breaks the rules, becomes one exception, `Stopped`. It
derives from BaseException: a check that expects its function to raise, or catches every Exception, cannot take it for
an answer.

Random states: a check may seed `random`, NumPy or torch and compare a function's draws with its own, or test that the
generators were left alone. So both processes keep the same states. A call carries them when they differ from those that
the guest had last, and its answer carries them back when the call has drawn.
"""

import itertools
import select
import socket
import time
from collections.abc import Mapping
from typing import Any

import torch

from grader.sandbox.checking.mutations import write_back
from grader.sandbox.guest import worker
from grader.sandbox.protocol import gradients, messages, passed, plain
from grader.sandbox.protocol.messages import ProtocolError

SEND_S = 120


class Stopped(BaseException):
    """The guest has ended before it answered; no check may take it for a student's error.

    reason: "time", "ended" or "garbled".
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class GuestClient:
    """Sends requests to one submission's process.

    calls: the socket for messages. raised: what students' functions have raised here, the last one's description with
    it, so that a check's own error can be told from theirs.
    """

    def __init__(self, calls: socket.socket):
        self.calls = calls
        self.raised: tuple[BaseException, dict] | None = None
        self._numbers = itertools.count(1)
        self._number, self._guest_random_states, self._deadline = 0, None, 0.0

    def run_cell(self, name: str, source: str, deadline: float) -> dict | None:
        """Run a cell; None, or what it raised. deadline: by time.monotonic(). Raises Stopped."""
        try:
            self._request({"request": "run_cell", "name": name, "source": source}, plain.Encoder())
        except ProtocolError as error:  # longer than a message may be
            return worker.describe(error)
        error = self._receive(deadline)[0].get("error")
        return None if error is None else _checked(error)

    def call(self, function: str, args: tuple, kwargs: dict, shared: Mapping[str, Any], deadline: float) -> Any:
        """Call a function that a cell has defined; what it does to lists and arrays given to it happens here too.

        shared: objects that both sides hold by the same name.
        Raises what the function raised, of the nearest built-in kind, or Stopped.
        """
        # Of this call alone: what an answer refers to is what was passed in this call.
        table = passed.Table()
        encoder = passed.Encoder(table, shared)
        random_states = worker.random_states()
        request = {
            "request": "call",
            "function": function,
            "args": encoder.encode(args),
            "kwargs": encoder.encode(kwargs),
            # Several kilobytes, so only where the guest's differ; they do when the check has drawn or seeded.
            "random_states": None if random_states == self._guest_random_states else encoder.encode(random_states),
        }
        self._request(request, encoder)
        self._guest_random_states, self._deadline = random_states, deadline
        answer, blob = self._receive(deadline)
        # Each brings the guest nearer its answer, or its deadline: the same one holds for all of them.
        while "callback" in answer:
            self._call_back(answer, blob, table, shared)
            answer, blob = self._receive(deadline)
        return self._result(answer, plain.Decoder(blob, table.__getitem__), table, args)

    def _result(self, answer: dict, decoder: plain.Decoder, table: passed.Table, args: tuple) -> Any:
        """What a call did, done here: arguments and random states first, then its value or its error."""
        try:
            write_back(table, answer["written"], decoder)
            if answer["random_states"] is not None:
                self._guest_random_states = worker.checked_random_states(decoder.decode(answer["random_states"]))
                worker.set_random_states(self._guest_random_states)
            if "error" not in answer:
                return self._with_backward(decoder.decode(answer["value"]), answer["graph"], args)
            error = _checked(answer["error"])
        # Whatever is wrong with an answer of the guest's making; what the student's function raised comes after it.
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, IndexError, OverflowError) as fault:
            raise Stopped("garbled") from fault
        raised = worker.exception_from(error)
        self.raised = raised, error
        raise raised

    def _with_backward(self, value: Any, graph: Any, args: tuple) -> Any:
        """The value; where it is a tensor with a graph in the guest, one whose backward pass asks there."""
        if type(graph) is not int or not isinstance(value, torch.Tensor):
            return value
        # The check's own tensors, so that their .grad fills as if the function had run here.
        inputs = list(gradients.tensors_requiring_grad(args))

        def vjp(grad_output: torch.Tensor) -> list[torch.Tensor | None]:
            # The check calls backward() after the call has returned, so within that call's deadline.
            encoder = plain.Encoder()
            self._request({"request": "backward", "graph": graph, "grad_output": encoder.encode(grad_output)}, encoder)
            answer, blob = self._receive(self._deadline)
            return _gradients(answer, plain.Decoder(blob, passed.Table().__getitem__), inputs)

        return gradients.RemoteFunction.apply(vjp, value.detach(), *inputs)

    def _call_back(self, answer: dict, blob: bytes, table: passed.Table, shared: Mapping[str, Any]) -> None:
        """The guest calls a function that the check passed in; only plain values come in."""
        decoder = plain.Decoder(blob, table.__getitem__)
        try:
            index, args, kwargs = answer["callback"], decoder.decode(answer["args"]), decoder.decode(answer["kwargs"])
            if type(index) is not int or not 0 <= index < len(table.callbacks):
                raise ProtocolError("A function was called that was not passed.")
            if type(args) is not tuple or type(kwargs) is not dict or not all(type(name) is str for name in kwargs):
                raise ProtocolError("A function was called without arguments.")
        except (KeyError, ProtocolError) as fault:
            raise Stopped("garbled") from fault
        # A function may return another one: that was not passed, so it does not become one to be called.
        encoder = passed.Encoder(table, shared, offers=False)
        try:
            reply = {"value": encoder.encode(table.callbacks[index](*args, **kwargs))}
        except Exception as error:
            # What our function raises belongs to the student's code that called it.
            reply = {"error": worker.describe(error)}
        self._send(reply, encoder)

    def _request(self, tree: dict, encoder: plain.Encoder) -> None:
        # An answer that lies there already was written before anything was asked.
        if select.select([self.calls], [], [], 0)[0] and self.calls.recv(1, socket.MSG_PEEK):
            raise Stopped("garbled")
        self._number = next(self._numbers)
        self._send(tree, encoder)

    def _send(self, tree: dict, encoder: plain.Encoder) -> None:
        try:
            # A guest that does not read would fill the socket's buffer and hold us here.
            self.calls.settimeout(SEND_S)
            self.calls.sendall(encoder.message(tree | {"number": self._number}))
        except OSError as error:
            raise Stopped("ended") from error

    def _receive(self, deadline: float) -> tuple[dict, bytes]:
        try:
            # Never 0 or less: that would make the socket non-blocking, or be refused.
            self.calls.settimeout(max(0.001, deadline - time.monotonic()))
            tree, blob = messages.receive(_SocketWithDeadline(self.calls, deadline))
        except TimeoutError as error:
            raise Stopped("time") from error
        except (EOFError, OSError) as error:
            raise Stopped("ended") from error
        except ProtocolError as error:
            raise Stopped("garbled") from error
        # Every answer holds one of these; a cell's holds "error", null where all went well.
        if type(tree) is not dict or not {"error", "value", "callback"} & set(tree):
            raise Stopped("garbled")
        if tree.get("number") != self._number:
            raise Stopped("garbled")
        return tree, blob


def _gradients(answer: dict, decoder: plain.Decoder, inputs: list[torch.Tensor]) -> list[torch.Tensor | None]:
    """One for each input, of its shape and dtype, or None. Raises Stopped for anything else."""
    try:
        found = decoder.decode(answer["value"])
        fits = [
            grad is None or (type(grad) is torch.Tensor and grad.shape == of.shape and grad.dtype == of.dtype)
            for grad, of in zip(found, inputs, strict=True)
        ]
    except (KeyError, TypeError, ValueError) as fault:
        raise Stopped("garbled") from fault
    if not all(fits):
        raise Stopped("garbled")
    return found


def _checked(error: Any) -> dict:
    """The description of an error, every field of the type and length that `worker.describe` gives it.

    Raises Stopped for another one.
    """
    kinds = {"builtin_kinds": list, "name": str, "message": str, "line": int, "text": str}
    if type(error) is not dict or any(type(error.get(field)) is not kind for field, kind in kinds.items()):
        raise Stopped("garbled")
    if not all(type(name) is str for name in error["builtin_kinds"]):
        raise Stopped("garbled")
    longest = {"name": worker.MAX_NAME_CHARACTERS, "message": worker.MAX_MESSAGE_CHARACTERS, "text": 200}
    return error | {field: error[field][:size] for field, size in longest.items()}


class _SocketWithDeadline:
    """A socket all of whose reads end by one deadline.

    A socket's own timeout starts anew with each read: a guest that sends a byte a minute would never be late.
    """

    def __init__(self, connection: socket.socket, deadline: float):
        self.connection, self.deadline = connection, deadline

    def recv(self, count: int) -> bytes:
        remaining_s = self.deadline - time.monotonic()
        if remaining_s <= 0 or not select.select([self.connection], [], [], remaining_s)[0]:
            raise TimeoutError
        return self.connection.recv(count)
