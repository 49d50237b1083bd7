"""Judge a built site: every cell ran, nothing is fetched, links resolve, pictures have alt text, no solution shows.

`python -m tools.site.check` reads _build/html, what it was built from, and the cache of executed notebooks beside it.
The exit status is 1 when anything is wrong, whatever the build itself said.
"""

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


def check_answers(root: Path, site: Path) -> Report:
    """No file of the site shows a line of a solution or of a hidden check."""
    secret = sources.answers(root)
    faults = tuple(sources.given_away(site, secret))
    return Report(f"{len(secret)} lines of solutions and hidden checks, in {len(faults)} files of the site", faults)


def main(root: Path = ROOT, build: Path | None = None, solutions: bool = False) -> int:
    """Prints the reports. solutions: the site may show them. Returns the exit status."""
    build = build or root / "_build"
    reports = [check_notebooks(build / "sources", build / ".jupyter_cache"), check_pages(build / "html")]
    reports += [] if solutions else [check_answers(root, build / "html")]
    for report in reports:
        print(report.counted)
        print("".join(f"  {fault}\n" for fault in report.faults), end="")
    return int(any(report.faults for report in reports))


if __name__ == "__main__":
    sys.exit(main())
