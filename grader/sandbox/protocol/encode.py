"""The sender's side: values into a tree and a blob of raw arrays, as `messages` specifies."""

import base64
import dataclasses
import json
import pickle
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import torch

from grader.sandbox.protocol.messages import (
    ARRAY_DTYPE_KINDS,
    LENGTHS,
    MAX_DEPTH,
    MAX_MESSAGE_BYTES,
    PLAIN_TYPES,
    ProtocolError,
)

# So many numbers take a few hundredths of MAX_MESSAGE_BYTES.
MAX_ITERATOR_ITEMS = 100_000
CONTAINERS = {list: "list", tuple: "tuple", set: "set", frozenset: "frozenset"}
BUILTINS = (bool, int, float, complex, str, bytes, list, tuple, set, frozenset, dict)
RECORD_MODULES = ("utils", "__main__")


class Encoder:
    """Turns one message into bytes.

    shared: objects of the setup cells, which the other side holds under the same name. callbacks: filled with functions
    that the other side may call, or None where it may not. trusted: whether this side may send pickles.
    """

    def __init__(self, shared: dict[str, Any], callbacks: list[Callable] | None = None, trusted: bool = False):
        # By identity, not by equality: a student's __eq__ is never asked, and a copy is a value of its own.
        self.shared_names = {id(value): name for name, value in shared.items() if not isinstance(value, PLAIN_TYPES)}
        self.callbacks, self.trusted, self.arrays = callbacks, trusted, []

    def message(self, tree: Any) -> bytes:
        """The bytes of a message. Raises ProtocolError for more than MAX_MESSAGE_BYTES."""
        # NaN and the infinities stand as such, which is no strict JSON, but Python's own reader takes them.
        text = json.dumps(tree, separators=(",", ":")).encode()
        blob = b"".join(self.arrays)
        self.arrays = []
        if len(text) + len(blob) > MAX_MESSAGE_BYTES:
            raise ProtocolError(f"A message may have {MAX_MESSAGE_BYTES} bytes, but {len(text) + len(blob)} came.")
        return LENGTHS.pack(len(text), len(blob)) + text + blob

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The tree of a value. Raises ProtocolError when it is nested deeper than MAX_DEPTH."""
        if depth > MAX_DEPTH:
            raise ProtocolError(f"Values may be nested {MAX_DEPTH} levels deep, but this one is deeper.")
        # type(), not isinstance(): a subclass may override anything, such as a float that equals every number.
        kind = type(value)
        if kind in PLAIN_TYPES:
            return value
        if kind in CONTAINERS:
            return {"kind": CONTAINERS[kind], "items": [self.encode(part, depth + 1) for part in value]}
        # As pairs: a key may be a number or a tuple, and in JSON all keys are text.
        if kind is dict:
            pairs = value.items()
            return {"kind": "dict", "items": [[self.encode(part, depth + 1) for part in pair] for pair in pairs]}
        # Arrays always travel by value, since either side may have written into its copy.
        if id(value) in self.shared_names and not isinstance(value, torch.Tensor | numpy.ndarray):
            return {"kind": "name", "name": self.shared_names[id(value)]}
        return self._leaf(value, kind) or self._record(value, kind, depth) or self._other(value, kind, depth)

    def _leaf(self, value: Any, kind: type) -> dict | None:
        """Arrays, generators of random numbers and small things of their own kind."""
        if kind in (torch.Tensor, torch.nn.Parameter):
            return self._tensor(value)
        if kind is numpy.ndarray and value.dtype.kind in ARRAY_DTYPE_KINDS:
            return {"kind": "array", **self._array(value)}
        if isinstance(value, numpy.generic) and value.dtype.kind in ARRAY_DTYPE_KINDS:
            # Not as a float: a check may compare its type, and numpy.float32 rounds otherwise.
            return {"kind": "scalar", **self._array(numpy.asarray(value))}
        if kind is torch.Generator:
            return {"kind": "torch.Generator", **self._array(value.get_state().numpy())}
        if kind is random.Random:
            return {"kind": "random.Random", "state": _tuples_as_lists(value.getstate())}
        texts = {bytes: lambda: base64.b64encode(value).decode(), torch.dtype: lambda: str(value)}
        if kind in texts:
            return {"kind": kind.__name__, "text": texts[kind]()}
        if kind is complex:
            return {"kind": "complex", "parts": [value.real, value.imag]}
        if kind in (range, slice):
            return {"kind": kind.__name__, "parts": [value.start, value.stop, value.step]}
        if kind is torch.Size:
            return {"kind": "size", "items": list(value)}
        return None

    def _tensor(self, value: torch.Tensor) -> dict:
        # Values alone: the graph stays where it is, and `gradients` goes back to it.
        flat = value.detach().cpu().contiguous()
        # NumPy has no bfloat16: its bits travel as those of an int16.
        array = flat.view(torch.int16).numpy() if flat.dtype == torch.bfloat16 else flat.numpy()
        return {
            "kind": "tensor",
            "torch_dtype": str(value.dtype),
            "requires_grad": value.requires_grad,
            **self._array(array),
        }

    def _array(self, array: numpy.ndarray) -> dict:
        # Bytes beside the JSON, not in it: as text numbers take several times the room.
        start = sum(map(len, self.arrays))
        self.arrays.append(numpy.ascontiguousarray(array).tobytes())
        return {"dtype": array.dtype.str, "shape": list(array.shape), "span": [start, len(self.arrays[-1])]}

    def _record(self, value: Any, kind: type, depth: int) -> dict | None:
        """Dataclasses and named tuples of modules that both sides have: `utils`, and the setup cells' own."""
        # A student's class can claim any module: the decoder looks for itself whether that has such a record.
        if kind.__module__.split(".")[0] not in RECORD_MODULES:
            return None
        if dataclasses.is_dataclass(kind):
            names = [field.name for field in dataclasses.fields(kind)]
        elif issubclass(kind, tuple) and hasattr(kind, "_fields"):
            names = list(kind._fields)
        else:
            return None
        fields = {name: self.encode(getattr(value, name), depth + 1) for name in names}
        return {"kind": "record", "module": kind.__module__, "class": kind.__qualname__, "fields": fields}

    def _other(self, value: Any, kind: type, depth: int) -> dict:
        """What has no plain form: by its first items, by pickle, as a callback, or as nothing but its type's name."""
        if isinstance(value, Iterator):
            # An endless generator is cut off: a check sees its first items alone.
            parts = [part for part, _ in zip(value, range(MAX_ITERATOR_ITEMS), strict=False)]
            return {"kind": "iterator", "items": [self.encode(part, depth + 1) for part in parts]}
        if kind is type and value in BUILTINS:
            return {"kind": "builtin", "name": value.__name__}
        # Towards the guest a pickle is safe: what a check passes was made by the course. A torch module is callable,
        # but the guest needs its weights, not a callback.
        if (self.trusted and not callable(value)) or (isinstance(value, torch.nn.Module) and self.trusted):
            return {"kind": "pickle", "text": base64.b64encode(pickle.dumps(value)).decode()}
        if callable(value) and self.callbacks is not None:
            self.callbacks.append(value)
            return {"kind": "callback", "index": len(self.callbacks) - 1}
        return {"kind": "opaque", "class": f"{kind.__module__}.{kind.__qualname__}"[:200]}


def _tuples_as_lists(value: Any) -> Any:
    return [_tuples_as_lists(part) for part in value] if isinstance(value, tuple) else value
