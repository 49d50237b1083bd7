"""Meanings of terms stand on the pages that use them, and a search shows where a word stands, also from disk."""

import json

import pytest

from tools.site import lookups

GLOSSARY = """<article class="bd-article"><dl class="glossary"><dt id="term-all-gather">all-gather<a class="headerlink"
href="#term-all-gather">#</a></dt><dd><p>A collective: each rank gives its part, and <em>all</em> receive the
"whole".</p></dd></dl></article>"""
PAGE = """<article class="bd-article" role="main"><section class="x" id="one">
<h1>One<a class="headerlink" href="#one">#</a></h1><p>They use an
<a class="reference internal" href="glossary.html#term-all-gather"><span>all-gather</span></a>.</p>
<pre>secret = 1</pre></section></article>"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "_static").mkdir()
    (tmp_path / "book" / "glossary.html").write_text(GLOSSARY)
    (tmp_path / "book" / "a.html").write_text(PAGE)
    (tmp_path / "search.html").write_text("<head></head><div id='search-results'>")
    return tmp_path


def test_a_link_to_a_term_says_what_it_means(site):
    page = lookups.with_terms(PAGE, lookups.terms(site))
    meaning = "A collective: each rank gives its part, and all receive the &quot;whole&quot;."
    assert f'href="glossary.html#term-all-gather" title="{meaning}"><span>' in page
    assert lookups.with_terms(PAGE, {}) == PAGE


def test_the_search_page_has_every_text_by_section_and_no_code(site):
    lookups.write_texts(site)
    script = (site / "_static" / lookups.TEXTS).read_text()
    texts = json.loads(script.partition(" = ")[2].rstrip(";\n"))
    assert set(texts) == {"book/a.html", "book/glossary.html"}
    assert texts["book/a.html"].startswith('<main role="main"><section id="one"> One')
    assert "secret" not in texts["book/a.html"]
    assert lookups.TEXTS in (site / "search.html").read_text()
