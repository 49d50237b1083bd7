"""Evaluation: scores worked by hand on scripted completions, the command line, and the course model's own figure."""

import json
import subprocess
import sys

import pytest

from utils import evaluate, generation, models, prompts, runtime
from utils.data import Dialogue, dialogues
from utils.errors import CourseError
from utils.evaluate import difference, main, score
from utils.metrics import Interval
from utils.models import LanguageModel

TARGETS = [
    Dialogue("a", "one two three", "the cat sat", "t", "", ("the cat sat", "a dog")),
    Dialogue("b", "four five", "rain fell", "t", "", ("rain fell",)),
    Dialogue("c", "six", "we met", "t"),
]


def words(text: str, **_) -> dict[str, list[int]]:
    return {"input_ids": list(range(len(text.split())))}


@pytest.fixture
def lm(monkeypatch):
    """A model that copies the first reference when it sees an example, and says "dog" without."""
    answers = {target.dialogue: target.summary for target in TARGETS}

    def scripted(lm, texts, config, progress):
        lm.model.append((texts, config))
        tails = [text.split("Dialogue:\n")[-1].split("\n\n")[0] for text in texts]
        shown = [text.count("Dialogue:") - 1 for text in texts]
        return [answers[tail] if k else "dog" for tail, k in zip(tails, shown, strict=True)]

    monkeypatch.setattr(generation, "generate", scripted)
    return LanguageModel("scripted", [], words, 12, "fp32")


@pytest.fixture
def named(monkeypatch, lm):
    """The scripted model and its dialogues behind the names of the command line."""
    monkeypatch.setattr(models, "load", lambda name, precision: lm)
    monkeypatch.setattr(evaluate.data, "dialogues", lambda name, split: TARGETS)
    monkeypatch.setattr(runtime, "start", lambda **named: None)


def test_scores_by_hand(lm):
    zero, one = score(lm, TARGETS, shots=(0, 1), max_new_tokens=9, progress=False)
    # "dog" against "a dog": 2·1 / (1 + 2); against the other two: 0.
    assert zero.rougeL_values == pytest.approx((2 / 3, 0, 0))
    assert zero.rouge1.mean == pytest.approx(2 / 9)
    assert (zero.exact_match, one.exact_match) == (0.0, 1.0)
    assert one.rougeL == Interval(1.0, 1.0, 1.0)
    # "Dialogue:" and "What was going on?" are 5 words, the dialogues 3, 2 and 1.
    assert zero.prompt_tokens_mean == pytest.approx((8 + 7 + 6) / 3)
    assert (zero.shots, zero.n, zero.over_window) == (0, 3, 0)
    # The example adds at least 5 + 1 words of prompt and 2 of summary: all pass 12 words.
    assert one.over_window == 3


def test_prompts_are_the_course_prompts_and_never_hold_the_answer(lm):
    score(lm, TARGETS, shots=(2,), max_new_tokens=9, progress=False)
    ((texts, config),) = lm.model
    picked = [prompts.pick_examples(TARGETS, target, 2, 0) for target in TARGETS]
    assert texts == [prompts.few_shot(t.dialogue, e) for t, e in zip(TARGETS, picked, strict=True)]
    assert not any(target.summary in text for target, text in zip(TARGETS, texts, strict=True))
    assert (config.max_new_tokens, config.do_sample) == (9, False)


def test_limit_takes_the_first_dialogues(lm):
    (entry,) = score(lm, TARGETS, shots=(0,), limit=2, progress=False)
    assert entry.rougeL_values == pytest.approx((2 / 3, 0))


def test_difference_is_paired_and_signed(lm):
    scores = score(lm, TARGETS, shots=(0, 1), progress=False)
    gap = difference(scores, 0, 1)
    assert gap.rougeL.mean == pytest.approx(1 - 2 / 9)
    assert gap.rougeL.low > 0
    assert difference(scores, 1, 0).rougeL.mean == pytest.approx(-gap.rougeL.mean)


