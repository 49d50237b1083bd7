"""What a check passes to a submission: plain data, and what no plain data can say.

One way alone. A check is the course's own code, so the guest may unpickle what it sends; nothing here reads a message
that comes from a guest.
"""

import base64
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import torch

from grader.sandbox.protocol import plain
from grader.sandbox.protocol.plain import MUTABLE_TYPES

BUILTIN_TYPES = {kind.__name__: kind for kind in (bool, int, float, complex, str, bytes, list, tuple, set, dict)}


class Table:
    """The objects that a check has passed in one call, each under its number; it ends with the call.

    objects: by number. Held, so that no id is given to another object while the call lasts. callbacks: functions that
    the guest may call, by their own number.
    """

    def __init__(self):
        self.objects: dict[int, Any] = {}
        self.refs: dict[int, int] = {}
        self.callbacks: list[Callable] = []

    def add(self, value: Any, ref: int | None = None) -> int:
        """The new number of an object, or the given one."""
        ref = len(self.objects) if ref is None else ref
        self.objects[ref] = value
        self.refs[id(value)] = ref
        return ref

    def __getitem__(self, ref: int) -> Any:
        return self.objects[ref]


class Encoder(plain.Encoder):
    """On the checks' side. shared: objects of the setup cells by name, which the guest holds too.

    offers: whether functions become callbacks; else they are opaque.
    """

    def __init__(self, table: Table, shared: Mapping[str, Any], offers: bool = True):
        super().__init__(table.refs)
        self.table, self.offers = table, offers
        # Not what Python itself puts into a namespace, such as __builtins__.
        names = {name: value for name, value in shared.items() if not name.startswith("__")}
        self.shared_names = {id(value): name for name, value in names.items()}

    def encode(self, value: Any, depth: int = 0) -> Any:
        """As in the base class; an object that can be written into gets a number."""
        tree = super().encode(value, depth)
        if isinstance(value, MUTABLE_TYPES) and type(tree) is dict and "ref" not in tree and tree["kind"] != "opaque":
            # After its parts: a list in itself would be nested too deeply, and was refused.
            tree["ref"] = self.table.add(value)
        return tree

    def other(self, value: Any, kind: type, depth: int) -> dict:
        """A shared object by its name, a function as a callback, and anything else by pickle."""
        if id(value) in self.shared_names:
            return {"kind": "name", "name": self.shared_names[id(value)]}
        if kind in (range, slice):
            return {"kind": kind.__name__, "parts": [value.start, value.stop, value.step]}
        if kind is type and BUILTIN_TYPES.get(value.__name__) is value:
            return {"kind": "type", "name": value.__name__}
        # A torch module is callable, but the guest needs its weights, not a callback.
        if callable(value) and not isinstance(value, torch.nn.Module):
            if not self.offers:
                return super().other(value, kind, depth)
            self.table.callbacks.append(value)
            return {"kind": "callback", "index": len(self.table.callbacks) - 1}
        if isinstance(value, plain.Opaque):
            return super().other(value, kind, depth)
        tree = {"kind": "pickle", "text": base64.b64encode(pickle.dumps(value)).decode()}
        return tree | {"ref": self.table.add(value)}


class Decoder(plain.Decoder):
    """On the guest's side. table: filled with what is passed. callback: what a callback's index becomes."""

    def __init__(self, blob: bytes, table: Table, shared: Mapping[str, Any], callback: Callable[[int], Callable]):
        super().__init__(blob, table.__getitem__)
        self.table, self.shared, self.callback = table, shared, callback

    def read(self, tree: dict, depth: int) -> Any:
        """As in the base class, with the kinds that come from a check alone."""
        readers = {
            "name": lambda: self.shared[tree["name"]],
            "callback": lambda: self.callback(tree["index"]),
            "pickle": lambda: pickle.loads(base64.b64decode(tree["text"])),
            "range": lambda: range(*tree["parts"]),
            "slice": lambda: slice(*tree["parts"]),
            "type": lambda: BUILTIN_TYPES[tree["name"]],
        }
        value = readers[tree["kind"]]() if tree["kind"] in readers else super().read(tree, depth)
        if "ref" in tree:
            self.table.add(value, tree["ref"])
        return value
