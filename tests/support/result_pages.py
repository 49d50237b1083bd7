"""What is asked of every table and page that the grader writes."""

import csv
import re
from html.parser import HTMLParser

from tools.site.html_page import Page

CANARY, SECRET = "CANARY-hidden-7261", "CANARY-environment-9153"
HOSTILE = '<script src="https://example.org/x.js">alert(1)</script>" onload="x'


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


class Cells(HTMLParser):
    """Heading cells without a scope, tables without a caption or headings, and the text."""

    def __init__(self, html):
        super().__init__()
        self.headings, self.tables, self.text = [], 0, ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tables += tag == "table"
        if tag == "th":
            self.headings.append(dict(attrs).get("scope"))

    def handle_data(self, data):
        self.text += data


def assert_safe(html):
    """Nothing is fetched or run, every picture has alt text, every table has headings with a scope."""
    page, cells = Page.read(html), Cells(html)
    assert [address for address in page.fetched if not address.startswith("data:image/svg+xml;base64,")] == []
    assert page.without_alt == []
    assert not re.search(r"<script|<link|<iframe|<object|\son\w+\s*=\s*\"|@import|url\(", html)
    assert set(cells.headings) <= {"col", "row"}
    assert html.count("<thead>") == cells.tables
    assert '<html lang="en">' in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
