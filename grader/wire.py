"""Plain values between two processes that do not trust each other: a JSON tree and raw arrays.

What has no plain form travels by name, where both sides hold it, as a callback, or as an `Opaque`, which equals
nothing. Only the trusted side may send pickles, for models and records that a check has made.
"""

import base64
import dataclasses
import importlib
import json
import pickle
import random
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import torch

LARGEST_BYTES = 64 * 2**20
DEEPEST = 40
LONGEST_ITERATOR = 100_000
LENGTHS = struct.Struct("!QQ")
PLAIN = (bool, int, float, str, type(None))
CONTAINERS = {list: "list", tuple: "tuple", set: "set", frozenset: "frozenset"}
BUILDERS = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "iterator": iter, "size": torch.Size}
ARRAY_KINDS = "biufc"
TORCH_DTYPES = {str(dtype): dtype for dtype in vars(torch).values() if isinstance(dtype, torch.dtype)}
RECORD_MODULES = ("utils", "__main__")


class WireError(ValueError):
    """A message that breaks the rules."""


class Opaque:
    """A value that has no plain form. It equals nothing, and any use of it fails."""

    def __init__(self, kind: str):
        self.kind = kind

    def __repr__(self) -> str:
        return f"an object of type {self.kind}"

    def __eq__(self, other) -> bool:
        return False

    __hash__ = object.__hash__


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
        if kind is type and value.__module__ == "builtins":
            return {"is": "builtin", "name": value.__name__}
        if (self.trusted and not callable(value)) or (isinstance(value, torch.nn.Module) and self.trusted):
            return {"is": "pickle", "text": base64.b64encode(pickle.dumps(value)).decode()}
        if callable(value) and self.callbacks is not None:
            self.callbacks.append(value)
            return {"is": "callback", "index": len(self.callbacks) - 1}
        return {"is": "opaque", "kind": f"{kind.__module__}.{kind.__qualname__}"[:200]}


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
            "builtin": lambda: {"int": int, "float": float, "str": str, "list": list, "tuple": tuple}[tree["name"]],
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


def _listed(value: Any) -> Any:
    return [_listed(part) for part in value] if isinstance(value, tuple) else value


def receive(connection: socket.socket) -> tuple[Any, bytes]:
    """One message: its tree and its arrays. Raises EOFError at the end, WireError for a message that is too large."""
    text_bytes, blob_bytes = LENGTHS.unpack(_exactly(connection, LENGTHS.size))
    if text_bytes + blob_bytes > LARGEST_BYTES:
        raise WireError(f"A message may have {LARGEST_BYTES} bytes, but {text_bytes + blob_bytes} were announced.")
    text, blob = _exactly(connection, text_bytes), _exactly(connection, blob_bytes)
    try:
        return json.loads(text), blob
    except (ValueError, RecursionError) as error:
        raise WireError("A message is no JSON.") from error


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts, left = [], count
    while left:
        part = connection.recv(min(left, 2**20))
        if not part:
            raise EOFError("The other side has closed the connection.")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
