"""Judge a built site: every cell ran, nothing is fetched, links resolve, pictures have alt text, no page is heavy,
no solution shows.

`python -m tools.site.check` reads _build/html, what it was built from, and the cache of executed notebooks beside it.
The exit status is 1 when anything is wrong, whatever the build itself said.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jupyter_cache import get_cache

from tools.site import sources
from tools.site.execute import notebook_faults
from tools.site.html_page import CSS_ADDRESS, SCRIPT_ADDRESS, Page, remote, resolve
from tools.site.pages import code_cells, notebooks

ROOT = Path(__file__).resolve().parents[2]
# Of script and style that a page loads by itself, not on a click.
HEAVIEST_BYTES = 400_000
IMPORT = re.compile(r"""@import\s+(?:url\(\s*)?["']?([^"')\s;]+)""")


@dataclass(frozen=True)
class Report:
    """What was counted, and every fault found, as sentences."""

    counted: str
    faults: tuple[str, ...]


def check_notebooks(folder: Path, cache_dir: Path) -> Report:
    """Every notebook page of the table of contents lies executed in the cache, cell by cell, without an error.

    folder: the sources that the site was built from.
    """
    found, cache, cells, faults = notebooks(folder), get_cache(cache_dir), 0, []
    for page, source in found.items():
        try:
            result = cache.get_cache_bundle(cache.match_cache_notebook(source).pk).nb
        except KeyError:
            faults.append(f"{page}: it was not executed.")
            continue
        cells += sum(cell["execution_count"] is not None for cell in code_cells(result))
        faults += notebook_faults(page, result)
    return Report(f"{len(found)} notebooks, {cells} code cells executed, {len(faults)} errors", tuple(faults))


def broken_links(name: str, page: Page, pages: dict[str, Page], site: Path) -> Iterator[str]:
    """A sentence for each link and local resource of a page that leads nowhere.

    Sphinx reports Markdown's links by itself. It does not look into raw HTML, outputs of cells and its own templates.
    """
    for link in dict.fromkeys([*page.links, *page.fetched]):
        target = resolve(name, link)
        if target is None or link == "#":
            continue
        file, anchor = target
        if file.startswith("..") or not (site / file).is_file():
            yield f"{name}: {link} leads to no file."
        elif anchor and file in pages and anchor not in pages[file].ids:
            yield f"{name}: {link} leads to no anchor."


def check_pages(site: Path) -> Report:
    """Links, alt text and network addresses of every page, style sheet and script of the site."""
    names = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html") if "_static" not in path.parts)
    pages = {name: Page.read((site / name).read_text(encoding="utf-8")) for name in names}
    faults = [] if pages else [f"{site.name}: there is no page."]
    for name, page in pages.items():
        faults += [f"{name}: fetches {address} from the network." for address in remote(page.fetched)]
        faults += [f"{name}: the picture {source} has no alt text." for source in page.without_alt]
        faults += broken_links(name, page, pages, site)
        if f"{site.parent.parent}/" in (site / name).read_text(encoding="utf-8"):
            faults.append(f"{name}: names the folder in which it was built.")
    for suffix, pattern in ((".css", CSS_ADDRESS), (".js", SCRIPT_ADDRESS)):
        for path in sorted(site.rglob(f"*{suffix}")):
            found = remote(pattern.findall(path.read_text(encoding="utf-8", errors="replace")))
            faults += [f"{path.relative_to(site)}: fetches {address} from the network." for address in found]
    links = sum(len(page.links) for page in pages.values())
    return Report(f"{len(pages)} pages, {links} links, {len(faults)} faults", tuple(faults))


def check_weight(site: Path) -> Report:
    """What the scripts and styles that a page loads by itself weigh; the page that searches has its index besides."""
    weights = {}
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).as_posix()
        if not name.startswith("_static/") and name != "search.html":
            weights[name] = sum(size for _, size in _loaded(site, name, path.read_text(encoding="utf-8")))
    heavy = {name: size for name, size in weights.items() if size > HEAVIEST_BYTES}
    faults = tuple(
        f"{name}: loads {size:,} bytes of script and style, more than {HEAVIEST_BYTES:,}."
        for name, size in heavy.items()
    )
    return Report(f"{max(weights.values(), default=0):,} bytes of script and style on the heaviest page", faults)


def _loaded(site: Path, name: str, text: str) -> set[tuple[str, int]]:
    """Every script and style sheet of a page with its size, those that a style sheet imports too."""
    found: set[tuple[str, int]] = set()
    waiting = [target[0] for address in Page.read(text).fetched if (target := resolve(name, address))]
    while waiting:
        file = waiting.pop()
        path = site / file
        if path.suffix not in (".js", ".css") or not path.is_file() or file in {one for one, _ in found}:
            continue
        found.add((file, path.stat().st_size))
        if path.suffix == ".css":
            imported = IMPORT.findall(path.read_text(encoding="utf-8"))
            waiting += [target[0] for address in imported if (target := resolve(file, address))]
    return found


def check_answers(root: Path, site: Path) -> Report:
    """No file of the site shows a line of a solution or of a hidden check."""
    secret = sources.answers(root)
    faults = tuple(sources.given_away(site, secret))
    return Report(f"{len(secret)} lines of solutions and hidden checks, in {len(faults)} files of the site", faults)


def main(root: Path = ROOT, build: Path | None = None, solutions: bool = False) -> int:
    """Prints the reports. solutions: the site may show them. Returns the exit status."""
    build = build or root / "_build"
    site = build / "html"
    reports = [check_notebooks(build / "sources", build / ".jupyter_cache"), check_pages(site), check_weight(site)]
    reports += [] if solutions else [check_answers(root, site)]
    for report in reports:
        print(report.counted)
        print("".join(f"  {fault}\n" for fault in report.faults), end="")
    return int(any(report.faults for report in reports))


if __name__ == "__main__":
    sys.exit(main())
