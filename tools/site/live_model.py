"""The course model as scripts that a page loads on a click, and the recorded run that it shows without them.

What was made is kept in _build/live_model while the model, the dialogues and the code that makes it stay as they are.
"""

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from utils import bundled, runtime

FOLDER = "course_model"  # of the scripts, in _static
# Named, not imported: these take torch, which a build that finds all in place can do without.
CODE = ("tools/site/model_scripts.py", "tools/site/model_export.py", "utils/models/quantize.py", "utils/prompts.py")


@dataclass(frozen=True)
class Exported:
    """about: the script that names all others. bytes: of what a click loads. recorded: a run, step by step."""

    folder: Path
    about: str
    bytes: int
    recorded: dict


def exported() -> Exported:
    """The scripts, made now or kept from an earlier build."""
    root = runtime.project_root()
    place = root / "_build" / "live_model"
    folder = place / _key(root)
    if not folder.is_dir():
        from tools.site import model_scripts

        for old in place.glob("*"):
            shutil.rmtree(old)
        # Another build may be at work too: the folder gets its name when all is in it.
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as unfinished:
            summary = model_scripts.write(Path(unfinished))
            Path(unfinished, "summary.json").write_text(json.dumps(summary), encoding="utf-8")
            shutil.copytree(unfinished, folder, dirs_exist_ok=True)
    return Exported(folder, **json.loads((folder / "summary.json").read_text(encoding="utf-8")))


def copy(made: Exported, static: Path) -> None:
    """Put the scripts below a site's folder _static."""
    target = static / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in made.folder.glob("*.js"):
        shutil.copy(path, target)


def _key(root: Path) -> str:
    """A hash of all that the scripts depend on."""
    assets = bundled.manifest()
    used = [name for name in sorted(assets) if name.startswith(("course_model/", "dialogues/"))]
    parts = [f"{name} {assets[name].sha256}" for name in used]
    parts += [(root / name).read_text(encoding="utf-8") for name in CODE]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
