"""SQLite files of the tools, in the owner's data folder. Several processes may use one at the same time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from yanray.paths import home

_WAIT = 5.0  # seconds for another process to finish writing


@contextmanager
def database(name: str, schema: str) -> Iterator[sqlite3.Connection]:
    """The database NAME, with the tables of SCHEMA; what is done inside is kept all together or not at all.

    schema: SQL that may be run again and again (`CREATE TABLE IF NOT EXISTS ...`).
    """
    folder = home("data") / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    with closing(
        sqlite3.connect(folder / f"{name}.sqlite", timeout=_WAIT, isolation_level=None)
    ) as connection:
        connection.executescript(schema)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
