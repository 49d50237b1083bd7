"""Every example in a docstring of utils gives what it says."""

import doctest
import importlib
import pkgutil

import pytest

import utils

MODULES = sorted(found.name for found in pkgutil.walk_packages(utils.__path__, "utils."))


def test_the_modules_are_found():
    assert {"utils.metrics", "utils.data.zipf_facts", "utils.costs.memory"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_say(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    assert result.failed == 0
