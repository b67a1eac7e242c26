"""The commands of a chat: what they do to the conversation, the session and the record on disk."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
import yaml
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from tiny_adapters import llama_sizes, write_adapter
from tiny_models import write_tiny

from yanray.agent.session import Session
from yanray.cores.base import Sampling
from yanray.cores.scripted import ScriptedCore
from yanray.errors import ConfigError, DataError, ModelError, UsageError, YanrayError
from yanray.events import Notice, Text
from yanray.settings import load
from yanray.store.conversations import Conversations
from yanray.terminal.commands import BARE, COMMANDS, NAMES, run_command
from yanray.terminal.completion import ChatCompleter
from yanray.terminal.desk import LONG, Desk
from yanray.terminal.words import Words
from yanray.toolbox.loading import RESERVED

DOUBLE = '''"""Double a number."""

def run(number: float) -> str:
    return format(number * 2, "g")
'''


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def sit(home, tmp_path):
    """A desk whose core says the given rounds."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "double.py").write_text(DOUBLE, encoding="utf-8")
    opened = []

    def make(*rounds, language="en"):
        session = Session(load(), folders=[tmp_path / "tools"], core=ScriptedCore(rounds))
        store = Conversations(tmp_path / "conversations.db")
        opened.extend([session, store])
        return Desk(session, store, Words(language))

    yield make
    for each in opened:
        each.close()


def say(desk, line):
    """LINE as the user enters it; what a command answered, or what the model said."""
    reply = run_command(desk, line)
    if reply is None:
        return talk(desk, line)
    return talk(desk, reply.ask) if reply.ask else reply.text


def talk(desk, line):
    list(desk.ask(line))
    return desk.last.answer


def contents(desk):
    return [message.content for message in desk.conversation.messages]


def kept(desk):
    return [message.content for message in desk.store.load(desk.recorder.id).messages]


class TestTable:
    def test_no_tool_can_take_a_name(self):
        assert set(NAMES) <= RESERVED
        assert set(BARE.values()) <= set(NAMES)

    def test_the_help_lists_every_command_and_tool(self, sit):
        text = say(sit(), "/help")
        assert all(f"/{command.name}" in text and command.english in text for command in COMMANDS)
        assert "/double number" in text and "/find" in text
        assert "显示本列表" in say(sit(language="zh"), "/help")

    def test_a_near_miss_is_told(self, sit):
        assert "/undo" in say(sit(), "/undoo")

    def test_what_belongs_to_tools_and_model_is_left_to_them(self, sit):
        desk = sit()
        for line in ("/double 4", "/usr/bin is a folder", "//help", "hello", "/nothing like it"):
            assert run_command(desk, line) is None

    def test_bare_words_of_old(self, sit):
        desk = sit("One.")
        talk(desk, "hello")
        assert run_command(desk, "clear").clear and not desk.conversation.messages
        assert run_command(desk, "stop").leave and run_command(desk, "/bye").leave


class TestCompletion:
    @pytest.mark.parametrize(
        "typed, offered",
        [
            ("/tools ", ["show"]),
            ("/tools show ", ["show double"]),
            ("/tools show d", ["show double"]),
            ("/tools show x", []),
            ("/set top", ["top_p", "top_k"]),
            ("/set top_p ", []),
            ("/undo ", []),
            ("/double ", []),
        ],
    )
    def test_arguments_of_commands(self, sit, typed, offered):
        completer = ChatCompleter(lambda: sit().session.toolbox.specs, "en")
        found = list(completer.get_completions(Document(typed), CompleteEvent()))
        assert [typed[: len(typed) + each.start_position] + each.text for each in found] == [
            f"{typed.split()[0]} {word}" for word in offered
        ]
        assert all(each.display_meta_text for each in found if each.text != "show")

    def test_what_a_setting_takes_stands_beside_it_in_chinese(self, sit):
        found = ChatCompleter(lambda: (), "zh").get_completions(Document("/set "), CompleteEvent())
        assert all("数" in each.display_meta_text for each in found)


