"""What a notebook starts with: threads come from the call, the variable or the profile, in this order."""

import pytest
import torch

from utils import runtime
from utils.errors import CourseError


@pytest.fixture(autouse=True)
def threads_as_before():
    before, state = torch.get_num_threads(), torch.random.get_rng_state()
    yield
    torch.set_num_threads(before)
    torch.random.set_rng_state(state)


@pytest.mark.parametrize(("given", "variable", "threads"), [(None, "1", 1), (2, "1", 2), (None, "3", 3)])
def test_the_call_wins_over_the_variable(monkeypatch, given, variable, threads):
    monkeypatch.setenv("COURSE_THREADS", variable)
    assert runtime.start(threads=given).threads == threads == torch.get_num_threads()


def test_without_the_variable_there_are_at_most_two(monkeypatch):
    monkeypatch.delenv("COURSE_THREADS", raising=False)
    assert runtime.start().threads in (1, 2)


@pytest.mark.parametrize("variable", ["0", "two", "-1", "1.5"])
def test_what_is_no_number_of_threads_is_refused_in_one_sentence(monkeypatch, variable):
    monkeypatch.setenv("COURSE_THREADS", variable)
    with pytest.raises(CourseError, match=r"COURSE_THREADS must be a whole number of at least 1, but '.*' came"):
        runtime.start()
