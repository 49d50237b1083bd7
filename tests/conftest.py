"""What several test files share."""

import sys

import pytest

from tests.support import small_book


@pytest.fixture(autouse=True)
def numbers_as_found():
    """A thread that still counts tiny numbers as zero after a test would spoil the tests that come later."""
    yield
    assert sys.float_info.min / 2 > 0, "tiny numbers are zero after this test: train under runtime.without_denormals"


@pytest.fixture(scope="session")
def small_site(tmp_path_factory):
    """The folder of the small book's built pages."""
    folder = tmp_path_factory.mktemp("small_book")
    status, said = small_book.build(folder)
    assert status == 0, said
    return folder / "_build" / "html"
