"""A model whose matrices are held in 8 or 4 bits, and what it then takes.

Codes are whole numbers; a scale per row (8 bits) or per group of a row (4 bits) turns them back into weights while the
model computes. So memory shrinks and the arithmetic stays that of the input's type.

Source: Dettmers et al., LLM.int8() (2022), for absmax per row; Frantar et al., GPTQ (2023), for groups.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional as F

from utils.errors import CourseError

if TYPE_CHECKING:
    from utils.models import LanguageModel

GROUP = 64
SHORTEST_ROW = 8


@dataclass(frozen=True)
class Storage:
    """What a model holds. parameters: number of weights, however stored. codes, scales, floats: bytes."""

    parameters: int
    codes: int
    scales: int
    floats: int

    @property
    def total(self) -> int:
        """Bytes of everything."""
        return self.codes + self.scales + self.floats


def absmax(weights: torch.Tensor, bits: int, group: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Codes and scales: s = max |w| / (2^(bits - 1) - 1) over each group of a row, and round(w / s).

    weights: (rows, columns), finite. bits: 2 to 8. group: columns that share a scale; None takes the whole row.
    Returns int8 codes (rows, columns) and fp32 scales (rows, columns / group).
    Raises CourseError for another shape, a weight that is not finite, or a group that does not divide the columns.

    >>> codes, scales = absmax(torch.tensor([[0.5, -2.0], [0.0, 0.0]]), 3)
    >>> codes.tolist(), scales.round(decimals=4).tolist()
    ([[1, -3], [0, 0]], [[0.666700005531311], [1.0]])

    Derived in lab 06.
    """
    if weights.ndim != 2 or not weights.numel() or not weights.isfinite().all():
        raise CourseError(f"A matrix of finite weights was expected, but shape {tuple(weights.shape)} came: check it.")
    group = weights.shape[1] if group is None else group
    if type(bits) is not int or not 2 <= bits <= 8:
        raise CourseError(f"bits must be an integer from 2 to 8, but {bits!r} came: choose one.")
    if type(group) is not int or group < 1 or weights.shape[1] % group:
        raise CourseError(f"A group must divide the {weights.shape[1]} columns, but {group!r} came: choose a divisor.")
    parts = weights.detach().float().unflatten(1, (-1, group))  # (rows, groups, group)
    scales = parts.abs().amax(-1) / (2 ** (bits - 1) - 1)
    scales = torch.where(scales > 0, scales, 1.0)
    return (parts / scales[..., None]).round().to(torch.int8).flatten(1), scales


