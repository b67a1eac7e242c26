"""The forms in which conversations are kept, each read from one JSON object; told apart by its keys.

    {"messages": [{"role": "user", "content": "..."}, ...]}      Yanray's own; OpenAI's, with `tool_calls`
    {"conversations": [{"from": "human", "value": "..."}, ...]}  ShareGPT
    {"instruction": "...", "input": "...", "output": "..."}      Alpaca
    {"text": "..."}                                              plain text

In Yanray's own, a message with `"train": false` is not taught; when some say `"train": true`, the others are
not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from yanray.agent.commands import Command, leaked_call
from yanray.messages import Message, Role
from yanray.toolbox.spec import Parameter, ToolSpec

ROLES: dict[str, Role] = {
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human"), "user"),
    **dict.fromkeys(("assistant", "gpt", "model", "bot", "chatgpt", "function_call"), "assistant"),
    **dict.fromkeys(("tool", "function", "observation", "ipython", "function_response"), "tool"),
}


class Broken(Exception):
    """This object teaches nothing; the message says why, in words that are counted."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation; `taught`: which of its messages are learnt."""

    messages: tuple[Message, ...]
    taught: tuple[bool, ...]


def parse(value: Any) -> tuple[str, Conversation | str]:
    """The name of VALUE's form, and the conversation or the plain text in it. Raises Broken."""
    if not isinstance(value, dict):
        raise Broken("not an object")
    for key, (name, read) in FORMS.items():
        if key in value:
            return name, read(value)
    raise Broken("unknown form")


def _own(value: dict[str, Any]) -> Conversation:
    messages: list[Message] = []
    says: list[Any] = []
    asked: dict[str, str] = {}  # id of a call -> its tool
    given = _objects(value["messages"])
    results = {each["tool_call_id"]: each for each in given if isinstance(each.get("tool_call_id"), str)}
    for each in given:
        calls = each.get("tool_calls") or []
        if each.get("tool_call_id") in asked:
            continue  # stands behind its call already
        content = _content(each.get("content"))
        if content or not calls:
            messages.append(_message(each.get("role"), content, str(each.get("name") or "")))
            says.append(each.get("train"))
        for call in _objects(calls):
            name, written = _written(call.get("function"))
            messages.append(Message("assistant", written))
            asked[str(call.get("id"))] = name
            says.append(each.get("train"))
            result = results.get(str(call.get("id")))
            if result is not None:
                messages.append(Message("tool", _content(result.get("content")), name=name))
                says.append(None)
    return _checked(messages, says)


def _sharegpt(value: dict[str, Any]) -> Conversation:
    messages = [Message("system", value["system"])] if _filled(value.get("system")) else []
    for each in _objects(value["conversations"]):
        content = _content(each.get("value"))
        if each.get("from") == "function_call":
            content = _written(_json(content))[1]
        messages.append(_message(each.get("from"), content))
    return _checked(messages, [None] * len(messages))


def _alpaca(value: dict[str, Any]) -> Conversation:
    messages = [Message("system", value["system"])] if _filled(value.get("system")) else []
    for pair in value.get("history") or []:
        if not isinstance(pair, list) or len(pair) != 2:
            raise Broken("a history that is not of pairs")
        messages += [_message("user", _content(pair[0])), _message("assistant", _content(pair[1]))]
    asked = [_content(value.get(key)).strip() for key in ("instruction", "input")]
    messages.append(_message("user", "\n\n".join(filter(None, asked))))
    messages.append(_message("assistant", _content(value.get("output"))))
    return _checked(messages, [None] * len(messages))


def _text(value: dict[str, Any]) -> str:
    content = _content(value["text"])
    if not content.strip():
        raise Broken("empty text")
    return content


FORMS: dict[str, tuple[str, Callable[[dict[str, Any]], Conversation | str]]] = {
    "messages": ("messages", _own),
    "conversations": ("ShareGPT", _sharegpt),
    "instruction": ("Alpaca", _alpaca),
    "text": ("text", _text),
}


def _checked(messages: list[Message], says: list[Any]) -> Conversation:
    """MESSAGES in an order that a conversation can have. Raises Broken."""
    before = ""
    for message in messages:
        if message.role != "tool" and not message.content.strip():
            raise Broken("empty message")
        if message.role == "system" and before:
            raise Broken("system message not at the beginning")
        if message.role == "tool" and before not in ("assistant", "tool"):
            raise Broken("result without a call")
        if message.role == "assistant" and before not in ("user", "tool"):
            raise Broken("answer without a question")
        before = message.role
    chosen = True in says
    taught = tuple(
        message.role == "assistant" and (said is True if chosen else said is not False)
        for message, said in zip(messages, says, strict=True)
    )
    if not any(taught):
        raise Broken("no answer to learn")
    return Conversation(tuple(messages), taught)


def _message(role: Any, content: str, name: str = "") -> Message:
    if role not in ROLES:
        raise Broken("unknown role")
    return Message(ROLES[role], content, name=name)


def _content(value: Any) -> str:
    """The text in VALUE: a text, or OpenAI's list of parts."""
    if value is None:
        return ""
    if isinstance(value, list):
        parts = _objects(value)
        if any(part.get("type") != "text" for part in parts):
            raise Broken("content that is not text")
        return "".join(_content(part.get("text")) for part in parts)
    if not isinstance(value, str):
        raise Broken("content that is not text")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Broken("characters that are no text")
    return value


def _written(function: Any) -> tuple[str, str]:
    """The tool's name, and the call FUNCTION (`name`, `arguments`) as the command that Yanray writes."""
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise Broken("a call that names no tool")
    name, arguments = function["name"], function.get("arguments") or {}
    arguments = _json(arguments) if isinstance(arguments, str) else arguments
    if not isinstance(arguments, dict):
        raise Broken("a call whose arguments are no object")
    spec = ToolSpec(name, "", tuple(Parameter(key) for key in arguments))
    call = leaked_call(json.dumps({"name": name, "arguments": arguments}), {name.casefold(): spec})
    if not isinstance(call, Command):
        raise Broken("a call that cannot be written as a command")
    return name, call.canonical


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Broken("a call that is not JSON") from None


def _objects(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, Iterable) or isinstance(value, str | dict):
        raise Broken("messages that are no list")
    found = list(value)
    if not all(isinstance(each, dict) for each in found):
        raise Broken("messages that are no objects")
    return found


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
