"""Compare the bundled files with their manifest: `python -m runs.manifest`; with --refresh, take the files as they are.

Each recipe enters what it wrote by `record`. After a change by other means (the handwritten dialogues, another column
in the table of the sweep) run `python -m runs.manifest --refresh`. A new file gets in through its recipe alone, since
no file tells its recipe and licence.
"""

import argparse
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from utils import bundled
from utils.bundled import Asset

LICENCE = "CC0-1.0"


def record(paths: Iterable[Path], module: str, licence: str = LICENCE) -> None:
    """Enter the files that a recipe has just written, in place of what the manifest held from this recipe.

    module: the recipe's, as `python -m` takes it. Files outside the assets, which `--out` asks for, are passed over.
    """
    recipe = f"python -m {module}"
    names = [
        path.resolve().relative_to(bundled.FOLDER).as_posix()
        for path in paths
        if path.resolve().is_relative_to(bundled.FOLDER)
    ]
    if names:
        others = [asset for asset in bundled.manifest(bundled.FOLDER).values() if asset.recipe != recipe]
        write([*others, *(measured(name, recipe, licence) for name in names)])


def refresh() -> None:
    """Take over bytes and hashes of the files as they are. Raises FileNotFoundError where a listed one is missing."""
    assets = bundled.manifest(bundled.FOLDER).values()
    write([measured(asset.name, asset.recipe, asset.licence) for asset in assets])


def measured(name: str, recipe: str, licence: str) -> Asset:
    """The entry of a file as it is now."""
    content = (bundled.FOLDER / name).read_bytes()
    return Asset(name, len(content), hashlib.sha256(content).hexdigest(), recipe, licence)


def write(assets: Iterable[Asset]) -> None:
    """Write the manifest, sorted by name, a line for each file."""
    lines = []
    for asset in sorted(assets, key=lambda asset: asset.name):
        entry = asdict(asset)
        lines.append(f"{json.dumps(entry.pop('name'))}: {json.dumps(entry)}")
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (bundled.FOLDER / bundled.MANIFEST).write_text(text, encoding="utf-8")


def differences() -> list[str]:
    """What does not agree between the manifest and the folder, one sentence each."""
    assets = bundled.manifest(bundled.FOLDER)
    wrong = [f"{name} {fault}." for name, asset in assets.items() if (fault := asset.fault(bundled.FOLDER))]
    files = (path for path in sorted(bundled.FOLDER.rglob("*")) if path.is_file() and path.suffix != ".md")
    names = (path.relative_to(bundled.FOLDER).as_posix() for path in files)
    return wrong + [f"{name} is not listed." for name in names if name not in {*assets, bundled.MANIFEST}]


def main(arguments: list[str] | None = None) -> int:
    """Prints the differences. Returns the exit status: 1 when there are any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--refresh", action="store_true", help="write bytes and hashes of the files as they are")
    if parser.parse_args(arguments).refresh:
        refresh()
    found = differences()
    print(*(found or ["The bundled files are as the manifest says."]), sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
