"""A page of a browser, for the scripts of the site."""

import pytest

from tools import browser


@pytest.fixture(scope="module")
def chromium():
    if browser.command() is None:
        pytest.skip("there is no Chromium on this machine, and the site's scripts run in a browser")
    with browser.chromium() as started:
        yield started


@pytest.fixture
def browser_page(chromium):
    """A page with storage of its own."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()