class TestTurns:
    def test_undo_redo_and_what_is_on_disk(self, sit):
        desk = sit("One.", "Two.")
        talk(desk, "first")
        talk(desk, "second")
        assert "second" in say(desk, "/undo")
        assert contents(desk) == kept(desk) == ["first", "One."]
        assert "second" in say(desk, "/redo")
        assert contents(desk) == kept(desk) == ["first", "One.", "second", "Two."]
        assert say(desk, "/redo") == "nothing to bring back"
        assert desk.conversation.messages[-1].ids

    def test_undo_takes_a_call_and_its_result_along(self, sit):
        desk = sit("/double 4", "It is 8.")
        talk(desk, "double it")
        say(desk, "/undo")
        assert contents(desk) == []
        assert say(desk, "/undo") == "nothing has been said yet"

    def test_regen_asks_again_with_other_choices(self, sit):
        desk = sit("One.", "Other.", "Third.")
        talk(desk, "first")
        usual = desk.session.sampling
        assert say(desk, "/regen") == "Other."
        assert contents(desk) == ["first", "Other."] and desk.session.sampling == usual
        desk.take_back()
        talk(desk, "/double 3")
        assert say(desk, "/regen") == "6"

    def test_edit_gives_the_line_back(self, sit):
        desk = sit("One.")
        talk(desk, "frist")
        assert run_command(desk, "/edit").prefill == "frist" and contents(desk) == []

    def test_a_fork_leaves_the_first_alone(self, sit):
        desk = sit("One.", "Two.", "Else.")
        talk(desk, "first")
        talk(desk, "second")
        old = desk.recorder.id
        say(desk, "/fork 1")
        talk(desk, "other")
        assert contents(desk) == kept(desk) == ["first", "One.", "other", "Else."]
        assert [m.content for m in desk.store.load(old).messages] == ["first", "One.", "second", "Two."]

    def test_marks_are_kept(self, sit):
        desk = sit("One.")
        assert say(desk, "/good") == "there is no answer to mark yet"
        talk(desk, "first")
        say(desk, "/good")
        say(desk, "/fix It is two.")
        assert desk.store.marked() == [(desk.recorder.id, 1, "fix", "It is two.")]

    def test_a_message_with_a_slash(self, sit):
        desk = sit("One.")
        talk(desk, "//help me")
        assert contents(desk) == kept(desk) == ["/help me", "One."]


class TestConversations:
    def test_resume_goes_on_with_the_same_tokens(self, sit):
        desk = sit("One.", "Two.")
        talk(desk, "first")
        number = desk.recorder.id
        say(desk, "/new")
        assert contents(desk) == [] and desk.recorder.id is None
        assert "first" in say(desk, "/resume")
        assert talk(desk, "second") == "Two."
        assert (
            desk.last.usage.rounds[0].reused_tokens
            == desk.last.usage.rounds[0].prompt_tokens - len("second") - 2
        )
        assert kept(desk) == ["first", "One.", "second", "Two."] and desk.recorder.id == number

    def test_list_find_and_rename(self, sit):
        desk = sit("It is called Ouagadougou.")
        assert say(desk, "/list") == "nothing is kept yet"
        talk(desk, "capital of Burkina Faso?")
        assert "capital of Burkina Faso?" in say(desk, "/list")
        assert "Ouagadougou" in say(desk, "/find ouaga")
        assert "nothing found" in say(desk, "/find Antananarivo")
        say(desk, "/rename Geography")
        assert "Geography" in say(desk, "/list")

    def test_export(self, sit, tmp_path):
        desk = sit("One.")
        assert say(desk, f"/export {tmp_path}/x.md") == "nothing has been said yet"
        talk(desk, "first")
        say(desk, f"/export {tmp_path}/x.md")
        assert "One." in (tmp_path / "x.md").read_text(encoding="utf-8")
        with pytest.raises(DataError):
            say(desk, f"/export {tmp_path}/x.doc")

    def test_an_unknown_number(self, sit):
        with pytest.raises(DataError, match="no conversation 77"):
            say(sit(), "/resume 77")
        assert "/list" in say(sit(), "/resume seven")


class TestGauge:
    def test_the_prompt_counts_before_anything_is_said_and_nothing_is_evaluated(self, sit):
        desk = sit("One.")
        system = desk.session.core.count(desk.session.system_prompt())
        assert desk.weigh() == desk.ahead == system > 0 and not desk.used
        assert f"{system} of " in say(desk, "/context")
        talk(desk, "hello")
        assert desk.used > system
        say(desk, "/prompt You are a pirate, and you speak as pirates do.")
        say(desk, "/new")
        assert not desk.used and desk.ahead == desk.session.core.count(desk.session.system_prompt()) != system
        say(desk, "/resume 1")
        assert desk.ahead == desk.session.core.prompt_tokens(desk.conversation.view())


