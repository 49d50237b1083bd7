"""What a call wrote into its arguments in the sandbox, written into the same objects here."""

from typing import Any


def write_back(old: Any, new: Any) -> None:
    """What a call wrote into its arguments is written into ours."""
    if type(old) is not type(new):
        return
    if isinstance(old, tuple):
        for mine, theirs in zip(old, new, strict=False):
            write_back(mine, theirs)
    elif isinstance(old, list):
        for mine, theirs in zip(old, new, strict=False):
            write_back(mine, theirs)
        old[:] = [_kept(old[i], part) if i < len(old) else part for i, part in enumerate(new)]
    elif isinstance(old, dict):
        kept = {key: _kept(old[key], part) if key in old else part for key, part in new.items()}
        old.clear()
        old.update(kept)
    elif isinstance(old, set):
        old.clear()
        old.update(new)
    elif hasattr(old, "set_state"):
        old.set_state(new.get_state())
    elif hasattr(old, "setstate"):
        old.setstate(new.getstate())
    elif hasattr(old, "shape") and old.shape == new.shape:
        _copy_into(old, new)


def _kept(old: Any, new: Any) -> Any:
    """The object we had, after it has taken the new value, where it can; else the new one."""
    mutable = isinstance(old, list | dict | set) or (hasattr(old, "shape") and getattr(old, "shape", ()) != ())
    if type(old) is type(new) and mutable and getattr(old, "shape", None) == getattr(new, "shape", None):
        write_back(old, new)
        return old
    return new


def _copy_into(old: Any, new: Any) -> None:
    if hasattr(old, "detach"):
        old.detach().copy_(new.detach())
    elif old.flags.writeable:
        old[...] = new
