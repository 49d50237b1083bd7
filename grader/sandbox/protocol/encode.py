"""The sender's side of the wire: values into a tree and raw arrays."""

import base64
import dataclasses
import json
import pickle
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import torch

from grader.sandbox.protocol.messages import ARRAY_KINDS, DEEPEST, LARGEST_BYTES, LENGTHS, PLAIN, WireError

LONGEST_ITERATOR = 100_000
CONTAINERS = {list: "list", tuple: "tuple", set: "set", frozenset: "frozenset"}
BUILTINS = (bool, int, float, complex, str, bytes, list, tuple, set, frozenset, dict)
RECORD_MODULES = ("utils", "__main__")


class Encoder:
    """Turns one message into bytes.

    names: objects that the other side holds under the same name. callbacks: filled with functions the other side may
    call, or None where it may not. trusted: whether this side may send pickles.
    """

    def __init__(self, names: dict[str, Any], callbacks: list[Callable] | None = None, trusted: bool = False):
        self.names = {id(value): name for name, value in names.items() if not isinstance(value, PLAIN)}
        self.callbacks, self.trusted, self.arrays = callbacks, trusted, []

    def message(self, tree: Any) -> bytes:
        """Raises WireError for a message of more than LARGEST_BYTES."""
        text = json.dumps(tree, separators=(",", ":")).encode()
        blob = b"".join(self.arrays)
        self.arrays = []
        if len(text) + len(blob) > LARGEST_BYTES:
            raise WireError(f"A message may have {LARGEST_BYTES} bytes, but {len(text) + len(blob)} came.")
        return LENGTHS.pack(len(text), len(blob)) + text + blob

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The tree of a value. Raises WireError when it is nested deeper than DEEPEST."""
        if depth > DEEPEST:
            raise WireError(f"Values may be nested {DEEPEST} levels deep, but this one is deeper.")
        kind = type(value)
        if kind in PLAIN:
            return value
        if kind in CONTAINERS:
            return {"is": CONTAINERS[kind], "of": [self.encode(part, depth + 1) for part in value]}
        if kind is dict:
            pairs = value.items()
            return {"is": "dict", "of": [[self.encode(part, depth + 1) for part in pair] for pair in pairs]}
        if id(value) in self.names and not isinstance(value, torch.Tensor | numpy.ndarray):
            return {"is": "name", "name": self.names[id(value)]}
        return self._leaf(value, kind) or self._record(value, kind, depth) or self._other(value, kind, depth)

    def _leaf(self, value: Any, kind: type) -> dict | None:
        """Arrays, generators of random numbers and small things of their own kind."""
        if kind in (torch.Tensor, torch.nn.Parameter):
            return self._tensor(value)
        if kind is numpy.ndarray and value.dtype.kind in ARRAY_KINDS:
            return {"is": "array", **self._array(value)}
        if isinstance(value, numpy.generic) and value.dtype.kind in ARRAY_KINDS:
            return {"is": "scalar", **self._array(numpy.asarray(value))}
        if kind is torch.Generator:
            return {"is": "torch.Generator", **self._array(value.get_state().numpy())}
        if kind is random.Random:
            return {"is": "random.Random", "state": _listed(value.getstate())}
        texts = {bytes: lambda: base64.b64encode(value).decode(), torch.dtype: lambda: str(value)}
        if kind in texts:
            return {"is": kind.__name__, "text": texts[kind]()}
        if kind is complex:
            return {"is": "complex", "parts": [value.real, value.imag]}
        if kind in (range, slice):
            return {"is": kind.__name__, "parts": [value.start, value.stop, value.step]}
        if kind is torch.Size:
            return {"is": "size", "of": list(value)}
        return None

    def _tensor(self, value: torch.Tensor) -> dict:
        flat = value.detach().cpu().contiguous()
        array = flat.view(torch.int16).numpy() if flat.dtype == torch.bfloat16 else flat.numpy()
        return {"is": "tensor", "dtype": str(value.dtype), "grad": value.requires_grad, **self._array(array)}

    def _array(self, array: numpy.ndarray) -> dict:
        start = sum(map(len, self.arrays))
        self.arrays.append(numpy.ascontiguousarray(array).tobytes())
        return {"type": array.dtype.str, "shape": list(array.shape), "at": [start, len(self.arrays[-1])]}

    def _record(self, value: Any, kind: type, depth: int) -> dict | None:
        """Dataclasses and named tuples of modules that both sides have."""
        if kind.__module__.split(".")[0] not in RECORD_MODULES:
            return None
        if dataclasses.is_dataclass(kind):
            names = [field.name for field in dataclasses.fields(kind)]
        elif issubclass(kind, tuple) and hasattr(kind, "_fields"):
            names = list(kind._fields)
        else:
            return None
        found = {name: self.encode(getattr(value, name), depth + 1) for name in names}
        return {"is": "record", "module": kind.__module__, "class": kind.__qualname__, "fields": found}

    def _other(self, value: Any, kind: type, depth: int) -> dict:
        if isinstance(value, Iterator):
            parts = [part for part, _ in zip(value, range(LONGEST_ITERATOR), strict=False)]
            return {"is": "iterator", "of": [self.encode(part, depth + 1) for part in parts]}
        if kind is type and value in BUILTINS:
            return {"is": "builtin", "name": value.__name__}
        if (self.trusted and not callable(value)) or (isinstance(value, torch.nn.Module) and self.trusted):
            return {"is": "pickle", "text": base64.b64encode(pickle.dumps(value)).decode()}
        if callable(value) and self.callbacks is not None:
            self.callbacks.append(value)
            return {"is": "callback", "index": len(self.callbacks) - 1}
        return {"is": "opaque", "kind": f"{kind.__module__}.{kind.__qualname__}"[:200]}


def _listed(value: Any) -> Any:
    return [_listed(part) for part in value] if isinstance(value, tuple) else value
