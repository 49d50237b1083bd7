"""The untrusted end of a job: runs cells, and calls the functions they define."""

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

LONGEST_TEXT = 2000


class Server:
    """Answers the trusted side: runs cells, and calls the functions they define."""

    def __init__(self, calls: socket.socket, names: dict[str, Any]):
        self.calls, self.names, self.given, self.pid = calls, names, dict(names), os.getpid()
        self.graphs: list[tuple[torch.Tensor, list[torch.Tensor]]] = []

    def serve(self) -> None:
        """Until the connection ends."""
        try:
            while True:
                tree, blob = messages.receive(self.calls)
                if tree["do"] == "cell":
                    self._send({"raised": run_cell(tree["name"], tree["source"], self.names)})
                elif tree["do"] == "slopes":
                    self._send(*self._slopes(tree, blob))
                else:
                    self._send(*self._call(tree, blob))
        except EOFError:
            return

    def _call(self, tree: dict, blob: bytes) -> tuple[dict, Encoder | None]:
        """The answer to one call, with the encoder that holds its arrays."""
        given = Decoder(blob, self.given, self._callback, pickles=True)
        arguments, options = given.decode(tree["arguments"]), given.decode(tree["options"])
        if tree["states"] is not None:
            set_states(given.decode(tree["states"]))
        before, encoder = states(), Encoder(self.given)
        try:
            value = self.names[tree["function"]](*arguments, **options)
            answer = {"value": encoder.encode(value), "graph": self._graph(value, arguments)}
        except BaseException as error:
            answer = {"raised": described(error)}
        sent = Encoder(self.given, trusted=True)
        answer["after"] = encoder.encode(arguments) if _changed(sent, arguments, tree["arguments"], blob) else None
        after = states()
        answer["states"] = encoder.encode(after) if after != before else None
        return answer, encoder

    def _graph(self, value: Any, arguments: tuple) -> int | None:
        """The number under which a value can be followed back to the arguments; None where it cannot."""
        wanted = list(gradients.leaves(arguments))
        if not (wanted and isinstance(value, torch.Tensor) and value.requires_grad):
            return None
        self.graphs.append((value, wanted))
        return len(self.graphs) - 1

    def _slopes(self, tree: dict, blob: bytes) -> tuple[dict, Encoder]:
        value, wanted = self.graphs[tree["graph"]]
        slope, encoder = Decoder(blob, self.given).decode(tree["slope"]), Encoder(self.given)
        found = torch.autograd.grad(value, wanted, slope, allow_unused=True, retain_graph=True)
        return {"value": encoder.encode(list(found))}, encoder

    def _callback(self, index: int):
        def call(*arguments, **options):
            encoder = Encoder(self.given)
            tree = {"callback": index, "arguments": encoder.encode(arguments), "options": encoder.encode(options)}
            self._send(tree, encoder)
            reply, blob = messages.receive(self.calls)
            if "raised" in reply:
                raise raised(reply["raised"])
            return Decoder(blob, self.given, self._callback, pickles=True).decode(reply["value"])

        return call

    def _send(self, tree: dict, encoder: Encoder | None = None) -> None:
        if os.getpid() != self.pid:
            os._exit(0)  # a copy that a cell has forked: only one may answer
        self.calls.sendall((encoder or Encoder({})).message(tree))


def run_cell(name: str, source: str, names: dict[str, Any]) -> dict | None:
    """Run a cell in a namespace; None, or what it raised."""
    file = f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        exec(compile(source, file, "exec"), names)
    except BaseException as error:
        return described(error)
    return None


def described(error: BaseException) -> dict:
    """An error as plain values: its built-in kinds from the nearest up, and its message."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    try:
        message = str(error)[:LONGEST_TEXT]
    except BaseException:
        message = ""
    return {"kinds": kinds or ["Exception"], "name": type(error).__name__[:100], "message": message}


def raised(error: dict) -> Exception:
    """The exception that `described` has described, of its nearest built-in kind."""
    for name in error["kinds"]:
        kind = getattr(builtins, str(name), None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            try:
                return kind(str(error["message"]))
            except TypeError:  # such as UnicodeDecodeError, which wants five arguments
                continue
    return RuntimeError(str(error["message"]))


def states() -> tuple:
    """Of the three shared generators of random numbers: Python's, NumPy's, PyTorch's."""
    _, words, *rest = numpy.random.get_state()
    return random.getstate(), (words.tobytes(), *rest), torch.get_rng_state().numpy().tobytes()


def set_states(found: tuple) -> None:
    """Put all three back."""
    python, (words, *rest), pytorch = found
    random.setstate(python)
    numpy.random.set_state(("MT19937", numpy.frombuffer(words, numpy.uint32), *rest))
    torch.set_rng_state(torch.frombuffer(bytearray(pytorch), dtype=torch.uint8))


def _changed(encoder: Encoder, arguments: Any, tree: Any, blob: bytes) -> bool:
    """Whether a call has written into what it was given."""
    try:
        now = encoder.encode(arguments)
    except Exception:
        return True
    return now != tree or b"".join(encoder.arrays) != blob[: sum(map(len, encoder.arrays))]
