"""The untrusted end: runs a submission's cells, and calls the functions that they define.

This code shares its process with the student's, which can change any of it. So nothing here protects the grade: the
checks' side takes an answer for bytes that a student has written. `remote` says who sends what when, `messages` the
fields.

`prepare`, `run_cell` and the descriptions of errors and random states serve the checks' side too: there the lab's setup
cells run with the same function, so that both sides begin alike.
"""

import builtins
import json
import os
import random
import socket
import sys
import traceback
import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import torch

from grader.sandbox.guest.notebook_cells import FILE_BEGINS, Notebook, as_file
from grader.sandbox.protocol import gradients, messages, passed, plain

MAX_NAME_CHARACTERS, MAX_MESSAGE_CHARACTERS, MAX_TEXT_CHARACTERS = 100, 2000, 200


@dataclass(frozen=True)
class Prepared:
    """What every submission begins with: the namespace of the setup cells, and the states of the random generators."""

    namespace: dict[str, Any]
    random_states: tuple


def prepare(setup: dict[str, Any]) -> Prepared:
    """Run the setup cells. setup: {"cells": pairs of name and source}.

    Raises RuntimeError when one fails.
    """
    # torch reads /proc/cpuinfo when it first chooses how to multiply. Guests have no /proc, and the product would fail.
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        torch.nn.functional.linear(torch.ones(64, 64, dtype=dtype), torch.ones(64, 64, dtype=dtype))
    # As in a notebook, the namespace is that of the module __main__: pickle and multiprocessing look there.
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    for name, source in setup["cells"]:
        error = run_cell(name, source, module.__dict__)
        if error:
            raise RuntimeError(f"The setup cell {name} failed: {error['builtin_kinds'][0]} {error['message']}")
    return Prepared(module.__dict__, random_states())


def serve(prepared: Prepared, sockets: Sequence[socket.socket]) -> None:
    """Serve one submission. sockets: for messages, and for what is printed."""
    calls, printed = sockets
    # Python seeds `random` anew in every fork: then no two runs of a submission would draw the same.
    set_random_states(prepared.random_states)
    for stream in (1, 2):
        os.dup2(printed.fileno(), stream)
    printed.close()
    Worker(calls, prepared.namespace).serve()


class Worker:
    """Answers the requests of the checks. namespace: of the setup cells; the submission's own cells go on in it."""

    def __init__(self, calls: socket.socket, namespace: dict[str, Any]):
        # `shared` keeps the setup's objects under their names, also where a student's cell rebinds one.
        self.calls, self.namespace, self.shared, self.pid = calls, namespace, dict(namespace), os.getpid()
        self.graphs: list[tuple[torch.Tensor, list[torch.Tensor]]] = []
        self.number = 0
        self.notebook = Notebook(namespace).open()

    def serve(self) -> None:
        """Until the connection ends."""
        try:
            while True:
                request, blob = messages.receive(self.calls)
                self.number = request["number"]
                if request["request"] == "run_cell":
                    error = self.notebook.run_cell(request["name"], request["source"])
                    self._send({"error": None if error is None else describe(error)})
                elif request["request"] == "backward":
                    self._send(*self._backward(request, blob))
                else:
                    self._send(*self._call(request, blob))
        except EOFError:
            return

    def _call(self, request: dict, blob: bytes) -> tuple[dict, plain.Encoder]:
        """The answer to one call, with the encoder that holds its arrays."""
        self.notebook.recover()
        table = passed.Table()
        decoder = passed.Decoder(blob, table, self.shared, lambda index: self._callback(index, table))
        args, kwargs = decoder.decode(request["args"]), decoder.decode(request["kwargs"])
        # The generators continue the checks' sequence: a seed that a check sets holds for the function too.
        if request["random_states"] is not None:
            set_random_states(decoder.decode(request["random_states"]))
        before, states_before = _contents(table), random_states()
        encoder = plain.Encoder(table.refs)
        try:
            value = self._function(request["function"])(*args, **kwargs)
            answer = {"value": encoder.encode(value), "graph": self._keep_graph(value, args)}
        except BaseException as error:
            answer, encoder = {"error": describe(error)}, plain.Encoder(table.refs)
        after = _contents(table)
        changed = [ref for ref in before if before[ref] != after[ref]]
        answer["written"] = [[ref, encoder.contents(table[ref])] for ref in changed]
        # Read after `encode`, which may run a student's generator, and that may draw.
        now = random_states()
        answer["random_states"] = encoder.encode(now) if now != states_before else None
        return answer, encoder

    def _function(self, name: str) -> Any:
        """What a cell has defined under this name."""
        if name not in self.namespace:
            raise NameError(f"name {name!r} is not defined")
        return self.namespace[name]

    def _keep_graph(self, value: Any, args: tuple) -> int | None:
        """The number under which `backward` finds the value's autograd graph; None where nothing asks for one.

        Graphs are kept as long as the process lives: the check may call backward() at any time.
        """
        inputs = list(gradients.tensors_requiring_grad(args))
        # An argument that is returned as it came is the check's own tensor, and needs no graph of ours.
        if not (inputs and isinstance(value, torch.Tensor) and value.requires_grad) or any(
            value is of for of in inputs
        ):
            return None
        self.graphs.append((value, inputs))
        return len(self.graphs) - 1

    def _backward(self, request: dict, blob: bytes) -> tuple[dict, plain.Encoder]:
        """The vector-Jacobian product. The graph is retained, since a check may go through it again."""
        value, inputs = self.graphs[request["graph"]]
        grad_output = plain.Decoder(blob, passed.Table().__getitem__).decode(request["grad_output"])
        encoder = plain.Encoder()
        grad_inputs = torch.autograd.grad(value, inputs, grad_output, allow_unused=True, retain_graph=True)
        return {"value": encoder.encode(list(grad_inputs))}, encoder

    def _callback(self, index: int, table: passed.Table):
        """A stand-in for a function of the check's: calling it asks the checks' side, while that waits for us."""

        def call(*args, **kwargs):
            encoder = plain.Encoder(table.refs)
            self._send({"callback": index, "args": encoder.encode(args), "kwargs": encoder.encode(kwargs)}, encoder)
            reply, blob = messages.receive(self.calls)
            if "error" in reply:
                raise exception_from(reply["error"])
            return passed.Decoder(blob, table, self.shared, lambda further: self._callback(further, table)).decode(
                reply["value"]
            )

        return call

    def _send(self, tree: dict, encoder: plain.Encoder | None = None) -> None:
        # A cell may fork and return in both processes: only the first may answer, or two answers would interleave.
        if os.getpid() != self.pid:
            os._exit(0)
        number = {"number": self.number}
        try:
            message = (encoder or plain.Encoder()).message(tree | number)
        except (ValueError, RecursionError) as error:
            # What cannot be sent, such as a number of 10,000 digits, is the fault of the function that returned it.
            message = plain.Encoder().message({"error": describe(error), "written": [], "random_states": None} | number)
        self.calls.sendall(message)


