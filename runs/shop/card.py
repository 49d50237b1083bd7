"""The data card of the shop's dialogues; every number is counted in the files, which `runs.shop.make` writes first."""

import hashlib
import itertools
import json
from pathlib import Path

from runs.cards import read, share, spread, table, words
from runs.dialogues.fillers import BY_SPLIT
from runs.shop import generate
from runs.shop.topics import DEPARTMENTS
from utils.data import SPLITS, Dialogue, support_desk

TEMPLATE = Path(__file__).with_name("card.md")


def goods(split: str) -> set[str]:
    """What may be bought in one split."""
    return {item for topic in DEPARTMENTS for item in topic.items[SPLITS.index(split)]}


def files(folder: Path) -> str:
    """Rows, bytes and SHA-256 of every file."""
    paths = [folder / f"{split}.jsonl" for split in generate.ROWS]
    paths += [folder / "pairs" / f"{split}.jsonl" for split in generate.PAIRS]
    lines = []
    for path in paths:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        name = f"`{path.relative_to(folder).as_posix()}`"
        lines.append((name, content.count(b"\n"), f"{len(content):,}", f"`{digest[:16]}`"))
    return table(("file", "rows", "bytes", "SHA-256, first 16 digits"), lines)


def numbers(found: dict[str, list[Dialogue]]) -> str:
    """What the three splits hold."""
    counts = {
        "turns, least / mean / most": lambda rows: spread(
            [row.dialogue.count("\n") + 1 for row in rows], smallest=True
        ),
        "words of a dialogue, mean / most": lambda rows: spread([len(words(row.dialogue)) for row in rows]),
        "words of a summary, mean / most": lambda rows: spread([len(words(row.summary)) for row in rows]),
        "declined": lambda rows: share(" We declined " in row.summary for row in rows),
        "careless closing": lambda rows: share(row.summary.endswith(support_desk.CARELESS) for row in rows),
    }
    return table(("", *found), [(name, *map(count, found.values())) for name, count in counts.items()])


def shared(found: dict[str, list[Dialogue]]) -> str:
    """What two splits have in common."""
    pools = {
        "dialogues": {split: {row.dialogue for row in rows} for split, rows in found.items()},
        "names": {split: set(BY_SPLIT[split].names) for split in found},
        "streets and cities": {split: {*BY_SPLIT[split].streets, *BY_SPLIT[split].cities} for split in found},
        "goods": {split: goods(split) for split in found},
        "order numbers": {
            split: {support_desk.order_number(row.dialogue) for row in rows} for split, rows in found.items()
        },
    }
    pairs = list(itertools.combinations(found, 2))
    head = ("in both", *(f"{one} and {other}" for one, other in pairs))
    return table(head, [(kind, *(len(sets[a] & sets[b]) for a, b in pairs)) for kind, sets in pools.items()])


def card(folder: Path, seed: int) -> str:
    """The card's text."""
    found = {split: read(folder / f"{split}.jsonl", Dialogue) for split in generate.ROWS}
    first = json.loads((folder / "pairs" / "train.jsonl").read_text(encoding="utf-8").split("\n")[0])
    declined = generate.CARELESS_SHARE
    return TEMPLATE.read_text(encoding="utf-8").format(
        files=files(folder),
        numbers=numbers(found),
        shared=shared(found),
        pair=json.dumps(first, indent=1, ensure_ascii=False),
        departments=", ".join(topic.name for topic in DEPARTMENTS),
        polite=" or ".join(f"“{line}”" for line in support_desk.POLITE.values()),
        careless=", ".join(f"“{line}”" for line in support_desk.CARELESS),
        careless_declined=declined[True],
        careless_agreed=declined[False],
        invented=generate.INVENTED["train"],
        seed=seed,
    )


def write(folder: Path, seed: int) -> None:
    """Write the card beside the files."""
    (folder / "README.md").write_text(card(folder, seed), encoding="utf-8")
