"""Bytes, counts and times: one table each, and how they are printed.

Numbers stay in bytes and seconds everywhere; a formatter picks the unit only when a person reads the result.
"""

import math
from dataclasses import dataclass

from utils.errors import CourseError

BYTES_PER_DTYPE = {"fp64": 8, "fp32": 4, "bf16": 2, "fp16": 2, "fp8": 1, "int8": 1, "int4": 0.5}
TORCH_NAMES = {"float64": "fp64", "float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}


@dataclass(frozen=True)
class Precision:
    """Bytes per number, by use.

    weight, gradient: as the optimizer's caller sees them. master: a full-precision copy that the optimizer keeps.
    moment: each of the optimizer's own numbers. working: a second, shorter copy of the weights during a step.
    stream, compute: activations between the layers' parts, and inside them.
    """

    weight: int
    gradient: int
    master: int
    moment: int
    working: int
    stream: int
    compute: int


PRECISION_BYTES = {
    "fp32": Precision(4, 4, 0, 4, 0, 4, 4),
    "autocast": Precision(4, 4, 0, 4, 2, 4, 2),  # torch.autocast: weights stay fp32, matrix products run in bf16
    "mixed": Precision(2, 2, 4, 4, 0, 2, 2),  # Rajbhandari et al. 2020, section 3.1: 2 + 2 + 12 bytes with Adam
    "bf16": Precision(2, 2, 0, 2, 0, 2, 2),
}

DECIMAL_BYTES = ((1, "B"), (1e3, "kB"), (1e6, "MB"), (1e9, "GB"), (1e12, "TB"), (1e15, "PB"))
BINARY_BYTES = ((1, "B"), (2**10, "KiB"), (2**20, "MiB"), (2**30, "GiB"), (2**40, "TiB"), (2**50, "PiB"))
COUNTS = ((1, ""), (1e3, "k"), (1e6, "M"), (1e9, "B"), (1e12, "T"))
SHORT_TIMES = ((1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1, "s"))
LONG_TIMES = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))


def dtype_bytes(dtype: str) -> float:
    """Bytes that one number of this type takes in memory.

    dtype: "fp32", "bf16", …, or torch's name, with or without "torch.".
    Returns bytes; int4 packs two numbers into one byte, hence 0.5.
    Raises CourseError for a type outside BYTES_PER_DTYPE.

    >>> dtype_bytes("bf16"), dtype_bytes("torch.float32"), dtype_bytes("int4")
    (2, 4, 0.5)
    """
    name = str(dtype).removeprefix("torch.")
    name = TORCH_NAMES.get(name, name)
    if name not in BYTES_PER_DTYPE:
        known = ", ".join(BYTES_PER_DTYPE)
        raise CourseError(f"A number type must be one of {known}, but {dtype!r} came: choose one of them.")
    return BYTES_PER_DTYPE[name]


def format_bytes(n: float, binary: bool = False) -> str:
    """Bytes as text, in powers of 1000 (GB) or, with `binary`, of 1024 (GiB).

    >>> format_bytes(990_311_424), format_bytes(990_311_424, binary=True), format_bytes(12)
    ('990.3 MB', '944.4 MiB', '12 B')
    """
    return _scaled(n, BINARY_BYTES, 1024) if binary else _scaled(n, DECIMAL_BYTES, 1000)


def format_count(n: float) -> str:
    """A number of things as text, in powers of 1000.

    >>> format_count(247_577_856), format_count(950)
    ('247.6 M', '950')
    """
    return _scaled(n, COUNTS, 1000)


def format_seconds(seconds: float) -> str:
    """A duration as text, in the unit a person would say.

    >>> format_seconds(0.0032), format_seconds(12.34), format_seconds(125), format_seconds(3780)
    ('3.2 ms', '12.3 s', '2 min 05 s', '1 h 03 min')
    """
    sign, size = _split(seconds)
    if size == 0 or round(size, 1) < 60:
        return _scaled(seconds, SHORT_TIMES, 1000) if size else "0 s"
    for large, large_unit, small, small_unit in LONG_TIMES:
        whole, rest = divmod(round(size / small), large // small)
        if whole:
            return f"{sign}{whole} {large_unit} {rest:02d} {small_unit}"
    raise AssertionError(seconds)


def _scaled(n: float, table: tuple[tuple[float, str], ...], base: int) -> str:
    """`n` with one decimal in the smallest unit that keeps it below `base`, rounding included: 999,999 is 1.0 M."""
    sign, size = _split(n)
    scale, unit = next((row for row in table if round(size / row[0], 1) < base), table[-1])
    number = f"{size:.0f}" if scale == 1 and float(size).is_integer() else f"{size / scale:.1f}"
    return f"{sign}{number} {unit}".rstrip()


def _split(n: float) -> tuple[str, float]:
    if not math.isfinite(n):
        raise CourseError(f"A finite number was expected, but {n!r} came: check the calculation before printing it.")
    return ("-" if n < 0 else ""), abs(n)
