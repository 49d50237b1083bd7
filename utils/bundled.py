"""The bundled model and data: where they lie, and what each file must be.

`assets/manifest.json` lists every file below `assets` but the cards (*.md), with its bytes, sha256, recipe and licence.
The recipes write it (`runs.manifest`), loaders read it here, and so does `utils.doctor`, which a Python without any
package can run: the standard library is all that this module imports.
"""

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from utils.errors import CourseError

FOLDER = Path(__file__).resolve().parent / "assets"
MANIFEST = "manifest.json"
PLACE = "utils/assets"  # as a sentence names the folder, wherever the course lies


@dataclass(frozen=True)
class Asset:
    """One bundled file. recipe: the command that writes it, or how else it came about."""

    name: str
    bytes: int
    sha256: str
    recipe: str
    licence: str

    def fault(self, folder: Path) -> str:
        """What is wrong with the file in `folder`, as in "is missing"; empty when it is as it should be."""
        path = folder / self.name
        if not path.is_file():
            return "is missing"
        stat = path.stat()
        if stat.st_size != self.bytes:
            return f"has {stat.st_size:,} bytes, not {self.bytes:,}"
        return (
            "" if _sha256(path, stat.st_size, stat.st_mtime_ns) == self.sha256 else "was altered (its sha256 differs)"
        )


def manifest(folder: Path = FOLDER) -> dict[str, Asset]:
    """The bundled files by name, such as "shop/train.jsonl". Raises CourseError where the manifest cannot be read."""
    try:
        entries = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {name: Asset(name, **entry) for name, entry in entries.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise CourseError(
            f"{PLACE}/{MANIFEST} should list the bundled files, but cannot be read ({type(error).__name__}): "
            f"get it back with `git checkout {PLACE}/{MANIFEST}`."
        ) from None


def path(name: str) -> Path:
    """The path of a bundled file, or of a folder of them; every file is there, whole and unaltered.

    name: as the manifest names it, such as "shop/train.jsonl", or the folder "shop".
    Raises CourseError that names the first file which is not as the manifest says, and what to do about it.
    """
    assets = [asset for asset in manifest(FOLDER).values() if asset.name == name or asset.name.startswith(f"{name}/")]
    if not assets:
        raise CourseError(f"A bundled file or folder was expected, but {name!r} came: take one of {PLACE}/{MANIFEST}.")
    for asset in assets:
        if fault := asset.fault(FOLDER):
            raise CourseError(f"The bundled file {PLACE}/{asset.name} {fault}: {remedy(asset.name, asset.recipe)}.")
    return FOLDER / name


def remedy(name: str, *recipes: str) -> str:
    """What brings a bundled file or folder back: git, or the recipes that are commands."""
    commands = [f"`{recipe}`" for recipe in recipes if recipe.startswith("python ")]
    again = f", or make it again with {' and '.join(commands)}" if commands else ""
    return f"get it back with `git checkout {PLACE}/{name}`{again}"


@functools.cache
def _sha256(path: Path, size_bytes: int, changed_ns: int) -> str:
    """A file's hash. Size and time of the last change are part of the key, so only a file that changed is read again.

    The weights are 14 MB and take 35 ms; all other files together take a third of that.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
