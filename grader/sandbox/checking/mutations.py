"""What a call wrote into the objects that a check passed to it, written into the same objects on the checks' side.

A function that gets a list in the same process can change it in place, and checks may look at that: `fill(table)`, or
"the input is left as it was". So the guest sends the new contents of each passed object that a call has changed.
Objects keep their identity, also within each other: two names for one list stay two names for one list.
"""

from typing import Any

import numpy
import torch

from grader.sandbox.protocol.messages import ProtocolError
from grader.sandbox.protocol.passed import Table
from grader.sandbox.protocol.plain import MUTABLE_TYPES, Decoder


def write_back(table: Table, written: Any, decoder: Decoder) -> None:
    """Give passed objects their new contents. written: pairs of number and contents, as the guest sent them.

    Raises ProtocolError for a number that was not passed, or for contents of another type.
    """
    if type(written) is not list:
        raise ProtocolError("A message holds no list of what was written.")
    # All are read before the first is changed: contents may refer to other passed objects.
    pairs = [(decoder.passed(ref), decoder.decode(contents)) for ref, contents in written]
    for old, new in pairs:
        if type(old) not in MUTABLE_TYPES or not isinstance(new, _plain_type(old)):
            raise ProtocolError("An object was given contents of another type.")
        _store(old, new)


def _plain_type(value: Any) -> type:
    # A parameter travels as the tensor that it is.
    return torch.Tensor if isinstance(value, torch.nn.Parameter) else type(value)


def _store(old: Any, new: Any) -> None:
    if isinstance(old, list):
        old[:] = new
    elif isinstance(old, dict | set):
        # Cleared and filled again, so that the order of keys is the one that the call left.
        old.clear()
        old.update(new)
    elif isinstance(old, torch.Tensor):
        _store_tensor(old, new.detach())
    elif isinstance(old, torch.Generator):
        old.set_state(new.get_state())
    elif isinstance(old, numpy.ndarray):
        # The guest's copy can be written. In one process the write to a read-only array would have raised.
        if old.flags.writeable and old.shape == new.shape:
            old[...] = new
    else:  # random.Random
        old.setstate(new.getstate())


def _store_tensor(old: torch.Tensor, new: torch.Tensor) -> None:
    """In place where the shape allows, so that views of the tensor change with it."""
    if old.shape == new.shape and old.dtype == new.dtype and not _overlaps_itself(old):
        # Through a detached view: autograd forbids in-place writes to a leaf that requires a gradient.
        old.detach().copy_(new)
    else:
        old.data = new


def _overlaps_itself(tensor: torch.Tensor) -> bool:
    """Whether several elements lie in one place, as in an expanded tensor."""
    return any(stride == 0 and size > 1 for stride, size in zip(tensor.stride(), tensor.shape, strict=True))
