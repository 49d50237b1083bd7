"""Models by name: precision by probe, folders that are no models, shapes against their published counts."""

import json
import shutil
import socket

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import T5Config, T5ForConditionalGeneration

from tests.support.loopback_hub import FLAN_T5_BASE, TINY_T5, write_t5
from utils import models
from utils.errors import CourseError
from utils.models import loading, published, registry, specs


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return write_t5(tmp_path_factory.mktemp("models") / "tiny", TINY_T5)


@pytest.fixture
def copy(tiny, tmp_path):
    return shutil.copytree(tiny, tmp_path / "copy")


@pytest.fixture
def course():
    return models.load("course", "fp32", "cpu")


def refusal(folder, precision="fp32") -> str:
    with pytest.raises(CourseError) as caught:
        models.load(str(folder), precision, "cpu")
    assert caught.value.__cause__ is None
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_folder_loads_in_the_precision_asked_for(tiny, precision, dtype):
    lm = models.load(str(tiny), precision, "cpu")
    assert (lm.precision, lm.context_window) == (precision, 512)
    assert {tensor.dtype for tensor in lm.model.parameters()} == {dtype}
    assert not lm.model.training
    prompt = lm.tokenizer(["#Person1#: Hello. ☃"], return_tensors="pt")
    assert lm.tokenizer.decode(prompt["input_ids"][0]) == "#Person1#: Hello. ☃"
    assert lm.model.generate(**prompt, max_new_tokens=2).shape == (1, 3)


def test_separate_output_layer_is_kept(tiny):
    lm = models.load(str(tiny), "fp32", "cpu")
    stored = load_file(tiny / "model.safetensors")
    assert torch.equal(lm.model.lm_head.weight, stored["lm_head.weight"].float())
    assert lm.parameters == sum(tensor.numel() for tensor in stored.values())
    assert not lm.model.config.scale_decoder_outputs


def test_loading_is_silent_and_opens_no_connection(tiny, monkeypatch, capfd):
    def refuse(*_):
        raise AssertionError("a folder needs no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    models.load(str(tiny), "fp32", "cpu")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("fp32_s", "bf16_s", "expected"), [(1.0, 0.2, "bf16"), (1.0, 1.0, "fp32"), (1.0, 0.95, "fp32"), (1.0, 30.0, "fp32")]
)
def test_auto_takes_bf16_only_where_it_is_measured_faster(tiny, monkeypatch, fp32_s, bf16_s, expected):
    seconds = {"float32": [fp32_s, 9.0], "bfloat16": [bf16_s, 99.0]}
    monkeypatch.setattr(loading, "_product_seconds", lambda dtype, device: seconds[dtype])
    models.bf16_is_faster.cache_clear()
    try:
        assert models.load(str(tiny), device="cpu").precision == expected
    finally:
        models.bf16_is_faster.cache_clear()


def test_probe_measures_each_type_in_milliseconds():
    times = loading._product_seconds("float32", "cpu") + loading._product_seconds("bfloat16", "cpu")
    assert len(times) == 2 * loading.PROBE_REPEATS
    assert all(second > 0 for second in times)
    assert min(times) < 0.1


def test_unknown_precision_is_refused_before_anything_is_read():
    assert "one of auto, fp32, bf16, but 'int8' came" in refusal("no/such", "int8")


@pytest.mark.parametrize("pattern", ["config.json", "*.safetensors", "tokenizer*"])
def test_missing_file_is_named(copy, pattern):
    for path in copy.glob(pattern):
        path.unlink()
    assert f"has no {pattern}" in refusal(copy)


def test_cut_weights_are_refused(copy):
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    assert "cannot be read (" in refusal(copy)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"model_type": "gpt2"}', '{"model_type": "unheard-of"}'])
def test_config_that_is_no_encoder_decoder_is_refused(copy, content):
    (copy / "config.json").write_text(content)
    assert "cannot be read (" in refusal(copy)


@pytest.mark.parametrize(
    ("kind", "called"),
    [("seq2seq", "an encoder-decoder"), ("masked", "an encoder-only"), ("causal", "a decoder-only")],
)
@pytest.mark.parametrize("fault", ["no weights", "another library's model"])
def test_a_folder_that_is_no_model_is_told_by_the_kind_asked_for(copy, kind, called, fault):
    if fault == "no weights":
        (copy / "model.safetensors").unlink()
    else:
        (copy / "config.json").write_text('{"model_type": "unheard-of"}')
    with pytest.raises(CourseError, match=f"should hold {called} model as config.json"):
        models.load(str(copy), "fp32", "cpu", kind=kind)


