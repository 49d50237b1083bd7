"""Summaries over HTTP: requests that wait together are generated together, and every other request gets a sentence.

Started by the notebook through utils.systems.service, or by hand: `python service.py --batch_size 8`.
"""

import asyncio
import json
import math
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from utils import errors, generation, models, prompts, runtime
from utils.models import quantize
from utils.systems import service


@dataclass(frozen=True)
class Settings:
    """What the service takes. precision: fp32, bf16, int8 or auto. queue_length: requests that may wait.

    adapter: a folder that peft wrote, "" for none. deadline_s: from a request's arrival to its answer.
    body_bytes: the longest body that is kept. drain_bytes: the longest one that is heard out before it is refused.
    """

    model: str = "course"
    adapter: str = ""
    precision: str = "fp32"  # in bf16 an answer may depend on which others share its batch: a tie can round either way
    template: str = "flan"
    batch_size: int = 32
    queue_length: int = 256
    deadline_s: float = 30.0
    max_new_tokens: int = 60
    prompt_tokens: int = 1024
    body_bytes: int = 65_536
    drain_bytes: int = 16_000_000

    def __post_init__(self):
        errors.at_least(1, batch_size=self.batch_size, queue_length=self.queue_length, body_bytes=self.body_bytes)
        errors.one_of("precision", self.precision, dict.fromkeys((*models.LOAD_PRECISIONS, "int8")))


class Refusal(Exception):
    """An answer that is not a summary: its status and one sentence."""

    def __init__(self, status: int, sentence: str, **headers: str):
        super().__init__(sentence)
        self.status, self.headers = status, headers


class Batcher:
    """A bounded queue and the one task that empties it, a batch at a time."""

    def __init__(self, complete, batch_size: int, queue_length: int):
        self.complete, self.batch_size = complete, batch_size
        self.queue = asyncio.Queue(queue_length)
        self.batches = self.answered = self.largest = 0
        self.batch_s = 1.0

    async def ask(self, prompt: str) -> str:
        """The completion of one prompt; a Refusal at once when the queue is full."""
        answer = asyncio.get_running_loop().create_future()
        try:
            self.queue.put_nowait((prompt, answer))
        except asyncio.QueueFull:
            wait_s = math.ceil(self.batch_s * (1 + self.queue.qsize() / self.batch_size))
            sentence = f"{self.queue.qsize()} requests are waiting already: try again in {wait_s} s."
            raise Refusal(503, sentence, **{"Retry-After": str(wait_s)}) from None
        return await answer

    async def run(self) -> None:
        """Take whatever waits, up to the batch size, complete it in a thread, and again."""
        while True:
            jobs = [await self.queue.get()]
            while len(jobs) < self.batch_size and not self.queue.empty():
                jobs.append(self.queue.get_nowait())
            jobs = [(prompt, answer) for prompt, answer in jobs if not answer.done()]  # past their deadline
            if jobs:
                await self.one_batch(*zip(*jobs, strict=True))

    async def one_batch(self, batch: tuple[str, ...], answers: tuple[asyncio.Future, ...]) -> None:
        """Complete these prompts together; an error is the answer of all of them, and the service goes on."""
        started_s = time.monotonic()
        try:
            texts = await asyncio.to_thread(self.complete, batch)
        except Exception as error:
            texts = [error] * len(batch)
        self.batch_s = time.monotonic() - started_s
        self.batches, self.answered = self.batches + 1, self.answered + len(batch)
        self.largest = max(self.largest, len(batch))
        for answer, text in zip(answers, texts, strict=True):
            if not answer.done():
                give = answer.set_exception if isinstance(text, Exception) else answer.set_result
                give(text)


def loaded(s: Settings) -> models.LanguageModel:
    """The model as the settings ask for it."""
    lm = models.load(s.model, "fp32" if s.precision == "int8" else s.precision)
    lm = models.adapted(lm, s.adapter) if s.adapter else lm
    return quantize.language_model(lm, 8) if s.precision == "int8" else lm


