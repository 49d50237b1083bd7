"""What several test files share, and which tests run beside each other."""

import os
import sys

# Before torch is imported. Each worker's tests keep to one thread: threads that outnumber the cores wait by spinning,
# and a test beside another would then take ten times as long, not twice.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.update(OMP_NUM_THREADS="1", COURSE_THREADS="1")

import pytest

from tests.support import changed_labs, labs, small_book, turns

TURNS = pytest.StashKey[turns.Turns]()
FIRST = ("alone", "lab", "proof")


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="no slow test and no whole lab; exercises of changed labs")


def pytest_configure(config):
    if hasattr(config, "workerinput"):
        config.stash[TURNS] = turns.Turns(config.workerinput["testrunuid"])


def pytest_unconfigure(config):
    if TURNS in config.stash:
        config.stash[TURNS].close()


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in this same hook
def pytest_collection_modifyitems(config, items):
    for item in items:
        if "chromium" in item.fixturenames:
            item.add_marker(pytest.mark.browser)
        if "small_site" in item.fixturenames:
            item.add_marker(pytest.mark.slow)  # it builds the small book first
    if config.getoption("quick"):
        _keep_quick(config, items)
    if hasattr(config, "workerinput"):
        for item in items:
            if group := _group(item):
                item.add_marker(pytest.mark.xdist_group(group))
        # What lasts longest comes first, so that no worker is left with a long test while the other has none.
        items.sort(key=lambda item: [item.get_closest_marker(name) is None for name in FIRST])


def _group(item) -> str | None:
    """Tests of one group share a worker, and so their file's fixtures; whole labs and proofs share nothing."""
    if item.get_closest_marker("alone"):
        return "alone"
    if item.get_closest_marker("lab") or item.get_closest_marker("proof"):
        return None
    return "small site" if "small_site" in item.fixturenames else item.path.name


def _keep_quick(config, items):
    changed = changed_labs.changed_labs(labs.ROOT)
    kept, left_out = [], []
    for item in items:
        slow = item.get_closest_marker("slow") or item.get_closest_marker("lab")
        proof = item.get_closest_marker("proof")
        quick = item.callspec.params["path"].stem in changed if proof else not slow
        (kept if quick else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@pytest.hookimpl(wrapper=True, tryfirst=True)  # outside pytest-timeout, whose clock must not count the wait
def pytest_runtest_protocol(item, nextitem):
    turn = item.config.stash.get(TURNS, None)
    if turn is None:
        return (yield)
    turn.take(alone=bool(item.get_closest_marker("alone")))
    try:
        return (yield)
    finally:
        if not (turn.alone and nextitem is not None and nextitem.get_closest_marker("alone")):
            turn.leave()


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
