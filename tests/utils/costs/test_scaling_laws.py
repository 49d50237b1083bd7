"""Scaling laws: the law itself, its fit, the language of known entropy, the sweep and its table."""

import math
from dataclasses import astuple, replace

import numpy
import pytest
import torch
from scipy.optimize import minimize_scalar

from runs import scaling_sweep
from utils import bundled
from utils.costs import accelerators, scaling_laws
from utils.data import zipf_facts
from utils.errors import CourseError
from utils.training import scaling_runs

BUDGETS = (1e18, 5.76e23, 1e26)


@pytest.mark.parametrize("law", [scaling_laws.CHINCHILLA, scaling_laws.CHINCHILLA_PRINTED, scaling_laws.BESIROGLU])
@pytest.mark.parametrize("flops", BUDGETS)
def test_the_optimum_is_where_a_search_finds_it(law, flops):
    found = minimize_scalar(lambda log_n: law.loss(math.exp(log_n), flops / 6 / math.exp(log_n)), bounds=(10, 45))
    split = law.optimal(flops)
    assert split.parameters == pytest.approx(math.exp(found.x), rel=1e-3)
    assert scaling_laws.training_flops(split.parameters, split.tokens) == pytest.approx(flops)
    assert law.a + law.b == pytest.approx(1)


def test_published_constants_give_the_published_optima():
    gopher = 5.76e23
    assert scaling_laws.CHINCHILLA.optimal(gopher).parameters == pytest.approx(40.4e9, rel=0.01)
    assert scaling_laws.CHINCHILLA_PRINTED.optimal(gopher).parameters == pytest.approx(32.2e9, rel=0.01)
    split = scaling_laws.BESIROGLU.optimal(gopher)
    assert split.tokens / split.parameters == pytest.approx(18.4, rel=0.01)
    assert scaling_laws.training_flops(174.6e9, 300e9) / scaling_laws.PFS_DAY == pytest.approx(3640, rel=0.002)


def _grid(law, noise=0.0, seed=0):
    sizes, data = (
        grid.ravel() for grid in numpy.meshgrid(numpy.geomspace(1e7, 1e10, 8), numpy.geomspace(1e9, 1e11, 8))
    )
    error = numpy.random.default_rng(seed).normal(0, noise, len(sizes))
    return sizes, data, law.loss(sizes, data) * numpy.exp(error)


def test_a_fit_finds_the_law_that_made_the_losses():
    law = scaling_laws.BESIROGLU
    found = scaling_laws.fit(*_grid(law))
    assert [found.E, found.alpha, found.beta] == pytest.approx([law.E, law.alpha, law.beta], rel=0.01)
    assert found.optimal(1e21).parameters == pytest.approx(law.optimal(1e21).parameters, rel=0.02)
    assert {type(constant) for constant in astuple(found)} == {float}


def test_one_gross_outlier_moves_the_fit_little():
    law = scaling_laws.BESIROGLU
    sizes, data, losses = _grid(law)
    losses[20] *= 1.5
    assert abs(scaling_laws.fit(sizes, data, losses).E / law.E - 1) < 0.01


def test_bootstrap_spreads_around_the_truth():
    laws = scaling_laws.bootstrap_laws(*_grid(scaling_laws.BESIROGLU, noise=0.002), resamples=60)
    low, high = numpy.quantile([law.E for law in laws], [0.025, 0.975])
    assert low < scaling_laws.BESIROGLU.E < high
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
        scaling_laws.fit(*columns)


def test_device_hours_divide_by_the_rate_that_is_reached():
    a100 = accelerators.device("A100")
    assert scaling_laws.device_hours(312e12 * 3600, a100, 1.0) == pytest.approx(1)
    assert scaling_laws.device_hours(312e12 * 3600, a100, 0.5) == pytest.approx(2)
    for bad in (0, -1, 1.5, float("nan")):
        with pytest.raises(CourseError, match="utilization"):
            scaling_laws.device_hours(1e18, a100, bad)
    with pytest.raises(CourseError, match="flops"):
        scaling_laws.CHINCHILLA.optimal(0)
    with pytest.raises(CourseError, match=r"one of V100.*TPU"):
        accelerators.device("TPU")


@pytest.mark.parametrize(
    ("name", "sold_as"), [("RTX 4090", 24), ("RTX 5090", 32), ("A100, 40 GB", 40), ("H100, 80 GB", 80)]
)
def test_a_card_holds_more_than_its_name_in_gb_and_less_than_in_gib(name, sold_as):
    assert sold_as * 1e9 < accelerators.CARDS[name].memory_bytes < sold_as * 2**30


@pytest.fixture(scope="module")
def language():
    return zipf_facts.Language()


def test_the_best_possible_model_scores_the_entropy(language):
    noise = torch.full((zipf_facts.SYMBOLS,), zipf_facts.NOISE / zipf_facts.SYMBOLS)
    own = torch.diag_embed(torch.full((zipf_facts.SYMBOLS,), 1 - zipf_facts.NOISE)) + noise
    places = zipf_facts.SYMBOLS ** torch.arange(zipf_facts.KEY_LENGTH)
    values = torch.empty(zipf_facts.KEYS, dtype=torch.long)
    values[(language.keys * places).sum(1)] = language.values
    assert language.expected_loss(lambda keys: own[values[(keys * places).sum(1)]].log()) == pytest.approx(
        zipf_facts.entropy(), abs=1e-6
    )
    uniform = language.expected_loss(lambda keys: torch.zeros(len(keys), zipf_facts.SYMBOLS))
    assert uniform == pytest.approx(math.log(zipf_facts.SYMBOLS), abs=1e-6)


