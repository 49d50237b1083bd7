"""Scaling laws: the law itself, its fit, the language of known entropy, the sweep and its table."""

import math
from dataclasses import astuple, replace

import numpy
import pytest
import torch
from scipy.optimize import minimize_scalar

from runs import scaling_sweep
from utils import devices, keyed, scaling, sweep
from utils.runtime import CourseError, assets_dir

BUDGETS = (1e18, 5.76e23, 1e26)


@pytest.mark.parametrize("law", [scaling.CHINCHILLA, scaling.CHINCHILLA_PRINTED, scaling.BESIROGLU])
@pytest.mark.parametrize("flops", BUDGETS)
def test_the_optimum_is_where_a_search_finds_it(law, flops):
    found = minimize_scalar(lambda log_n: law.loss(math.exp(log_n), flops / 6 / math.exp(log_n)), bounds=(10, 45))
    split = law.optimal(flops)
    assert split.parameters == pytest.approx(math.exp(found.x), rel=1e-3)
    assert scaling.training_flops(split.parameters, split.tokens) == pytest.approx(flops)
    assert law.a + law.b == pytest.approx(1)


def test_published_constants_give_the_published_optima():
    gopher = 5.76e23
    assert scaling.CHINCHILLA.optimal(gopher).parameters == pytest.approx(40.4e9, rel=0.01)
    assert scaling.CHINCHILLA_PRINTED.optimal(gopher).parameters == pytest.approx(32.2e9, rel=0.01)
    split = scaling.BESIROGLU.optimal(gopher)
    assert split.tokens / split.parameters == pytest.approx(18.4, rel=0.01)
    assert scaling.training_flops(174.6e9, 300e9) / scaling.PFS_DAY == pytest.approx(3640, rel=0.002)


def _grid(law, noise=0.0, seed=0):
    sizes, data = (
        grid.ravel() for grid in numpy.meshgrid(numpy.geomspace(1e7, 1e10, 8), numpy.geomspace(1e9, 1e11, 8))
    )
    error = numpy.random.default_rng(seed).normal(0, noise, len(sizes))
    return sizes, data, law.loss(sizes, data) * numpy.exp(error)


def test_a_fit_finds_the_law_that_made_the_losses():
    law = scaling.BESIROGLU
    found = scaling.fit(*_grid(law))
    assert [found.E, found.alpha, found.beta] == pytest.approx([law.E, law.alpha, law.beta], rel=0.01)
    assert found.optimal(1e21).parameters == pytest.approx(law.optimal(1e21).parameters, rel=0.02)
    assert {type(constant) for constant in astuple(found)} == {float}


def test_one_gross_outlier_moves_the_fit_little():
    law = scaling.BESIROGLU
    sizes, data, losses = _grid(law)
    losses[20] *= 1.5
    assert abs(scaling.fit(sizes, data, losses).E / law.E - 1) < 0.01


def test_bootstrap_spreads_around_the_truth():
    laws = scaling.bootstrap(*_grid(scaling.BESIROGLU, noise=0.002), resamples=60)
    low, high = numpy.quantile([law.E for law in laws], [0.025, 0.975])
    assert low < scaling.BESIROGLU.E < high
    assert high - low < 0.2


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (([1, 2], [1, 2, 3], [1, 2, 3]), "one length"),
        (([1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]), "at least 5 runs, but 4"),
        (([1, 2, 3, 4, 0], [1] * 5, [1] * 5), "above 0"),
        (([1] * 5, [1] * 5, [1, 1, 1, 1, float("nan")]), "finite"),
    ],
)
def test_a_fit_refuses_runs_that_cannot_be_fitted(columns, sentence):
    with pytest.raises(CourseError, match=sentence):
        scaling.fit(*columns)


def test_device_hours_divide_by_the_rate_that_is_reached():
    a100 = devices.device("A100")
    assert scaling.device_hours(312e12 * 3600, a100, 1.0) == pytest.approx(1)
    assert scaling.device_hours(312e12 * 3600, a100, 0.5) == pytest.approx(2)
    for bad in (0, -1, 1.5, float("nan")):
        with pytest.raises(CourseError, match="utilization"):
            scaling.device_hours(1e18, a100, bad)
    with pytest.raises(CourseError, match="flops"):
        scaling.CHINCHILLA.optimal(0)
    with pytest.raises(CourseError, match=r"one of V100.*TPU"):
        devices.device("TPU")


@pytest.fixture(scope="module")
def language():
    return keyed.Language()


def test_the_best_possible_model_scores_the_entropy(language):
    noise = torch.full((keyed.SYMBOLS,), keyed.NOISE / keyed.SYMBOLS)
    own = torch.diag_embed(torch.full((keyed.SYMBOLS,), 1 - keyed.NOISE)) + noise
    places = keyed.SYMBOLS ** torch.arange(keyed.KEY_LENGTH)
    values = torch.empty(keyed.KEYS, dtype=torch.long)
    values[(language.keys * places).sum(1)] = language.values
    assert language.loss(lambda keys: own[values[(keys * places).sum(1)]].log()) == pytest.approx(
        keyed.entropy(), abs=1e-6
    )
    uniform = language.loss(lambda keys: torch.zeros(len(keys), keyed.SYMBOLS))
    assert uniform == pytest.approx(math.log(keyed.SYMBOLS), abs=1e-6)


