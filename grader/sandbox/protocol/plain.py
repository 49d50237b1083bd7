"""Plain data across the border, both ways: values into trees and raw bytes, and back, as `messages` specifies.

The decoder reads what a student's code may have written. It builds nothing that its grammar does not list, looks up no
name, and tests sizes, shapes and hashes before it builds.
"""

import base64
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import torch

from grader.sandbox.protocol import messages
from grader.sandbox.protocol.messages import ARRAY_DTYPES, PLAIN_TYPES, TORCH_DTYPES, Opaque, ProtocolError

# So many numbers take a few hundredths of the largest message.
MAX_ITERATOR_ITEMS = 100_000
CONTAINERS = {list: "list", tuple: "tuple", set: "set", frozenset: "frozenset", torch.Size: "size"}
BUILDERS = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "iterator": iter, "size": torch.Size}
DTYPES_BY_NAME = {str(dtype): dtype for dtype in TORCH_DTYPES}
MUTABLE_TYPES = (list, dict, set, numpy.ndarray, torch.Tensor, torch.nn.Parameter, torch.Generator, random.Random)
CLASS_NAME_CHARACTERS = 200
MERSENNE_WORDS = 624


class Encoder:
    """Turns the values of one message into trees, and collects their arrays.

    refs: by id, the number of each object that was passed in this call, which travels as that number.
    """

    def __init__(self, refs: dict[int, int] | None = None):
        # By identity, not by equality: a student's __eq__ is never asked, and a copy is a value of its own.
        self.refs, self.arrays, self.blob_bytes = {} if refs is None else refs, [], 0

    def message(self, tree: Any) -> bytes:
        """The bytes of a message with all arrays encoded so far. Raises ProtocolError for one that is too large."""
        blob, self.arrays, self.blob_bytes = b"".join(self.arrays), [], 0
        return messages.framed(tree, blob)

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The tree of a value. Raises ProtocolError when it is nested deeper than MAX_DEPTH."""
        # type(), not isinstance(): a subclass may override anything, such as a float that equals every number.
        if type(value) in PLAIN_TYPES:
            return value
        if id(value) in self.refs:
            return {"kind": "passed", "ref": self.refs[id(value)]}
        return self.contents(value, depth)

    def contents(self, value: Any, depth: int = 0) -> Any:
        """As `encode`, but an object that was passed is written out; what it holds may still travel as a number."""
        if depth > messages.MAX_DEPTH:
            raise ProtocolError(f"Values may be nested {messages.MAX_DEPTH} levels deep, but this one is deeper.")
        kind = type(value)
        if kind in CONTAINERS:
            return {"kind": CONTAINERS[kind], "items": [self.encode(part, depth + 1) for part in value]}
        # As pairs: a key may be a number or a tuple, and in JSON all keys are text.
        if kind is dict:
            pairs = value.items()
            return {"kind": "dict", "items": [[self.encode(part, depth + 1) for part in pair] for pair in pairs]}
        tree = self._leaf(value, kind)
        return self.other(value, kind, depth) if tree is None else tree

    def other(self, value: Any, kind: type, depth: int) -> dict:
        """What has no plain form: its first items, or nothing but its type's name."""
        # Named tuples, and torch's own such as that of `max`: without their names.
        if isinstance(value, tuple):
            return {"kind": "tuple", "items": [self.encode(part, depth + 1) for part in tuple.__iter__(value)]}
        if isinstance(value, Iterator):
            # An endless generator is cut off: a check sees its first items alone.
            parts = itertools.islice(value, MAX_ITERATOR_ITEMS)
            return {"kind": "iterator", "items": [self.encode(part, depth + 1) for part in parts]}
        return {"kind": "opaque", "class": f"{kind.__module__}.{kind.__qualname__}"[:CLASS_NAME_CHARACTERS]}

    def _leaf(self, value: Any, kind: type) -> dict | None:
        """Arrays, generators of random numbers and small things of their own kind."""
        if kind in (torch.Tensor, torch.nn.Parameter):
            return self._tensor(value)
        if kind is numpy.ndarray and value.dtype.newbyteorder("=").str in ARRAY_DTYPES:
            return {"kind": "array", **self._array(value)}
        if isinstance(value, numpy.generic) and value.dtype.newbyteorder("=").str in ARRAY_DTYPES:
            # Not as a float: a check may compare its type, and numpy.float32 rounds otherwise.
            return {"kind": "scalar", **self._array(numpy.asarray(value))}
        if kind is torch.Generator:
            return {"kind": "torch.Generator", "state": _text(value.get_state().numpy().tobytes())}
        if kind is random.Random:
            version, numbers, gauss = value.getstate()
            return {"kind": "random.Random", "version": version, "numbers": list(numbers), "gauss": gauss}
        if kind is bytes:
            return {"kind": "bytes", "text": _text(value)}
        if kind is torch.dtype:
            return {"kind": "dtype", "text": str(value)}
        if kind is complex:
            return {"kind": "complex", "parts": [value.real, value.imag]}
        return None

    def _tensor(self, value: torch.Tensor) -> dict | None:
        """Values alone: the graph stays where it is, and `gradients` goes back to it. None for what has no plain form,
        such as a sparse or quantized tensor.
        """
        if value.dtype not in TORCH_DTYPES or value.layout != torch.strided or value.device.type != "cpu":
            return None
        flat = value.detach().contiguous()
        array = flat.view(torch.int16).numpy() if flat.dtype == torch.bfloat16 else flat.resolve_conj().numpy()
        return {
            "kind": "tensor",
            "torch_dtype": str(value.dtype),
            "requires_grad": value.requires_grad,
            **self._array(array),
        }

    def _array(self, array: numpy.ndarray) -> dict:
        # Bytes beside the JSON, not in it: as text numbers take several times the room.
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        start, content = self.blob_bytes, array.tobytes()
        self.arrays.append(content)
        self.blob_bytes += len(content)
        return {"dtype": array.dtype.str, "shape": list(array.shape), "span": [start, len(content)]}