def test_entropy_is_that_of_the_drawn_noise(language):
    facts = language.sample(200_000, torch.Generator().manual_seed(3))
    places = zipf_facts.SYMBOLS ** torch.arange(zipf_facts.KEY_LENGTH)
    first = (facts.keys * places).sum(1) == (language.keys[0] * places).sum()
    assert first.float().mean().item() == pytest.approx(float(language.frequencies[0]), abs=0.005)
    shares = torch.bincount(facts.values[first], minlength=zipf_facts.SYMBOLS) / first.sum()
    assert float(torch.special.entr(shares).sum()) == pytest.approx(zipf_facts.entropy(), abs=0.03)
    assert len({tuple(key) for key in language.keys[:5000].tolist()}) == 5000


def test_a_run_repeats_itself_and_counts_what_it_says(language):
    one, two = (scaling_runs.train(6, 3000, seed=4, language=language) for _ in range(2))
    assert replace(one, seconds=0, loss=0) == replace(two, seconds=0, loss=0)
    assert one.loss == pytest.approx(two.loss, abs=1e-4)
    assert one.parameters == sum(weight.numel() for weight in scaling_runs.Decoder(6).parameters())
    assert one.flops == 6.0 * one.parameters * one.tokens
    assert 0.3 < one.counted_flops / one.flops < 1
    assert zipf_facts.entropy() < one.loss < math.log(zipf_facts.SYMBOLS)


def test_a_schedule_cut_short_costs_loss(language):
    whole = scaling_runs.train(12, 12_500, language=language)
    cut = scaling_runs.train(12, 12_500, language=language, planned=100_000)
    assert cut.loss > whole.loss + 0.02
    with pytest.raises(CourseError, match="at least the 100 facts"):
        scaling_runs.train(8, 100, planned=50)
    with pytest.raises(CourseError, match="width"):
        scaling_runs.Decoder(0)


def test_the_bundled_table_is_the_recipes_grid(language):
    rows = scaling_runs.read()
    fitted = [row for row in rows if not row.held_out]
    assert scaling_sweep.missing(scaling_sweep.grid() + scaling_sweep.held_out(), rows) == []
    sizes = {row.width for row in fitted}
    assert len(sizes) >= 7
    assert len({(row.width, row.tokens) for row in fitted}) >= 40
    assert all(len({row.tokens for row in fitted if row.width == width}) >= 6 for width in sizes)
    largest = max(row.flops for row in fitted)
    assert all(row.flops == pytest.approx(4 * largest, rel=0.05) for row in rows if row.held_out)
    assert bundled.path("scaling/sweep.csv").stat().st_size <= 200_000
    cheapest = min(fitted, key=lambda row: row.flops)
    facts = next(job.facts for job in scaling_sweep.grid() if scaling_runs.tokens(job.facts) == cheapest.tokens)
    again = scaling_runs.train(cheapest.width, facts, cheapest.seed, language)
    assert again.loss == pytest.approx(cheapest.loss, abs=0.02)


def test_the_fit_of_the_bundled_runs_meets_the_truth():
    rows = scaling_runs.read()
    fitted = [row for row in rows if not row.held_out]
    law = scaling_laws.fit(*zip(*((row.parameters, row.tokens, row.loss) for row in fitted), strict=True))
    assert abs(law.E / zipf_facts.entropy() - 1) < 0.06
    assert law.alpha == pytest.approx(zipf_facts.ALPHA, abs=0.1)
    for row in rows:
        if row.held_out:
            assert law.loss(row.parameters, row.tokens) == pytest.approx(row.loss, rel=0.03)


def test_a_table_is_read_as_it_was_written(tmp_path):
    runs = [
        scaling_runs.TrainingRun(6, 1710, 924, 3072, 3.1e7, 2.2e7, 3.25, 1, 0.5, "cpu", held) for held in (False, True)
    ]
    scaling_runs.write(runs, tmp_path / "sweep.csv")
    assert scaling_runs.read(tmp_path / "sweep.csv") == runs
    with pytest.raises(CourseError, match=r"runs\.scaling_sweep"):
        scaling_runs.read(tmp_path / "none.csv")


@pytest.mark.timeout(180)
@pytest.mark.slow
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
    assert len(scaling_runs.read(table)) == len(small)
    assert set(first.splitlines()) <= set(table.read_text().splitlines())


@pytest.mark.slow
def test_a_missing_scheduler_is_one_sentence(tmp_path):
    with pytest.raises(CourseError, match="none did"):
        scaling_sweep.main(["--out", str(tmp_path / "sweep.csv"), "--scheduler", "tcp://127.0.0.1:9"])


def test_simulated_refits_scatter_as_the_published_errors_say():
    """Besiroglu et al. 2024, table 1: standard errors of the exponents are 0.02, that of E 0.03."""
    laws = scaling_laws.simulated_refits(20)
    for name, error in (("E", 0.03), ("alpha", 0.02), ("beta", 0.02)):
        values = [getattr(law, name) for law in laws]
        assert 0.3 < numpy.std(values) / error < 2
        assert numpy.mean(values) == pytest.approx(getattr(scaling_laws.BESIROGLU, name), abs=error)


def test_an_offer_buys_flops():
    """By hand: 10 dollars at 2 dollars an hour are 5 hours, at half of 10 FLOP/s."""
    device = accelerators.DeviceSpec("slow", 10.0, 1.0, "none")
    assert accelerators.Offer(device, 2.0, 0.5).flops(10) == 5 * 3600 * 5
    assert set(accelerators.PRICES) <= set(accelerators.DEVICES)


def test_capacities_hold_every_card_and_the_newest():
    sizes = accelerators.capacities()
    assert {*accelerators.CARDS, *accelerators.BY_DATA_SHEET} == set(sizes)
    assert sizes["RTX 4090"] == pytest.approx(23.64 * 2**30)
