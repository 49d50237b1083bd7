"""The trusted end of one submission's process."""

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
    """The job has ended before it answered; no check may take it for a student's error.

    reason: "time", "memory", "processes", "output", "ended" or "garbled".
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Job:
    """The trusted end of one submission's process."""

    def __init__(self, calls: socket.socket, printed: socket.socket, limits: Limits):
        self.calls, self.limits = calls, limits
        self.peak_bytes, self.reason = 0, None
        self.printed = bytearray()
        self._reader = threading.Thread(target=self._read, args=(printed,), daemon=True)
        self._reader.start()
        self._states, self._deadline = None, 0.0

    def close(self) -> None:
        """Hang up; the sandbox then ends what still runs."""
        self.calls.close()

    def cell(self, name: str, source: str, deadline: float) -> dict | None:
        """Run a cell; None, or what it raised. deadline: by time.monotonic(). Raises Stopped."""
        self._send({"do": "cell", "name": name, "source": source}, Encoder({}))
        return self._receive(deadline)[0]["raised"]

    def call(self, name: str, arguments: tuple, options: dict, names: dict[str, Any], deadline: float) -> Any:
        """Call a function that a cell has defined; what it does to lists and arrays given to it happens here too.

        names: objects that both sides hold by the same name.
        Raises what the function raised, of the nearest built-in kind, or Stopped.
        """
        callbacks: list[Callable] = []
        encoder = Encoder(names, callbacks, trusted=True)
        shared = worker.states()
        tree = {
            "do": "call",
            "function": name,
            "arguments": encoder.encode(arguments),
            "options": encoder.encode(options),
            "states": None if shared == self._states else encoder.encode(shared),
        }
        self._send(tree, encoder)
        self._states = shared
        answer, blob = self._receive(deadline)
        while "callback" in answer:
            self._call_back(answer, blob, callbacks, names)
            answer, blob = self._receive(deadline)
        self._deadline = deadline
        return self._answer(answer, Decoder(blob, names), arguments)

    def _answer(self, answer: dict, decoder: Decoder, arguments: tuple) -> Any:
        try:
            if answer["after"] is not None:
                write_back(arguments, decoder.decode(answer["after"]))
            if answer["states"] is not None:
                self._states = decoder.decode(answer["states"])
                worker.set_states(self._states)
            if "raised" not in answer:
                return self._followed(decoder.decode(answer["value"]), answer["graph"], arguments)
            error = worker.raised(answer["raised"])
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as fault:
            raise Stopped("garbled") from fault
        raise error

    def _followed(self, value: Any, graph: int | None, arguments: tuple) -> Any:
        """A value whose gradient can be had from the sandbox, where it is a tensor that wants one."""
        if graph is None or not isinstance(value, torch.Tensor):
            return value
        wanted = list(gradients.leaves(arguments))

        def follow(slope: torch.Tensor) -> list[torch.Tensor | None]:
            encoder = Encoder({})
            self._send({"do": "slopes", "graph": graph, "slope": encoder.encode(slope)}, encoder)
            answer, blob = self._receive(self._deadline)
            found = Decoder(blob, {}).decode(answer.get("value"))
            if not isinstance(found, list) or len(found) != len(wanted):
                raise Stopped("garbled")
            return found

        return gradients.Through.apply(follow, value.detach(), *wanted)

    def _call_back(self, answer: dict, blob: bytes, callbacks: list[Callable], names: dict[str, Any]) -> None:
        """A function that a check passed in is called with plain values."""
        decoder, encoder = Decoder(blob, names), Encoder(names, callbacks, trusted=True)
        try:
            function = callbacks[answer["callback"]]
            arguments, options = decoder.decode(answer["arguments"]), decoder.decode(answer["options"])
        except (KeyError, TypeError, IndexError, messages.WireError) as fault:
            raise Stopped("garbled") from fault
        try:
            reply = {"value": encoder.encode(function(*arguments, **options))}
        except Exception as error:
            reply = {"raised": worker.described(error)}
        self._send(reply, encoder)

    def _send(self, tree: dict, encoder: Encoder) -> None:
        try:
            self.calls.settimeout(SEND_S)
            self.calls.sendall(encoder.message(tree))
        except OSError as error:
            raise Stopped(self.reason or "ended") from error

    def _receive(self, deadline: float) -> tuple[dict, bytes]:
        try:
            self.calls.settimeout(max(0.001, deadline - time.monotonic()))
            tree, blob = messages.receive(_Patient(self.calls, deadline, self))
        except TimeoutError as error:
            raise Stopped("time") from error
        except (EOFError, OSError) as error:
            raise Stopped(self.reason or "ended") from error
        except messages.WireError as error:
            raise Stopped("garbled") from error
        if type(tree) is not dict or not {"raised", "value", "callback"} & set(tree):
            raise Stopped("garbled")
        return tree, blob

    def _read(self, printed: socket.socket) -> None:
        """Keep the beginning of what is printed; too much of it ends the job."""
        seen = 0
        with printed, contextlib.suppress(OSError):
            while part := printed.recv(65536):
                seen += len(part)
                self.printed += part[: max(0, self.limits.printed_bytes - len(self.printed))]
                if seen > self.limits.printed_bytes:
                    self.reason = "output"
                    self.calls.shutdown(socket.SHUT_RDWR)
                    return


class _Patient:
    """A socket whose every read ends by one deadline, however slowly the other side writes."""

    def __init__(self, connection: socket.socket, deadline: float, job: Job):
        self.connection, self.deadline, self.job = connection, deadline, job

    def recv(self, count: int) -> bytes:
        left = self.deadline - time.monotonic()
        if left <= 0 or not select.select([self.connection], [], [], left)[0]:
            raise TimeoutError
        return self.connection.recv(count)
