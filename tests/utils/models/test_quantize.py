"""Quantized matrices: worked by hand, against torch's own rounding, and by what must not change."""

import pytest
import torch
from safetensors.torch import load_model, save_model
from torch import nn

from utils import models
from utils.errors import CourseError
from utils.models import quantize


@pytest.fixture(scope="module")
def course():
    return models.load("course", "fp32")


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Embedding(10, 8), nn.Linear(8, 16), nn.Linear(16, 4))


def matrix(rows=5, columns=16):
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(1))


def test_absmax_by_hand():
    codes, scales = quantize.absmax(torch.tensor([[1.27, -0.5, 0.0], [0.1, 0.2, -0.254]]), 8)
    assert codes.tolist() == [[127, -50, 0], [50, 100, -127]]
    torch.testing.assert_close(scales, torch.tensor([[0.01], [0.002]]))
    assert codes.dtype == torch.int8


def test_a_group_has_its_own_scale():
    codes, scales = quantize.absmax(torch.tensor([[7.0, 1.0, 0.07, 0.02]]), 4, group=2)
    assert codes.tolist() == [[7, 1, 7, 2]]
    torch.testing.assert_close(scales, torch.tensor([[1.0, 0.01]]))


@pytest.mark.parametrize("bits", range(2, 9))
def test_absmax_is_torchs_rounding(bits):
    weights, most = matrix(), 2 ** (bits - 1) - 1
    codes, scales = quantize.absmax(weights, bits)
    zeros = torch.zeros(5, dtype=torch.int32)
    want = torch.fake_quantize_per_channel_affine(weights, scales[:, 0], zeros, 0, -most, most)
    torch.testing.assert_close(quantize.dequantize(codes, scales), want)


