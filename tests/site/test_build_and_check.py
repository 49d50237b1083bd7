"""The site's tools: each planted fault is caught, formulas become MathML, set-up runs only when it must."""

import json
import re
import shutil
import subprocess

import nbformat
import pytest
from docutils.utils.math import MathError
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

from tools import set_up
from tools.site import build, check, execute, finish, pages, sources
from tools.site.html_page import Page, remote, resolve
from tools.site.sphinx import mathml

GOOD_PAGE = """<html><head><link rel="stylesheet" href="_static/a.css"><script src="_static/a.js"></script></head>
<body><h1 id="top">Good</h1><a href="#top">here</a> <a href="sub/other.html#there">there</a>
<a href="https://example.org/paper">a paper</a><img src="_static/a.svg" alt="A line rises">
<img src="data:image/svg+xml;base64,AAAA" alt="A line falls"></body></html>"""
OTHER_PAGE = '<html><body><p id="there"><a href="../index.html#top">back</a></p></body></html>'


@pytest.fixture
def site(tmp_path):
    """A site of two pages without a fault."""
    for name, text in {
        "index.html": GOOD_PAGE,
        "sub/other.html": OTHER_PAGE,
        "_static/a.css": "@import 'b.css'; p { background: url(a.svg); }",
        "_static/b.css": "/* from https://example.org/style.css */",
        "_static/a.js": 'location = "https://example.org/help";',
        "_static/a.svg": "<svg/>",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_a_good_site_has_no_fault(site):
    report = check.check_pages(site)
    assert report.faults == ()
    assert report.counted == "2 pages, 4 links, 0 faults"


PAGE_FAULTS = {
    "remote script": ('<script src="https://cdn.example/x.js"></script>', "from the network"),
    "remote script without scheme": ('<script src="//cdn.example/x.js"></script>', "from the network"),
    "remote style": ('<link rel="stylesheet" href="http://cdn.example/x.css">', "from the network"),
    "remote font, preloaded": ('<link rel="preload" href="https://cdn.example/x.woff2">', "from the network"),
    "remote picture": ('<img alt="A map" src="https://cdn.example/x.png">', "from the network"),
    "remote picture set": ('<img alt="A map" src="_static/a.svg" srcset="https://cdn.example/x.png 2x">', "network"),
    "remote frame": ('<iframe src="https://cdn.example/"></iframe>', "from the network"),
    "remote ground": ('<p style="background: url(https://cdn.example/x.png)">', "from the network"),
    "remote font in a style": ("<style>@font-face { src: url('https://cdn.example/x') }</style>", "from the network"),
    "remote import in a style": ('<style>@import "https://cdn.example/x";</style>', "from the network"),
    "script that loads a script": ('<script>load("https://cdn.example/x.js")</script>', "from the network"),
    "no alt text": ('<img src="_static/a.svg">', "has no alt text"),
    "empty alt text": ('<img src="_static/a.svg" alt=" ">', "has no alt text"),
    "drawing without alt text": ('<svg role="img"><path d="M0 0"/></svg>', "has no alt text"),
    "link to no page": ('<a href="gone.html">', "leads to no file"),
    "link to no anchor here": ('<a href="#gone">', "leads to no anchor"),
    "link to no anchor there": ('<a href="sub/other.html#gone">', "leads to no anchor"),
    "link out of the site": ('<a href="../secret.html">', "leads to no file"),
    "link to a folder": ('<a href="sub/">', "leads to no file"),
    "picture that is missing": ('<img src="_static/gone.svg" alt="A map">', "leads to no file"),
    "script that is missing": ('<script src="_static/gone.js"></script>', "leads to no file"),
}


@pytest.mark.parametrize("fault", PAGE_FAULTS)
def test_each_page_fault_is_caught(site, fault):
    html, complaint = PAGE_FAULTS[fault]
    (site / "index.html").write_text(GOOD_PAGE.replace("</body>", f"{html}</body>"))
    faults = check.check_pages(site).faults
    assert len(faults) == 1
    assert complaint in faults[0]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("_static/a.css", "@font-face { src: url(https://cdn.example/x.woff2) }"),
        ("_static/a.css", "@import '//cdn.example/x.css';"),
        ("_static/a.js", "import('https://cdn.example/x.mjs')"),
        ("_static/a.js", "fetch(`https://cdn.example/x.wasm?v=1`)"),
    ],
)
def test_styles_and_scripts_that_fetch_are_caught(site, file, text):
    (site / file).write_text(text)
    assert len(check.check_pages(site).faults) == 1


