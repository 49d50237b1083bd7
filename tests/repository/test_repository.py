"""What is said about the repository is true of the repository."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.site.pages import toc_pages

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("benchmarks", "grader", "runs", "tools", "utils")
BINARY = {".png", ".pt", ".safetensors", ".woff2"}
# Written so that this file does not match itself.
REGISTRY_HOST = re.compile(
    r"\bpypi\.(?:org|python)|pythonhosted\.|registry\.npmjs|\bdownload\.pytorch|conda\.anaconda|repo\.anaconda"
    r"|crates\.io|proxy\.golang",
    re.IGNORECASE,
)
MACHINE_PATH = re.compile(r"(?:^|[^\w.~<$/}*-])/(?:work|farm|root|tmp|opt|home|Users)/")


def repository_files():
    """Every file that is or could be committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if answer.returncode:
        pytest.skip("the list of files needs git and a clone")
    return [path for name in answer.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def lines_that_match(pattern):
    for path in repository_files():
        if path.suffix not in BINARY:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if pattern.search(line):
                    yield f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"


def test_import_utils_is_light():
    probe = (
        "import json, sys; before = set(sys.modules); import utils; print(json.dumps(sorted({*sys.modules} - before)))"
    )
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", probe], cwd=ROOT))
    assert loaded == ["utils"], "`import utils` should load nothing else: a lab pays for what it uses"


def toc():
    return list(toc_pages(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))))


def test_table_of_contents_names_every_page_and_only_pages_that_exist():
    pages = toc()
    missing = [page for page in pages if not any((ROOT / f"{page}{end}").is_file() for end in (".md", ".ipynb"))]
    assert not missing
    there = [*ROOT.glob("book/*.md"), *ROOT.glob("labs/*/[0-9]*.ipynb")]
    assert {path.relative_to(ROOT).with_suffix("").as_posix() for path in there} == set(pages)
    assert len(set(pages)) == len(pages)


@pytest.mark.parametrize("page", [page for page in toc() if page.startswith("labs/")])
def test_lab_and_chapter_link_to_each_other(page):
    topic = page.split("/")[1]
    assert f"](../{page}.ipynb" in (ROOT / "book" / f"{topic}.md").read_text(encoding="utf-8")
    notebook = json.loads((ROOT / f"{page}.ipynb").read_text(encoding="utf-8"))
    text = "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    assert f"](../../book/{topic}.md" in text


def readme():
    return (ROOT / "README.md").read_text(encoding="utf-8")


def readme_tree():
    """Paths of the tree in the README; two spaces of indentation lie below the line above."""
    paths, above = set(), []
    for line in re.search(r"```text\n(.*?)```", readme(), re.DOTALL)[1].splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        above[depth:] = [line.split()[0].rstrip("/")]
        paths.add("/".join(above))
    return paths


def test_readme_tree_names_what_is_there():
    names = {path.relative_to(ROOT).as_posix() for path in repository_files()}
    top = {name.split("/")[0] for name in names if not name.startswith(".")} - {"README.md"}
    packages = {name.removesuffix("/__init__.py") for name in names if name.endswith("/__init__.py")}
    assert readme_tree() == top | {name for name in packages if not name.startswith("tests")}


def python_packages():
    return sorted(path.parent for name in PACKAGES for path in (ROOT / name).rglob("__init__.py"))


@pytest.mark.parametrize("folder", python_packages(), ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_a_package_lists_its_modules(folder):
    said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    listed = re.findall(r"^(\w+/?) {2,}\S", said.partition("\n\n")[2], re.MULTILINE)
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__"}
    packages = {f"{path.parent.name}/" for path in folder.glob("*/__init__.py")}
    assert sorted(listed) == sorted(modules | packages)


def test_readme_lists_every_lab():
    labs = {path.name for path in (ROOT / "labs").iterdir() if re.match(r"\d\d_", path.name)}
    assert set(re.findall(r"^\| \[(\d\d_\w+)\]", readme(), re.MULTILINE)) == labs


def test_links_of_the_readme_lead_to_files():
    links = re.findall(r"\]\(([^)#]+)", readme() + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_readme_gives_the_command_behind_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| `make (\w+)` \| `(.+?)` \|", readme(), re.MULTILINE))
    targets = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split()
    assert set(shown) == set(targets) - {"help", "clean"}
    commands = makefile.replace("$(PYTHON)", "python3").replace("$(PY)", ".venv/bin/python")
    assert [command for command in shown.values() if command not in commands] == []


def test_environment_names_no_package_twice():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["dependencies"][-1] == {"pip": ["-r requirements.lock", "-e ."]}
    assert [str(need).split("=")[0] for need in environment["dependencies"][:-1]] == ["python", "pip"]


def test_lock_is_exact_sorted_and_portable():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert lines == sorted(lines, key=str.lower)


def test_no_host_of_a_package_registry_is_named():
    assert list(lines_that_match(REGISTRY_HOST)) == []


def test_no_path_of_one_machine_is_named():
    assert list(lines_that_match(MACHINE_PATH)) == []


@pytest.mark.parametrize(
    ("pattern", "bad", "good"),
    [
        (REGISTRY_HOST, "see pypi" + ".org/simple", "see https://pytorch.org"),
        (REGISTRY_HOST, "https://download" + ".pytorch.org/whl", "the file is on files.example.org"),
        (MACHINE_PATH, 'open("/' + 'home/me/data")', "../home/data and ~/tmp/x and a/work/b"),
        (MACHINE_PATH, "/" + "tmp/x", "${TMP}/" + "opt/x"),
    ],
)
def test_the_patterns_match_what_they_should(pattern, bad, good):
    assert pattern.search(bad)
    assert not pattern.search(good)


def test_only_the_weights_are_larger_than_a_megabyte():
    large = [path.relative_to(ROOT).as_posix() for path in repository_files() if path.stat().st_size > 2**20]
    assert set(large) <= {"utils/assets/course_model/model.safetensors", "runs/second_edition/begun/state.pt"}