@pytest.mark.parametrize("group", [2, 4, 16, None])
def test_the_error_is_at_most_half_a_step(group):
    weights = matrix()
    codes, scales = quantize.absmax(weights, 4, group)
    error = (quantize.dequantize(codes, scales) - weights).abs()
    assert (error <= scales.repeat_interleave(16 // scales.shape[1], 1) * 0.5001).all()


def test_zeros_stay_zeros_and_the_largest_stays_itself():
    weights = torch.tensor([[0.0, 0.0], [3.0, -1.0]])
    codes, scales = quantize.absmax(weights, 8)
    assert quantize.dequantize(codes, scales)[0].tolist() == [0, 0]
    assert quantize.dequantize(codes, scales)[1, 0].item() == pytest.approx(3.0, rel=1e-6)


@pytest.mark.parametrize(
    ("weights", "bits", "group"),
    [
        (torch.zeros(4), 8, None),
        (torch.zeros(0, 4), 8, None),
        (torch.tensor([[1.0, float("nan")]]), 8, None),
        (torch.tensor([[1.0, float("inf")]]), 8, None),
        (matrix(), 1, None),
        (matrix(), 9, None),
        (matrix(), 8.0, None),
        (matrix(), 4, 3),
        (matrix(), 4, 0),
    ],
)
def test_absmax_refuses(weights, bits, group):
    with pytest.raises(CourseError, match=r"expected|must"):
        quantize.absmax(weights, bits, group)


def test_every_pair_of_codes_survives_its_byte():
    codes = torch.cartesian_prod(torch.arange(-8, 8), torch.arange(-8, 8)).to(torch.int8)
    packed = quantize.pack(codes)
    assert packed.shape == (256, 1)
    assert len(set(packed.flatten().tolist())) == 256
    assert torch.equal(quantize.unpack(packed), codes)


@pytest.mark.parametrize("codes", [torch.tensor([[1, 2, 3]]), torch.tensor([[8, 0]]), torch.tensor([[0, -9]])])
def test_pack_refuses(codes):
    with pytest.raises(CourseError, match="4 bits"):
        quantize.pack(codes)


@pytest.mark.parametrize("bits", [8, 4])
def test_a_quantized_model_computes_what_its_rounded_copy_does(bits):
    plain, ids = net(), torch.arange(10)
    group = 2
    same = quantize.rounded(plain, bits, group if bits == 4 else None)
    torch.testing.assert_close(quantize.quantized(plain, bits, group)(ids), same(ids))
    assert not torch.equal(same(ids), plain(ids))


def test_the_original_is_left_alone():
    plain = net()
    before = {name: tensor.clone() for name, tensor in plain.state_dict().items()}
    quantize.quantized(plain, 4, 2)
    quantize.rounded(plain, 2)
    assert all(torch.equal(tensor, before[name]) for name, tensor in plain.state_dict().items())


def test_storage_by_hand():
    held = quantize.storage(quantize.quantized(net(), 4, 2))
    assert held == quantize.Storage(80 + 144 + 68, (80 + 128 + 64) // 2, 4 * (80 + 128 + 64) // 2, 4 * 20)
    held = quantize.storage(quantize.quantized(net(), 8, 2))
    assert held == quantize.Storage(292, 272, 4 * 30, 4 * 20)
    assert held.total == 272 + 120 + 80
    assert quantize.storage(net()) == quantize.Storage(292, 0, 0, 4 * 292)


@pytest.mark.parametrize("bits", [8, 4])
def test_the_number_of_parameters_stays(course, bits):
    assert quantize.storage(quantize.quantized(course.model, bits)).parameters == course.parameters


def test_what_is_kept_stays_and_what_does_not_fit_too():
    kept = quantize.quantized(net(), 8, 2, keep=["2"])
    assert isinstance(kept[1], quantize.QuantizedLinear)
    assert isinstance(kept[2], nn.Linear)
    assert isinstance(quantize.quantized(net(), 4, 16)[1], nn.Linear)
    assert isinstance(quantize.quantized(net(), 4, 16)[2], quantize.QuantizedLinear)
    assert isinstance(quantize.quantized(nn.Sequential(nn.Linear(4, 64)), 8)[0], nn.Linear)


def test_shared_matrices_stay_shared():
    tied = net()
    tied.append(nn.Linear(8, 10, bias=False))
    tied[3].weight = tied[0].weight
    made = quantize.quantized(tied, 4, 2)
    assert made[3].codes is made[0].codes
    assert quantize.storage(made).parameters == quantize.storage(net()).parameters


@pytest.mark.parametrize(("bits", "group", "keep"), [(3, 64, ()), (8, 3, ()), (4, 0, ()), (8, 2, ["7"])])
def test_model_refuses(bits, group, keep):
    with pytest.raises(CourseError, match=r"expected|must"):
        quantize.quantized(net(), bits, group, keep)


@pytest.mark.parametrize("bits", [8, 4])
def test_saved_and_loaded(tmp_path, bits):
    file, ids = tmp_path / "small.safetensors", torch.arange(10)
    made = quantize.quantized(net(), bits, 2)
    save_model(made, file)
    torch.manual_seed(5)
    other = quantize.quantized(nn.Sequential(nn.Embedding(10, 8), nn.Linear(8, 16), nn.Linear(16, 4)), bits, 2)
    load_model(other, file)
    stored, loaded = made.state_dict(), other.state_dict()
    assert stored.keys() == loaded.keys()
    assert all(torch.equal(stored[name], loaded[name]) for name in stored)
    torch.testing.assert_close(other(ids), made(ids))


@pytest.mark.parametrize(("bits", "share"), [(8, 0.27), (4, 0.15)])
def test_the_course_model_shrinks_and_still_answers(course, bits, share):
    small = quantize.language_model(course, bits)
    assert small.precision == f"int{bits}"
    assert quantize.storage(small.model).total < share * quantize.storage(course.model).total
    ids = course.tokenizer("Dialogue:\nAnn: Hi.\n\nWhat was going on?\n", return_tensors="pt").input_ids
    with torch.inference_mode():
        want, got = (lm.model(input_ids=ids, decoder_input_ids=ids[:, :4]).logits for lm in (course, small))
    assert torch.nn.functional.cosine_similarity(want.flatten(), got.flatten(), dim=0) > 0.9


def test_a_model_of_16_bits_stays_in_them():
    half = quantize.quantized(net().bfloat16(), 4, 2)
    assert half(torch.arange(10)).dtype == torch.bfloat16