class TestTools:
    def test_one_is_shown(self, sit):
        shown = say(sit(), "/tools show double")
        assert "/double number\n  Double a number." in shown and "double.py, at most 10 s" in shown
        assert "/double number" in say(sit(), "/tools")

    def test_what_is_neither_a_list_nor_a_tool_is_told(self, sit):
        assert "/tools show NAME" in say(sit(), "/tools double")
        assert "/tools show NAME" in say(sit(), "/tools show")
        with pytest.raises(UsageError, match="no tool 'treble'; there are: double"):
            say(sit(), "/tools show treble")


class TestModel:
    def test_set_checks_and_save_keeps(self, sit, home):
        desk = sit()
        assert "nothing was changed" in say(desk, "/save")
        say(desk, "/set temperature 0.7")
        assert desk.session.sampling.temperature == 0.7 and "temperature 0.7" in say(desk, "/set")
        with pytest.raises(ConfigError, match="temperature"):
            say(desk, "/set temperature hot")
        assert "max_tokens" in say(desk, "/set tempo 3") and "call_bias auto" in say(desk, "/set")
        assert say(sit(), "/set call_bias 2") == "call_bias 2"
        (home / "config.yaml").write_text("# mine\nrounds: 4\nsampling:\n  top_k: 5  # few\nlanguage: en\n")
        say(desk, "/prompt You are a pirate.")
        say(desk, "/save")
        text = (home / "config.yaml").read_text(encoding="utf-8")
        assert "# mine" in text and "# few" in text
        assert yaml.safe_load(text) == {
            "rounds": 4,
            "language": "en",
            "sampling": {"top_k": 5, "temperature": 0.7},
            "system": "You are a pirate.",
        }
        assert load().sampling.temperature == 0.7

    def test_prompt_replaces_the_first_paragraph(self, sit):
        desk = sit("Arr.")
        say(desk, "/prompt You are a pirate.")
        assert say(desk, "/prompt").startswith("You are a pirate.") and "/double" in say(desk, "/prompt")
        talk(desk, "hello")
        assert desk.session.core.prompts[-1][0].content.startswith("You are a pirate.")

    def test_another_model(self, sit, tmp_path):
        (tmp_path / "other.json").write_text('{"name": "other", "rounds": ["Hi."]}', encoding="utf-8")
        desk = sit("One.")
        with pytest.raises(ModelError):
            say(desk, "/model /nowhere.gguf")
        assert talk(desk, "hello") == "One."
        assert run_command(desk, f"/model scripted:{tmp_path}/other.json").reload
        assert talk(desk, "hello") == "Hi." and "other" in say(desk, "/model")

    def test_context_and_why_add_up(self, sit):
        desk = sit("/double 4", "It is 8.")
        assert say(desk, "/why") == "no turn yet"
        talk(desk, "double it")
        text = say(desk, "/context")
        used = desk.session.core.prompt_tokens(desk.conversation.view())
        assert f"{used} of 4096" in text and "double it" in text
        assert "round 2" in say(desk, "/why") and "/double 4" in say(desk, "/why")

    def test_tools_and_their_problems(self, sit, tmp_path):
        (tmp_path / "tools" / "broken.py").write_text("def run(:\n", encoding="utf-8")
        desk = sit()
        assert "/double number" in say(desk, "/tools") and "broken.py line 1" in say(desk, "/tools")


def test_a_turn_that_fails_leaves_conversation_and_record_alike(sit):
    desk = sit("One.")
    talk(desk, "first")
    with pytest.raises(ModelError):
        talk(desk, "second")
    assert contents(desk) == kept(desk)
    with closing(Conversations(desk.store.path)) as other:
        assert other.last() == desk.recorder.id


def test_what_was_read_of_a_long_conversation_is_kept_for_its_resumption(home, tmp_path):
    """A core that is loaded anew reads nothing of the conversation again."""
    model = write_tiny(tmp_path / "tiny.gguf")
    settings = load(overrides={"model": str(model), "sampling": {"max_tokens": 8}})
    with closing(Conversations(tmp_path / "conversations.db")) as store:
        with Session(settings, tools=False) as session:
            desk = Desk(session, store, Words("en"))
            talk(desk, "tell me of the sea " * 40)
            desk.used = LONG
            desk.save_state()
            number = desk.recorder.id
        with Session(settings, tools=False) as session:
            desk = Desk(session, store, Words("en"))
            session.load()
            desk.resume(number)
            talk(desk, "and")
            usage = desk.last.usage.rounds[0]
        assert usage.prompt_tokens > 200 and usage.evaluated_tokens < 40