async def body_of(request: Request, s: Settings) -> bytes:
    """The body, piece by piece. What is beyond the limit is read, but not kept.

    A server that refuses before it has read closes the connection under a client that is still sending, and the client
    may see that instead of the answer.
    """
    body, size = bytearray(), 0
    async for piece in request.stream():
        size += len(piece)
        if size <= s.body_bytes:
            body += piece
        elif size > s.drain_bytes:
            break
    if size > s.body_bytes:
        raise Refusal(413, f"A body of at most {s.body_bytes:,} bytes was expected, but more came: send less.")
    return bytes(body)


def dialogue_of(body: bytes) -> str:
    """The dialogue in a body, or a Refusal that says what was expected."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, 'JSON such as {"dialogue": "..."} was expected, but the body is not JSON.') from None
    if not isinstance(given, dict) or "dialogue" not in given:
        raise Refusal(422, 'An object with the key "dialogue" was expected, but it is not there.')
    dialogue = given["dialogue"]
    if not isinstance(dialogue, str):
        raise Refusal(422, f"The dialogue should be text, but it is of type {type(dialogue).__name__}.")
    if not dialogue.strip():
        raise Refusal(422, "The dialogue should hold text, but it is empty.")
    if not dialogue.isascii() and any("\ud800" <= letter <= "\udfff" for letter in dialogue):
        raise Refusal(422, "The dialogue should be Unicode text, but half of a surrogate pair came.")
    return dialogue


def prompt_of(dialogue: str, lm: models.LanguageModel, s: Settings) -> str:
    """The prompt for a dialogue, or a Refusal when it is too long."""
    prompt = prompts.template(s.template).fill(dialogue)
    tokens = len(lm.tokenizer(prompt, verbose=False)["input_ids"])
    if tokens > s.prompt_tokens:
        raise Refusal(413, f"At most {s.prompt_tokens:,} tokens were expected, but {tokens:,} came: shorten the text.")
    return prompt


def application(s: Settings) -> FastAPI:
    """The service's app; its model is loaded when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI):
        runtime.start()
        app.state.lm = lm = loaded(s)
        config = generation.settings(s.max_new_tokens)

        def complete(batch: tuple[str, ...]) -> list[str]:
            return generation.generate(lm, batch, config, s.batch_size, progress=False)

        complete((prompts.template(s.template).fill("#Person1#: Hello."),))  # the first call is slower than the others
        app.state.batcher = Batcher(complete, s.batch_size, s.queue_length)
        worker = asyncio.create_task(app.state.batcher.run())
        yield
        worker.cancel()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    async def health() -> dict:
        b, lm = app.state.batcher, app.state.lm
        state = {"status": "ready", "model": lm.name, "precision": lm.precision, "waiting": b.queue.qsize()}
        return state | {"answered": b.answered, "batches": b.batches, "largest_batch": b.largest}

    @app.post("/summaries")
    async def summarise(request: Request) -> dict:
        try:
            async with asyncio.timeout(s.deadline_s):
                dialogue = dialogue_of(await body_of(request, s))
                return {"summary": await app.state.batcher.ask(prompt_of(dialogue, app.state.lm, s))}
        except TimeoutError:
            raise Refusal(504, f"No summary was ready within {s.deadline_s:g} s: try again later.") from None

    @app.exception_handler(Refusal)
    async def refuse(_: Request, refusal: Refusal) -> JSONResponse:
        return JSONResponse({"error": str(refusal)}, refusal.status, refusal.headers)

    @app.exception_handler(HTTPException)
    async def nowhere(request: Request, error: HTTPException) -> JSONResponse:
        sentence = f"POST /summaries or GET /health was expected, but {request.method} {request.url.path} came."
        return JSONResponse({"error": sentence}, error.status_code, error.headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, __: ClientDisconnect) -> JSONResponse:
        return JSONResponse({"error": "The body ended before it was whole."}, 400)

    @app.exception_handler(Exception)
    async def broken(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": f"The service failed on this request ({type(error).__name__})."}, 500)

    return app


if __name__ == "__main__":
    service.serve(application(Settings(**service.settings())))
