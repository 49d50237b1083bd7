"""Loss as a function of parameters and training tokens: the law, its fit, and the best split of a budget.

L(N, D) = E + A / N^alpha + B / D^beta, with N in parameters, D in training tokens, L in nats per token.
Source: Hoffmann et al., Training Compute-Optimal Large Language Models (2022), sections 3.3 and D.2.
Derived in lab 08.
"""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from utils.costs.accelerators import DeviceSpec
from utils.errors import CourseError

PFS_DAY = 1e15 * 86400  # FLOPs of one petaflop/s-day
HUBER_DELTA = 1e-3
STARTS = [(e, a, alpha) for e in (-1.0, 0.0, 0.5) for a in (0.0, 5.0, 10.0) for alpha in (0.2, 0.5, 0.8)]


@dataclass(frozen=True)
class Split:
    """How a budget is spent: parameters of the model, tokens it is trained on."""

    parameters: float
    tokens: float


@dataclass(frozen=True)
class Law:
    """L(N, D) = E + A / N^alpha + B / D^beta. E: loss that neither size nor data removes, in nats per token."""

    E: float
    A: float
    alpha: float
    B: float
    beta: float

    @property
    def a(self) -> float:
        """Exponent of the best size, N_opt ∝ C^a."""
        return self.beta / (self.alpha + self.beta)

    @property
    def b(self) -> float:
        """Exponent of the best number of tokens, D_opt ∝ C^b."""
        return self.alpha / (self.alpha + self.beta)

    def loss(self, parameters, tokens):
        """Nats per token; numbers or arrays."""
        return self.E + self.A / parameters**self.alpha + self.B / tokens**self.beta

    def optimal(self, flops: float) -> Split:
        """The size and data of least loss under C = 6ND.

        N_opt = G (C/6)^a, D_opt = (C/6)^b / G, G = (alpha A / (beta B))^(1 / (alpha + beta)).
        Raises CourseError for a budget that is not above zero.
        Source: Hoffmann et al. (2022), equation 4.
        """
        _require_positive(flops=flops)
        g = (self.alpha * self.A / (self.beta * self.B)) ** (1 / (self.alpha + self.beta))
        return Split(g * (flops / 6) ** self.a, (flops / 6) ** self.b / g)


# Hoffmann et al. (2022), equation 10, with the digits of its TeX source; as printed, rounded; the refit of the same
# points by Besiroglu et al., Chinchilla Scaling: A Replication Attempt (2024), table 1.
CHINCHILLA = Law(E=1.69337, A=406.401, alpha=0.33917084, B=410.7228, beta=0.2849083)
CHINCHILLA_PRINTED = Law(E=1.69, A=406.4, alpha=0.34, B=410.7, beta=0.28)
BESIROGLU = Law(E=1.8172, A=482.01, alpha=0.3478, B=2085.43, beta=0.3658)

# The refit's runs reach so far: parameters, tokens and FLOPs of the largest. Beyond, a plan is extrapolated.
LARGEST_RUNS = {"parameters": 16.2e9, "tokens": 318e9, "flops": 1.3e22}


def training_flops(parameters, tokens):
    """FLOPs of training a dense model once over these tokens, 6ND: 2 forward and 4 backward for each parameter.

    >>> training_flops(70e9, 1.4e12) / PFS_DAY
    6805.555555555556

    Source: Kaplan et al., Scaling Laws for Neural Language Models (2020), section 2.1.
    """
    return 6 * parameters * tokens


def device_hours(flops: float, device: DeviceSpec, utilization: float) -> float:
    """Hours of one device for a training run. utilization: share of the peak that is reached, in (0, 1].

    Both count the same operations: with 6ND the share is model FLOPs utilization (MFU), with recomputed operations
    in `flops` it is hardware FLOPs utilization (HFU).

    Raises CourseError for a budget that is not above zero, or a share outside (0, 1].
    """
    _require_positive(flops=flops, utilization=utilization)
    if utilization > 1:
        raise CourseError(f"utilization must be a share of at most 1, but {utilization} came: divide by the peak rate.")
    return flops / (utilization * device.peak_flops) / 3600


def fit(parameters: Sequence[float], tokens: Sequence[float], losses: Sequence[float], start: Law | None = None) -> Law:
    """The law whose log loss is nearest to the measured one, by the sum of Huber losses.

    Gross outliers count little. The search runs from many starts, or from `start` alone; each run is L-BFGS over
    log E, log A, log B and the two exponents.
    Raises CourseError for columns of unequal length, fewer than five runs, or values that are not above zero.
    Source: Hoffmann et al. (2022), section D.2; sum in place of mean as in Besiroglu et al. (2024).
    """
    n, d, loss = _columns(parameters, tokens, losses)
    starts = [_encode(start)] if start else [(e, a, a, alpha, alpha) for e, a, alpha in STARTS]
    found = [_descend(numpy.array(point), n, d, loss) for point in starts]
    e, a, b, alpha, beta = min(found, key=lambda result: result.fun).x.tolist()
    return Law(math.exp(e), math.exp(a), alpha, math.exp(b), beta)