def test_an_empty_site_is_a_fault(tmp_path):
    assert check.check_pages(tmp_path).faults


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("#a", ("book/intro.html", "a")),
        ("notation.html?x=1#a%20b", ("book/notation.html", "a b")),
        ("../labs/02.html", ("labs/02.html", "")),
        ("/index.html", ("index.html", "")),
        ("../../x.html", ("../x.html", "")),
        ("mailto:a@b.c", None),
        ("https://example.org/#a", None),
    ],
)
def test_resolve(link, target):
    assert resolve("book/intro.html", link) == target


def test_a_canonical_address_is_not_fetched():
    assert remote(Page.read('<link rel="canonical" href="https://example.org/">').fetched) == []


def cell(source="x = 1", count=1, outputs=()):
    return nbformat.v4.new_code_cell(source, execution_count=count, outputs=list(outputs))


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A"), *cells])


ERROR = nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="", traceback=[])


@pytest.fixture
def course(tmp_path):
    """A course of one plain page and one notebook, whose executed version lies in the cache."""
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: intro\nchapters:\n  - file: lab\n")
    (tmp_path / "intro.md").write_text("# Plain\n")
    nbformat.write(notebook(cell(count=None)), tmp_path / "lab.ipynb")
    remember(tmp_path, notebook(cell()))
    return tmp_path


def remember(course, executed):
    bundle = CacheBundleIn(executed, str(course / "lab.ipynb"))
    get_cache(course / "cache").cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def test_the_cache_of_a_built_course_has_no_fault(course):
    report = check.check_notebooks(course, course / "cache")
    assert report == check.Report("1 notebooks, 1 code cells executed, 0 errors", ())


def test_a_notebook_that_raised_is_caught(course):
    remember(course, notebook(cell(outputs=[ERROR])))
    assert "raised ZeroDivisionError" in check.check_notebooks(course, course / "cache").faults[0]


def test_a_notebook_without_an_executed_version_is_caught(course):
    nbformat.write(notebook(cell("changed = 1", count=None)), course / "lab.ipynb")
    assert "was not executed" in check.check_notebooks(course, course / "cache").faults[0]


def test_every_page_of_a_nested_table_of_contents_is_found():
    toc = {"root": "a", "parts": [{"chapters": [{"file": "b", "sections": [{"file": "c"}]}, {"file": "d"}]}]}
    assert list(pages.toc_pages(toc)) == ["a", "b", "c", "d"]


def test_pages_and_doctrees_start_empty_and_executed_notebooks_stay(tmp_path):
    for name in ("html", ".doctrees", "jupyter_execute", "executed"):
        (tmp_path / "_build" / name).mkdir(parents=True)
    build.empty(tmp_path / "_build")
    assert [path.name for path in (tmp_path / "_build").iterdir()] == ["executed"]


FAILED = execute.Execution("a", 1.0, ("a: code cell 1 raised.",))


@pytest.mark.parametrize(
    ("executed", "built", "judged", "status"),
    [([], 0, 0, 0), ([FAILED], 0, 0, 1), ([], 1, 0, 1), ([], 0, 1, 1)],
    ids=["good", "a notebook failed", "build failed", "check failed"],
)
def test_the_build_succeeds_only_when_nothing_was_found(tmp_path, monkeypatch, capsys, executed, built, judged, status):
    monkeypatch.setattr(execute, "execute", lambda root: executed)
    monkeypatch.setattr(build, "run_jupyter_book", lambda root, folder, build: built)
    monkeypatch.setattr(check, "main", lambda root, build, solutions: judged)
    for solutions, sites in ((False, 1), (True, 2)):
        assert build.main(tmp_path, solutions) == status
        assert capsys.readouterr().out.count("index.html") == (0 if status else sites)


@pytest.mark.parametrize("added", [0, 1])
def test_a_notebook_that_jupyter_book_executes_by_itself_is_a_fault(course, monkeypatch, capfd, added):
    def jupyter_book(*command, **options):
        if added:
            bundle = CacheBundleIn(notebook(cell("y = 2")), "other")
            get_cache(course / "_build" / ".jupyter_cache").cache_notebook_bundle(bundle, check_validity=False)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(build.subprocess, "run", jupyter_book)
    assert build.run_jupyter_book(course, course, course / "_build") == added
    assert ("Jupyter Book executed a notebook" in capfd.readouterr().err) == bool(added)


@pytest.mark.slow
def test_copied_sources_find_the_extensions_of_this_repository(tmp_path):
    folder = tmp_path / "_build" / "sources"
    (folder / "book").mkdir(parents=True)
    shutil.copytree(build.ROOT / "book" / "_static", folder / "book" / "_static")
    shutil.copy(build.ROOT / "book" / "references.bib", folder / "book")
    shutil.copy(build.ROOT / "_config.yml", folder)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/page\n")
    (folder / "book" / "page.md").write_text("# A page\n\nA formula: $a^2$.\n")
    assert build.run_jupyter_book(build.ROOT, folder, tmp_path / "_build") == 0
    assert "<math" in (tmp_path / "_build" / "html" / "book" / "page.html").read_text()


