"""A model hub on 127.0.0.1: serves a folder over the hub's protocol, counts requests, and fails on demand.

The folder holds `models/<owner>/<name>/` and `datasets/<owner>/<name>/`. Point HF_ENDPOINT at `LoopbackHub.endpoint`.
"""

import atexit
import csv
import functools
import hashlib
import json
import re
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, socket
from tempfile import TemporaryDirectory
from threading import Thread

from utils import data

FLAN_T5_BASE = {"vocab_size": 32128, "d_model": 768, "d_ff": 2048, "num_layers": 12, "num_heads": 12, "d_kv": 64}
TINY_T5 = {"vocab_size": 512, "d_model": 16, "d_ff": 32, "num_layers": 2, "num_heads": 2, "d_kv": 8}
LARGE_SUFFIXES = (".safetensors", ".model")
CHUNK_BYTES = 1 << 20


class LoopbackHub:
    """Serves `root` while the context is open; `requests` lists "METHOD path" in the order of arrival.

    `faults` maps a repository id to "not found", "unavailable" or "login page", or a file name to "not found",
    "truncated", "dropped", "dropped once" or "damaged". `stop` ends the service, `start` resumes it on the same port.
    `ignore_ranges` makes the hub answer a resumed download from its start.
    """

    def __init__(self, root: Path):
        self.root, self.port, self.ignore_ranges = Path(root), 0, False
        self.requests: list[str] = []
        self.connections: list[socket] = []
        self.faults: dict[str, str] = {}

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        handler = type("Handler", (_Handler,), {"hub": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.port = self.server.server_address[1]
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)

    def fault(self, name: str) -> str | None:
        return self.faults.pop(name) if self.faults.get(name) == "dropped once" else self.faults.get(name)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: LoopbackHub

    def setup(self):
        super().setup()
        self.hub.connections.append(self.connection)

    def do_GET(self):
        self.hub.requests.append(f"{self.command} {self.path}")
        path = self.path.split("?")[0]
        if found := re.fullmatch(r"/api/(models|datasets)/([^/]+/[^/]+)(/revision/[^/]+|/tree/[^/]+)?", path):
            return self._repository(*found.groups())
        if found := re.fullmatch(r"/(?:(datasets)/)?([^/]+/[^/]+)/resolve/[^/]+/(.+)", path):
            return self._file(found[1] or "models", found[2], found[3])
        return self._fail("RepoNotFound")

    do_HEAD = do_GET

    def _repository(self, kind: str, repo_id: str, view: str | None):
        folder = self.hub.root / kind / repo_id
        fault = self.hub.fault(repo_id)
        if fault in ("unavailable", "login page"):
            return self._reply(503 if fault == "unavailable" else 200, b"<html>Guest network</html>")
        if fault == "not found" or not folder.is_dir():
            return self._fail("RepoNotFound")
        listing = [_described(path) for path in sorted(folder.iterdir())]
        if not (view or "").startswith("/tree"):
            siblings = [entry | {"rfilename": entry["path"], "blobId": entry["oid"]} for entry in listing]
            listing = {"id": repo_id, "sha": commit(folder), "private": False, "tags": [], "siblings": siblings}
        return self._reply(200, json.dumps(listing).encode())

    def _file(self, kind: str, repo_id: str, name: str):
        path = self.hub.root / kind / repo_id / name
        fault = self.hub.fault(name) if self.command == "GET" else None
        if self.hub.faults.get(name) == "not found" or not path.is_file():
            return self._fail("EntryNotFound")
        size, start = path.stat().st_size, 0
        if (asked := re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))) and not self.hub.ignore_ranges:
            start = int(asked[1])
        entry = _described(path)
        stop = size // 2 if fault in ("truncated", "dropped", "dropped once") else size
        headers = {"ETag": f'"{entry.get("lfs", entry)["oid"]}"', "X-Repo-Commit": commit(path.parent)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        headers["Content-Length"] = str((stop if fault == "truncated" else size) - start)
        self._send_head(206 if start else 200, headers)
        if self.command == "GET":
            self._send_bytes(path, start, stop, fault)

    def _send_bytes(self, path: Path, start: int, stop: int, fault: str | None):
        with path.open("rb") as stream:
            stream.seek(start)
            while (left := stop - stream.tell()) > 0:
                chunk = stream.read(min(CHUNK_BYTES, left))
                self.wfile.write(bytes([chunk[0] ^ 1]) + chunk[1:] if fault == "damaged" else chunk)
        self.close_connection = fault in ("dropped", "dropped once")

    def _fail(self, code: str):
        self._reply(404, b"", {"X-Error-Code": code, "X-Error-Message": code})

    def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None):
        self._send_head(status, (headers or {}) | {"Content-Length": str(len(body))})
        if self.command == "GET":
            self.wfile.write(body)

    def _send_head(self, status: int, headers: dict[str, str]):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_):
        pass


