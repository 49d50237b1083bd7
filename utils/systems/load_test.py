"""Many requests to a service at once, and what became of each: answered, refused or lost, in how many seconds.

The requests have an event loop of their own in a thread, so that a notebook, which runs one already, can call `run`.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from utils.errors import CourseError, at_least

REFUSED = (429, 503)


@dataclass(frozen=True)
class Answer:
    """One request's end. status: of HTTP, None when no answer came. seconds: until it came. body: JSON, or text.

    headers: of the answer, their names in lower case.
    """

    status: int | None
    seconds: float
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Load:
    """The answers in the order of the requests. seconds: from the first request to the last answer.

    expected: what each body should be; None when nothing is known.
    """

    concurrency: int
    seconds: float
    answers: tuple[Answer, ...] = field(repr=False)
    expected: tuple | None = field(default=None, repr=False)

    @property
    def answered(self) -> int:
        """Requests with status 200."""
        return sum(answer.status == 200 for answer in self.answers)

    @property
    def refused(self) -> int:
        """Requests that the service turned away because it had too many: 503 or 429."""
        return sum(answer.status in REFUSED for answer in self.answers)

    @property
    def lost(self) -> int:
        """Requests without an answer, or with one that is neither the result nor a refusal."""
        return len(self.answers) - self.answered - self.refused

    @property
    def wrong(self) -> int:
        """Answers with status 200 that differ from what was expected. Raises CourseError when nothing was."""
        if self.expected is None:
            raise CourseError("Answers are wrong or right by comparison, but no expected ones were given: pass them.")
        pairs = zip(self.answers, self.expected, strict=True)
        return sum(answer.status == 200 and answer.body != right for answer, right in pairs)

    @property
    def throughput(self) -> float:
        """Answered requests per second."""
        return self.answered / self.seconds

    def percentile(self, percent: float) -> float:
        """Seconds within which this share of the answered requests had their answer; NaN when none had."""
        times = [answer.seconds for answer in self.answers if answer.status == 200]
        return float(np.percentile(times, percent)) if times else float("nan")

    def __str__(self) -> str:
        times = ", ".join(f"p{percent} {self.percentile(percent):.2f} s" for percent in (50, 95, 99))
        wrong = "" if self.expected is None else f", {self.wrong} wrong"
        return (
            f"{len(self.answers)} requests, {self.concurrency} at a time: {self.answered} answered, "
            f"{self.refused} refused, {self.lost} lost{wrong}; {self.throughput:.1f} a second; {times}"
        )


def run(
    url: str,
    bodies: Sequence[Any],
    *,
    concurrency: int,
    expected: Sequence[Any] | None = None,
    timeout_s: float = 60,
) -> Load:
    """POST every body to `url`, `concurrency` at a time.

    bodies: bytes are sent as they are, anything else as JSON. expected: the body of the answer to each.
    timeout_s: after which a request counts as lost.
    Raises CourseError for no bodies, a concurrency below 1, or expected answers of another number.
    """
    at_least(1, concurrency=concurrency)
    if not bodies or (expected is not None and len(expected) != len(bodies)):
        wanted = "none" if expected is None else len(expected)
        raise CourseError(f"One or more bodies were expected, but {len(bodies)} came, and {wanted} expected answers.")
    started_s = time.perf_counter()
    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(asyncio.run, _all(url, bodies, concurrency, timeout_s)).result()
    known = None if expected is None else tuple(expected)
    return Load(concurrency, time.perf_counter() - started_s, tuple(answers), known)


def post(url: str, body: Any, timeout_s: float = 60) -> Answer:
    """One request."""
    return run(url, [body], concurrency=1, timeout_s=timeout_s).answers[0]


async def _all(url: str, bodies: Sequence[Any], concurrency: int, timeout_s: float) -> list[Answer]:
    """All answers, in the order of the bodies."""
    import httpx

    # By itself httpx opens at most 100 connections: more requests would wait in the client, and count as slow.
    limits, gate = httpx.Limits(max_connections=None), asyncio.Semaphore(concurrency)
    # trust_env=False: a proxy named in the environment would get requests meant for this machine.
    async with httpx.AsyncClient(limits=limits, timeout=timeout_s, trust_env=False) as client:
        return await asyncio.gather(*(_one(client, gate, url, body) for body in bodies))


async def _one(client, gate: asyncio.Semaphore, url: str, body: Any) -> Answer:
    import httpx

    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    async with gate:
        started_s = time.perf_counter()
        try:
            response = await client.post(url, **content)
        except httpx.HTTPError as error:
            return Answer(None, time.perf_counter() - started_s, type(error).__name__)
    seconds, headers = time.perf_counter() - started_s, dict(response.headers)
    try:
        return Answer(response.status_code, seconds, response.json(), headers)
    except ValueError:
        return Answer(response.status_code, seconds, response.text, headers)
