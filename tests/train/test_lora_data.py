"""Training data: four forms read alike, rendered as a core reads them; what is broken is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_checkpoints import FLAVOUR, write_checkpoint

from yanray.cores.prompt import PromptEncoder
from yanray.messages import Message
from yanray.train.lora.base import Base, open_base
from yanray.train.lora.forms import Broken, parse
from yanray.train.lora.reading import read_examples
from yanray.train.lora.render import Renderer

SYSTEM = "you are the calculator; " * 8
TALK = (
    Message("system", SYSTEM),
    Message("user", "what is 2+3"),
    Message("assistant", "/calculate 2+3"),
    Message("tool", "5", name="calculate"),
    Message("assistant", "the answer is 5"),
)


@pytest.fixture(scope="module", params=FLAVOUR)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Base:
    return open_base(write_checkpoint(tmp_path_factory.mktemp(request.param), request.param))


def test_an_answer_is_taught_at_the_ids_from_which_a_core_speaks(base: Base) -> None:
    """Every answer stands behind exactly the prompt that inference gives; it and its end are taught."""
    example = Renderer(base.vocabulary, base.template).conversation(
        TALK, [m.role == "assistant" for m in TALK]
    )
    encoder = PromptEncoder(base.template, base.vocabulary, "core")
    said: list[Message] = []
    at = 0
    for message in TALK:
        if message.role != "assistant":
            said.append(message)
            continue
        prompt = encoder.encode(said).ids
        assert list(example.ids[: len(prompt)]) == prompt
        assert not any(example.taught[at : len(prompt)])
        at = (
            example.taught.index(False, len(prompt))
            if False in example.taught[len(prompt) :]
            else len(example.ids)
        )
        answer = [token for token in example.ids[len(prompt) : at] if not base.vocabulary.ends(token)]
        text = b"".join(map(base.vocabulary.piece, answer)).decode()
        assert text.strip().removesuffix("User:").removesuffix("Tools:").strip() == message.content
        said.append(Message("assistant", message.content, ids=tuple(answer), core="core"))
        ended = base.vocabulary.ends(example.ids[at - 1])
        assert ended or base.template.stops
        if base.template.stops:  # the text that ends a round is no part of what a core records
            break
    assert example.head > 32


def test_a_role_in_a_text_is_text(base: Base, tmp_path: Path) -> None:
    label = base.vocabulary.text(
        next(token for token in range(base.vocabulary.size) if base.vocabulary.ends(token))
    )
    data = tmp_path / "data.jsonl"
    hostile = {
        "messages": [
            {"role": "user", "content": f"a {label} b"},
            {"role": "assistant", "content": f"so {label} is"},
        ]
    }
    plain = {"messages": [{"role": "user", "content": "a x b"}, {"role": "assistant", "content": "so x is"}]}
    data.write_text(json.dumps(hostile) + "\n" + json.dumps(plain) + "\n", encoding="utf-8")
    (first, second), report = read_examples([data], Renderer(base.vocabulary, base.template), 500)
    assert _specials(base, first.ids) == _specials(base, second.ids)
    assert report.warned == {"with a role's token in the text, taken as text": ["data.jsonl:1"]}


def _specials(base: Base, ids: tuple[int, ...]) -> list[int]:
    return [token for token in ids if base.vocabulary.is_special(token)]


CALL = {"function": {"name": "weather", "arguments": '{"place": "Paris"}'}, "id": "c1", "type": "function"}
FORMS: dict[str, Any] = {
    "messages": {
        "messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "world"}]
    },
    "ShareGPT": {"conversations": [{"from": "human", "value": "hello"}, {"from": "gpt", "value": "world"}]},
    "Alpaca": {"instruction": "hello", "input": "", "output": "world"},
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_are_told_apart_and_read_alike(name: str) -> None:
    found, value = parse(FORMS[name])
    assert found == name
    assert not isinstance(value, str)
    assert value.messages == (Message("user", "hello"), Message("assistant", "world"))
    assert value.taught == (False, True)


def test_calls_of_openai_become_commands() -> None:
    _, value = parse(
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "weather?"}]},
                {"role": "assistant", "content": None, "tool_calls": [CALL]},
                {"role": "tool", "tool_call_id": "c1", "content": "18 C"},
                {"role": "assistant", "content": "18 degrees.", "train": True},
            ]
        }
    )
    assert not isinstance(value, str)
    assert [m.content for m in value.messages] == ["weather?", "/weather Paris", "18 C", "18 degrees."]
    assert [m.role for m in value.messages] == ["user", "assistant", "tool", "assistant"]
    assert value.taught == (False, False, False, True)


@pytest.mark.parametrize(
    "value, reason",
    [
        ([], "not an object"),
        ({"a": 1}, "unknown form"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "unknown role"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "answer without a question"),
        ({"messages": [{"role": "user", "content": "x"}]}, "no answer to learn"),
        ({"messages": [{"role": "user", "content": " "}]}, "empty message"),
        (
            {"messages": [{"role": "user", "content": "x"}, {"role": "tool", "content": "x"}]},
            "result without a call",
        ),
        ({"messages": 5}, "messages that are no list"),
        ({"messages": [5]}, "messages that are no objects"),
        ({"messages": [{"role": "user", "content": 5}]}, "content that is not text"),
        ({"instruction": "x", "output": "\ud800"}, "characters that are no text"),
        ({"text": " "}, "empty text"),
    ],
)
def test_what_is_broken_is_named(value: Any, reason: str) -> None:
    with pytest.raises(Broken, match=reason):
        parse(value)


def test_a_report_counts_every_line(base: Base, tmp_path: Path) -> None:
    good = json.dumps(FORMS["messages"]).encode()
    long = json.dumps({"instruction": "x " * 500, "output": "y"}).encode()
    latin = json.dumps({"instruction": "caf\u00e9", "output": "y"}, ensure_ascii=False).encode("latin-1")
    huge = json.dumps({"instruction": "x" * (1 << 20), "output": "y"}).encode()
    data = tmp_path / "data.jsonl"
    data.write_bytes(b"\xef\xbb\xbf" + b"\n".join([good, b"{", long, latin, huge, b"", good]))
    text = tmp_path / "text.txt"
    text.write_bytes(b"the answer is the number\n\xff\xfe\nwhat is the world\n")
    found, report = read_examples([data, text], Renderer(base.vocabulary, base.template), 100)
    assert report.read == {"messages": 2, "text": 1}
    assert len(found) == 3
    assert report.skipped == {
        "not JSON": ["data.jsonl:2"],
        "longer than 100 tokens": ["data.jsonl:3"],
        "not UTF-8": ["data.jsonl:4", "text.txt:2"],
        "longer than 1 MiB": ["data.jsonl:5"],
    }
    assert "skipped: 5" in report.lines()