def test_garbled_tokenizer_is_refused(copy):
    (copy / "tokenizer.json").write_text("{}")
    assert "cannot be read (" in refusal(copy)


def test_absent_weight_is_named_instead_of_drawn_at_random(copy):
    weights = load_file(copy / "model.safetensors")
    del weights["decoder.final_layer_norm.weight"]
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert "lacks 1 weights, such as decoder.final_layer_norm.weight" in refusal(copy)


def test_wrong_shape_is_refused(copy):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"d_ff": 48}))
    assert "cannot be read (" in refusal(copy)


def test_tokenizer_larger_than_the_embedding_is_refused(copy):
    weights = load_file(copy / "model.safetensors")
    for name in ("shared.weight", "lm_head.weight"):
        weights[name] = weights[name][:100].clone()
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"vocab_size": 100}))
    assert "has 100 embeddings for a tokenizer of" in refusal(copy)


def test_flan_t5_base_has_the_published_number_of_parameters():
    with torch.device("meta"):
        tied = T5ForConditionalGeneration(T5Config(**FLAN_T5_BASE, feed_forward_proj="gated-gelu"))
    built = sum(tensor.numel() for tensor in tied.parameters())
    assert built == 222_903_552
    assert registry.FLAN_T5_BASE.parameters == built + 32_128 * 768 == 247_577_856


def test_shape_formula_agrees_with_a_tiny_model(tiny):
    shape = {"d_model": 16, "d_ff": 32, "heads": 2, "d_head": 8, "encoder_layers": 2, "decoder_layers": 2}
    sizes = {"vocabulary": 512, "context_window": 512, "position_buckets": 32, "tied": False}
    spec = specs.ModelSpec("tiny", published.T5_V11, **shape, **sizes, source="this test")
    assert spec.parameters == models.load(str(tiny), "fp32", "cpu").parameters


def test_unknown_shape_is_refused():
    assert registry.spec("google/flan-t5-base").context_window == 512
    with pytest.raises(CourseError, match="The shapes known are"):
        registry.spec("google/flan-t5-large")


def test_course_model_has_its_own_shape_and_survives_a_round_trip(course, tmp_path):
    assert course.parameters == registry.spec("course").parameters
    assert 5e6 <= course.parameters <= 8e6
    assert course.context_window == course.model.config.n_positions
    course.model.save_pretrained(tmp_path)
    course.tokenizer.save_pretrained(tmp_path)
    again = models.load(str(tmp_path), "fp32", "cpu")
    before, after = course.model.state_dict(), again.model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    odd = "#Person1#: naïve ☃ 漢 \x07"
    assert course.tokenizer.decode(course.tokenizer(odd)["input_ids"], skip_special_tokens=True).strip() == odd
    prompt = course.tokenizer([odd], return_tensors="pt")
    start = torch.tensor([[course.model.config.decoder_start_token_id]])
    with torch.inference_mode():
        logits = [lm.model(**prompt, decoder_input_ids=start).logits for lm in (course, again)]
    # Bits are compared for weights only: a matrix that a file holds at another alignment is summed in another order.
    torch.testing.assert_close(*logits, rtol=1e-4, atol=1e-4)


# peft 0.21 asks transformers 5.23 by a name that it will drop.
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
def test_an_adapter_is_added_to_the_weights(tmp_path):
    import torch
    from peft import LoraConfig, get_peft_model

    lm = models.load("course", "fp32")
    net = get_peft_model(lm.model, LoraConfig(r=2, target_modules=["q"], task_type="SEQ_2_SEQ_LM"))
    with torch.no_grad():
        for name, weight in net.named_parameters():
            if "lora_B" in name:
                weight.fill_(0.01)
    net.save_pretrained(tmp_path / "style")
    ids = {"input_ids": torch.tensor([[5, 6, 7]]), "decoder_input_ids": torch.tensor([[0]])}
    with torch.inference_mode():
        expected, plain = net.eval()(**ids).logits, models.load("course", "fp32").model(**ids).logits
        merged = models.adapted(models.load("course", "fp32"), tmp_path / "style")
        came = merged.model(**ids).logits
    torch.testing.assert_close(came, expected, rtol=1e-3, atol=1e-3)
    assert (expected - plain).abs().max() > 0.01
    assert merged.name == "course + style"
    assert merged.parameters == models.load("course", "fp32").parameters


@pytest.mark.parametrize("ways", ["nothing there", "not an adapter"])
def test_a_folder_without_an_adapter_is_one_sentence(tmp_path, ways):
    if ways == "not an adapter":
        (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(CourseError, match="should hold an adapter for course"):
        models.adapted(models.load("course", "fp32"), tmp_path)
