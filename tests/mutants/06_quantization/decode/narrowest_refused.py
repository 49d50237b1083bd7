"""Refuses 2 exponent bits. Caught by decode-check."""


def decode(pattern: int, exponent_bits: int, fraction_bits: int) -> float:
    given = (pattern, exponent_bits, fraction_bits)
    if any(type(number) is not int for number in given) or exponent_bits < 3 or fraction_bits < 1:
        raise ValueError(f"integers, 2 exponent bits and 1 fraction bit at least were expected, but {given} came")
    if not 0 <= pattern < 2 ** (1 + exponent_bits + fraction_bits):
        raise ValueError(f"a pattern of {1 + exponent_bits + fraction_bits} bits was expected, but {pattern} came")
    sign = -1.0 if pattern >> (exponent_bits + fraction_bits) else 1.0
    exponent, fraction = divmod(pattern % 2 ** (exponent_bits + fraction_bits), 2**fraction_bits)
    if exponent == 2**exponent_bits - 1:
        return math.nan if fraction else sign * math.inf
    bias = 2 ** (exponent_bits - 1) - 1
    whole = fraction + (2**fraction_bits if exponent else 0)
    return sign * math.ldexp(whole, max(exponent, 1) - bias - fraction_bits)
