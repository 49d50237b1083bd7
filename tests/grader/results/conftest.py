"""Gradebooks in SQLite and PostgreSQL for the tests of results."""

import functools

import pytest
from nbgrader import api

from tests.support import postgres


@pytest.fixture(scope="module", autouse=True)
def alembic_once():
    """Every new book asks a child process for the version of its tables: seconds each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "get_alembic_version", functools.cache(api.get_alembic_version))
        yield


@pytest.fixture(scope="session")
def base():
    """The URL of a running PostgreSQL."""
    if why := postgres.missing():
        pytest.skip(why)
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    """The URL of a gradebook that does not exist yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/book.db"
    import psycopg

    base, name = request.getfixturevalue("base"), f"book{tmp_path.stat().st_ino}"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return base.replace("/postgres?", f"/{name}?")