def _contents(table: passed.Table) -> dict[int, tuple]:
    """What each passed object that can be written into holds now, in a form that can be compared."""
    contents = {}
    for ref, value in table.objects.items():
        if type(value) in plain.MUTABLE_TYPES:
            encoder = plain.Encoder(table.refs)
            try:
                tree = encoder.contents(value)
            except Exception:  # nested too deeply since: it differs, and cannot be sent
                tree = None
            # As text: NaN differs from itself.
            contents[ref] = json.dumps(tree), b"".join(encoder.arrays)
    return contents


def run_cell(name: str, source: str, namespace: dict[str, Any]) -> dict | None:
    """Run a cell in a namespace; None, or the description of what it raised."""
    try:
        exec(compile(source, as_file(name, source), "exec"), namespace)
    except BaseException as error:  # a cell's SystemExit or KeyboardInterrupt ends that cell, not the submission
        return describe(error)
    return None


def describe(error: BaseException) -> dict:
    """An error as plain values: its built-in kinds from the nearest up, its type's name, its message, and where.

    line, text: the last line of a cell that it went through; 0 and "" where there is none.
    """
    kinds = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    try:
        message = str(error)[:MAX_MESSAGE_CHARACTERS]
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(FILE_BEGINS)
        ]
    except BaseException:  # a student's own __str__ may raise
        message, frames = "", []
    line, text = (frames[-1].lineno, frames[-1].line) if frames else (0, "")
    return {
        "builtin_kinds": kinds or ["Exception"],
        "name": type(error).__name__[:MAX_NAME_CHARACTERS],
        "message": message,
        "line": line or 0,
        "text": (text or "")[:MAX_TEXT_CHARACTERS],
    }


# Not those that end an iteration: in a check's `map(function, inputs)` they would end it, and nothing was compared.
EXCEPTIONS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and kind not in (StopIteration, StopAsyncIteration)
}


def exception_from(description: dict) -> Exception:
    """The exception that `describe` has described, of its nearest built-in kind. No class of the sender's is made."""
    for name in description["builtin_kinds"]:
        if name in EXCEPTIONS:
            try:
                return EXCEPTIONS[name](str(description["message"]))
            except TypeError:  # such as UnicodeDecodeError, which wants five arguments
                continue
    return RuntimeError(str(description["message"]))


def random_states() -> tuple:
    """The states of the three shared generators of random numbers: Python's, NumPy's, PyTorch's.

    Arrays as bytes, so that two states can be compared with ==.
    """
    _, key, *position_and_gauss = numpy.random.get_state()
    return random.getstate(), (key.tobytes(), *position_and_gauss), torch.get_rng_state().numpy().tobytes()


def checked_random_states(states: Any) -> tuple:
    """States that came from a guest. Raises ProtocolError or TypeError for what no generator can be set to."""
    (version, numbers, gauss), (key, position, has_gauss, cached), pytorch = states
    words = numpy.frombuffer(key, numpy.uint32)
    # NumPy takes any position, and reads past the end of its words.
    if len(words) != plain.MERSENNE_WORDS or type(position) is not int or not 0 <= position <= plain.MERSENNE_WORDS:
        raise messages.ProtocolError("A message holds a state that no generator has.")
    if has_gauss not in (0, 1) or type(cached) is not float or type(pytorch) is not bytes:
        raise messages.ProtocolError("A message holds a state that no generator has.")
    # A generator of its own is asked first: torch refuses a state that is none.
    torch.Generator().set_state(plain.torch_state(pytorch))
    return plain.python_state(version, numbers, gauss), (key, position, has_gauss, cached), pytorch


def set_random_states(states: tuple) -> None:
    """Put all three where `random_states` found them."""
    python, (key, *position_and_gauss), pytorch = states
    random.setstate(python)
    numpy.random.set_state(("MT19937", numpy.frombuffer(key, numpy.uint32), *position_and_gauss))
    torch.set_rng_state(plain.torch_state(pytorch))