def test_pages_do_not_tell_where_they_were_built(tmp_path):
    site = tmp_path / "_build" / "html"
    site.mkdir(parents=True)
    (site / "index.html").write_text(f"<html><body><pre>File {tmp_path}/utils/a.py:3, in f</pre></body></html>")
    assert check.check_pages(site).faults == ("index.html: names the folder in which it was built.",)
    finish.finish(site, tmp_path)
    assert "File utils/a.py:3" in (site / "index.html").read_text()
    assert check.check_pages(site).faults == ()


BUILT = """<html><head><title>Recall &#8212; The course</title></head><body>
<li><a href="#">Chapters</a><details open="open"><summary><span class="toctree-toggle"></span></summary></details></li>
<article><p>Short.</p><p>A network <em>reads</em> "pairs" and is asked for one of them. {}</p>
<details><summary aria-label="Toggle hidden content"><span>Show the code</span></summary></details></article>
</body></html>"""


def test_a_built_page_has_named_folds_and_says_what_it_is_about(tmp_path):
    page = finish.finished(BUILT.format("It must look back. " * 20), tmp_path)
    assert '<summary aria-label="Pages below: Chapters"><span class="toctree-toggle">' in page
    assert "<summary><span>Show the code" in page
    said = re.search(r'<meta name="description" content="([^"]*)" />', page)[1]
    assert said.startswith("A network reads &quot;pairs&quot; and is asked for one of them. It must")
    assert said.endswith("…")
    assert len(said) < finish.LONGEST + 20
    assert '<meta property="og:title" content="Recall" />' in page


def test_a_page_without_an_article_stays_and_source_maps_go(tmp_path):
    (tmp_path / "index.html").write_text("<html><head><title>a</title></head></html>")
    (tmp_path / "a.js.map").write_text("{}")
    finish.finish(tmp_path, tmp_path / "elsewhere")
    assert (tmp_path / "index.html").read_text() == "<html><head><title>a</title></head></html>"
    assert not (tmp_path / "a.js.map").exists()


SOLVED = """def mean(values: list[float]) -> float:
    \"\"\"Their mean.\"\"\"
    ### BEGIN SOLUTION
    return sum(values) / len(values)
    ### END SOLUTION
"""
CHECKED = """assert mean([2.0, 4.0]) == 3.0
### BEGIN HIDDEN TESTS
assert mean([1.0, 1.0, 7.0]) == 3.0, "of three"
### END HIDDEN TESTS
"""


@pytest.fixture
def graded(tmp_path):
    """A course of one graded lab."""
    solution = {"grade": False, "grade_id": "mean", "locked": False, "schema_version": 3, "solution": True}
    graded = {"grade": True, "grade_id": "mean-check", "locked": True, "points": 1, "schema_version": 3}
    cells = [cell(SOLVED, None), cell(CHECKED, None)]
    for each in cells:
        each.metadata.tags = ["hide-input"]
    cells[0].metadata.nbgrader = solution | {"task": False}
    cells[1].metadata.nbgrader = graded | {"solution": False, "task": False}
    path = tmp_path / "labs" / "01_mean" / "01_mean.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook(*cells), path)
    return tmp_path


def test_a_lab_goes_into_the_site_as_students_get_it(graded):
    before = (graded / "labs" / "01_mean" / "01_mean.ipynb").read_bytes()
    for solutions in (False, True):
        folder = sources.write(graded, graded / "_build", solutions)
        text = (folder / "labs" / "01_mean" / "01_mean.ipynb").read_text()
        assert "raise NotImplementedError()" in text or solutions
        assert "mean([2.0, 4.0])" in text
        for hidden in ("sum(values)", "BEGIN SOLUTION", "7.0", "BEGIN HIDDEN"):
            assert (hidden in text) is solutions
        stub, check = pages.code_cells(json.loads(text))
        # The stub is open, and the fold of the check says what it holds.
        assert ("hide-input" in stub["metadata"]["tags"]) is solutions
        assert "hide-input" in check["metadata"]["tags"]
        assert (check["metadata"].get("mystnb", {}).get("code_prompt_show") == "Show the check") is not solutions
    assert (graded / "labs" / "01_mean" / "01_mean.ipynb").read_bytes() == before


