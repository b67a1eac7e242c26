"""The commands of a chat, in one table: name, usage, help in two languages, function.

A tool cannot have one of these names (`toolbox.loading.RESERVED`). Searching in conversations is /find and
the system prompt /prompt, because /search and /system are tools.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from yanray.agent.commands import attempted
from yanray.errors import DataError, YanrayError
from yanray.terminal import core_commands as core
from yanray.terminal import talk_commands as talk
from yanray.terminal.desk import Desk
from yanray.terminal.listing import listing
from yanray.terminal.reply import Reply
from yanray.toolbox.spec import usage


@dataclass(frozen=True, slots=True)
class SessionCommand:
    """usage: its arguments. english, chinese: its line in the help.

    takes: what its argument is, which is completed: a file, `show` and a tool, or a setting.
    """

    name: str
    usage: str
    english: str
    chinese: str
    function: Callable[[Desk, str], Reply]
    takes: Literal["", "file", "tool", "setting"] = ""

    def line(self, language: str) -> str:
        """Its line in the help."""
        return self.chinese if language == "zh" else self.english


def _help(desk: Desk, argument: str) -> Reply:
    """Commands, tools and keys."""
    words = desk.words
    rows = [(f"/{c.name} {c.usage}".rstrip(), c.line(words.language)) for c in COMMANDS]
    parts = [words("help-commands"), *listing(rows), words("help-search")]
    if desk.session.toolbox is not None:
        parts += [
            "",
            words("help-tools"),
            *listing([(usage(s), words.told(s.summary)) for s in desk.session.toolbox.specs]),
        ]
    return Reply("\n".join([*parts, "", words("help-keys")]))


def _exit(desk: Desk, argument: str) -> Reply:
    """Leave."""
    return Reply(leave=True)


COMMANDS = (
    SessionCommand("help", "", "this list", "显示本列表", _help),
    SessionCommand("new", "", "begin a new conversation", "开始新对话", talk.new),
    SessionCommand("list", "", "the last conversations", "列出最近的对话", talk.list_conversations),
    SessionCommand("resume", "[NUMBER]", "go on with a conversation", "继续某个对话", talk.resume),
    SessionCommand("find", "WORDS", "search in all conversations", "搜索全部对话", talk.find),
    SessionCommand("rename", "TITLE", "name this conversation", "给对话改名", talk.rename),
    SessionCommand(
        "export", "FILE", "write it to FILE.md or FILE.json", "导出为 .md 或 .json", talk.export, takes="file"
    ),
    SessionCommand("undo", "", "take the last turn back", "撤回上一回合", talk.undo),
    SessionCommand("redo", "", "bring it back", "恢复撤回的回合", talk.redo),
    SessionCommand("regen", "", "answer the last message anew", "重新回答", talk.regen),
    SessionCommand("edit", "", "change your last message and ask again", "修改上一条消息再问", talk.edit),
    SessionCommand("fork", "[TURNS]", "go on in a copy", "另起一份副本继续", talk.fork),
    SessionCommand(
        "model", "[FILE]", "which model answers; take another", "查看或更换模型", core.model, takes="file"
    ),
    SessionCommand(
        "adapter", "[NAME[:SCALE] ... | off]", "adapters on the model", "查看或更换适配器", core.adapter
    ),
    SessionCommand(
        "prompt", "[TEXT]", "show or replace the system prompt", "查看或替换系统提示", core.prompt
    ),
    SessionCommand(
        "tools", "[show NAME]", "the tools and their problems", "工具及其问题", core.tools, takes="tool"
    ),
    SessionCommand(
        "context", "", "what the model reads, in tokens", "模型读到的内容（词元数）", core.context
    ),
    SessionCommand("why", "", "where the last turn's time went", "上一回合的时间去向", core.why),
    SessionCommand(
        "set",
        "[NAME VALUE]",
        "sampling, e.g. temperature 0.7",
        "采样设置",
        core.set_sampling,
        takes="setting",
    ),
    SessionCommand("save", "", "keep changed settings in config.yaml", "把设置写入 config.yaml", core.save),
    SessionCommand("good", "", "mark the last answer as good", "标记上一个回答为好", talk.good),
    SessionCommand("bad", "", "mark it as bad", "标记为不好", talk.bad),
    SessionCommand("fix", "TEXT", "say what it should have been", "写出正确的回答", talk.fix),
    SessionCommand("clear", "", "new conversation, empty screen", "清屏并开始新对话", talk.clear),
    SessionCommand("exit", "", "leave", "离开", _exit),
)
NAMES = {command.name: command for command in COMMANDS}
BARE = {"clear": "clear", "stop": "exit"}  # said without a slash, as in ChatGLM's demo
ALSO = {"": "help", "?": "help", "quit": "exit", "bye": "exit"}


def run_command(desk: Desk, line: str) -> Reply | None:
    """Do what LINE says when it is a command of the chat; None when it is for a tool or the model.

    Raises YanrayError.
    """
    if line.strip() in BARE:
        return NAMES[BARE[line.strip()]].function(desk, "")
    if not line.startswith("/") or line.startswith("//"):
        return None
    name, _, argument = line[1:].partition(" ")
    name = name.strip().casefold()
    command = NAMES.get(ALSO.get(name, name))
    if command is not None:
        return _done(command, desk, argument.strip())
    near = get_close_matches(name, NAMES, n=1, cutoff=0.7)
    if near and not desk.is_tool(line):
        return Reply(desk.words("unknown-command", name=name, near=near[0]))
    if not argument.strip() and attempted(name) and not desk.is_tool(line):
        return Reply(desk.words("no-command", name=name))  # alone on its line it is no message either
    return None


def _done(command: SessionCommand, desk: Desk, argument: str) -> Reply:
    """What COMMAND answers. Raises YanrayError, whatever goes wrong: the chat goes on."""
    try:
        return command.function(desk, argument)
    except YanrayError:
        raise
    except Exception as error:
        raise DataError(f"/{command.name} failed: {type(error).__name__}: {error}") from error
