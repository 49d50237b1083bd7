"""Accelerators: peak rate of dense 16-bit matrix products and memory, by data sheet, and memory as PyTorch finds it."""

from dataclasses import dataclass

from utils.errors import one_of


@dataclass(frozen=True)
class DeviceSpec:
    """One accelerator. peak_flops: dense 16-bit products per second, sparsity not counted.

    memory_bytes: the maker's figure read in powers of 1000, which is a little less than what the device has.
    """

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

GIB = 2**30


@dataclass(frozen=True)
class Card:
    """One graphics card. memory_bytes: its total capacity as PyTorch reports it, to a hundredth of a GiB."""

    name: str
    memory_bytes: float
    source: str


CARDS = {
    card.name: card
    for card in (
        Card("RTX 4090", 23.64 * GIB, "message in github.com/ali-vilab/VGen/issues/104"),
        Card("RTX 5090", 31.37 * GIB, "message in github.com/Wan-Video/Wan2.1/issues/465"),
        Card("A100, 40 GB", 39.50 * GIB, "message in github.com/TianheWu/CoSeR/issues/10"),
        Card("A100, 80 GB", 79.15 * GIB, "message in github.com/vllm-project/vllm/issues/4408"),
        Card("H100, 80 GB", 79.11 * GIB, "message in github.com/vllm-project/vllm/issues/27508"),
    )
}


# Cards whose capacity as PyTorch reports it was not found; the maker's figure stands in.
BY_DATA_SHEET = ("H200", "B200")
# Dollars for an hour of one device: assumptions, to be replaced by an offer.
PRICES = {"A100": 1.5, "H100": 3.0, "B200": 5.0}
UTILIZATION = 0.4  # the share of the peak that a plan assumes, as MFU; to be replaced by a measurement


@dataclass(frozen=True)
class Offer:
    """A device, dollars for an hour of it, the share of its peak reached.

    utilization: MFU, as 6ND is divided by it.
    """

    device: DeviceSpec
    dollars_per_hour: float
    utilization: float = UTILIZATION

    def flops(self, dollars):
        """What so many dollars buy."""
        hours = dollars / self.dollars_per_hour
        return hours * 3600 * self.device.peak_flops * self.utilization


def capacities() -> dict[str, float]:
    """Bytes of memory by card, the newest last."""
    reported = {name: card.memory_bytes for name, card in CARDS.items()}
    return reported | {name: DEVICES[name].memory_bytes for name in BY_DATA_SHEET}


def device(name: str) -> DeviceSpec:
    """The accelerator of that name. Raises CourseError for one outside DEVICES."""
    return one_of("device", name, DEVICES)
