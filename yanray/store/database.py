"""The one database of conversations: opening it, its tables, and bringing an older one up to date.

SQLite in WAL mode: several Yanrays may run at once, and a process that is killed leaves a database that
opens. The schema's version is SQLite's own `user_version`; each migration runs in one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yanray.errors import DataError

OUTSIDE = (  # what SQLite says when the disk is at fault and not the file (error codes came with Python 3.11)
    "access permission denied",
    "attempt to write a readonly database",
    "database is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
)
BUSY_SECONDS = 10.0  # how long a writer waits for another Yanray


class ClosedError(DataError):
    """The database may be as good as ever, but the disk is full, read-only, or not there."""


MIGRATIONS = (
    """
    CREATE TABLE conversations (
        id      INTEGER PRIMARY KEY AUTOINCREMENT,
        title   TEXT NOT NULL DEFAULT '',
        model   TEXT NOT NULL DEFAULT '',
        system  TEXT NOT NULL DEFAULT '',
        parent  INTEGER,           -- the conversation that this one was forked from
        created REAL NOT NULL,     -- seconds since 1970
        changed REAL NOT NULL
    );
    CREATE INDEX conversations_changed ON conversations (changed);
    CREATE TABLE messages (
        id           INTEGER PRIMARY KEY,
        conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        position     INTEGER NOT NULL,
        role         TEXT NOT NULL,
        name         TEXT NOT NULL,
        content      TEXT NOT NULL,
        ids          BLOB,             -- 32-bit token ids, little-endian
        core         TEXT NOT NULL,
        stopped      INTEGER NOT NULL,
        dropped      INTEGER NOT NULL DEFAULT 0,  -- undone or answered anew: kept for training, not shown
        mark         TEXT NOT NULL DEFAULT '',    -- good, bad or fix
        fix          TEXT NOT NULL DEFAULT '',    -- what should have been said
        at           REAL NOT NULL
    );
    CREATE INDEX messages_conversation ON messages (conversation, position) WHERE NOT dropped;
    CREATE TABLE drafts (              -- what a round in flight has said so far
        conversation INTEGER PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
        content      TEXT NOT NULL,
        process      TEXT NOT NULL     -- host and process id of who is writing it
    );
    CREATE TABLE options (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    -- The index knows runs of three characters. Two line ends after each text make of its last two characters
    -- the beginning of such runs too, so that a word of two characters can be found by the runs it begins.
    CREATE VIEW searchable AS SELECT id, content || char(10, 10) AS content FROM messages;
    CREATE VIRTUAL TABLE words USING fts5 (
        content, content = 'searchable', content_rowid = 'id', tokenize = 'trigram'
    );
    CREATE VIRTUAL TABLE runs USING fts5vocab (words, row);
    CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
        INSERT INTO words (rowid, content) VALUES (new.id, new.content || char(10, 10));
    END;
    CREATE TRIGGER messages_removed AFTER DELETE ON messages BEGIN
        INSERT INTO words (words, rowid, content) VALUES ('delete', old.id, old.content || char(10, 10));
    END;
    """,
)


def open_database(path: Path | None) -> sqlite3.Connection:
    """The database at PATH, made or migrated where needed; None: one in memory, gone with the process.

    Raises DataError when the file is no database, or was written by a newer Yanray; ClosedError when the disk
    does not let it be opened.
    """
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    except (OSError, sqlite3.Error) as error:
        raise _closed(path, getattr(error, "strerror", error)) from None
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        _migrate(connection, path)
    except sqlite3.Error as error:
        connection.close()
        if str(error) in OUTSIDE:
            raise _closed(path, error) from None
        raise DataError(f"{path}: is not a database of conversations ({error}); move it away") from None
    except DataError:
        connection.close()
        raise
    return connection


def _closed(path: Path | None, why: object) -> ClosedError:
    return ClosedError(f"{path}: cannot be opened ({why}); see that it may be written and the disk has room")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing. The write lock is taken at once: a busy database waits here and not half-way."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def version(connection: sqlite3.Connection) -> int:
    """How many migrations the database has seen."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _migrate(connection: sqlite3.Connection, path: Path | None) -> None:
    if version(connection) == len(MIGRATIONS):
        return
    with transaction(connection):
        done = version(connection)  # again, now that no other process can be at it
        if done > len(MIGRATIONS):
            raise DataError(f"{path}: was written by a newer Yanray (schema {done}); update this one")
        for number, script in enumerate(MIGRATIONS[done:], done + 1):
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")


def _statements(script: str) -> Iterator[str]:
    """The statements of SCRIPT. (`executescript` would commit the transaction that it stands in.)"""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
