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
# A writer holds the lock for one row, some milliseconds. Python's default of 5 s is short on a slow network drive.
BUSY_TIMEOUT_S = 60
# Of PostgreSQL's advisory locks: any number, the same for every grader.
ADVISORY_LOCK = 7_102_015
# psycopg 3: SQLAlchemy's default for postgresql:// is psycopg2. Hosting services write postgres://, which SQLAlchemy
# no longer knows.
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


@contextlib.contextmanager
def opened(url: str | URL, course: str = COURSE) -> Iterator[api.Gradebook]:
    """nbgrader's gradebook at a URL, made if there is none. Raises CourseError when that fails."""
    try:
        database_url = _parsed_url(url)
        # nbgrader runs alembic by name to learn the version of a book's tables.
        programs_on_path()
        with _creation_lock(database_url):
            # The URL itself, which nbgrader hands on to SQLAlchemy: as a text it may be no UTF-8.
            book = api.Gradebook(database_url, course)
    except ImportError as error:
        raise CourseError("A gradebook in PostgreSQL needs psycopg: pip install 'psycopg[binary]'.") from error
    except (SQLAlchemyError, OSError) as error:
        raise CourseError(f"The gradebook could not be opened: {cause(error)}. Check its URL.") from error
    _begin_immediately(book)
    with book:
        yield book


def _parsed_url(url: str | URL) -> URL:
    try:
        database_url = make_url(url)
    except ArgumentError as error:
        raise CourseError("A gradebook needs a URL such as sqlite:///FILE or postgresql://USER@HOST/NAME.") from error
    if database_url.drivername != "sqlite":
        return database_url.set(drivername=DRIVERS.get(database_url.drivername, database_url.drivername))
    # SQLite creates the file, but not the folder that it lies in.
    if database_url.database:
        Path(database_url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    return database_url.update_query_dict({"timeout": str(BUSY_TIMEOUT_S)})


@contextlib.contextmanager
def _creation_lock(database_url: URL) -> Iterator[None]:
    """No second grader makes the tables meanwhile: nbgrader does not expect one."""
    # nbgrader looks which tables there are and then creates the missing ones. Of two that do so at once, the second
    # fails with "table already exists".
    if database_url.drivername == "sqlite":
        # The folder, not the file: SQLite has locks of its own on that, and it may not exist yet. The kernel takes this
        # lock back when the process ends, however that happens; a lock file would stay.
        folder = os.open(Path(database_url.database or "").absolute().parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
        return
    # An advisory lock of a session ends with its connection, and without a pool that is the end of this block.
    with create_engine(database_url, poolclass=NullPool).connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        yield


def _begin_immediately(book: api.Gradebook) -> None:
    """SQLite: ask for the right to write when a transaction begins, where waiting helps, not at its first write."""
    if book.engine.dialect.name == "sqlite":
        # A transaction that reads first and then asks for the lock fails at once when another writer came between
        # (SQLITE_BUSY_SNAPSHOT): the timeout helps only one that asks at its beginning.
        # Connections opened before do not know of the listeners below.
        book.db.remove()
        book.engine.dispose()
        # Python's sqlite3 begins transactions by itself, and never with IMMEDIATE: so it is told to leave that to us.
        event.listen(book.engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
        event.listen(book.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))


@contextlib.contextmanager
def transaction(book: api.Gradebook) -> Iterator[None]:
    """All that nbgrader's methods commit inside becomes one transaction; one writer at a time."""
    # nbgrader commits after every step. Inside one outer transaction its commits become savepoints (SQLAlchemy's
    # join_transaction_mode), so that a row is written as a whole or not at all.
    book.db.remove()
    with book.engine.begin() as connection:
        # As one writer at a time in SQLite. PostgreSQL would let two in, and both would insert the same student or
        # assignment, for nbgrader looks first and inserts then. Held until the transaction ends.
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
