"""The database of conversations: real files, several connections, real processes that are killed."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from yanray.errors import DataError
from yanray.messages import Message
from yanray.store import database
from yanray.store.conversations import Conversations, open_conversations
from yanray.store.database import ClosedError
from yanray.store.export import as_json, as_markdown, export
from yanray.store.recorder import Recorder

HELLO = Message("user", "hello")
ANSWER = Message("assistant", "Good day.", ids=(1, 70000, 3), core="core 1")
TALK = (HELLO, Message("assistant", "/clock", stopped=True), Message("tool", "12:30", name="clock"), ANSWER)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "conversations.db"


@pytest.fixture
def store(path):
    with closing(Conversations(path)) as opened:
        yield opened


def said(store, *texts):
    """A conversation in which the user said TEXTS."""
    number = store.begin(model="some model")
    store.replace(number, 0, [Message("user", text) for text in texts])
    return number


class TestKeeping:
    def test_what_was_written_is_read_back_by_another_process(self, store, path):
        number = store.begin(system="You are a test.", model="m")
        store.replace(number, 0, TALK)
        with closing(Conversations(path)) as other:
            stored = other.load(number)
        assert stored.messages == TALK
        assert (stored.system, stored.model, stored.title) == ("You are a test.", "m", "hello")

    def test_what_is_replaced_is_put_aside_not_deleted(self, store, path):
        number = said(store, "one", "two", "three")
        store.replace(number, 1, [Message("user", "other")])
        assert [message.content for message in store.load(number).messages] == ["one", "other"]
        with closing(sqlite3.connect(path)) as db:
            kept = db.execute("SELECT content FROM messages WHERE dropped ORDER BY id").fetchall()
        assert kept == [("two",), ("three",)]
        assert store.search("three") == []

    def test_a_fork_is_a_copy_that_leaves_the_first_alone(self, store):
        number = said(store, "one", "two")
        copy = store.fork(number, 1)
        store.replace(copy, 1, [Message("user", "else")])
        assert [message.content for message in store.load(number).messages] == ["one", "two"]
        assert [message.content for message in store.load(copy).messages] == ["one", "else"]

    def test_removing_takes_messages_and_words_along(self, store, path):
        number = said(store, "elderberry")
        store.remove(number)
        assert store.search("elderberry") == [] and store.recent() == []
        with pytest.raises(DataError, match="no conversation"):
            store.load(number)
        with closing(sqlite3.connect(path)) as db:
            db.execute("INSERT INTO words (words) VALUES ('integrity-check')")

    def test_marks(self, store):
        number = said(store, "one", "two")
        store.mark(number, 1, "fix", "should be three")
        assert store.marked() == [(number, 1, "fix", "should be three")]

    def test_a_lone_surrogate_does_not_stop_it(self, store):
        assert store.load(said(store, "a\ud800b")).messages[0].content == "a?b"

    def test_the_last_changed_comes_first(self, store):
        first, second = said(store, "one"), said(store, "two")
        store.replace(first, 1, [HELLO])
        assert [entry.id for entry in store.recent()] == [first, second]
        assert store.last() == first and store.recent()[0].count == 2


class TestSearch:
    @pytest.mark.parametrize(
        "words, found",
        [
            ("harbour", True),
            ("HARB", True),
            ("the harbour", True),
            ("harbour moon", False),
            ("桂林山水", True),
            ("山水", True),
            ("下", True),
            ("林桂", False),
            ('"the" OR', False),
            ("100%", True),
            ("1%", False),
            ("0_", False),
            ("at", True),
            ("*", False),
            ("", False),
        ],
    )
    def test_words_in_any_language_and_of_any_length(self, store, words, found):
        said(store, "We met at the harbour.", "桂林山水甲天下", "up 100% today")
        said(store, "We met at the harbour, 桂林山水甲天下, up 100% today")
        said(store, "nothing of it")
        hits = store.search(words)
        assert bool(hits) == found
        assert all(hit.conversation != 3 for hit in hits)

    def test_a_short_word_with_too_many_beginnings_is_still_found(self, store, monkeypatch):
        texts = [f"ab{chr(0x4E00 + i)}" for i in range(600)]
        said(store, *texts)
        assert len(store.search("ab", limit=1000)) == 600

    def test_lists_and_searches_read_an_index(self, store, path):
        """Whatever the size: no plan reads all messages or sorts them."""
        plans = []
        with closing(sqlite3.connect(path)) as db:
            queries = []
            store._connection.set_trace_callback(queries.append)
            said(store, "some words")
            queries.clear()
            store.recent()
            store.search("words")
            store.search("so")
            store.last()
            store.load(1)
            reads = [query for query in queries if query.startswith("SELECT")]
            assert len(reads) >= 6
            for query in reads:
                plans += [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}")]
        assert not [plan for plan in plans if plan.startswith(("SCAN messages", "SCAN m", "USE TEMP B-TREE"))]


class TestOpening:
    def test_no_database(self, path):
        path.parent.mkdir()
        path.write_text("something else, long enough to be looked at" * 50)
        with pytest.raises(DataError, match="not a database"):
            Conversations(path)

    def test_a_newer_one_is_left_alone(self, path, store):
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA user_version = 99")
        with pytest.raises(DataError, match="newer Yanray"):
            Conversations(path)

    def test_an_older_one_is_brought_up_to_date(self, path, store, monkeypatch):
        number = said(store, "kept")
        more = "ALTER TABLE conversations ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue';"
        monkeypatch.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, more))
        with closing(Conversations(path)) as newer:
            assert newer.load(number).messages[0].content == "kept"
            assert newer._connection.execute("SELECT colour FROM conversations").fetchone()[0] == "blue"

    def test_a_migration_that_fails_changes_nothing(self, path, store, monkeypatch):
        said(store, "kept")
        broken = "ALTER TABLE conversations ADD COLUMN colour TEXT; ALTER TABLE nowhere ADD COLUMN x;"
        monkeypatch.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, broken))
        with pytest.raises(DataError):
            Conversations(path)
        monkeypatch.undo()
        with closing(Conversations(path)) as again:
            assert again.recent()[0].title == "kept"

    def test_a_disk_that_takes_nothing_is_not_the_files_fault(self, tmp_path, monkeypatch):
        (tmp_path / "data").write_text("no folder")
        with pytest.raises(ClosedError, match=r"cannot be opened .*; see that it may be written"):
            Conversations(tmp_path / "data" / "conversations.db")
        monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
        with closing(open_conversations()) as store:
            assert store.unkept.startswith("nothing of this conversation is kept: ")
            assert store.load(said(store, "here")).messages[0].content == "here"

    def test_nothing_is_kept_when_it_was_said_so(self, tmp_path, monkeypatch):
        monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
        with closing(open_conversations()) as store:
            assert store.path is not None
            store.keep(False)
        with closing(open_conversations()) as store:
            assert store.path is None
            assert store.load(said(store, "here")).messages[0].content == "here"
        monkeypatch.setenv("YANRAY_NOHISTORY", "1")
        monkeypatch.setenv("YANRAY_HOME", str(tmp_path / "other"))
        with closing(open_conversations()) as store:
            said(store, "here")
        assert not (tmp_path / "other").exists()


class TestRecorder:
    def test_a_full_disk_costs_no_turn(self, store):
        recorder = Recorder(store)
        recorder.asked([], "before")
        db = store._connection
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages}")
        messages = [Message("user", "before"), Message("assistant", "long " * 20_000)]
        recorder.sync(messages)
        assert "database or disk is full" in recorder.problem
        assert [message.content for message in store.load(recorder.id).messages] == ["before"]
        db.execute("PRAGMA max_page_count = 1000000")
        messages.append(Message("user", "after"))
        recorder.sync(messages)
        assert recorder.problem == ""
        assert list(store.load(recorder.id).messages) == messages

    def test_a_conversation_that_was_removed_meanwhile_goes_on(self, store):
        recorder = Recorder(store)
        recorder.asked([], "hello")
        gone = recorder.id
        store.remove(gone)
        recorder.said("draft")
        recorder.flush()
        messages = [Message("user", "hello"), Message("assistant", "yes")]
        recorder.sync(messages)
        assert recorder.id not in (None, gone) and recorder.problem == ""
        assert list(store.load(recorder.id).messages) == messages

    def test_only_what_is_new_is_written(self, store):
        recorder = Recorder(store, system="s")
        recorder.asked([], "hello")
        assert [message.content for message in store.load(recorder.id).messages] == ["hello"]
        recorder.sync(TALK)
        recorder.sync(TALK[:1])
        recorder.sync([HELLO, Message("assistant", "Other.")])
        assert [m.content for m in store.load(recorder.id).messages] == ["hello", "Other."]

    def test_nothing_said_leaves_no_trace(self, store):
        recorder = Recorder(store)
        recorder.sync([])
        recorder.flush()
        assert store.recent() == []

    def test_the_draft_goes_when_the_round_is_whole(self, store, path):
        recorder = Recorder(store)
        recorder.asked([], "hello")
        recorder.said("Good ")
        recorder.flush()
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("SELECT content FROM drafts").fetchone() == ("Good ",)
            recorder.sync([HELLO, Message("assistant", "Good day.")])
            assert db.execute("SELECT content FROM drafts").fetchone() is None

    def test_another_process_does_not_take_a_draft_that_is_still_written(self, store):
        recorder = Recorder(store)
        recorder.asked([], "hello")
        recorder.said("Good ")
        recorder.flush()
        assert len(store.load(recorder.id).messages) == 1


WRITER = """
import sys
from pathlib import Path
from yanray.messages import Message
from yanray.store.conversations import Conversations
from yanray.store.recorder import Recorder
store = Conversations(Path(sys.argv[1]))
recorder, messages = Recorder(store), []
for number in range(100000):
    recorder.asked(messages, f"question {number}")
    messages.append(Message("user", f"question {number}"))
    for word in range(5):
        recorder.said(f"word {word} ")
        recorder.flush()
    messages.append(Message("assistant", f"answer {number}", ids=(number,)))
    recorder.sync(messages)
    print(number, flush=True)
