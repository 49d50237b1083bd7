"""Formats bit by bit: against PyTorch's casts, code by code, and against the levels that bitsandbytes holds."""

import math
import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from utils.errors import CourseError
from utils.models import number_formats, quantize
from utils.models.number_formats import FORMATS, INT8

TORCH = {
    "FP32": (torch.float32, torch.int32),
    "FP16": (torch.float16, torch.int16),
    "BF16": (torch.bfloat16, torch.int16),
    "FP8 E4M3": (torch.float8_e4m3fn, torch.uint8),
    "FP8 E5M2": (torch.float8_e5m2, torch.uint8),
}


def in_torch(code, name):
    dtype, whole = TORCH[name]
    limit = 2 ** (FORMATS[name].bits - 1)
    signed = code - 2 * limit if whole != torch.uint8 and code >= limit else code
    return torch.tensor([signed], dtype=whole).view(dtype).double().item()


def same(a, b):
    return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))


@pytest.mark.parametrize("name", TORCH)
def test_every_code_stands_for_the_number_that_torch_reads(name):
    bits = FORMATS[name].bits
    codes = range(2**bits) if bits == 8 else random.Random(0).sample(range(2**bits), 2000)
    edges = [0, 1, FORMATS[name].largest_code, FORMATS[name].largest_code + 1, 2 ** (bits - 1)]
    for code in [*codes, *edges]:
        number = FORMATS[name].value(code)
        assert same(number, in_torch(code, name)), f"{name} {code:0{bits}b}"
        if not math.isnan(number):
            assert FORMATS[name].code(number) == code


@pytest.mark.parametrize("name", TORCH)
@given(st.floats(width=32))
def test_a_number_is_rounded_as_torch_rounds_it(name, number):
    there = torch.tensor(number, dtype=torch.float32).to(TORCH[name][0]).double().item()
    assert same(abs(FORMATS[name].value(FORMATS[name].code(number))), abs(there))


@pytest.mark.parametrize("name", TORCH)
def test_limits_are_those_of_torch(name):
    limits = torch.finfo(TORCH[name][0])
    one = FORMATS[name]
    assert (one.largest, one.smallest_normal) == (limits.max, limits.smallest_normal)
    assert one.smallest == limits.smallest_normal * limits.eps


@pytest.mark.parametrize("name", ["FP32", "FP16", "BF16"])
@given(st.floats(width=16, allow_nan=False, allow_infinity=False))
def test_neighbours_are_those_of_torch(name, number):
    stored = torch.tensor(number, dtype=torch.float64).to(TORCH[name][0])
    code = FORMATS[name].code(stored.double().item())
    infinity = torch.tensor(math.inf, dtype=stored.dtype)
    expected = tuple(torch.nextafter(stored, end).double().item() for end in (-infinity, infinity))
    assert FORMATS[name].neighbours(code) == expected


def test_neighbours_end_where_the_format_ends():
    e4m3, e5m2 = FORMATS["FP8 E4M3"], FORMATS["FP8 E5M2"]
    assert e4m3.neighbours(e4m3.largest_code) == (416, None)
    assert e5m2.neighbours(e5m2.largest_code) == (49152, math.inf)
    assert e5m2.neighbours(e5m2.code(math.nan)) == (None, None)
    assert INT8.neighbours(128, 127.0) == (None, -127)
    assert INT8.neighbours(255, 127.0) == (-2, 0)
    assert INT8.neighbours(127, 127.0) == (126, None)
    assert [one is None for one in FORMATS["NF4"].neighbours(15, 1.0)] == [False, True]


def test_int8_is_absmax():
    weights = torch.randn(1, 200, generator=torch.Generator().manual_seed(0))
    codes, scales = quantize.absmax(weights, 8)
    largest = weights.abs().max().item()
    for weight, code in zip(weights[0].tolist(), codes[0].tolist(), strict=True):
        assert INT8.code(weight, largest) == code % 256
        assert INT8.value(code % 256, largest) == pytest.approx(code * scales.item(), rel=1e-6)
    assert INT8.code(-1e9, 1.0) == 128


def test_nf4_has_the_levels_of_bitsandbytes():
    """Dettmers et al. 2023, appendix E: five of the sixteen."""
    levels = number_formats.nf4_levels()
    assert len(levels) == 16
    assert (levels[0], levels[7], levels[15]) == (-1, 0, 1)
    assert levels[1] == pytest.approx(-0.6961928009986877, abs=1e-6)
    assert levels[14] == pytest.approx(0.7229568362236023, abs=1e-6)


@given(st.floats(-2, 2), st.floats(0.01, 100))
def test_nf4_takes_the_nearest_level(number, largest):
    nf4 = FORMATS["NF4"]
    held = nf4.value(nf4.code(number, largest), largest)
    assert abs(held - number) <= min(abs(level * largest - number) for level in nf4.levels) + 1e-12


def test_an_unknown_format_is_refused():
    with pytest.raises(CourseError, match="must be one of FP32, FP16"):
        number_formats.number_format("FP12")