def commit(folder: Path) -> str:
    """Forty digits that change with any file's content."""
    return hashlib.sha1("".join(_described(path)["oid"] for path in sorted(folder.iterdir())).encode()).hexdigest()


def _described(path: Path) -> dict:
    return _hashed(path, path.stat().st_size, path.stat().st_mtime_ns)


@functools.cache
def _hashed(path: Path, size: int, _: int) -> dict:
    """A tree entry: git's blob id for small files, sha256 for large ones."""
    entry = {"type": "file", "path": path.name, "size": size}
    if path.suffix in LARGE_SUFFIXES:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        lfs = {"oid": sha256, "sha256": sha256, "size": size, "pointerSize": 134}
        return entry | {"oid": sha256[:40], "lfs": lfs}
    return entry | {"oid": hashlib.sha1(b"blob %d\0" % size + path.read_bytes()).hexdigest()}


def write_t5(folder: Path, shape: dict, seed: int = 0) -> Path:
    """A T5 v1.1 checkpoint with random bf16 weights, a separate lm_head, and a tokenizer trained here."""
    import torch
    from safetensors.torch import save_file
    from transformers import GenerationConfig, T5Config, T5ForConditionalGeneration

    folder.mkdir(parents=True)
    config = T5Config(**shape, feed_forward_proj="gated-gelu", decoder_start_token_id=0)
    with torch.device("meta"):
        names = {name: tensor.shape for name, tensor in T5ForConditionalGeneration(config).state_dict().items()}
    noise = torch.randn(1 << 20, generator=torch.Generator().manual_seed(seed)).mul_(0.02).bfloat16()
    weights = {}
    for name, size in names.items():
        if not name.endswith("embed_tokens.weight"):
            noise = noise.roll(1)
            weights[name] = noise.repeat(size.numel() // noise.numel() + 1)[: size.numel()].reshape(size).clone()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    written = config.to_dict() | {"architectures": ["T5ForConditionalGeneration"], "tie_word_embeddings": False}
    del written["scale_decoder_outputs"]
    (folder / "config.json").write_text(json.dumps(written | {"n_positions": 512}))
    GenerationConfig(decoder_start_token_id=0, eos_token_id=1, pad_token_id=0).save_pretrained(folder)
    # A tokenizer that knows no words would make prompts several times as long as a real one's.
    write_tokenizer(folder, min(shape["vocab_size"], 4096))
    (folder / "README.md").write_text("Random weights.")
    return folder


def write_tokenizer(folder: Path, size: int = 512) -> None:
    """A byte-level BPE of at most `size` tokens in the hub's format, which has learned the course's dialogues."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    bytes_ = pre_tokenizers.ByteLevel.alphabet()
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    options = {"vocab_size": size, "special_tokens": list(special.values()), "initial_alphabet": bytes_}
    texts = [f"{row.dialogue}\n{row.summary}" for row in data.dialogues("course", "train")[:200]]
    bpe.train_from_iterator(texts, trainers.BpeTrainer(**options, show_progress=False))
    PreTrainedTokenizerFast(tokenizer_object=bpe, **special).save_pretrained(folder)


def write_dialogues(folder: Path, rows: dict[str, list[dict[str, str]]]) -> Path:
    """CSV files in the layout of the hub's DialogSum: one per split, columns id, dialogue, summary, topic."""
    folder.mkdir(parents=True)
    columns = ["id", "dialogue", "summary", "topic"]
    for split, content in rows.items():
        with (folder / f"{split}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([columns, *([row[column] for column in columns] for row in content)])
    return folder


@functools.cache
def full_tier() -> Path:
    """A hub's folder with google/flan-t5-base (random weights) and knkarthick/dialogsum (bundled dialogues), made once.

    The test split has one row for each of three references, as on the real hub.
    """
    from utils.data import SPLITS, dialogues

    folder = TemporaryDirectory(prefix="loopback_hub_")
    atexit.register(folder.cleanup)
    write_t5(Path(folder.name) / "models" / "google" / "flan-t5-base", FLAN_T5_BASE)
    rows = {split: [_row(row, row.id, row.summary) for row in dialogues("course", split)] for split in SPLITS}
    rows["test"] = [
        _row(row, f"{row.id}_{number}", summary)
        for row in dialogues("course", "test")
        for number, summary in enumerate((row.summary, row.summary.upper(), row.topic), 1)
    ]
    write_dialogues(Path(folder.name) / "datasets" / "knkarthick" / "dialogsum", rows)
    commit(Path(folder.name) / "models" / "google" / "flan-t5-base")  # hashed here, not within a client's time limit
    return Path(folder.name)


def _row(dialogue, row_id: str, summary: str) -> dict[str, str]:
    return {"id": row_id, "dialogue": dialogue.dialogue, "summary": summary, "topic": dialogue.topic}
