"""What several test files share."""

import pytest
import small_book


@pytest.fixture(scope="session")
def small_site(tmp_path_factory):
    """The folder of the small book's built pages."""
    folder = tmp_path_factory.mktemp("small_book")
    status, said = small_book.build(folder)
    assert status == 0, said
    return folder / "_build" / "html"