def dequantize(codes: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
    """The weights (rows, columns) that codes and scales stand for, in the scales' type."""
    return (codes.unflatten(-1, (scales.shape[-1], -1)) * scales[..., None]).flatten(-2)


def pack(codes: torch.Tensor) -> torch.Tensor:
    """Two codes of 4 bits per byte, each plus 8; the even column stands in the low half.

    codes: (rows, columns) of -8 to 7, columns even. Returns uint8 (rows, columns / 2).
    Raises CourseError for an odd number of columns or a code outside.

    >>> pack(torch.tensor([[-8, 7, 0, 1]])).tolist()
    [[240, 152]]
    """
    if codes.shape[-1] % 2 or codes.min() < -8 or codes.max() > 7:
        raise CourseError("Codes from -8 to 7 in an even number of columns were expected: use 4 bits and pad the rows.")
    low, high = (codes + 8).to(torch.uint8).unflatten(-1, (-1, 2)).unbind(-1)
    return low | high << 4


def unpack(packed: torch.Tensor) -> torch.Tensor:
    """The int8 codes behind `pack`, twice as many columns."""
    return torch.stack([packed & 15, packed >> 4], -1).flatten(-2).to(torch.int8) - 8


class Quantized(nn.Module):
    """A matrix of 8 or 4 bits. weight: always None, because T5 would cast its input to the type of a tensor there."""

    weight = None

    def __init__(self, codes: torch.Tensor, scales: torch.Tensor, bits: int, dtype: torch.dtype):
        super().__init__()
        self.bits, self.dtype = bits, dtype
        self.register_buffer("codes", codes)
        self.register_buffer("scales", scales)

    def dequantized(self, codes: torch.Tensor, scales: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        """These rows as floats."""
        codes = unpack(codes) if self.bits == 4 else codes
        return dequantize(codes.to(dtype), scales.to(dtype))

    def extra_repr(self) -> str:
        """Shown by print(model)."""
        return f"bits={self.bits}, codes={tuple(self.codes.shape)}, scales={tuple(self.scales.shape)}"


class QuantizedLinear(Quantized):
    """x Wᵀ + b; with 8 bits the scale of a row is applied to its output, which is cheaper than to its weights."""

    def __init__(self, codes, scales, bits, dtype, bias):
        super().__init__(codes, scales, bits, dtype)
        self.bias = bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # (..., columns) -> (..., rows)
        if self.bits == 4:
            return F.linear(x, self.dequantized(self.codes, self.scales, x.dtype), self.bias)
        y = F.linear(x, self.codes.to(x.dtype)) * self.scales[:, 0].to(x.dtype)
        return y if self.bias is None else y + self.bias


class QuantizedEmbedding(Quantized):
    """Rows of a table, of which only those asked for become floats."""

    def forward(self, ids: torch.Tensor) -> torch.Tensor:  # (...) -> (..., columns)
        return self.dequantized(self.codes[ids], self.scales[ids], self.dtype)


def quantized(net: nn.Module, bits: int, group: int = GROUP, keep: Sequence[str] = ()) -> nn.Module:
    """A copy of `net` with its linear layers and embedding tables in 8 or 4 bits.

    bits: 8, one scale per row; or 4, two codes per byte and a scale per `group` columns.
    keep: modules that stay as they are, by name. So do rows of fewer than SHORTEST_ROW columns, such as T5's table of
    relative positions, and with 4 bits rows that `group` does not divide. Matrices that were shared stay shared.
    Raises CourseError for other bits, an odd group, or a name in `keep` that is not there.
    """
    if bits not in (4, 8) or type(group) is not int or group < 2 or group % 2:
        raise CourseError(f"8 or 4 bits and an even group were expected, but {bits!r} and {group!r} came: change them.")
    net = copy.deepcopy(net)
    unknown = set(keep) - {name for name, _ in net.named_modules()}
    if unknown:
        raise CourseError(f"keep must name modules of the model, but {sorted(unknown)} came: see named_modules().")
    done = {}
    for name, old in list(_matrices(net, group if bits == 4 else 1)):
        if name not in keep:
            key = id(old.weight)
            done[key] = done.get(key) or _codes(old.weight, bits, group)
            net.set_submodule(name, _quantized_layer(old, *done[key], bits))
    return net


def language_model(lm: "LanguageModel", bits: int, group: int = GROUP, keep: Sequence[str] = ()) -> "LanguageModel":
    """`quantized` for a loaded language model; its precision then reads "int8" or "int4"."""
    return replace(lm, model=quantized(lm.model, bits, group, keep), precision=f"int{bits}")


def rounded(net: nn.Module, bits: int, group: int | None = None) -> nn.Module:
    """A copy of `net` with the same matrices rounded to `bits` and held as floats: their error without their saving."""
    net = copy.deepcopy(net)
    with torch.no_grad():
        for weight in {id(old.weight): old.weight for _, old in _matrices(net, group or 1)}.values():
            weight.copy_(dequantize(*absmax(weight, bits, group)))
    return net


def storage(net: nn.Module) -> Storage:
    """Bytes of a model in memory by what they hold; a shared tensor counts once."""
    counts, sizes = {}, {"codes": {}, "scales": {}, "floats": {}}
    for owner in net.modules():
        for name, tensor in (*owner.named_parameters(recurse=False), *owner.named_buffers(recurse=False)):
            kind = name if isinstance(owner, Quantized) and name in sizes else "floats"
            sizes[kind][id(tensor)] = tensor.nbytes
            if kind != "scales":
                counts[id(tensor)] = tensor.numel() * (2 if kind == "codes" and owner.bits == 4 else 1)
    return Storage(sum(counts.values()), *(sum(kind.values()) for kind in sizes.values()))


def _matrices(net: nn.Module, group: int) -> Iterator[tuple[str, nn.Module]]:
    """Linear layers and embedding tables with their names, where a row is long enough and `group` divides it."""
    for name, each in net.named_modules(remove_duplicate=False):
        columns = each.weight.shape[1] if isinstance(each, nn.Linear | nn.Embedding) else 0
        if columns >= SHORTEST_ROW and columns % group == 0:
            yield name, each


def _codes(weight: torch.Tensor, bits: int, group: int) -> tuple[torch.Tensor, torch.Tensor]:
    codes, scales = absmax(weight, bits, group if bits == 4 else None)
    return (pack(codes) if bits == 4 else codes), scales


def _quantized_layer(old: nn.Module, codes: torch.Tensor, scales: torch.Tensor, bits: int) -> Quantized:
    if isinstance(old, nn.Embedding):
        return QuantizedEmbedding(codes, scales, bits, old.weight.dtype)
    return QuantizedLinear(codes, scales, bits, old.weight.dtype, old.bias)
