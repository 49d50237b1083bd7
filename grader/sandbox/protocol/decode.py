"""The receiver's side of the wire: a tree and raw arrays back into values. Nothing in a message can run code."""

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
from grader.sandbox.protocol.messages import ARRAY_KINDS, DEEPEST, LARGEST_BYTES, PLAIN, Opaque, WireError

BUILDERS = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "iterator": iter, "size": torch.Size}
TORCH_DTYPES = {str(dtype): dtype for dtype in vars(torch).values() if isinstance(dtype, torch.dtype)}


class Decoder:
    """Turns the tree of a message back into values.

    names: what "name" refers to. call: what a callback becomes. pickles: whether they are read; only the side that
    trusts the other may.
    """

    def __init__(self, blob: bytes, names: dict[str, Any], call: Callable | None = None, pickles: bool = False):
        self.blob, self.names, self.call, self.pickles = memoryview(blob), names, call, pickles

    def decode(self, tree: Any, depth: int = 0) -> Any:
        """Raises WireError for a tree that no encoder makes."""
        if type(tree) in PLAIN:
            return tree
        if depth > DEEPEST + 1 or type(tree) is not dict:
            raise WireError("A message holds something that is no value.")
        try:
            return self._decode(tree, depth)
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, OverflowError) as error:
            raise WireError(f"A message could not be read: {type(error).__name__}.") from error

    def _decode(self, tree: dict, depth: int) -> Any:
        kind = tree["is"]
        if kind in BUILDERS:
            return BUILDERS[kind]([self.decode(part, depth + 1) for part in tree["of"]])
        if kind == "dict":
            return {self.decode(key, depth + 1): self.decode(value, depth + 1) for key, value in tree["of"]}
        if kind == "name":
            return self.names[tree["name"]]
        if kind == "record":
            return self._record(tree, depth)
        if kind == "opaque":
            return Opaque(str(tree["kind"])[:200])
        if kind == "callback" and self.call is not None:
            return self.call(int(tree["index"]))
        if kind == "pickle" and self.pickles:
            return pickle.loads(base64.b64decode(tree["text"]))
        return self._leaf(kind, tree)

    def _leaf(self, kind: str, tree: dict) -> Any:
        if kind in ("array", "scalar", "tensor", "torch.Generator"):
            return self._arrays(kind, tree)
        if kind == "random.Random":
            drawn = random.Random()
            version, state, gauss = tree["state"]
            drawn.setstate((version, tuple(state), gauss))
            return drawn
        readers = {
            "bytes": lambda: base64.b64decode(tree["text"]),
            "dtype": lambda: TORCH_DTYPES[tree["text"]],
            "complex": lambda: complex(*tree["parts"]),
            "range": lambda: _short(range(*tree["parts"])),
            "slice": lambda: slice(*tree["parts"]),
            "builtin": lambda: {kind.__name__: kind for kind in BUILTINS}[tree["name"]],
        }
        return readers[kind]()

    def _arrays(self, kind: str, tree: dict) -> Any:
        start, length = tree["at"]
        dtype = numpy.dtype(tree["type"])
        if dtype.kind not in ARRAY_KINDS or not 0 <= start <= start + length <= len(self.blob):
            raise WireError("An array lies outside its message.")
        array = numpy.frombuffer(self.blob[start : start + length], dtype).reshape(tree["shape"]).copy()
        if kind == "array":
            return array
        if kind == "scalar":
            return array[()]
        if kind == "torch.Generator":
            generator = torch.Generator()
            generator.set_state(torch.from_numpy(array))
            return generator
        wanted = TORCH_DTYPES[tree["dtype"]]
        tensor = torch.from_numpy(array)
        tensor = tensor.view(torch.bfloat16) if wanted == torch.bfloat16 else tensor.to(wanted)
        return tensor.requires_grad_() if tree["grad"] and tensor.is_floating_point() else tensor

    def _record(self, tree: dict, depth: int) -> Any:
        module, name = tree["module"], tree["class"]
        found = self.names.get(name) if module == "__main__" else None
        if module.split(".")[0] == "utils":
            found = getattr(importlib.import_module(module), name)
        is_record = isinstance(found, type) and (dataclasses.is_dataclass(found) or hasattr(found, "_fields"))
        if not is_record:
            return Opaque(f"{module}.{name}"[:200])
        return found(**{key: self.decode(value, depth + 1) for key, value in tree["fields"].items()})


def _short(numbers: range) -> range:
    """A range that a check may turn into a list."""
    if len(numbers) > LARGEST_BYTES:
        raise WireError("A range is longer than any message.")
    return numbers