class TestAdapters:
    @pytest.fixture
    def poet(self, home):
        return write_adapter(home / "adapters" / "poet", llama_sizes(), base_model_name_or_path="tiny")

    def test_what_there_is_and_what_is_worn(self, sit, poet, home):
        desk = sit("hello")
        assert say(desk, "/adapter") == "  poet  tiny"
        assert "poet:0.5" in say(desk, "/adapter poet:0.5")
        assert desk.session.core.adapters == (replace(poet.at(0.5), base="tiny"),)
        assert say(desk, "/adapter") == "* poet:0.5  tiny"
        say(desk, "/save")
        assert yaml.safe_load((home / "config.yaml").read_text())["adapters"] == ["poet:0.5"]
        assert load().adapters == ["poet:0.5"]
        say(desk, "/adapter off")
        assert desk.session.core.adapters == () and desk.session.settings.adapters == []

    def test_none_yet_and_a_name_that_is_wrong(self, sit, poet, home):
        desk = sit("hello")
        with pytest.raises(ModelError, match="there are: poet"):
            say(desk, "/adapter pote")
        (poet.weights).unlink()
        assert say(desk, "/adapter").startswith("! ")
        (poet.weights.parent / "adapter_config.json").unlink()
        assert str(home / "adapters") in say(desk, "/adapter")

    def test_a_real_model_wears_what_the_settings_say(self, poet, tmp_path):
        path = write_tiny(tmp_path / "tiny.gguf")
        texts = []
        for adapters in ([], ["poet"], []):
            chosen = load(overrides={"model": str(path), "adapters": adapters, "context": 512})
            with closing(Session(chosen, tools=False)) as session:
                session.sampling = Sampling(max_tokens=12)
                texts.append("".join(e.text for e in session.ask("hello world") if isinstance(e, Text)))
                session.change_adapters(["poet:2"])
        assert texts[0] == texts[2] != texts[1]
        alien = write_adapter(poet.weights.parent.parent / "alien", {"model.layers.0.mlp.up_proj": (8, 8)})
        chosen = load(overrides={"model": str(path), "adapters": [alien.name]})
        with pytest.raises(ModelError, match="alien does not fit"):
            Session(chosen, tools=False).load()


def test_every_command_bears_an_empty_conversation_and_any_argument(sit, tmp_path):
    for argument in ("", "x", "0", "99", "\u4f60\u597d 'a \"b", "/nowhere/at/all.md", "-5", "a" * 5000):
        desk = sit("one", "two")
        for command in COMMANDS:
            try:
                reply = run_command(desk, f"/{command.name} {argument}")
            except YanrayError as error:
                assert "failed" not in str(error), error
                continue
            assert reply is not None, command.name


def test_a_command_that_fails_does_not_end_the_chat(sit):
    desk = sit("one")
    say(desk, "hello")
    desk.store.close()
    with pytest.raises(DataError, match="/rename failed: ProgrammingError: "):
        run_command(desk, "/rename x")


def test_what_is_no_command_is_not_sent_to_the_model(sit):
    desk = sit("heard")
    assert "there is no /nosuchthing; /help" in run_command(desk, "/nosuchthing").text
    assert run_command(desk, "/") == run_command(desk, "/help")
    for message in ("/etc", "/etc/passwd", "//nosuchthing", "/nosuchthing at all", "/double 2", "/3"):
        assert run_command(desk, message) is None, message


def test_wrong_usage_is_told_what_is_right(sit, home):
    desk = sit("one")
    say(desk, "hello")
    for line in ("/fork x", "/fork 0", "/fork -1"):
        assert "/fork TURNS" in run_command(desk, line).text
    assert desk.recorder.id == 1
    assert "/find WORDS" in run_command(desk, "/find").text
    with pytest.raises(ConfigError, match="seed：请写 0 到 4294967295 的整数（得到 x）"):
        run_command(sit(language="zh"), "/set seed x")
    with pytest.raises(ConfigError, match=r"temperature: write a number from 0 to 2 \(got 99\)"):
        run_command(desk, "/set temperature 99")
    assert desk.session.sampling.temperature == 0 and not desk.changed


def test_settings_that_cannot_be_written_are_told(sit, home):
    desk = sit()
    run_command(desk, "/set seed 3")
    (home / "config.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"config\.yaml: cannot be written: "):
        run_command(desk, "/save")


def test_what_is_not_kept_is_told_once(sit):
    desk = sit("one", "two")
    desk.store.unkept = "nothing of this conversation is kept: x"
    notices = [[e.text for e in desk.ask("hello") if isinstance(e, Notice)] for _ in range(2)]
    assert notices == [["nothing of this conversation is kept: x"], []]
