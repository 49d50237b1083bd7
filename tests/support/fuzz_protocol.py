"""A guest that answers a check with anything: messages of the protocol's grammar, with mistakes in them, and bytes.

    python -m tests.support.fuzz_protocol [CASES] [SEED]

Whatever comes, a call ends at once, in a value of the grammar, an error of a built-in kind, or `Stopped`; nothing is
executed, imported or opened, nothing of the checks' own changes but the objects passed in that call, and memory stays
bounded. Prints the number of cases by outcome; the exit status is 1 at the first case that breaks a promise.
"""

import builtins
import contextlib
import random
import resource
import socket
import sys
import threading
import time
from collections import Counter
from types import ModuleType

import torch
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from grader.sandbox.checking.remote import GuestClient, Stopped
from grader.sandbox.protocol import messages, plain
from grader.sandbox.protocol.messages import LENGTHS, Opaque

CASES, LONGEST_S, WAIT_S, MOST_GROWTH_BYTES = 20_000, 2.0, 60.0, 512 * 2**20
FORBIDDEN = (
    "exec",
    "compile",
    "import",
    "open",
    "os.",
    "subprocess.",
    "socket.connect",
    "ctypes.",
    "pickle.",
    "shutil.",
)
ALLOWED_TYPES = (*messages.PLAIN_TYPES, list, tuple, set, frozenset, dict, bytes, complex, Opaque, torch.Tensor)

numbers = st.one_of(st.integers(-5, 5), st.integers(), st.sampled_from([2**61 - 1, 2**63, -1, 10**400]), st.booleans())
words = st.sampled_from(
    ["__builtins__", "__class__", "eval", "utils.runtime", "builtins", "mean", "NotImplementedError", "torch.float32"]
)
texts = st.one_of(st.text(max_size=8), words, st.sampled_from(["AAAA", "gASVAA==", "|O", "<f8", "<i8", "|b1", "f4,f4"]))
leaves = st.one_of(st.none(), numbers, st.floats(), texts)
kinds = st.sampled_from(
    ["list", "tuple", "set", "frozenset", "iterator", "size", "dict", "array", "scalar", "tensor", "torch.Generator",
     "random.Random", "bytes", "dtype", "complex", "passed", "opaque",
     "name", "callback", "pickle", "range", "slice", "type", "record"]
)  # fmt: skip
FIELDS = {"items", "ref", "text", "name", "index", "dtype", "torch_dtype", "shape", "span", "state", "parts", "class"}


def trees(children):
    """An object with "kind" and fields of any sort; half of them have the fields that the kind wants."""
    pair = st.lists(children, min_size=2, max_size=2)
    whole = st.one_of(
        st.fixed_dictionaries({"kind": kinds, "items": st.lists(children, max_size=4)}),
        st.fixed_dictionaries({"kind": st.just("dict"), "items": st.lists(pair, max_size=4)}),
        st.fixed_dictionaries({"kind": st.just("passed"), "ref": st.integers(-1, 4)}),
        st.fixed_dictionaries(
            {"kind": st.sampled_from(["array", "scalar", "tensor"]), "shape": st.lists(st.integers(-1, 9), max_size=3),
             "dtype": st.sampled_from([*messages.ARRAY_DTYPES, "|O", "V9"]),
             "span": st.lists(st.integers(-8, 72), min_size=2, max_size=2), "requires_grad": st.booleans(),
             "torch_dtype": st.sampled_from([*plain.DTYPES_BY_NAME, "torch.qint8"])}
        ),
    )  # fmt: skip
    anything = st.dictionaries(
        st.sampled_from(sorted(FIELDS)), st.one_of(leaves, st.lists(leaves, max_size=3), children)
    )
    return st.one_of(whole, st.builds(lambda kind, fields: fields | {"kind": kind}, kinds, anything))


values = st.recursive(leaves, trees, max_leaves=12)
errors = st.one_of(
    values,
    st.fixed_dictionaries(
        {"builtin_kinds": st.lists(words, max_size=3), "name": texts, "message": texts, "line": numbers, "text": texts}
    ),
)
states = st.one_of(st.none(), values)
written = st.one_of(
    values, st.lists(st.lists(st.one_of(st.integers(-1, 4), values), min_size=2, max_size=2), max_size=3)
)
good = {"number": st.just(1), "random_states": st.none(), "written": st.just([]), "graph": st.none()}
answers = st.one_of(
    st.fixed_dictionaries(good | {"value": values}),
    st.fixed_dictionaries(good | {"written": written, "value": values, "random_states": states, "graph": leaves}),
    st.fixed_dictionaries(good | {"error": errors}),
    st.fixed_dictionaries({"number": st.just(1), "callback": leaves, "args": values, "kwargs": values}),
    values,
)
hashable = st.recursive(
    st.one_of(st.none(), numbers, st.floats(), texts), lambda part: st.tuples(part, part), max_leaves=4
)
python_values = st.recursive(
    st.one_of(
        hashable,
        st.sets(hashable, max_size=4),
        st.complex_numbers(),
        st.binary(max_size=8),
        st.builds(torch.full, st.lists(st.integers(0, 3), max_size=3).map(tuple), st.sampled_from([0, 1.5, True])),
        st.builds(lambda size: torch.zeros(size).numpy(), st.integers(0, 5)),
        st.builds(random.Random, st.integers()),
    ),
    lambda part: st.one_of(
        st.lists(part, max_size=4), st.dictionaries(hashable, part, max_size=4), st.builds(iter, st.lists(part))
    ),
    max_leaves=8,
)


