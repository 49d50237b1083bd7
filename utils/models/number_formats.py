"""Formats of numbers, bit by bit: what each code stands for, and which code is nearest to a number.

Floating-point formats round each number by itself. INT8 and NF4 hold shares of the largest number of a tensor or group,
which therefore is an argument. The site's float explorer is this module in JavaScript.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

from utils.errors import one_of


@dataclass(frozen=True)
class FloatFormat:
    """A floating-point format with one bit of sign.

    infinities: the last exponent is set apart for infinity and NaN, as in IEEE 754; without them it counts like the
    others, and only its last code is NaN. Numbers beyond the range then become the largest, as PyTorch 2.13 casts them.

    Source: IEEE 754-2019, section 3.4; for FP8 Micikevicius et al. 2022, table 1.
    """

    name: str
    exponent_bits: int
    fraction_bits: int
    infinities: bool = True

    @property
    def bits(self) -> int:
        return 1 + self.exponent_bits + self.fraction_bits

    @property
    def bias(self) -> int:
        return 2 ** (self.exponent_bits - 1) - 1

    @property
    def largest_code(self) -> int:
        """The code of the largest finite number."""
        last = 2 ** (self.exponent_bits + self.fraction_bits)
        return last - 2**self.fraction_bits - 1 if self.infinities else last - 2

    @property
    def largest(self) -> float:
        return self.value(self.largest_code)

    @property
    def smallest_normal(self) -> float:
        return self.value(2**self.fraction_bits)

    @property
    def smallest(self) -> float:
        """The smallest number above zero, a subnormal one."""
        return self.value(1)

    def value(self, code: int) -> float:
        """The number behind a code.

        >>> FORMATS["FP16"].value(0b0_10000_1001001000), FORMATS["FP8 E4M3"].value(0b0_1111_110)
        (3.140625, 448.0)
        """
        sign, size = divmod(code, 2 ** (self.bits - 1))
        exponent, fraction = divmod(size, 2**self.fraction_bits)
        if size > self.largest_code:
            number = math.inf if self.infinities and not fraction else math.nan
        else:
            whole = fraction + (2**self.fraction_bits if exponent else 0)
            number = math.ldexp(whole, max(exponent, 1) - self.bias - self.fraction_bits)
        return -number if sign else number

    def code(self, number: float) -> int:
        """The code of the nearest number, with ties to the even code; beyond the range infinity, or the largest.

        >>> f"{FORMATS['FP16'].code(math.pi):016b}", FORMATS["FP8 E4M3"].value(FORMATS["FP8 E4M3"].code(1000))
        ('0100001001001000', 448.0)
        """
        sign = 2 ** (self.bits - 1) if math.copysign(1, number) < 0 else 0
        beyond = self.largest_code + self.infinities
        if math.isnan(number):
            return beyond + (2 ** (self.fraction_bits - 1) if self.infinities else 1)
        if math.isinf(number):
            return sign + beyond
        size, least = abs(number), 1 - self.bias
        exponent = max(math.frexp(size)[1] - 1, least) if size else least
        steps = round(math.ldexp(size, self.fraction_bits - exponent))
        # A full fraction carries into the exponent by itself, and so does the step from subnormal to normal.
        return sign + min(steps + (exponent + self.bias - 1) * 2**self.fraction_bits, beyond)

    def neighbours(self, code: int) -> tuple[float | None, float | None]:
        """The next smaller and the next larger number, infinity included; None beyond the last and beside NaN.

        >>> FORMATS["FP16"].neighbours(0b0_00000_0000000000)
        (-5.960464477539063e-08, 5.960464477539063e-08)
        """
        sign, size = divmod(code, 2 ** (self.bits - 1))
        last = self.largest_code + self.infinities
        if size > last:
            return None, None
        place = -size if sign else size
        below, above = (self._at(place + step) if abs(place + step) <= last else None for step in (-1, 1))
        return below, above

    def _at(self, place: int) -> float:
        """The number at a place, counted from zero."""
        return -self.value(-place) if place < 0 else self.value(place)


@dataclass(frozen=True)
class IntegerFormat:
    """Whole numbers in two's complement, each times a scale: the largest number that shares it over 2^(bits - 1) - 1.

    Derived in lab 06.
    """

    name: str
    bits: int

    def value(self, code: int, largest: float) -> float:
        """The number behind a code.

        >>> INT8.value(0b11111111, largest=127.0)
        -1.0
        """
        top = 2 ** (self.bits - 1)
        return (code - 2 * top if code >= top else code) * (largest / (top - 1))

    def code(self, number: float, largest: float) -> int:
        """The code of the nearest number; what lies beyond the last code is cut to it."""
        top = 2 ** (self.bits - 1)
        return max(-top, min(top - 1, round(number / (largest / (top - 1))))) % (2 * top)

    def neighbours(self, code: int, largest: float) -> tuple[float | None, float | None]:
        """The next smaller and the next larger number; None beyond the last."""
        top, count = 2 ** (self.bits - 1), 2**self.bits
        below = None if code == top else self.value((code - 1) % count, largest)
        above = None if code == top - 1 else self.value((code + 1) % count, largest)
        return below, above


@dataclass(frozen=True)
class LevelFormat:
    """Codes that number fixed levels from -1 to 1, each times the largest number that shares the scale."""

    name: str
    bits: int
    levels: tuple[float, ...]

    def value(self, code: int, largest: float) -> float:
        """The number behind a code."""
        return self.levels[code] * largest

    def code(self, number: float, largest: float) -> int:
        """The code of the nearest level; halfway between two, the lower one."""
        return bisect_left([(a + b) / 2 for a, b in pairwise(self.levels)], number / largest)

    def neighbours(self, code: int, largest: float) -> tuple[float | None, float | None]:
        """The next smaller and the next larger number; None beyond the last."""
        below = self.value(code - 1, largest) if code else None
        above = self.value(code + 1, largest) if code + 1 < len(self.levels) else None
        return below, above


NF4_RIM = 0.9677083  # the outermost quantile, as bitsandbytes takes it


def nf4_levels() -> tuple[float, ...]:
    """The 16 levels of NF4: quantiles of a normal distribution, eight above zero, seven below, and zero.

    Source: Dettmers et al., QLoRA (2023), section 3; the quantiles as in bitsandbytes. Derived in chapter 06.
    """

    def side(count: int) -> list[float]:
        return [NormalDist().inv_cdf(NF4_RIM + (0.5 - NF4_RIM) * i / count) for i in range(count)]

    above, below = side(8), side(7)
    return tuple(level / above[0] for level in sorted([*(-level for level in below), 0.0, *above]))


INT8 = IntegerFormat("INT8", 8)
FORMATS = {
    each.name: each
    for each in (
        FloatFormat("FP32", 8, 23),
        FloatFormat("FP16", 5, 10),
        FloatFormat("BF16", 8, 7),
        FloatFormat("FP8 E4M3", 4, 3, infinities=False),
        FloatFormat("FP8 E5M2", 5, 2),
        INT8,
        LevelFormat("NF4", 4, nf4_levels()),
    )
}


def number_format(name: str) -> FloatFormat | IntegerFormat | LevelFormat:
    """The format of that name. Raises CourseError for one outside FORMATS."""
    return one_of("number format", name, FORMATS)