LEAKS = {
    "a page": ("labs/01.html", "<pre><span>    return</span> <span>sum</span>(values) / len(values)</pre>"),
    "a page, escaped": ("labs/01.html", "<pre>assert mean([1.0, 1.0, 7.0]) == 3.0, &quot;of three&quot;</pre>"),
    "a download": ("_sources/labs/01.ipynb", json.dumps(notebook(cell(SOLVED)))),
    "a text": ("_sources/book/01.md", "```\n  return sum(values) / len(values)\n```\n"),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_line_of_a_solution_or_a_hidden_check_is_caught(graded, leak):
    name, text = LEAKS[leak]
    site = graded / "_build" / "html"
    (site / name).parent.mkdir(parents=True)
    (site / "index.html").write_text("<p>Write mean(values), the sum divided by their number.</p>")
    assert check.check_answers(graded, site).faults == ()
    (site / name).write_text(text)
    [fault] = check.check_answers(graded, site).faults
    assert fault.startswith(f"{name}: shows ")


def test_what_a_chapter_shows_too_is_no_secret(graded):
    (graded / "book").mkdir()
    (graded / "book" / "01_mean.md").write_text("```\nreturn sum(values) / len(values)\n```\n")
    assert sources.answers(graded) == {'assert mean([1.0, 1.0, 7.0]) == 3.0, "of three"'}


@pytest.mark.parametrize(
    ("tex", "holds"),
    [
        (r"\frac{1}{2}", "<mfrac>"),
        (r"x_1, \dots, x_n", "…"),
        (r"\sqrt{d_k}", "<msqrt>"),
        (r"\begin{align*} a &= b \\ c &= d \end{align*}", "<mtable"),
        (r"a &= b \\ c &= d", "<mtable"),
    ],
)
def test_formulas_become_mathml(tex, holds):
    assert holds in mathml.translate(tex, block=True)


def test_an_unknown_command_is_refused():
    with pytest.raises(MathError, match="nosuch"):
        mathml.translate(r"\nosuch{x}", block=False)


def test_set_up_runs_again_only_for_a_changed_project(tmp_path):
    python, stamp = tmp_path / "python", tmp_path / "stamp"
    for path in (python, tmp_path / "pyproject.toml", tmp_path / "requirements.lock"):
        path.write_text("1")
    assert not set_up.up_to_date(tmp_path, stamp, python)
    stamp.write_text(set_up.fingerprint(tmp_path) + "\n")
    assert set_up.up_to_date(tmp_path, stamp, python)
    (tmp_path / "requirements.lock").write_text("2")
    assert not set_up.up_to_date(tmp_path, stamp, python)


def test_set_up_runs_again_in_a_moved_folder(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for name in ("pyproject.toml", "requirements.lock"):
            (tmp_path / folder / name).write_text("1")
    assert set_up.fingerprint(tmp_path / "a") != set_up.fingerprint(tmp_path / "b")


def test_an_old_python_is_refused_in_words():
    with pytest.raises(set_up.SetUpError, match=r"3\.11 or newer is needed, not 3\.10"):
        set_up.require_python((3, 10))


def test_a_missing_venv_module_is_named(monkeypatch):
    monkeypatch.setattr(set_up.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(set_up.SetUpError, match="python3-venv"):
        set_up.require_python((3, 11))


def report_of(*needs):
    return {"install": [{"metadata": {"name": "torch", "requires_dist": list(needs)}}]}


@pytest.mark.parametrize(
    ("report", "cuda"),
    [
        (report_of("filelock", "sympy>=1.13"), False),
        (report_of("filelock", "nvidia-cublas-cu12==12.8 ; platform_system == 'Linux'"), True),
        (report_of("cuda-bindings>=13 ; platform_system == 'Linux'"), True),
        ({"install": [{"metadata": {"name": "torch"}}]}, False),
        ({"install": []}, False),
    ],
)
def test_pips_report_tells_whether_cuda_would_come(report, cuda):
    assert set_up.brings_cuda(report) is cuda


@pytest.mark.parametrize(
    ("index", "gpu", "cuda", "asked"),
    [
        ("somewhere", None, True, ["index"]),
        (None, "nvidia-smi", True, []),
        (None, None, False, []),
        (None, None, True, ["uv"]),
    ],
    ids=["index given", "gpu", "plain pip is small", "plain pip brings cuda"],
)
def test_where_torch_comes_from(monkeypatch, index, gpu, cuda, asked):
    came = []
    monkeypatch.setenv("TORCH_INDEX", index or "")
    monkeypatch.setattr(set_up.shutil, "which", lambda name: gpu)
    monkeypatch.setattr(set_up, "pip_would_bring_cuda", lambda: cuda)
    monkeypatch.setattr(set_up, "torch_from", lambda index: came.append("index"))
    monkeypatch.setattr(set_up, "cpu_torch_through_uv", lambda: came.append("uv"))
    set_up.install_torch()
    assert came == asked


def test_the_lock_pins_torch_without_a_build():
    assert set_up.torch_pin() == "torch==2.13.0"