def sound(value: object, changes: list) -> bytes:
    """A message as an honest guest sends it: a value, and new contents of what it was passed."""
    encoder = plain.Encoder()
    tree = {"number": 1, "value": encoder.encode(value), "graph": None, "random_states": None}
    tree["written"] = [[ref, encoder.contents(contents)] for ref, contents in changes]
    return encoder.message(tree)


contents = st.one_of(st.lists(python_values, max_size=3), st.sets(hashable), st.dictionaries(hashable, python_values))
frames = st.one_of(
    st.builds(sound, python_values, st.lists(st.tuples(st.integers(-1, 4), contents), max_size=2)),
    st.builds(sound, python_values, st.just([])),
    st.builds(lambda tree, blob: messages.framed(tree, blob), answers, st.binary(max_size=64)),
    st.binary(max_size=64),
    st.builds(lambda text, blob: LENGTHS.pack(len(text), len(blob)) + text + blob, st.binary(max_size=40), st.binary()),
    st.builds(
        lambda sizes, rest: LENGTHS.pack(*sizes) + rest, st.tuples(*2 * [st.integers(0, 2**64 - 1)]), st.binary()
    ),
)


class Broken(Exception):
    """A promise that a case has broken."""


watching = threading.local()


def _watch(event: str, arguments: tuple) -> None:
    if getattr(watching, "on", False) and event.startswith(FORBIDDEN):
        raise Broken(f"{event} {arguments!r:.200}")


def case(sent: list[bytes]) -> str:
    """Call a function of a guest that sends these bytes, and see what comes of it; the outcome in a word."""
    near, far = socket.socketpair()
    shared = {"__builtins__": vars(builtins), "HEIGHTS": [4, 6], "torch": torch}
    before, module = dict(vars(builtins)), dict(shared)
    passed = ([1, [2]], {"a": {3}}, torch.zeros(2), lambda *given: len(given))

    def answer():
        # The other side may hang up in the middle.
        with far, contextlib.suppress(OSError):
            far.recv(65536)
            far.sendall(b"".join(sent))
            far.shutdown(socket.SHUT_WR)
            while far.recv(65536):
                pass

    thread = threading.Thread(target=answer)
    thread.start()
    # Of this thread's processor: a machine with other work to do must not fail a case.
    start = time.thread_time()
    try:
        with near:
            watching.on = True
            outcome = _outcome(near, passed, shared)
    finally:
        watching.on = False
        thread.join()
    if time.thread_time() - start > LONGEST_S:
        raise Broken(f"It took {time.thread_time() - start:.1f} s.")
    _require_plain(passed[:3])
    if vars(builtins) != before or shared != module:
        raise Broken("Something that was not passed has changed.")
    return outcome


def _outcome(near: socket.socket, passed: tuple, shared: dict) -> str:
    client = GuestClient(near)
    try:
        value = client.call("mean", passed, {}, shared, time.monotonic() + WAIT_S)
    except Stopped as stop:
        return f"stopped, {stop.reason}"
    except Broken:
        raise
    except Exception as error:
        if client.raised is None or client.raised[0] is not error or vars(builtins).get(type(error).__name__) is None:
            raise Broken(f"{type(error).__name__}: {error}") from error
        return "an error of the student's"
    _require_plain(value)
    return "a value"


def _require_plain(value: object, depth: int = 0) -> None:
    """Raises Broken for a part that is a function, a module, or anything else that the grammar does not list."""
    listed = type(value) in ALLOWED_TYPES or type(value).__module__ in ("numpy", "torch", "random", "builtins")
    if not listed or isinstance(value, ModuleType | type) or (callable(value) and type(value).__module__ == "builtins"):
        raise Broken(f"{type(value)} came out of a message.")
    parts = value if type(value) in (list, tuple, set, frozenset) else ()
    parts = [*value.keys(), *value.values()] if type(value) is dict else parts
    for part in parts if depth < messages.MAX_DEPTH else ():
        _require_plain(part, depth + 1)


def main(cases: int, start: int) -> int:
    """Run the cases. Returns the exit status."""
    sys.addaudithook(_watch)
    outcomes: Counter[str] = Counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    generators = random.getstate(), torch.get_rng_state()

    @seed(start)
    @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck),
              phases=[Phase.generate, Phase.shrink])  # fmt: skip
    @given(st.lists(frames, min_size=1, max_size=3))
    def every(sent):
        random.setstate(generators[0])
        torch.set_rng_state(generators[1])
        outcomes[case(sent)] += 1

    every()
    growth = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory)
    print(f"{sum(outcomes.values())} cases, seed {start}: {dict(outcomes.most_common())}; {growth / 1e6:.0f} MB more")
    return int(growth > MOST_GROWTH_BYTES)


if __name__ == "__main__":
    given_numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*[*given_numbers, CASES, 0][:1], *[*given_numbers[1:], 0][:1]))
