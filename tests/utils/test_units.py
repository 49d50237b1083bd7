"""Bytes, counts and times: table values, formatters by hand, and what must hold for every size."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from utils import units
from utils.errors import CourseError


@pytest.mark.parametrize(
    ("n", "decimal", "binary"),
    [
        (0, "0 B", "0 B"),
        (999, "999 B", "999 B"),
        (1000, "1.0 kB", "1000 B"),
        (1024, "1.0 kB", "1.0 KiB"),
        (999_999, "1.0 MB", "976.6 KiB"),
        (2**30, "1.1 GB", "1.0 GiB"),
        (990_311_424, "990.3 MB", "944.4 MiB"),
        (-1_500_000, "-1.5 MB", "-1.4 MiB"),
        (0.5, "0.5 B", "0.5 B"),
    ],
)
def test_bytes_by_hand(n, decimal, binary):
    assert units.format_bytes(n) == decimal
    assert units.format_bytes(n, binary=True) == binary


def test_published_parameter_count_of_flan_t5_base():
    assert units.format_count(247_577_856) == "247.6 M"
    assert units.format_bytes(247_577_856 * units.dtype_bytes("fp32")) == "990.3 MB"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (2e-9, "2.0 ns"),
        (85e-6, "85.0 µs"),
        (0.0032, "3.2 ms"),
        (0.99999, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.7, "1 h 00 min"),
        (3780, "1 h 03 min"),
        (90_000, "1 d 01 h"),
    ],
)
def test_seconds_by_hand(seconds, text):
    assert units.format_seconds(seconds) == text


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16", "int8"])
def test_dtype_bytes_agree_with_torch(dtype):
    measured = torch.zeros(3, dtype=getattr(torch, dtype))
    assert units.dtype_bytes(str(measured.dtype)) * 3 == measured.untyped_storage().nbytes()


@pytest.mark.parametrize("call", [lambda: units.dtype_bytes("fp12"), lambda: units.format_bytes(float("nan"))])
def test_impossible_input_is_told_in_a_sentence(call):
    with pytest.raises(CourseError, match="came: "):
        call()


@given(st.integers(min_value=1, max_value=10**15))
def test_printed_size_is_within_rounding(n):
    scale = {name: size for size, name in units.DECIMAL_BYTES} | {"B": 1}
    number, unit = units.format_bytes(n).split()
    assert float(number) * scale[unit] == pytest.approx(n, rel=0.05)
    assert 1 <= float(number) < 1000


@given(st.floats(min_value=1e-6, max_value=59.9))
def test_printed_time_is_within_rounding(seconds):
    scale = {name: size for size, name in units.SHORT_TIMES}
    number, unit = units.format_seconds(seconds).split()
    assert float(number) * scale[unit] == pytest.approx(seconds, rel=0.05)