"""


def killed_writer(path, after):
    """A process that talks to itself until it is killed after AFTER turns; the last turn it finished."""
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    for _ in range(after):
        line = child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.wait()
    child.stdout.close()
    return int([line, *rest.split()][-1])


def check_killed(tmp_path, times):
    chance = random.Random(1)
    for number in range(times):
        path = tmp_path / f"{number}.db"
        finished = killed_writer(path, chance.randint(1, 25))
        with closing(Conversations(path)) as store:
            messages = store.load(store.last()).messages
            assert store._connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        contents = [message.content for message in messages]
        expected = [f"{kind} {n}" for n in range(finished + 1) for kind in ("question", "answer")]
        assert contents[: len(expected)] == expected
        # What was in flight is there as far as it had come.
        assert all(
            message.stopped
            for message in messages[len(expected) :]
            if message.role == "assistant" and not message.content.startswith("answer")
        )
        assert len(messages) <= len(expected) + 4


def test_a_killed_process_loses_nothing_that_was_finished(tmp_path):
    check_killed(tmp_path, 8)


@pytest.mark.slow
def test_a_killed_process_loses_nothing_200_times(tmp_path):
    check_killed(tmp_path, 200)


def test_several_at_once(path, store):
    """Four threads with a connection each, and one process: everybody's messages are there, in order."""

    def talk(name):
        with closing(Conversations(path)) as own:
            number = own.begin(model=name)
            for turn in range(25):
                own.replace(number, turn, [Message("user", f"{name} says {turn}")])

    threads = [threading.Thread(target=talk, args=(f"speaker{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    killed_writer(path, 10)
    for thread in threads:
        thread.join()
    for entry in store.recent(10):
        contents = [message.content for message in store.load(entry.id).messages]
        if entry.model:
            assert contents == [f"{entry.model} says {turn}" for turn in range(25)]
    assert len(store.recent(10)) == 5


class TestExport:
    def test_markdown_and_json(self, store, tmp_path):
        number = store.begin(system="You are a test.", model="m")
        store.replace(number, 0, [*TALK, Message("tool", "a ``` b", name="page")])
        stored = store.load(number)
        for name in ("talk.md", "talk.json"):
            export(stored, tmp_path / name)
        text = (tmp_path / "talk.md").read_text(encoding="utf-8")
        assert text == as_markdown(stored)
        assert "**user**\n\nhello" in text and "**/clock**\n\n```\n12:30\n```" in text
        assert "````\na ``` b\n````" in text
        document = json.loads(as_json(stored))
        assert [message["role"] for message in document["messages"]][:3] == ["system", "user", "assistant"]
        assert document["messages"][3] == {"role": "tool", "content": "12:30", "name": "clock"}

    def test_an_ending_that_says_nothing(self, store, tmp_path):
        with pytest.raises(DataError, match=r"\.md or \.json"):
            export(store.load(said(store, "x")), tmp_path / "talk.doc")

    def test_a_place_that_cannot_be_written(self, store, tmp_path):
        with pytest.raises(DataError, match="cannot be written"):
            export(store.load(said(store, "x")), tmp_path / "no" / "talk.md")


@pytest.mark.slow
def test_ten_thousand_conversations(path, store):
    """Listing and searching among 200,000 messages: bounded generously; the benchmark prints the figures."""
    from time import perf_counter

    chance = random.Random(2)
    letters = [chr(0x4E00 + chance.randint(0, 2000)) for _ in range(500)]
    with closing(sqlite3.connect(path)) as db, db:
        for number in range(1, 10001):
            db.execute(
                "INSERT INTO conversations (id, created, changed) VALUES (?, ?, ?)", (number, 0, number)
            )
            rows = [
                (number, position, "user", "", "".join(chance.choices(letters, k=40)), "", 0, 0)
                for position in range(20)
            ]
            db.executemany(
                "INSERT INTO messages (conversation, position, role, name, content, core, stopped, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
    said(store, "a needle 龜鼈")
    for look in (store.recent, lambda: store.search("needle"), lambda: store.search("龜鼈"), store.last):
        begun = perf_counter()
        assert look()
        assert perf_counter() - begun < 0.2
    assert path.stat().st_size < 300e6
