"""What a check passes: each object under its number in the table of one call, functions to be called back, and setup
objects by name; never what Python itself puts into a namespace.
"""

import builtins
import json
from collections import Counter

import torch

from grader.sandbox.protocol import passed


def sent(value, shared=None):
    """What the guest makes of a passed value, with both tables."""
    ours, theirs = passed.Table(), passed.Table()
    encoder = passed.Encoder(ours, shared or {})
    tree = json.loads(json.dumps(encoder.encode(value)))
    blob = b"".join(encoder.arrays)
    decoder = passed.Decoder(blob, theirs, shared or {}, lambda index: ("callback", index))
    return decoder.decode(tree), ours, theirs


def test_two_names_for_one_list_stay_two_names_for_one_list():
    row = [1, 2]
    got, ours, theirs = sent(([row, row], row))
    assert got == ([[1, 2], [1, 2]], [1, 2])
    assert got[0][0] is got[0][1] is got[1]
    assert ours.objects.keys() == theirs.objects.keys()
    assert ours[ours.refs[id(row)]] is row
    assert theirs[ours.refs[id(row)]] is got[1]


def test_functions_become_callbacks_and_nothing_else_does():
    shared = {"__builtins__": vars(builtins), "helper": sorted}
    got, ours, _ = sent([len, sorted, torch.nn.Linear(1, 1), list], shared)
    assert got[0] == ("callback", 0)
    assert got[1] is sorted
    assert isinstance(got[2], torch.nn.Linear)
    assert got[3] is list
    assert ours.callbacks == [len]


def test_the_namespace_of_builtins_has_no_name():
    encoder = passed.Encoder(passed.Table(), {"__builtins__": vars(builtins), "__name__": "__main__", "x": object()})
    assert list(encoder.shared_names.values()) == ["x"]


def test_what_has_no_plain_form_travels_whole():
    got, _, theirs = sent([Counter("aab"), range(1, 7, 2), slice(1)])
    assert got == [Counter("aab"), range(1, 7, 2), slice(1)]
    assert any(value is got[0] for value in theirs.objects.values())
