"""What a turn looks like, without a terminal: what is printed once, and the live part."""

from __future__ import annotations

import re

import pytest
from rich.text import Text as Styled

from yanray.events import Call, End, Notice, Progress, Result, Text
from yanray.messages import Message
from yanray.paths import PACKAGE
from yanray.terminal.painter import Painter, replayed, status
from yanray.terminal.thoughts import Thoughts
from yanray.terminal.words import WORDS, Words

CALL = Call("calculate", "6*7", "/calculate 6*7")


class Stage:
    """A painter on a screen whose size and clock the test sets."""

    def __init__(self, language="en", columns=40, rows=20):
        self.columns, self.rows, self.now = columns, rows, 0.0
        self.painter = Painter(Words(language), lambda: (self.columns, self.rows), lambda: self.now)
        self.painter.begin("hello")

    def show(self, *events):
        return plain("".join(map(self.painter.show, events)))

    def live(self, height=10):
        return plain(self.painter.live(height))


def plain(text):
    return "".join(Styled.from_ansi(line, end="").plain + "\n" for line in text.splitlines())


@pytest.fixture
def stage():
    return Stage()


def test_finished_blocks_are_printed_once_and_the_rest_is_live(stage):
    assert stage.show(Text("One.\n\nTw")) == "One.\n"
    assert stage.live() == "\nTw\n"
    assert stage.show(Text("o.")) == ""
    assert stage.show(End("stop")) == "\nTwo.\n\n"


def test_a_call_and_its_result(stage):
    assert stage.show(Text("Let me see.\n"), CALL) == "Let me see.\n"
    stage.now = 2.5
    assert stage.live().endswith(" /calculate 6*7 · 2.5 s\n")
    assert stage.show(Result(CALL, "42", True, 0.25)) == "/calculate 6*7 · 0.25 s\n  42\n"
    assert stage.show(Text("It is 42."), End("stop")) == "It is 42.\n\n"


def test_a_long_result_is_folded_and_can_be_shown_whole(stage):
    text = "\n".join(f"line {n}" for n in range(10))
    shown = stage.show(CALL, Result(CALL, text, True, 0.1))
    assert shown.splitlines()[1:] == [
        "  line 0",
        "  line 1",
        "  line 2",
        "  … 7 more lines: Ctrl-T shows them",
    ]
    assert "line 9" in stage.painter.whole()


def test_a_wide_result_is_wrapped_and_folded(stage):
    shown = stage.show(CALL, Result(CALL, "中" * 100, True, 0.1)).splitlines()[1:]
    assert len(shown) == 4 and all(Styled(line).cell_len <= 40 for line in shown)
    assert shown[3] == "  … the rest: Ctrl-T shows it"
    shown = stage.show(CALL, Result(CALL, "word " * 60 + "\nlast", True, 0.1)).splitlines()[1:]
    assert len(shown) == 4 and shown[3] == "  … 2 more lines: Ctrl-T shows them"


def test_what_went_wrong_is_told_whole(stage):
    error = "the network is away, or there is no host 'geocoding-api.open-meteo.com'"
    shown = stage.show(CALL, Result(CALL, error, False, 0.1)).splitlines()[1:]
    assert " ".join(line.strip() for line in shown) == error


def test_reading_is_told(stage):
    stage.show(Progress("read", 312, 980, 14.2))
    assert stage.live().endswith(" reading 312/980 tokens, 14 s left\n")
    chinese = Stage("zh")
    chinese.show(Progress("read", 312, 980, 14.2))
    assert "正在读入 312/980 个词元，还需 14 秒" in chinese.live()


@pytest.mark.parametrize("height", [1, 3, 10])
def test_the_live_part_never_outgrows_its_room(stage, height):
    for text in (
        "word " * 500,
        "\n\n" + "| a | b |\n|--|--|\n" + "| 1 | 2 |\n" * 50,
        "\n\n- item\n" + "  more\n" * 50,
    ):
        stage.show(Text(text))
        assert 0 < stage.live(height).count("\n") <= height


