"""The untrusted end: runs a submission's cells, and calls the functions that they define.

This code shares its process with the student's, which can change any of it. So nothing here protects the grade: the
trusted side takes an answer for bytes that a student has written. `remote` says who sends what when, `messages` the
fields.

`run_cell` and the descriptions of errors and random states serve the trusted side too: the judge runs the lab's setup
cells with the same function, so that both sides begin alike.
"""

import builtins
import linecache
import os
import random
import socket
from typing import Any

import numpy
import torch

from grader.sandbox.protocol import gradients, messages
from grader.sandbox.protocol.decode import Decoder
from grader.sandbox.protocol.encode import Encoder

MAX_MESSAGE_CHARACTERS = 2000


class Worker:
    """Answers the trusted side's requests. namespace: of the setup cells; the submission's own cells go on in it."""

    def __init__(self, calls: socket.socket, namespace: dict[str, Any]):
        # `shared` keeps the setup's objects under their names, also where a student's cell rebinds one.
        self.calls, self.namespace, self.shared, self.pid = calls, namespace, dict(namespace), os.getpid()
        self.graphs: list[tuple[torch.Tensor, list[torch.Tensor]]] = []

    def serve(self) -> None:
        """Until the connection ends."""
        try:
            while True:
                request, blob = messages.receive(self.calls)
                if request["request"] == "run_cell":
                    self._send({"error": run_cell(request["name"], request["source"], self.namespace)})
                elif request["request"] == "backward":
                    self._send(*self._backward(request, blob))
                else:
                    self._send(*self._call(request, blob))
        except EOFError:
            return

    def _call(self, request: dict, blob: bytes) -> tuple[dict, Encoder]:
        """The answer to one call, with the encoder that holds its arrays."""
        decoder = Decoder(blob, self.shared, self._callback, pickles=True)
        args, kwargs = decoder.decode(request["args"]), decoder.decode(request["kwargs"])
        # The generators continue the trusted side's sequence: a seed that a check sets holds for the function too.
        if request["random_states"] is not None:
            set_random_states(decoder.decode(request["random_states"]))
        before, encoder = random_states(), Encoder(self.shared)
        try:
            value = self.namespace[request["function"]](*args, **kwargs)
            answer = {"value": encoder.encode(value), "graph": self._keep_graph(value, args)}
        except BaseException as error:
            answer = {"error": describe(error)}
        answer["args_after"] = encoder.encode(args) if self._has_changed(args, request["args"], blob) else None
        # Read after `encode`, which may run a student's generator, and that may draw.
        after = random_states()
        answer["random_states"] = encoder.encode(after) if after != before else None
        return answer, encoder

    def _has_changed(self, args: Any, sent: Any, blob: bytes) -> bool:
        """Whether a call has written into its arguments: encoded as the trusted side does, they differ from its tree.

        The arguments were encoded first, so their arrays are the beginning of the blob.
        """
        encoder = Encoder(self.shared, trusted=True)
        try:
            now = encoder.encode(args)
        except Exception:
            return True
        return now != sent or b"".join(encoder.arrays) != blob[: sum(map(len, encoder.arrays))]

    def _keep_graph(self, value: Any, args: tuple) -> int | None:
        """The number under which `backward` finds the value's autograd graph; None where nothing asks for one.

        Graphs are kept as long as the process lives: the check may call backward() at any time.
        """
        inputs = list(gradients.tensors_requiring_grad(args))
        if not (inputs and isinstance(value, torch.Tensor) and value.requires_grad):
            return None
        self.graphs.append((value, inputs))
        return len(self.graphs) - 1

    def _backward(self, request: dict, blob: bytes) -> tuple[dict, Encoder]:
        """The vector-Jacobian product. The graph is retained, since a check may go through it again."""
        value, inputs = self.graphs[request["graph"]]
        grad_output, encoder = Decoder(blob, self.shared).decode(request["grad_output"]), Encoder(self.shared)
        grad_inputs = torch.autograd.grad(value, inputs, grad_output, allow_unused=True, retain_graph=True)
        return {"value": encoder.encode(list(grad_inputs))}, encoder

    def _callback(self, index: int):
        """A stand-in for a function of the check's: calling it asks the trusted side, while that waits for us."""

        def call(*args, **kwargs):
            encoder = Encoder(self.shared)
            self._send({"callback": index, "args": encoder.encode(args), "kwargs": encoder.encode(kwargs)}, encoder)
            reply, blob = messages.receive(self.calls)
            if "error" in reply:
                raise exception_from(reply["error"])
            return Decoder(blob, self.shared, self._callback, pickles=True).decode(reply["value"])

        return call

    def _send(self, tree: dict, encoder: Encoder | None = None) -> None:
        # A cell may fork and return in both processes: only the first may answer, or two answers would interleave.
        if os.getpid() != self.pid:
            os._exit(0)
        self.calls.sendall((encoder or Encoder({})).message(tree))


def run_cell(name: str, source: str, namespace: dict[str, Any]) -> dict | None:
    """Run a cell in a namespace; None, or the description of what it raised."""
    file = f"<{name}>"
    # `inspect.getsource` and tracebacks find the cell's lines here, as in a notebook.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        exec(compile(source, file, "exec"), namespace)
    except BaseException as error:  # a cell's SystemExit or KeyboardInterrupt ends that cell, not the submission
        return describe(error)
    return None


def describe(error: BaseException) -> dict:
    """An error as plain values: its built-in kinds from the nearest up, its type's name, and its message."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    try:
        message = str(error)[:MAX_MESSAGE_CHARACTERS]
    except BaseException:  # a student's own __str__ may raise
        message = ""
    return {"builtin_kinds": kinds or ["Exception"], "name": type(error).__name__[:100], "message": message}


def exception_from(description: dict) -> Exception:
    """The exception that `describe` has described, of its nearest built-in kind. No class of the sender's is made."""
    for name in description["builtin_kinds"]:
        kind = getattr(builtins, str(name), None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            try:
                return kind(str(description["message"]))
            except TypeError:  # such as UnicodeDecodeError, which wants five arguments
                continue
    return RuntimeError(str(description["message"]))


def random_states() -> tuple:
    """The states of the three shared generators of random numbers: Python's, NumPy's, PyTorch's.

    Arrays as bytes, so that two states can be compared with ==.
    """
    _, key, *position_and_gauss = numpy.random.get_state()
    return random.getstate(), (key.tobytes(), *position_and_gauss), torch.get_rng_state().numpy().tobytes()


def set_random_states(states: tuple) -> None:
    """Put all three where `random_states` found them."""
    python, (key, *position_and_gauss), pytorch = states
    random.setstate(python)
    numpy.random.set_state(("MT19937", numpy.frombuffer(key, numpy.uint32), *position_and_gauss))
    torch.set_rng_state(torch.frombuffer(bytearray(pytorch), dtype=torch.uint8))
