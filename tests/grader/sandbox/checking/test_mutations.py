"""What a call wrote is written into the same objects; what was not passed, or is of another kind, is refused."""

import random

import numpy
import pytest
import torch

from grader.sandbox.checking.mutations import write_back
from grader.sandbox.protocol import passed, plain
from grader.sandbox.protocol.messages import ProtocolError


def written(old, new):
    """`old` after a guest has sent `new` as its contents."""
    table = passed.Table()
    ref = table.add(old)
    encoder = plain.Encoder()
    tree = encoder.contents(new)
    write_back(table, [[ref, tree]], plain.Decoder(b"".join(encoder.arrays), table.__getitem__))
    return old


@pytest.mark.parametrize(
    ("old", "new"),
    [([1, 2], [2]), ({1: 2}, {3: [4]}), ({1}, {2, 3}), (numpy.zeros(2), numpy.ones(2)), (torch.zeros(2), torch.ones(2)),
     (torch.zeros(2), torch.ones(3)), (torch.zeros(1).expand(2), torch.tensor([1.0, 2.0]))],
    ids=str,
)  # fmt: skip
def test_contents_are_replaced(old, new):
    assert str(written(old, new)) == str(new)


def test_a_leaf_keeps_its_identity_and_its_gradient_flag():
    leaf = torch.zeros(2, requires_grad=True)
    view = leaf.detach()
    assert written(leaf, torch.ones(2)) is leaf
    assert leaf.requires_grad
    assert view.tolist() == [1, 1]


def test_generators_are_put_where_the_call_left_them():
    for make in (random.Random, lambda seed: torch.Generator().manual_seed(seed)):
        old, new = make(1), make(2)
        written(old, new)
        states = [
            each.getstate() if isinstance(each, random.Random) else each.get_state().tolist() for each in (old, new)
        ]
        assert states[0] == states[1]


def test_passed_objects_keep_their_identity_within_each_other():
    row, table = [1], passed.Table()
    pool = [row, [2]]
    refs = [table.add(row), table.add(pool)]
    tree = {"kind": "list", "items": [{"kind": "passed", "ref": refs[0]}]}
    write_back(
        table, [[refs[1], tree], [refs[0], {"kind": "list", "items": [9]}]], plain.Decoder(b"", table.__getitem__)
    )
    assert pool == [[9]]
    assert pool[0] is row


@pytest.mark.parametrize(
    ("old", "tree"),
    [([1], {"kind": "dict", "items": []}), ((1,), {"kind": "tuple", "items": []}),
     (len, {"kind": "opaque", "class": "x"}), ([1], 3), (numpy.zeros(1), {"kind": "list", "items": []})],
    ids=str,
)  # fmt: skip
def test_contents_of_another_type_are_refused_and_change_nothing(old, tree):
    table, before = passed.Table(), str(old)
    ref = table.add(old)
    for written in ([[ref, tree]], [[ref + 1, tree]], {"a": 1}, [[ref]], [["0", tree]]):
        with pytest.raises((ProtocolError, KeyError, ValueError)):
            write_back(table, written, plain.Decoder(b"", table.__getitem__))
    assert str(old) == before
