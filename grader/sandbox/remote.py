"""The trusted end of one submission's process: calls into the guest, as if the student's functions were here.

`messages` specifies what is sent. This end speaks first and the guest answers; during a call alone may the guest speak
out of turn, to call back a function that was passed to it. In order, for one submission:

1. `run_cell` for each of its cells. What a cell raises is an answer, not an end.
2. `call` for each time that a check uses a student's function. Arguments travel by value. Before the value is returned,
   what the call wrote into its arguments is written into ours (`mutations`), and the shared generators of random
   numbers are put where the call left them. So to the check it looks as if the function had run here.
3. `backward`, where a check differentiates what a call returned (`gradients`).

The guest may answer late, never, or with anything. Every wait has a deadline, and every fault of the other side, be it
silence, a closed connection or a message that breaks the rules, becomes one exception, `Stopped`. It derives from
BaseException: a check that expects its function to raise, or catches every Exception, cannot take it for an answer.

Random states: a check may seed `random`, NumPy or torch and compare a function's draws with its own, or test that the
generators were left alone. So both processes keep the same states. A call carries them when they differ from those that
the guest had last, and its answer carries them back when the call has drawn.
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import torch

from grader.records import Limits
from grader.sandbox.guest import worker
from grader.sandbox.mutations import write_back
from grader.sandbox.protocol import gradients, messages
from grader.sandbox.protocol.decode import Decoder
from grader.sandbox.protocol.encode import Encoder

SEND_S = 120


class Stopped(BaseException):
    """The guest has ended before it answered; no check may take it for a student's error.

    reason: "time", "memory", "processes", "output", "ended" or "garbled".
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class GuestClient:
    """Sends requests to one submission's process. calls: its socket for messages. printed: what it writes to stdout.

    peak_bytes and reason are known when the process has ended: what it held, and the limit that it broke.
    """

    def __init__(self, calls: socket.socket, printed: socket.socket, limits: Limits):
        self.calls, self.limits = calls, limits
        self.peak_bytes, self.reason = 0, None
        self.printed = bytearray()
        # Read all the time: a guest whose output nobody takes would block in print() and look like an endless loop.
        self._reader = threading.Thread(target=self._read_printed, args=(printed,), daemon=True)
        self._reader.start()
        self._guest_random_states, self._deadline = None, 0.0

    def close(self) -> None:
        """Hang up; the sandbox then ends what still runs."""
        self.calls.close()

    def run_cell(self, name: str, source: str, deadline: float) -> dict | None:
        """Run a cell; None, or what it raised. deadline: by time.monotonic(). Raises Stopped."""
        self._send({"request": "run_cell", "name": name, "source": source}, Encoder({}))
        return self._receive(deadline)[0]["error"]

    def call(self, function: str, args: tuple, kwargs: dict, shared: dict[str, Any], deadline: float) -> Any:
        """Call a function that a cell has defined; what it does to lists and arrays given to it happens here too.

        shared: objects that both sides hold by the same name.
        Raises what the function raised, of the nearest built-in kind, or Stopped.
        """
        callbacks: list[Callable] = []
        encoder = Encoder(shared, callbacks, trusted=True)
        random_states = worker.random_states()
        request = {
            "request": "call",
            "function": function,
            "args": encoder.encode(args),
            "kwargs": encoder.encode(kwargs),
            # Several kilobytes, so only where the guest's differ; they do when the check has drawn or seeded.
            "random_states": None if random_states == self._guest_random_states else encoder.encode(random_states),
        }
        self._send(request, encoder)
        self._guest_random_states = random_states
        answer, blob = self._receive(deadline)
        # Each brings the guest nearer its answer, or its deadline: the same one holds for all of them.
        while "callback" in answer:
            self._call_back(answer, blob, callbacks, shared)
            answer, blob = self._receive(deadline)
        self._deadline = deadline
        return self._result(answer, Decoder(blob, shared), args)

    def _result(self, answer: dict, decoder: Decoder, args: tuple) -> Any:
        """What a call did, done here: arguments and random states first, then its value or its error."""
        try:
            if answer["args_after"] is not None:
                write_back(args, decoder.decode(answer["args_after"]))
            if answer["random_states"] is not None:
                self._guest_random_states = decoder.decode(answer["random_states"])
                worker.set_random_states(self._guest_random_states)
            if "error" not in answer:
                return self._with_backward(decoder.decode(answer["value"]), answer["graph"], args)
            error = worker.exception_from(answer["error"])
        # Whatever is wrong with an answer of the guest's making; what the student's function raised comes after it.
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as fault:
            raise Stopped("garbled") from fault
        raise error

    def _with_backward(self, value: Any, graph: int | None, args: tuple) -> Any:
        """The value; where it is a tensor with a graph in the guest, one whose backward pass asks there."""
        if graph is None or not isinstance(value, torch.Tensor):
            return value
        # The check's own tensors, so that their .grad fills as if the function had run here.
        inputs = list(gradients.tensors_requiring_grad(args))

        def vjp(grad_output: torch.Tensor) -> list[torch.Tensor | None]:
            # The check calls backward() after the call has returned, so within that call's deadline.
            encoder = Encoder({})
            request = {"request": "backward", "graph": graph, "grad_output": encoder.encode(grad_output)}
            self._send(request, encoder)
            answer, blob = self._receive(self._deadline)
            # No shared names here: gradients are arrays, and nothing else is expected.
            grad_inputs = Decoder(blob, {}).decode(answer.get("value"))
            if not isinstance(grad_inputs, list) or len(grad_inputs) != len(inputs):
                raise Stopped("garbled")
            return grad_inputs

        return gradients.RemoteFunction.apply(vjp, value.detach(), *inputs)

    def _call_back(self, answer: dict, blob: bytes, callbacks: list[Callable], shared: dict[str, Any]) -> None:
        """The guest calls a function that the check passed in; only plain values go in and out."""
        decoder, encoder = Decoder(blob, shared), Encoder(shared, callbacks, trusted=True)
        try:
            function = callbacks[answer["callback"]]
            args, kwargs = decoder.decode(answer["args"]), decoder.decode(answer["kwargs"])
        except (KeyError, TypeError, IndexError, messages.ProtocolError) as fault:
            raise Stopped("garbled") from fault
        try:
            reply = {"value": encoder.encode(function(*args, **kwargs))}
        except Exception as error:
            # What our function raises belongs to the student's code that called it.
            reply = {"error": worker.describe(error)}
        self._send(reply, encoder)

    def _send(self, tree: dict, encoder: Encoder) -> None:
        try:
            # A guest that does not read would fill the socket's buffer and hold us here.
            self.calls.settimeout(SEND_S)
            self.calls.sendall(encoder.message(tree))
        except OSError as error:
            raise Stopped(self.reason or "ended") from error

    def _receive(self, deadline: float) -> tuple[dict, bytes]:
        try:
            # Never 0 or less: that would make the socket non-blocking, or be refused.
            self.calls.settimeout(max(0.001, deadline - time.monotonic()))
            tree, blob = messages.receive(_SocketWithDeadline(self.calls, deadline))
        except TimeoutError as error:
            raise Stopped("time") from error
        except (EOFError, OSError) as error:
            raise Stopped(self.reason or "ended") from error
        except messages.ProtocolError as error:
            raise Stopped("garbled") from error
        # Every answer holds one of these; a cell's holds "error", null where all went well.
        if type(tree) is not dict or not {"error", "value", "callback"} & set(tree):
            raise Stopped("garbled")
        return tree, blob

    def _read_printed(self, printed: socket.socket) -> None:
        """Keep the beginning of what is printed; too much of it ends the process."""
        seen = 0
        with printed, contextlib.suppress(OSError):
            while part := printed.recv(65536):
                seen += len(part)
                self.printed += part[: max(0, self.limits.printed_bytes - len(self.printed))]
                if seen > self.limits.printed_bytes:
                    # In another thread: the reason first, then wake whoever waits in `_receive`.
                    self.reason = "output"
                    self.calls.shutdown(socket.SHUT_RDWR)
                    return


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
