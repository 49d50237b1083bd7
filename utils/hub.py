"""The folder behind a model's or data set's name: bundled, on this machine, or from the hub; each failure one sentence.

Downloads use huggingface_hub and its cache. Files are fetched by commit, and only once every one agrees with the hub's
hash is `main` asked for by name, upon which the client's `refs/main` names that commit. So an interrupted
download never becomes the cache's "main"; a damaged file is removed, and the next run fetches only what is missing.
"""

import hashlib
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

from tqdm import tqdm

from utils import bundled, runtime
from utils.errors import CourseError
from utils.units import format_bytes

TIMEOUT_S = 10.0
NOUN = {"model": "model", "dataset": "data set"}
INSTEAD = {"model": 'MODEL="course"', "dataset": 'DATA="course"'}
BUNDLED = {  # what a name stands for: a folder of utils/assets
    "model": {"course": "course_model"},
    "dataset": {"course": "dialogues", "natural": "natural", "handwritten": "handwritten"},
}
PATTERNS = {
    "model": "config.json generation_config.json *.safetensors *.index.json tokenizer* *_tokens*.json spiece.model",
    "dataset": "*.csv *.jsonl",
}


class _Damaged(Exception):
    """The files are not what the hub promised; the message says how."""


class _Bar(tqdm):
    """Progress on stderr; ends a download that starts over for ever, which the client would allow."""

    received = 0

    def __init__(self, *args, desc="", **kwargs):
        super().__init__(*args, desc=desc.rsplit("/")[-1], **kwargs)

    def update(self, n=1):
        """Count n more bytes. Ends the download once twice the file's size has come."""
        self.received += max(n, 0)  # the client subtracts what it had when it starts over
        if self.total and self.received > 2 * self.total:
            raise _Damaged("the download broke off and started over too often")
        return super().update(n)


def folder(name: str, kind: str) -> Path:
    """The local folder behind a name.

    name: a bundled name, an existing folder, or a hub id "owner/name"; a folder wins over a hub id. Bundled are the
    model "course" and the data sets "course", "natural" and "handwritten"; the last has a test split only.
    kind: "model" or "dataset".
    Raises CourseError when the name is none of these, or as `bundled.path` and `fetch` do.
    """
    if name in BUNDLED[kind]:
        return bundled.path(BUNDLED[kind][name])
    if name and (path := Path(name).expanduser()).is_dir():
        return path
    if re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", str(name)):
        return fetch(str(name), kind)
    names = ", ".join(f'"{known}"' for known in BUNDLED[kind])
    raise CourseError(
        f'The {NOUN[kind]} should be {names}, an existing folder or a hub id such as "owner/name", but '
        f"{str(name)!r} came: correct the name, or set {INSTEAD[kind]}, which works offline."
    )


def fetch(repo_id: str, kind: str) -> Path:
    """The snapshot folder of a hub repository: downloaded and checked, or from a warm cache.

    kind: "model" or "dataset". Reads HF_ENDPOINT, HF_HOME, HF_HUB_CACHE and HF_HUB_OFFLINE at the time of the call.
    Returns the folder. A download's size is printed to stderr before it starts. When the hub fails and the cache is
    whole, the cache is used, and one line on stderr says so.
    Raises CourseError: one sentence with what was asked for, what happened and what to do.
    """
    endpoint, problem = _endpoint(), "HF_HUB_OFFLINE is set"
    if not runtime.offline():
        with _quiet_client() as failures:
            try:
                return _download(repo_id, kind, endpoint)
            except failures as error:
                problem = _reason(error, endpoint)
    cached = _snapshot(repo_id, kind)
    if cached and _is_whole((path.name for path in cached.iterdir() if path.exists()), kind):
        print(f"{repo_id}: {problem}; using the copy in the cache.", file=sys.stderr)
        return cached
    raise CourseError(
        f"The {NOUN[kind]} {repo_id} was asked for, but {problem}, and the cache has no whole copy of it: "
        f"check the name and the connection and run again, or set {INSTEAD[kind]}, which works offline."
    )


def _download(repo_id: str, kind: str, endpoint: str) -> Path:
    """Fetch what the cache lacks of the hub's newest commit, check it, then let the cache's "main" be that commit."""
    from huggingface_hub import HfApi, hf_hub_download

    info = HfApi(endpoint=endpoint).repo_info(repo_id, repo_type=kind, timeout=TIMEOUT_S, files_metadata=True)
    files = [file for file in info.siblings or () if _is_wanted(file.rfilename, kind)]
    if not _is_whole((file.rfilename for file in files), kind):
        raise _Damaged(f"the hub at {endpoint} has none of its files in a format that this course reads")
    missing = _missing(_snapshot(repo_id, kind, info.sha), files)
    if not missing and (main := _snapshot(repo_id, kind)) and main.name == info.sha:
        return main
    size = format_bytes(sum(file.size or 0 for file in missing))
    print(f"{repo_id}: downloading {size}, {len(missing)} of {len(files)} files, from {endpoint}", file=sys.stderr)
    place = {"repo_type": kind, "endpoint": endpoint, "cache_dir": _cache_dir(), "etag_timeout": TIMEOUT_S}
    for file in missing:
        hf_hub_download(repo_id, file.rfilename, revision=info.sha, **place, tqdm_class=_Bar)
    commit = _snapshot(repo_id, kind, info.sha)
    for file in files:
        _check(commit / file.rfilename, file)
    # The client writes refs/main when a file is asked for by that name, even if it downloads nothing, as here; asked at
    # the start, it would name a snapshot that a failure leaves in pieces. Should the hub have moved on by now, the
    # files of this commit are whole all the same, and the next run fetches those of the newer one.
    hf_hub_download(repo_id, files[0].rfilename, revision="main", **place)
    return commit


