"""The receiver's side: a tree and a blob back into values, as `messages` specifies. No message can run code here.

One exception, and only towards the guest: it reads pickles that the trusted side has made.
"""

import base64
import dataclasses
import importlib
import pickle
import random
from collections.abc import Callable
from typing import Any

import numpy
import torch

from grader.sandbox.protocol.encode import BUILTINS
from grader.sandbox.protocol.messages import (
    ARRAY_DTYPE_KINDS,
    MAX_DEPTH,
    MAX_MESSAGE_BYTES,
    PLAIN_TYPES,
    Opaque,
    ProtocolError,
)

BUILDERS = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "iterator": iter, "size": torch.Size}
TORCH_DTYPES = {str(dtype): dtype for dtype in vars(torch).values() if isinstance(dtype, torch.dtype)}


class Decoder:
    """Turns the tree of a message back into values.

    shared: what "name" refers to. callback: what a callback's index becomes. pickles: whether they are read; only the
    side that trusts the other may.
    """

    def __init__(self, blob: bytes, shared: dict[str, Any], callback: Callable | None = None, pickles: bool = False):
        self.blob, self.shared, self.callback, self.pickles = memoryview(blob), shared, callback, pickles

    def decode(self, tree: Any, depth: int = 0) -> Any:
        """The value of a tree. Raises ProtocolError for a tree that no encoder makes."""
        if type(tree) in PLAIN_TYPES:
            return tree
        # Deeper than any encoder goes: a tree made to exhaust the stack.
        if depth > MAX_DEPTH + 1 or type(tree) is not dict:
            raise ProtocolError("A message holds something that is no value.")
        try:
            return self._decode(tree, depth)
        # Whatever is wrong with fields that the other side made up ends here, as one kind of error.
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, OverflowError) as error:
            raise ProtocolError(f"A message could not be read: {type(error).__name__}.") from error

    def _decode(self, tree: dict, depth: int) -> Any:
        kind = tree["kind"]
        if kind in BUILDERS:
            return BUILDERS[kind]([self.decode(part, depth + 1) for part in tree["items"]])
        if kind == "dict":
            return {self.decode(key, depth + 1): self.decode(value, depth + 1) for key, value in tree["items"]}
        # The object itself, so a check that compares with `is` finds its own.
        if kind == "name":
            return self.shared[tree["name"]]
        if kind == "record":
            return self._record(tree, depth)
        if kind == "opaque":
            return Opaque(str(tree["class"])[:200])
        if kind == "callback" and self.callback is not None:
            return self.callback(int(tree["index"]))
        if kind == "pickle" and self.pickles:
            return pickle.loads(base64.b64decode(tree["text"]))
        return self._leaf(kind, tree)

    def _leaf(self, kind: str, tree: dict) -> Any:
        if kind in ("array", "scalar", "tensor", "torch.Generator"):
            return self._from_array(kind, tree)
        if kind == "random.Random":
            generator = random.Random()
            # setstate() wants tuples, and JSON has lists.
            version, state, gauss = tree["state"]
            generator.setstate((version, tuple(state), gauss))
            return generator
        readers = {
            "bytes": lambda: base64.b64decode(tree["text"]),
            "dtype": lambda: TORCH_DTYPES[tree["text"]],
            "complex": lambda: complex(*tree["parts"]),
            "range": lambda: _bounded(range(*tree["parts"])),
            "slice": lambda: slice(*tree["parts"]),
            "builtin": lambda: {kind.__name__: kind for kind in BUILTINS}[tree["name"]],
        }
        return readers[kind]()

    def _from_array(self, kind: str, tree: dict) -> Any:
        """An array and what is made of one; numbers are copied, so that nothing keeps the message alive."""
        start, length = tree["span"]
        dtype = numpy.dtype(tree["dtype"])
        # Kind "O" holds addresses in the memory of whoever reads it: never taken from a message.
        if dtype.kind not in ARRAY_DTYPE_KINDS or not 0 <= start <= start + length <= len(self.blob):
            raise ProtocolError("An array lies outside its message.")
        array = numpy.frombuffer(self.blob[start : start + length], dtype).reshape(tree["shape"]).copy()
        if kind == "array":
            return array
        if kind == "scalar":
            return array[()]  # an array without dimensions becomes the number in it
        if kind == "torch.Generator":
            generator = torch.Generator()
            generator.set_state(torch.from_numpy(array))
            return generator
        torch_dtype = TORCH_DTYPES[tree["torch_dtype"]]
        tensor = torch.from_numpy(array)
        tensor = tensor.view(torch.bfloat16) if torch_dtype == torch.bfloat16 else tensor.to(torch_dtype)
        # Only floats can require a gradient; for others torch would raise.
        return tensor.requires_grad_() if tree["requires_grad"] and tensor.is_floating_point() else tensor

    def _record(self, tree: dict, depth: int) -> Any:
        """A dataclass or named tuple of `utils` or of the setup cells; any other class is opaque."""
        module, name = tree["module"], tree["class"]
        record_class = self.shared.get(name) if module == "__main__" else None
        # A name from the guest is imported here: only the course's own modules, which no submission can change.
        if module.split(".")[0] == "utils":
            record_class = getattr(importlib.import_module(module), name)
        # Without this test a message could call any function that `utils` can reach.
        is_record = isinstance(record_class, type) and (
            dataclasses.is_dataclass(record_class) or hasattr(record_class, "_fields")
        )
        if not is_record:
            return Opaque(f"{module}.{name}"[:200])
        return record_class(**{key: self.decode(value, depth + 1) for key, value in tree["fields"].items()})


def _bounded(numbers: range) -> range:
    """A range that a check may turn into a list. Raises ProtocolError for one that is longer than any message."""
    if len(numbers) > MAX_MESSAGE_BYTES:
        raise ProtocolError("A range is longer than any message.")
    return numbers
