"""The protocol between the checks and the guest: framing, requests and answers, and how a value travels.

The guest runs a student's code, so nothing that it sends can be believed. A message is therefore JSON and raw array
bytes; from the guest come values of a closed grammar and nothing else: no name that the other side would look up, no
code, no reference but to what a check has passed in this very call. Decoding one builds values and runs no code of the
sender's, and every limit below is tested before anything is built.

**Framing.** Two unsigned 64-bit lengths in network order, then that many bytes of UTF-8 JSON (the tree), then that many
bytes of arrays (the blob), at most MAX_TEXT_BYTES and MAX_BLOB_BYTES.

**Requests**, sent by the checks' side alone, one at a time; each is answered before the next one, under its number:

| request                                                           | answer of the guest                             |
|-------------------------------------------------------------------|-------------------------------------------------|
| {"request": "run_cell", "name", "source"}                         | {"error"}: null, or what the cell raised        |
| {"request": "call", "function", "args", "kwargs", "random_states"} | {"value", "graph"} or {"error"}, and in both    |
|                                                                   | {"written", "random_states"}                    |
| {"request": "backward", "graph", "grad_output"}                   | {"value"}: the vector-Jacobian product, a list  |

**Callbacks.** Before it answers a call, the guest may send {"callback": index, "args", "kwargs"} as often as it likes.
The checks' side answers each with {"value"} or {"error"} and goes on waiting for the answer to the call.

- number: in every request, callback and answer: that of the request. A message with another one was not asked for.
- function: a name that a cell has defined. name: a cell's id, for tracebacks.
- args, kwargs, value, grad_output: values as below. written: pairs [ref, contents] of what the call wrote into objects
  that were passed to it. graph: the number under which `backward` finds the autograd graph of the value, else null.
- random_states: of the shared generators, null where the receiver's are the same already.
- error: {"builtin_kinds", "name", "message", "line", "text"}, made by `worker.describe`.

**Values.** None, bool, int, float and str are themselves. Everything else is an object with "kind":

| kind                                         | further fields                                                       |
|----------------------------------------------|----------------------------------------------------------------------|
| list, tuple, set, frozenset, iterator, size  | items                                                                |
| dict                                         | items: pairs of key and value                                        |
| array, scalar                                | dtype (of ARRAY_DTYPES), shape, span: where in the blob              |
| tensor                                       | those of an array, torch_dtype (of TORCH_DTYPES), requires_grad      |
| torch.Generator, random.Random               | state: base64 of its bytes; version, numbers and gauss               |
| bytes; dtype                                 | text: base64; the dtype's name                                       |
| complex                                      | parts                                                                |
| passed                                       | ref: an object that the check passed in this call                    |
| opaque                                       | class: the name of a type whose values have no plain form            |

To the guest alone go:

| kind     | further fields                                                                                           |
|----------|----------------------------------------------------------------------------------------------------------|
| name     | name: an object of the setup cells, which both sides hold                                                |
| callback | index: a function that the check passed, which the guest may call while the call lasts                   |
| pickle   | text: base64; an object of the course's                                                                  |
| range, slice, type | parts; the name of a built-in type                                                             |

What can be written into, or has an identity that a check may ask for, carries "ref", its number in the table of the
call; a second occurrence is "passed".
"""

import json
import socket
import struct
from typing import Any

import numpy
import torch

MAX_TEXT_BYTES = 8 * 2**20
MAX_BLOB_BYTES = 64 * 2**20
MAX_DEPTH = 40
# A set or dict of n numbers with one hash takes n² / 2 comparisons, and Python's hashes of numbers are no secret.
MAX_KEYS = 20_000
MAX_KEYS_OF_ONE_HASH = 16
MAX_INT_BITS = 8192
MAX_DIMENSIONS = 16
# What an array without elements may claim as the product of its other dimensions: (3_000_000, 0) is as many rows.
MAX_EMPTY_ROWS = 4096
PLAIN_TYPES = (bool, int, float, str, type(None))
# Of fixed size and without pointers, in this machine's order of bytes.
ARRAY_DTYPES = {
    dtype.str: dtype for dtype in map(numpy.dtype, ("?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4"))
} | {dtype.str: dtype for dtype in map(numpy.dtype, ("f8", "c8", "c16"))}
# Each with the dtype of NumPy in which its bytes travel: NumPy has no bfloat16, so that goes as int16.
TORCH_DTYPES = {
    torch.bool: "?",
    torch.uint8: "u1",
    torch.int8: "i1",
    torch.int16: "i2",
    torch.int32: "i4",
    torch.int64: "i8",
    torch.float16: "f2",
    torch.bfloat16: "i2",
    torch.float32: "f4",
    torch.float64: "f8",
    torch.complex64: "c8",
    torch.complex128: "c16",
}
LENGTHS = struct.Struct("!QQ")
BLOCK_BYTES = 2**20


class ProtocolError(ValueError):
    """A message that breaks the rules."""


class Opaque:
    """A value that has no plain form. It equals nothing and is neither true nor false."""

    def __init__(self, class_name: str):
        self.class_name = class_name

    def __repr__(self) -> str:
        return f"an object of type {self.class_name}"

    def __eq__(self, other) -> bool:
        return False

    def __bool__(self) -> bool:
        raise TypeError(f"{self!r} is neither true nor false")

    __hash__ = object.__hash__


def framed(tree: Any, blob: bytes) -> bytes:
    """The bytes of a message. Raises ProtocolError for one that is too large."""
    # NaN and the infinities stand as such, which is no strict JSON, but Python's own reader takes them.
    text = json.dumps(tree, separators=(",", ":")).encode()
    _require_sizes(len(text), len(blob))
    return LENGTHS.pack(len(text), len(blob)) + text + blob


def receive(connection: socket.socket) -> tuple[Any, bytes]:
    """One message: its tree and its blob. Raises EOFError at the end, ProtocolError for one that breaks the rules."""
    text_bytes, blob_bytes = LENGTHS.unpack(_receive_exactly(connection, LENGTHS.size))
    # Refused before anything is read: the lengths are the guest's word, and memory is ours.
    _require_sizes(text_bytes, blob_bytes)
    text, blob = _receive_exactly(connection, text_bytes), _receive_exactly(connection, blob_bytes)
    try:
        # Decoded here: json would take UTF-16 too, and look for its codec.
        return json.loads(text.decode()), blob
    except (ValueError, RecursionError) as error:
        raise ProtocolError("A message is no JSON.") from error


def _require_sizes(text_bytes: int, blob_bytes: int) -> None:
    if text_bytes > MAX_TEXT_BYTES or blob_bytes > MAX_BLOB_BYTES:
        raise ProtocolError(
            f"A message may have {MAX_TEXT_BYTES} bytes of text and {MAX_BLOB_BYTES} of arrays, but {text_bytes} and "
            f"{blob_bytes} came."
        )


def _receive_exactly(connection: socket.socket, count: int) -> bytes:
    parts, missing = [], count
    while missing:
        part = connection.recv(min(missing, BLOCK_BYTES))
        if not part:
            raise EOFError("The other side has closed the connection.")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