class Decoder:
    """Turns the trees of one message back into values.

    passed: from its number to an object that was passed in this call.
    """

    def __init__(self, blob: bytes, passed: Callable[[int], Any]):
        self.blob, self.passed = memoryview(blob), passed

    def decode(self, tree: Any, depth: int = 0) -> Any:
        """The value of a tree. Raises ProtocolError for a tree that no encoder makes."""
        if type(tree) in PLAIN_TYPES:
            if type(tree) is int and tree.bit_length() > messages.MAX_INT_BITS:
                raise ProtocolError(f"A number may have {messages.MAX_INT_BITS} bits, but a longer one came.")
            return tree
        # Deeper than any encoder goes: a tree made to exhaust the stack.
        if depth > messages.MAX_DEPTH + 1 or type(tree) is not dict:
            raise ProtocolError("A message holds something that is no value.")
        try:
            return self.read(tree, depth)
        except ProtocolError:
            raise
        # Whatever is wrong with fields that the other side made up ends here, as one kind of error.
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, RuntimeError, OverflowError) as error:
            raise ProtocolError(f"A message could not be read: {type(error).__name__}.") from error

    def read(self, tree: dict, depth: int) -> Any:
        """The value of an object with "kind"; errors of its fields are raised as they come."""
        kind = tree["kind"]
        if kind == "passed":
            return self.passed(_integer(tree["ref"]))
        if kind in BUILDERS:
            items = self._items(tree, depth)
            return BUILDERS[kind](_spread(items) if kind in ("set", "frozenset") else items)
        if kind == "dict":
            pairs = [(self.decode(key, depth + 1), self.decode(value, depth + 1)) for key, value in _list(tree)]
            _spread([key for key, _ in pairs])
            return dict(pairs)
        return self._leaf(kind, tree)

    def _items(self, tree: dict, depth: int) -> list:
        return [self.decode(part, depth + 1) for part in _list(tree)]

    def _leaf(self, kind: str, tree: dict) -> Any:
        readers = {
            "array": self._array,
            "scalar": lambda tree: self._array(tree)[()],  # an array without dimensions becomes the number in it
            "tensor": self._tensor,
            "torch.Generator": _torch_generator,
            "random.Random": _python_generator,
            "bytes": lambda tree: base64.b64decode(tree["text"], validate=True),
            "dtype": lambda tree: DTYPES_BY_NAME[tree["text"]],
            "complex": lambda tree: complex(*map(_real, tree["parts"])),
            "opaque": lambda tree: Opaque(str(tree["class"])[:CLASS_NAME_CHARACTERS]),
        }
        if kind not in readers:
            raise ProtocolError("A message holds something that is no value.")
        return readers[kind](tree)

    def _array(self, tree: dict) -> numpy.ndarray:
        """Copied, so that nothing keeps the message alive."""
        dtype, shape = ARRAY_DTYPES[tree["dtype"]], [_integer(size) for size in tree["shape"]]
        start, length = map(_integer, tree["span"])
        _require_shape(shape)
        if not 0 <= start <= start + length <= len(self.blob):
            raise ProtocolError("An array lies outside its message.")
        return numpy.frombuffer(self.blob[start : start + length], dtype).reshape(shape).copy()

    def _tensor(self, tree: dict) -> torch.Tensor:
        dtype, array = DTYPES_BY_NAME[tree["torch_dtype"]], self._array(tree)
        if array.dtype != TORCH_DTYPES[dtype]:
            raise ProtocolError("A tensor's numbers do not fit its type.")
        tensor = torch.from_numpy(array)
        tensor = tensor.view(torch.bfloat16) if dtype == torch.bfloat16 else tensor
        # Only floats can require a gradient; for others torch would raise.
        return tensor.requires_grad_() if tree["requires_grad"] is True and tensor.is_floating_point() else tensor


