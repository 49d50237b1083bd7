"""Accelerators: the peak rate of dense 16-bit matrix products and the memory of each, from its maker's data sheet."""

from dataclasses import dataclass

from utils.errors import one_of


@dataclass(frozen=True)
class DeviceSpec:
    """One accelerator. peak_flops: dense 16-bit products per second, sparsity not counted. memory_bytes: its own."""

    name: str
    peak_flops: float
    memory_bytes: float
    source: str


DEVICES = {
    spec.name: spec
    for spec in (
        DeviceSpec("V100", 125e12, 32e9, "NVIDIA V100 data sheet, tensor cores, FP16"),
        DeviceSpec("A100", 312e12, 80e9, "NVIDIA A100 data sheet, BF16, dense (624 with sparsity)"),
        DeviceSpec("H100", 989e12, 80e9, "NVIDIA H100 SXM data sheet, BF16, dense (1,979 with sparsity)"),
        DeviceSpec("H200", 989e12, 141e9, "NVIDIA H200 SXM data sheet, BF16, dense (1,979 with sparsity)"),
        DeviceSpec("MI300X", 1307e12, 192e9, "AMD Instinct MI300X data sheet, BF16, dense"),
        DeviceSpec("B200", 2250e12, 180e9, "NVIDIA HGX B200 data sheet, BF16, dense (4,500 with sparsity)"),
    )
}


def device(name: str) -> DeviceSpec:
    """The accelerator of that name. Raises CourseError for one outside DEVICES."""
    return one_of("device", name, DEVICES)