def test_entropy_is_that_of_the_drawn_noise(language):
    facts = language.draw(200_000, torch.Generator().manual_seed(3))
    places = keyed.SYMBOLS ** torch.arange(keyed.KEY_LENGTH)
    first = (facts.keys * places).sum(1) == (language.keys[0] * places).sum()
    assert first.float().mean().item() == pytest.approx(float(language.frequencies[0]), abs=0.005)
    shares = torch.bincount(facts.values[first], minlength=keyed.SYMBOLS) / first.sum()
    assert float(torch.special.entr(shares).sum()) == pytest.approx(keyed.entropy(), abs=0.03)
    assert len({tuple(key) for key in language.keys[:5000].tolist()}) == 5000


def test_a_run_repeats_itself_and_counts_what_it_says(language):
    one, two = (sweep.train(6, 3000, seed=4, language=language) for _ in range(2))
    assert replace(one, seconds=0) == replace(two, seconds=0)
    assert one.parameters == sum(weight.numel() for weight in sweep.Decoder(6).parameters())
    assert one.flops == 6.0 * one.parameters * one.tokens
    assert 0.3 < one.counted_flops / one.flops < 1
    assert keyed.entropy() < one.loss < math.log(keyed.SYMBOLS)


def test_a_schedule_cut_short_costs_loss(language):
    whole = sweep.train(12, 12_500, language=language)
    cut = sweep.train(12, 12_500, language=language, planned=100_000)
    assert cut.loss > whole.loss + 0.02
    with pytest.raises(CourseError, match="at least the 100 facts"):
        sweep.train(8, 100, planned=50)
    with pytest.raises(CourseError, match="width"):
        sweep.Decoder(0)


def test_the_bundled_table_is_the_recipes_grid(language):
    rows = sweep.read()
    fitted = [row for row in rows if not row.held_out]
    assert scaling_sweep.missing(scaling_sweep.grid() + scaling_sweep.held_out(), rows) == []
    sizes = {row.width for row in fitted}
    assert len(sizes) >= 7
    assert len({(row.width, row.tokens) for row in fitted}) >= 40
    assert all(len({row.tokens for row in fitted if row.width == width}) >= 6 for width in sizes)
    largest = max(row.flops for row in fitted)
    assert all(row.flops == pytest.approx(4 * largest, rel=0.05) for row in rows if row.held_out)
    assert (assets_dir() / "scaling" / "sweep.csv").stat().st_size <= 200_000
    cheapest = min(fitted, key=lambda row: row.flops)
    facts = next(job.facts for job in scaling_sweep.grid() if sweep.tokens(job.facts) == cheapest.tokens)
    again = sweep.train(cheapest.width, facts, cheapest.seed, language)
    assert again.loss == pytest.approx(cheapest.loss, abs=0.02)


def test_the_fit_of_the_bundled_runs_meets_the_truth():
    rows = sweep.read()
    fitted = [row for row in rows if not row.held_out]
    law = scaling.fit(*zip(*((row.parameters, row.tokens, row.loss) for row in fitted), strict=True))
    assert abs(law.E / keyed.entropy() - 1) < 0.06
    assert law.alpha == pytest.approx(keyed.ALPHA, abs=0.1)
    for row in rows:
        if row.held_out:
            assert law.loss(row.parameters, row.tokens) == pytest.approx(row.loss, rel=0.03)


def test_a_table_is_read_as_it_was_written(tmp_path):
    runs = [sweep.Run(6, 1710, 924, 3072, 3.1e7, 2.2e7, 3.25, 1, 0.5, "cpu", held) for held in (False, True)]
    sweep.write(runs, tmp_path / "sweep.csv")
    assert sweep.read(tmp_path / "sweep.csv") == runs
    with pytest.raises(CourseError, match=r"runs\.scaling_sweep"):
        sweep.read(tmp_path / "none.csv")


@pytest.mark.timeout(180)
def test_a_sweep_goes_on_where_it_stopped_and_takes_a_cluster_by_address(tmp_path, monkeypatch):
    table = tmp_path / "sweep.csv"
    small = scaling_sweep.grid(widths=(6, 8), slices=(4e8, 8e8), seeds=(0,))
    monkeypatch.setattr(scaling_sweep, "grid", lambda: small[:2])
    monkeypatch.setattr(scaling_sweep, "held_out", list)
    scaling_sweep.main(["--out", str(table), "--workers", "1"])
    first = table.read_text()
    monkeypatch.setattr(scaling_sweep, "grid", lambda: small)
    with scaling_sweep.Client(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as cluster:
        scaling_sweep.main(["--out", str(table), "--scheduler", cluster.scheduler.address])
    assert len(sweep.read(table)) == len(small)
    assert set(first.splitlines()) <= set(table.read_text().splitlines())


def test_a_missing_scheduler_is_one_sentence(tmp_path):
    with pytest.raises(CourseError, match="none did"):
        scaling_sweep.main(["--out", str(tmp_path / "sweep.csv"), "--scheduler", "tcp://127.0.0.1:9"])