def test_what_came_last_is_what_is_seen_of_a_long_paragraph(stage):
    stage.show(Text(" ".join(f"word{n}" for n in range(5000))))
    assert "word4999" in stage.live(5) and "word0 " not in stage.live(5)
    printed = stage.show(End("stop"))
    assert "word0 " in printed and printed.count("word4999") == 1


def test_control_characters_do_not_reach_the_terminal(stage):
    shown = stage.painter.show(Text("a\x1b[2Jb\x07\u202ec\r\nd")) + stage.painter.show(
        Result(CALL, "x\x1b]0;title\x07y", True, 0.1)
    )
    for char in "\x07\r\u202e":
        assert char not in shown
    assert "\x1b[2J" not in shown and "\x1b]" not in shown


def test_notices_errors_and_endings(stage):
    assert stage.show(Notice("folded", "made room")) == "! made room\n"
    assert stage.show(Text("half"), End("cancelled")) == "half\nstopped\n\n"
    assert "max_tokens" in stage.show(End("length"))
    assert plain(stage.painter.failed("no such model")) == "no such model\n\n"
    assert stage.live() == "" or stage.live().count("\n") == 1


def test_a_resized_screen_is_drawn_for_its_new_width(stage):
    stage.show(Text("word " * 20))
    assert stage.live().count("\n") == 3
    stage.columns = 20
    assert stage.live().count("\n") == 5


def test_a_conversation_is_replayed_as_it_looked():
    stage = Stage()
    messages = [
        Message("user", "What is 6*7?"),
        Message("assistant", "I count.\n/calculate 6*7"),
        Message("tool", "42", name="calculate"),
        Message("assistant", "It is **42**."),
        Message("user", "Thanks"),
    ]
    assert plain(replayed(stage.painter, messages)).splitlines() == [
        "> What is 6*7?",
        "I count.",
        "/calculate 6*7",
        "  42",
        "It is 42.",
        "",
        "> Thanks",
        "",
    ]


def test_the_status_line():
    words = Words("en")
    assert status("nano", 1024, 2048, 35.4, 12, words) == "nano · ████░░░░ 50% of 2k · 35 tokens/s · 12 tools"
    assert status("nano", 99999, 2048, 0, 0, words) == "nano · ████████ 100% of 2k"
    assert status("", 0, 0, 0, 3, words) == "3 tools"
    assert status("nano", 1024, 2048, 35.4, 12, words, 39) == "nano · ████░░░░ 50% of 2k · 35 tokens/s"
    assert status("nano", 1024, 2048, 35.4, 12, words, 30) == "nano · ████░░░░ 50% of 2k"
    assert status("a long name", 1024, 2048, 35.4, 12, words, 8) == "a long …"


def test_every_text_has_the_same_fields_in_both_languages():
    from string import Formatter

    for key, (english, chinese) in WORDS.items():
        fields = [
            sorted(name for _, name, _, _ in Formatter().parse(text) if name) for text in (english, chinese)
        ]
        assert fields[0] == fields[1], key


def test_thoughts_are_one_line_and_open_with_the_key(stage):
    assert stage.show(Text("<thi"), Text("nk>Let me see.\nSix times")) == ""
    assert "Six times" in stage.live() and "Let me" not in stage.live()
    stage.now = 3.0
    assert stage.show(Text(" seven.</th"), Text("ink>\n\nIt is 42.")).startswith("thought for 3.0 s")
    assert stage.show(End("stop")) == "It is 42.\n\n"
    assert plain(stage.painter.whole()).endswith("Let me see.\nSix times seven.\n\n")


@pytest.mark.parametrize("cut", range(30))
def test_thoughts_cut_anywhere(cut):
    text = "a < b<think>x</thin></think>y"
    for chunks in ([text[:cut], text[cut:]], list(text)):
        thoughts = Thoughts()
        pieces = [piece for chunk in chunks for piece in thoughts.feed(chunk)] + list(thoughts.finish())
        said = "".join(piece for thinking, piece in pieces if not thinking)
        assert said == "a < by" and "".join(piece for thinking, piece in pieces if thinking) == "x</thin>"


def test_every_word_is_used():
    source = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "terminal").glob("*.py"))
    assert [key for key in WORDS if len(re.findall(rf"""["']{key}["']""", source)) < 2] == []
