"""The protocol between the trusted side and the guest: framing, requests and answers, and how a value travels.

The guest runs a student's code, so nothing that it sends can be believed. A message is therefore JSON and raw array
bytes, never a pickle from the guest; decoding one builds values and runs no code of the sender's.

**Framing.** Two unsigned 64-bit lengths in network order, then that many bytes of UTF-8 JSON (the tree), then that many
bytes of arrays (the blob). Both together have at most MAX_MESSAGE_BYTES.

**Requests**, sent by the trusted side alone, one at a time; each is answered before the next one:

| request                                                           | answer of the guest                             |
|-------------------------------------------------------------------|-------------------------------------------------|
| {"request": "run_cell", "name", "source"}                         | {"error"}: null, or what the cell raised        |
| {"request": "call", "function", "args", "kwargs", "random_states"} | {"value", "graph"} or {"error"}, and in both    |
|                                                                   | {"args_after", "random_states"}                 |
| {"request": "backward", "graph", "grad_output"}                   | {"value"}: the vector-Jacobian product, a list  |

**Callbacks.** Before it answers a call, the guest may send {"callback": index, "args", "kwargs"} as often as it likes.
The trusted side answers each with {"value"} or {"error"} and goes on waiting for the answer to the call.

- function: a name that a cell has defined. name: a cell's id, for tracebacks.
- args, kwargs, value, grad_output: values as below. args_after: the arguments once more, where the call wrote into
  them, else null. graph: the number under which `backward` finds the autograd graph of the value, else null.
- random_states: of the shared generators, null where the receiver's are the same already.
- error: {"builtin_kinds", "name", "message"}, made by `worker.describe`.

**Values.** None, bool, int, float and str are themselves. Everything else is an object with "kind":

| kind                                         | further fields                                                       |
|----------------------------------------------|----------------------------------------------------------------------|
| list, tuple, set, frozenset, iterator, size  | items                                                                |
| dict                                         | items: pairs of key and value                                        |
| array, scalar, torch.Generator               | dtype (NumPy's), shape, span: where in the blob, [start, length]     |
| tensor                                       | those of an array, torch_dtype, requires_grad                        |
| random.Random                                | state                                                                |
| bytes; dtype                                 | text: base64; the dtype's name                                       |
| complex, range, slice                        | parts                                                                |
| builtin                                      | name of a built-in type                                              |
| name                                         | name: an object of the setup cells, which both sides hold            |
| record                                       | module, class, fields: of a dataclass or named tuple, known to both  |
| callback                                     | index: a function of the trusted side, which the guest may call      |
| pickle                                       | text: base64; from the trusted side only                             |
| opaque                                       | class: the name of a type whose values have no plain form            |
"""

import json
import socket
import struct
from typing import Any

MAX_MESSAGE_BYTES = 64 * 2**20
MAX_DEPTH = 40
PLAIN_TYPES = (bool, int, float, str, type(None))
# NumPy's dtype.kind: booleans, signed and unsigned integers, floats, complex. Never "O": objects are pointers.
ARRAY_DTYPE_KINDS = "biufc"
LENGTHS = struct.Struct("!QQ")
BLOCK_BYTES = 2**20


class ProtocolError(ValueError):
    """A message that breaks the rules."""


class Opaque:
    """A value that has no plain form. It equals nothing, and any use of it fails."""

    def __init__(self, class_name: str):
        self.class_name = class_name

    def __repr__(self) -> str:
        return f"an object of type {self.class_name}"

    def __eq__(self, other) -> bool:
        return False

    __hash__ = object.__hash__


def receive(connection: socket.socket) -> tuple[Any, bytes]:
    """One message: its tree and its blob. Raises EOFError at the end, ProtocolError for a message that is too large."""
    text_bytes, blob_bytes = LENGTHS.unpack(_receive_exactly(connection, LENGTHS.size))
    # Refused before anything is read: the lengths are the guest's word, and memory is ours.
    if text_bytes + blob_bytes > MAX_MESSAGE_BYTES:
        raise ProtocolError(
            f"A message may have {MAX_MESSAGE_BYTES} bytes, but {text_bytes + blob_bytes} were announced."
        )
    text, blob = _receive_exactly(connection, text_bytes), _receive_exactly(connection, blob_bytes)
    try:
        return json.loads(text), blob
    except (ValueError, RecursionError) as error:
        raise ProtocolError("A message is no JSON.") from error


def _receive_exactly(connection: socket.socket, count: int) -> bytes:
    parts, missing = [], count
    while missing:
        part = connection.recv(min(missing, BLOCK_BYTES))
        if not part:
            raise EOFError("The other side has closed the connection.")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