def torch_state(content: bytes) -> torch.Tensor:
    """The state of a generator of torch's from its bytes; torch itself refuses one that no generator can have."""
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)


def python_state(version: Any, numbers: Any, gauss: Any) -> tuple:
    """The state of a generator of `random`. Raises ProtocolError for one that no generator can have."""
    numbers = tuple(map(_integer, numbers))
    # A position beyond the words would be read past their end: random.setstate tests it, NumPy's counterpart does not.
    valid = len(numbers) == MERSENNE_WORDS + 1 and 0 <= numbers[-1] <= MERSENNE_WORDS
    if version != 3 or not valid or not all(0 <= number < 2**32 for number in numbers):
        raise ProtocolError("A message holds a state that no generator has.")
    return 3, numbers, None if gauss is None else _real(gauss)


def _torch_generator(tree: dict) -> torch.Generator:
    generator = torch.Generator()
    generator.set_state(torch_state(base64.b64decode(tree["state"], validate=True)))
    return generator


def _python_generator(tree: dict) -> random.Random:
    generator = random.Random()
    generator.setstate(python_state(tree["version"], tree["numbers"], tree["gauss"]))
    return generator


def _list(tree: dict) -> list:
    if type(tree["items"]) is not list:
        raise ProtocolError("A message holds something that is no value.")
    return tree["items"]


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise ProtocolError("A message holds no integer where one belongs.")
    return value


def _real(value: Any) -> float:
    if type(value) not in (int, float):
        raise ProtocolError("A message holds no number where one belongs.")
    return float(value)


def _spread(keys: list) -> list:
    """The keys of a set or dict. Raises ProtocolError for so many, or so many of one hash, that a table is slow.

    Counting by hash is quick even then: equal integers are found at once, and unequal ones in a table of their own.
    """
    if len(keys) > messages.MAX_KEYS:
        raise ProtocolError(f"A set or dict may have {messages.MAX_KEYS} keys, but {len(keys)} came.")
    hashes = sorted(map(hash, keys))
    step = messages.MAX_KEYS_OF_ONE_HASH
    if any(hashes[at] == hashes[at + step] for at in range(len(hashes) - step)):
        raise ProtocolError("A set or dict holds many keys of one hash.")
    return keys


def _require_shape(shape: list[int]) -> None:
    """Raises ProtocolError for a shape that costs more than its numbers: many dimensions, many rows of nothing."""
    rows = 1
    for size in shape:
        rows *= max(size, 1)
    if len(shape) > messages.MAX_DIMENSIONS or min(shape, default=1) < 0:
        raise ProtocolError("A message holds an array of a shape that no exercise needs.")
    if 0 in shape and rows > messages.MAX_EMPTY_ROWS:
        raise ProtocolError(f"An array without numbers may have {messages.MAX_EMPTY_ROWS} rows, but {rows} came.")


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
