"""What a call wrote into its arguments in the guest, written into the same objects on the trusted side.

A function that gets a list in the same process can change it in place, and checks may look at that: `fill(table)`, or
"the input is left as it was". So the guest sends the arguments once more after a call that changed them. This module
copies the new contents into the old objects, keeping each object's identity where its kind and shape allow.
"""

from typing import Any


def write_back(old: Any, new: Any) -> None:
    """Give `old` the contents of `new`, in place and recursively; a value of another type leaves it as it is."""
    # The new one comes from the guest and may be anything. Then the check keeps its own value and sees what it sent.
    if type(old) is not type(new):
        return
    if isinstance(old, tuple):
        # A tuple cannot change, but what it holds can.
        for before, after in zip(old, new, strict=False):
            write_back(before, after)
    elif isinstance(old, list):
        # Element by element, so that a check that holds an inner list sees it change too: `row = table[0]`.
        for before, after in zip(old, new, strict=False):
            write_back(before, after)
        old[:] = [_merged(old[i], part) if i < len(old) else part for i, part in enumerate(new)]
    elif isinstance(old, dict):
        # Cleared and filled again, so that the order of keys is the one that the call left.
        merged = {key: _merged(old[key], part) if key in old else part for key, part in new.items()}
        old.clear()
        old.update(merged)
    elif isinstance(old, set):
        old.clear()
        old.update(new)
    elif hasattr(old, "set_state"):  # torch.Generator
        old.set_state(new.get_state())
    elif hasattr(old, "setstate"):  # random.Random
        old.setstate(new.getstate())
    # An argument that was resized in place keeps its old contents here; within a list or dict `_merged` replaces it.
    elif hasattr(old, "shape") and old.shape == new.shape:
        _copy_into(old, new)


def _merged(old: Any, new: Any) -> Any:
    """The old object with the new contents, where it can take them; else the new one."""
    # A shape of () is a number, such as numpy.float64, and numbers cannot change.
    mutable = isinstance(old, list | dict | set) or (hasattr(old, "shape") and getattr(old, "shape", ()) != ())
    if type(old) is type(new) and mutable and getattr(old, "shape", None) == getattr(new, "shape", None):
        write_back(old, new)
        return old
    return new


def _copy_into(old: Any, new: Any) -> None:
    if hasattr(old, "detach"):
        # Through a detached view: autograd forbids in-place writes to a leaf that requires a gradient.
        old.detach().copy_(new.detach())
    # The guest's copy can be written. In one process the write to a read-only array would have raised.
    elif old.flags.writeable:
        old[...] = new
