"""Plain data travels as it is, and nothing else is built from a message."""

import json
import random

import numpy
import pytest
import torch

from grader.sandbox.protocol import messages, plain
from grader.sandbox.protocol.messages import Opaque, ProtocolError

HASH_MODULUS = 2**61 - 1


def travelled(value):
    encoder = plain.Encoder()
    tree = json.loads(json.dumps(encoder.encode(value)))
    return plain.Decoder(b"".join(encoder.arrays), {}.__getitem__).decode(tree)


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -(2**80), 0.1, "é\ud800", b"\0\xff", 1 + 2j, [1, [2]], (1, "a"), {1, 2}, frozenset({"a"}),
     {(1, 2): [3]}, torch.float32, torch.Size([2, 3])],
    ids=repr,
)  # fmt: skip
def test_a_plain_value_arrives_as_it_was(value):
    got = travelled(value)
    assert type(got) is type(value)
    assert got == value


@pytest.mark.parametrize("dtype", messages.TORCH_DTYPES, ids=str)
def test_a_tensor_arrives_bit_by_bit(dtype):
    tensor = torch.tensor([[0, 1, 1], [1, 0, 1]]).to(dtype).T
    got = travelled(tensor)
    assert got.dtype == dtype
    assert torch.equal(got, tensor)


@pytest.mark.parametrize("dtype", [*messages.ARRAY_DTYPES, ">f8", ">i4"])
def test_an_array_and_its_numbers_arrive(dtype):
    array = numpy.array([[0, 1, 1]]).astype(dtype)
    assert numpy.array_equal(travelled(array), array)
    number = travelled(array[0, 1])
    assert isinstance(number, numpy.generic)
    assert number == 1


def test_generators_go_on_where_they_were():
    ours, theirs = torch.Generator().manual_seed(3), random.Random(3)
    for generator in (ours, theirs):
        copy = travelled(generator)
        if generator is ours:
            assert torch.equal(torch.rand(3, generator=copy), torch.rand(3, generator=generator))
        else:
            assert copy.random() == generator.random()


class Lying(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


@pytest.mark.parametrize(
    "value",
    [Lying(1), len, object(), torch.nn.Linear(1, 1), torch.eye(2).to_sparse(), numpy.array([object()]), type, range(3)],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_plain_form_is_opaque_and_equals_nothing(value):
    got = travelled(value)
    assert isinstance(got, Opaque)
    # A plain assert on what came back must not hold for it.
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(got)
    assert got != value


def test_a_named_tuple_arrives_without_its_names():
    assert travelled(torch.tensor([1, 3]).max(0)) == (torch.tensor(3), torch.tensor(1))


def test_an_endless_iterator_is_cut():
    from itertools import count

    assert len(list(travelled(count()))) == plain.MAX_ITERATOR_ITEMS


ARRAY = {"dtype": "<f8", "shape": [1], "span": [0, 8]}
REFUSED = {
    "no value": [1],
    "unknown kind": {"kind": "name", "name": "__builtins__"},
    "pickle": {"kind": "pickle", "text": "gASVAA=="},
    "callback": {"kind": "callback", "index": 0},
    "record": {"kind": "record", "module": "utils.runtime", "class": "Path", "fields": {}},
    "type": {"kind": "type", "name": "list"},
    "no kind": {},
    "a kind that is a list": {"kind": ["list"]},
    "items that are text": {"kind": "list", "items": "abc"},
    "a pair of three": {"kind": "dict", "items": [[1, 2, 3]]},
    "a list as key": {"kind": "dict", "items": [[{"kind": "list", "items": []}, 1]]},
    "an object not passed": {"kind": "passed", "ref": 7},
    "a ref that is text": {"kind": "passed", "ref": "0"},
    "pointers": {"kind": "array", **ARRAY, "dtype": "|O"},
    "fields": {"kind": "array", **ARRAY, "dtype": "f4,f4"},
    "outside the message": {"kind": "array", **ARRAY, "span": [8, 8]},
    "before the message": {"kind": "array", **ARRAY, "span": [-8, 8]},
    "another size": {"kind": "array", **ARRAY, "shape": [2]},
    "a negative size": {"kind": "array", **ARRAY, "shape": [-1]},
    "a size that is true": {"kind": "array", **ARRAY, "shape": [True]},
    "rows of nothing": {"kind": "array", **ARRAY, "shape": [3_000_000, 0], "span": [0, 0]},
    "a product that overflows": {"kind": "array", **ARRAY, "shape": [2**40, 2**40, 0], "span": [0, 0]},
    "many dimensions": {"kind": "array", **ARRAY, "shape": [1] * 60},
    "a tensor of other numbers": {"kind": "tensor", **ARRAY, "torch_dtype": "torch.float32", "requires_grad": False},
    "a quantized tensor": {"kind": "tensor", **ARRAY, "torch_dtype": "torch.qint8", "requires_grad": False},
    "colliding numbers": {"kind": "set", "items": [k * HASH_MODULUS for k in range(100)]},
    "colliding keys": {"kind": "dict", "items": [[k * HASH_MODULUS, 0] for k in range(100)]},
    "many keys": {"kind": "set", "items": list(range(messages.MAX_KEYS + 1))},
    "a long number": 1 << (messages.MAX_INT_BITS + 1),
    "a state of no generator": {"kind": "torch.Generator", "state": "AAAA"},
    "a state outside": {"kind": "random.Random", "version": 3, "numbers": [*[1] * 624, 625], "gauss": None},
    "a complex of text": {"kind": "complex", "parts": ["1", "2"]},
    "bytes that are none": {"kind": "bytes", "text": "é"},
}


@pytest.mark.parametrize("tree", REFUSED.values(), ids=REFUSED)
def test_what_no_encoder_makes_is_refused(tree):
    with pytest.raises(ProtocolError):
        plain.Decoder(bytes(8), {}.__getitem__).decode(tree)


def test_depth_is_limited_on_both_sides():
    deep = tree = []
    for _ in range(messages.MAX_DEPTH + 4):
        deep, tree = [deep], {"kind": "list", "items": [tree] if tree else []}
    with pytest.raises(ProtocolError, match="nested"):
        plain.Encoder().encode(deep)
    with pytest.raises(ProtocolError):
        plain.Decoder(b"", {}.__getitem__).decode(tree)
