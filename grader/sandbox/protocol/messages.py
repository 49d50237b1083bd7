"""Messages between two processes that do not trust each other: a JSON tree, then the bytes of its arrays.

What has no plain form travels by name, where both sides hold it, as a callback, or as an `Opaque`, which equals
nothing. Only the trusted side may send pickles, for models and records that a check has made.
"""

import json
import socket
import struct
from typing import Any

LARGEST_BYTES = 64 * 2**20
DEEPEST = 40
PLAIN = (bool, int, float, str, type(None))
ARRAY_KINDS = "biufc"
LENGTHS = struct.Struct("!QQ")


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