def _missing(folder: Path | None, files: Sequence) -> list:
    """The files that `folder` lacks; one of another size is removed first, because the client would keep it."""
    for file in files:
        path = folder / file.rfilename if folder else None
        if path and path.exists() and file.size not in (None, path.stat().st_size):
            _discard(path)
    return [file for file in files if not folder or not (folder / file.rfilename).exists()]


def _check(path: Path, file) -> None:
    """Compare with the hub's hash: sha256 for large (LFS) files, git's blob id for the others."""
    algorithm, prefix = ("sha256", b"") if file.lfs else ("sha1", b"blob %d\0" % path.stat().st_size)
    digest = hashlib.new(algorithm, prefix, usedforsecurity=False)
    with path.open("rb") as stream:
        hashlib.file_digest(stream, lambda: digest)
    if digest.hexdigest() != (file.lfs.sha256 if file.lfs else file.blob_id or digest.hexdigest()):
        _discard(path)
        raise _Damaged(f"{file.rfilename} arrived damaged (its {algorithm} differs from the hub's)")


def _discard(path: Path) -> None:
    """Remove a file of a snapshot with the blob behind its link, which the client would link again."""
    path.resolve().unlink()
    path.unlink(missing_ok=True)


def _snapshot(repo_id: str, kind: str, revision: str = "main") -> Path | None:
    """The cached snapshot folder of a revision, whole or not, without any network."""
    from huggingface_hub import errors, snapshot_download

    local = {"cache_dir": _cache_dir(), "local_files_only": True}
    try:
        return Path(snapshot_download(repo_id, repo_type=kind, revision=revision, **local))
    except errors.LocalEntryNotFoundError:
        return None


def _is_wanted(file: str, kind: str) -> bool:
    return "/" not in file and any(fnmatch(file, pattern) for pattern in PATTERNS[kind].split())


def _is_whole(files: Iterable[str], kind: str) -> bool:
    wanted = {Path(file).suffix for file in files if _is_wanted(file, kind)}
    return wanted >= {".json", ".safetensors"} if kind == "model" else bool(wanted)


def _endpoint() -> str:
    from huggingface_hub import constants

    endpoint = runtime.env("HF_ENDPOINT", constants.ENDPOINT).rstrip("/")
    if not endpoint.startswith(("http://", "https://")):
        raise CourseError(f"HF_ENDPOINT should be an http(s) address, but {endpoint!r} came: correct or unset it.")
    return endpoint


def _cache_dir() -> Path | None:
    """The cache that the environment names; None leaves the choice to the client."""
    cache = runtime.env("HF_HUB_CACHE") or ((home := runtime.env("HF_HOME")) and f"{home}/hub")
    return Path(cache).expanduser() if cache else None


@contextmanager
def _quiet_client():
    """Silence the client's log lines and its telemetry request; gives the exceptions by which it fails.

    huggingface_hub 2.4 reads HF_HUB_DISABLE_TELEMETRY once, on import, so it is set in the module.
    """
    from huggingface_hub import constants, errors
    from huggingface_hub.utils import logging

    before = logging.get_verbosity(), constants.HF_HUB_DISABLE_TELEMETRY
    logging.set_verbosity_error()
    constants.HF_HUB_DISABLE_TELEMETRY = True
    try:
        yield (OSError, ValueError, TypeError, KeyError, errors.HTTPError, _Damaged)
    finally:
        logging.set_verbosity(before[0])
        constants.HF_HUB_DISABLE_TELEMETRY = before[1]


def _reason(error: Exception, endpoint: str) -> str:
    """What happened, as a part of a sentence."""
    from huggingface_hub import errors

    hub = f"the hub at {endpoint}"
    match error:
        case _Damaged():
            return str(error)
        case errors.GatedRepoError():
            return f"{hub} wants its licence accepted and a token first"
        case errors.RepositoryNotFoundError():
            return f"{hub} knows nothing of that name (404)"
        case errors.RemoteEntryNotFoundError():
            return f"{hub} lists {str(error.response.url.path).rsplit('/')[-1]} but does not have it (404)"
        case errors.HfHubHTTPError():
            return f"{hub} answered with status {error.response.status_code}"
        case errors.HTTPError() if "Connect" in type(error).__name__ or "Timeout" in type(error).__name__:
            return f"{hub} could not be reached"
        case errors.HTTPError() | errors.LocalEntryNotFoundError() | ConnectionError():
            return f"{hub} broke the connection off"
        case OSError() if error.errno:
            return f"its files could not be written to the cache ({error.strerror})"
        case OSError() if "Consistency check" in str(error):
            return f"{str(error).split(').')[0].rsplit('/')[-1]} arrived truncated"
    return f"{hub} gave an answer no hub gives (perhaps the login page of a network)"