@pytest.mark.parametrize(
    ("named_options", "message"),
    [
        ({"shots": ()}, "shots must be different numbers"),
        ({"shots": (1, 1)}, "shots must be different numbers"),
        ({"shots": (-1,)}, "shots must be different numbers"),
        ({"limit": 1}, "limit must be 2 or more"),
        ({"shots": (3,)}, "3 examples were asked for"),
        ({"template": "none"}, "template should be one of"),
    ],
)
def test_impossible_requests_are_told_before_the_model_runs(lm, named_options, message):
    with pytest.raises(CourseError, match=message):
        score(lm, TARGETS, **({"shots": (0,)} | named_options))
    assert lm.model == []


def test_difference_needs_scored_shots(lm):
    scores = score(lm, TARGETS, shots=(0,), progress=False)
    with pytest.raises(CourseError, match="two numbers out of shots"):
        difference(scores, 0, 1)


def test_command_line_prints_a_table(named, capsys):
    assert main(["--shots", "0,1", "--difference", "0,1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "scripted (fp32) on course/test, template flan, seed 0"
    assert lines[1].split()[:3] == ["shots", "n", "ROUGE-1"]
    assert [line.split()[:2] for line in lines[2:4]] == [["0", "3"], ["1", "3"]]
    assert lines[4].startswith("ROUGE-L, 1 examples minus 0: 0.778 [")
    assert len({len(line) for line in lines[1:4]}) == 1


def test_command_line_prints_json_that_holds_the_same(named, lm, capsys):
    assert main(["--shots", "0,1", "--difference", "0,1", "--json", "--seed", "3"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {key: report[key] for key in ("model", "precision", "split", "seed")} == {
        "model": "scripted", "precision": "fp32", "split": "test", "seed": 3
    }  # fmt: skip
    direct = score(lm, TARGETS, shots=(0, 1), seed=3, progress=False)
    assert report["scores"][0]["rougeL"]["mean"] == direct[0].rougeL.mean
    assert report["difference"]["rougeL"]["low"] == difference(direct, 0, 1, 3).rougeL.low


@pytest.mark.parametrize("options", ["--shots 0 --difference 0,1", "--difference 0", "--limit 1", "--shots 0,0"])
def test_errors_are_one_sentence_on_stderr_and_code_2(named, lm, options, capsys):
    assert main(options.split()) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert lm.model == []


def test_unknown_model_and_data_are_told_without_traceback(tmp_path):
    for named in (("--model", str(tmp_path / "none")), ("--data", str(tmp_path / "none"))):
        done = subprocess.run(
            [sys.executable, "-m", "utils.evaluate", *named, "--shots", "0", "--limit", "2", "--quiet"],
            capture_output=True, text=True, cwd=runtime.project_root(),
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
        assert str(tmp_path / "none") in done.stderr


def test_real_dialogues_have_several_references(lm):
    folder = runtime.dialogsum_dir()
    if folder is None:
        pytest.skip("DIALOGSUM_DIR is unset")
    rows = dialogues(str(folder), "test")[:5]
    seen = []

    def last_reference(lm, texts, config, progress):
        seen.extend(texts)
        return [row.references[-1] for row in rows]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generation, "generate", last_reference)
        (entry,) = score(lm, rows, shots=(1,), pool=dialogues(str(folder), "validation"), progress=False)
    assert entry.exact_match == 1.0
    assert all(row.dialogue in text for row, text in zip(rows, seen, strict=True))


@pytest.mark.slow
def test_course_model_gains_from_one_example():
    zero, one = score(models.load("course"), dialogues("course"), (0, 1), dialogues("course", "train"), limit=200)
    gap = difference((zero, one), 0, 1).rougeL
    assert (zero.n, one.n) == (200, 200)
    assert gap.mean >= 0.15
    assert gap.low > 0