def bootstrap_laws(
    parameters: Sequence[float], tokens: Sequence[float], losses: Sequence[float], resamples: int = 200, seed: int = 0
) -> list[Law]:
    """Laws fitted to runs drawn with replacement; the spread of any number they give is its interval.

    Raises CourseError as `fit` does.
    """
    n, d, loss = _columns(parameters, tokens, losses)
    best, rng = fit(n, d, loss), numpy.random.default_rng(seed)
    rows = (rng.integers(len(n), size=len(n)) for _ in range(resamples))
    return [fit(n[row], d[row], loss[row], start=best) for row in rows]


def simulated_refits(count=60, runs=240, seed=0) -> list[Law]:
    """Laws fitted to runs as the refit's might have come out.

    The refit's points carry no licence, so runs are drawn over its sizes,
    tokens and budgets, with losses from BESIROGLU plus noise. Its amount
    makes the constants scatter as the published errors say.
    Derived in chapter 08.
    """
    rng, largest = numpy.random.default_rng(seed), LARGEST_RUNS
    sizes = 57e6, largest["parameters"]
    budgets = 1.4e18, largest["flops"]
    n = numpy.exp(rng.uniform(*numpy.log(sizes), 9000))
    d = numpy.exp(rng.uniform(*numpy.log(budgets), 9000)) / 6 / n
    likely = (d > 0.25e9) & (d < largest["tokens"]) & (d < 100 * n)
    n, d = n[likely][:runs], d[likely][:runs]
    noise, laws = 0.008 * numpy.maximum(1, 5e9 / d) ** 0.8, []
    for _ in range(count):
        factors = numpy.exp(noise * rng.normal(size=runs))
        laws.append(fit(n, d, BESIROGLU.loss(n, d) * factors, BESIROGLU))
    return laws


def _encode(law: Law) -> tuple[float, ...]:
    e, a, alpha, b, beta = astuple(law)
    return math.log(e), math.log(a), math.log(b), alpha, beta


def _descend(point, n, d, loss):
    """Minimize from one start; the gradient is exact.

    The law is a sum of exponentials in the logarithms of its constants, so its log is `logsumexp`, which cannot
    overflow, and the gradient of that is `softmax`.
    """
    log_n, log_d, target = numpy.log(n), numpy.log(d), numpy.log(loss)
    one = numpy.ones_like(log_n)

    def objective(x):
        e, a, b, alpha, beta = x
        terms = numpy.stack([e * one, a - alpha * log_n, b - beta * log_d])
        residual = logsumexp(terms, axis=0) - target
        small = numpy.abs(residual) <= HUBER_DELTA
        huber = numpy.where(small, residual**2 / 2, HUBER_DELTA * (numpy.abs(residual) - HUBER_DELTA / 2))
        grad_e, grad_a, grad_b = numpy.clip(residual, -HUBER_DELTA, HUBER_DELTA) * softmax(terms, axis=0)
        gradient = numpy.stack([grad_e, grad_a, grad_b, -grad_a * log_n, -grad_b * log_d])
        # scipy's tolerances are absolute below 1, where the sum lies; divided, it is searched to more digits.
        return huber.sum() / HUBER_DELTA, gradient.sum(1) / HUBER_DELTA

    return minimize(objective, point, jac=True, method="L-BFGS-B", options={"maxiter": 2000, "ftol": 1e-12})


def _columns(*columns) -> list[numpy.ndarray]:
    arrays = [numpy.asarray(column, float) for column in columns]
    if len({array.shape for array in arrays}) > 1 or arrays[0].ndim != 1:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise CourseError(f"Parameters, tokens and losses must be lists of one length, but shapes {shapes} came.")
    if len(arrays[0]) < 5:
        raise CourseError(f"A law of five constants needs at least 5 runs, but {len(arrays[0])} came: add runs.")
    if not all(numpy.isfinite(array).all() and (array > 0).all() for array in arrays):
        raise CourseError("Parameters, tokens and losses must be finite and above 0: remove the runs that failed.")
    return arrays


def _require_positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not (math.isfinite(number) and number > 0):
            raise CourseError(f"{name} must be a finite number above 0, but {number!r} came: correct it.")
