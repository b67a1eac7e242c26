"""The facts that the owner asked to keep: `remember` writes them, `recall` finds them.

Full-text search (SQLite FTS5) over the words of a fact. Chinese has no spaces between words, so its
characters are indexed one by one and in pairs, and a query asks for the pairs.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from sqlite3 import Connection

from yanray.toolbox.database import database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, told TEXT NOT NULL);
CREATE VIRTUAL TABLE IF NOT EXISTS index_ USING fts5(words, tokenize = 'porter unicode61', content = '');
"""
_HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
_TOKEN = re.compile(rf"{_HAN}+|(?:(?!{_HAN})[^\W_])+")
_COMMON = frozenset(
    "a an the my your his her our their me i you we is are was were do does did of in on at to for and or "
    "about what where when who which how s".split()
)
_COMMON_HAN = re.compile("什么|哪里|多少|我的|怎么|[的了是我你在吗哪谁]")


def _open() -> AbstractContextManager[Connection]:
    return database("facts", _SCHEMA)


def add(text: str, told: str) -> bool:
    """Keep TEXT, told on the day TOLD; False when it is kept already."""
    with _open() as connection:
        same = connection.execute("SELECT 1 FROM facts WHERE lower(text) = lower(?)", (text,)).fetchone()
        if same:
            return False
        row = connection.execute("INSERT INTO facts (text, told) VALUES (?, ?)", (text, told)).lastrowid
        connection.execute("INSERT INTO index_ (rowid, words) VALUES (?, ?)", (row, " ".join(_indexed(text))))
    return True


def remove(text: str) -> None:
    """Forget the fact TEXT."""
    with _open() as connection:
        row = connection.execute("SELECT id FROM facts WHERE text = ?", (text,)).fetchone()
        if row is None:
            return
        connection.execute(
            "INSERT INTO index_ (index_, rowid, words) VALUES ('delete', ?, ?)",
            (row[0], " ".join(_indexed(text))),
        )
        connection.execute("DELETE FROM facts WHERE id = ?", row)


def latest(limit: int) -> list[str]:
    """The facts told last, the newest first."""
    with _open() as connection:
        rows = connection.execute("SELECT text FROM facts ORDER BY id DESC LIMIT ?", (limit,))
        return [row[0] for row in rows]


def find(query: str, limit: int) -> list[str]:
    """Facts with all the words of QUERY; else those with some; else those that hold it as it stands."""
    tokens = _asked(query)
    with _open() as connection:
        for joint in (" AND ", " OR ") if tokens else ():
            expression = joint.join(f'"{token}"' for token in tokens)
            rows = connection.execute(
                "SELECT text FROM index_ JOIN facts ON facts.id = index_.rowid WHERE index_ MATCH ? "
                "ORDER BY bm25(index_), facts.id DESC LIMIT ?",
                (expression, limit),
            ).fetchall()
            if rows:
                return [row[0] for row in rows]
        pattern = "%" + re.sub(r"([%_\\])", r"\\\1", query.strip()) + "%"
        rows = connection.execute(
            r"SELECT text FROM facts WHERE text LIKE ? ESCAPE '\' ORDER BY id DESC LIMIT ?", (pattern, limit)
        ).fetchall()
    return [row[0] for row in rows]


def _indexed(text: str) -> list[str]:
    """What TEXT is found by: words, Chinese characters and pairs of them."""
    found: list[str] = []
    for token in _TOKEN.findall(text.lower()):
        if re.match(_HAN, token):
            found += [*token, *_pairs(token)]
        else:
            found.append(token)
    return found


def _asked(query: str) -> list[str]:
    """What of QUERY to look for: its words but the common ones, and pairs of Chinese characters."""
    found: list[str] = []
    for token in _TOKEN.findall(query.lower()):
        if re.match(_HAN, token):
            kept = _COMMON_HAN.sub(" ", token).split()
            found += [piece for part in kept for piece in (_pairs(part) or [part])]
        elif token not in _COMMON:
            found.append(token)
    return list(dict.fromkeys(found))[:32]


def _pairs(text: str) -> list[str]:
    return [text[index : index + 2] for index in range(len(text) - 1)]
