"""Where the gradebook lies: nbgrader's own, in SQLite or PostgreSQL, for several writers at once."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from nbgrader import api
from sqlalchemy import NullPool, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from grader.results.sanitize import plain
from utils.errors import CourseError
from utils.runtime import programs_on_path

COURSE = "llm-foundations"
BUSY_TIMEOUT_S = 60
# Of PostgreSQL's advisory locks: any number, the same for every grader.
ADVISORY_LOCK = 7_102_015
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


@contextlib.contextmanager
def opened(url: str, course: str = COURSE) -> Iterator[api.Gradebook]:
    """nbgrader's gradebook at a URL, made if there is none. Raises CourseError when that fails."""
    try:
        place = _place(url)
        programs_on_path()
        with _alone(place):
            book = api.Gradebook(place.render_as_string(hide_password=False), course)
    except ImportError as error:
        raise CourseError("A gradebook in PostgreSQL needs psycopg: pip install 'psycopg[binary]'.") from error
    except (SQLAlchemyError, OSError) as error:
        raise CourseError(f"The gradebook could not be opened: {cause(error)}. Check its URL.") from error
    _take_turns(book)
    with book:
        yield book


def _place(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError as error:
        raise CourseError("A gradebook needs a URL such as sqlite:///FILE or postgresql://USER@HOST/NAME.") from error
    if place.drivername != "sqlite":
        return place.set(drivername=DRIVERS.get(place.drivername, place.drivername))
    if place.database:
        Path(place.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    return place.update_query_dict({"timeout": str(BUSY_TIMEOUT_S)})


@contextlib.contextmanager
def _alone(place: URL) -> Iterator[None]:
    """No second grader makes the tables meanwhile: nbgrader does not expect one."""
    if place.drivername == "sqlite":
        folder = os.open(Path(place.database or "").absolute().parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
        return
    with create_engine(place, poolclass=NullPool).connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        yield


def _take_turns(book: api.Gradebook) -> None:
    """SQLite: ask for the right to write when a transaction begins, where waiting helps, not at its first write."""
    if book.engine.dialect.name == "sqlite":
        # A transaction that reads first and then asks for the lock fails at once when another writer came between
        # (SQLITE_BUSY_SNAPSHOT): the timeout helps only one that asks at its beginning.
        book.db.remove()
        book.engine.dispose()
        event.listen(book.engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
        event.listen(book.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))


@contextlib.contextmanager
def transaction(book: api.Gradebook) -> Iterator[None]:
    """All that nbgrader's methods commit inside becomes one transaction; one writer at a time."""
    # nbgrader commits after every step. Inside one outer transaction its commits become savepoints (SQLAlchemy's
    # join_transaction_mode), so that a row is written as a whole or not at all.
    book.db.remove()
    with book.engine.begin() as connection:
        if book.engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        book.db(bind=connection, join_transaction_mode="create_savepoint", autoflush=False)
        try:
            yield
        finally:
            book.db.remove()


def cause(error: BaseException) -> str:
    """What the database said, without the statement and its values."""
    sentence = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    return plain(sentence.splitlines()[0], 200).rstrip(".")
