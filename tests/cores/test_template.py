"""Chat templates as segments: roles that a template knows, growth without change, and what it may not do."""

from __future__ import annotations

import pytest
from tiny_models import FLAVOURS

from yanray.cores.rendering import segments
from yanray.cores.template import ChatTemplate, Content, Marker, Own
from yanray.errors import ModelError
from yanray.messages import Message

QWEN = """\
{%- if messages[0].role == 'system' %}
  {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last=messages|length - 1) %}
{%- for message in messages[::-1] %}
  {%- set index = (messages|length - 1) - loop.index0 %}
  {%- if message.role == 'user' and ns.last == messages|length - 1 %}{%- set ns.last = index %}{%- endif %}
{%- endfor %}
{%- for message in messages %}
  {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
  {%- elif message.role == 'assistant' %}
    {%- set content = message.content.split('</think>')[-1] %}
    {%- if loop.index0 > ns.last %}
      {{- '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' + content }}
    {%- else %}{{- '<|im_start|>assistant\\n' + content }}{%- endif %}
    {{- '<|im_end|>\\n' }}
  {%- elif message.role == 'tool' %}
    {%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}{{- '<|im_start|>user' }}{%- endif %}
    {{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}
    {%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{- '<|im_end|>\\n' }}{%- endif %}
  {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""
MISTRAL = """\
{%- if messages[0].role == 'system' %}{%- set system = messages[0].content %}{%- set rest = messages[1:] %}
{%- else %}{%- set rest = messages %}{%- endif %}
{{- '<s>' }}{%- for message in rest %}
  {%- if message.role == 'user' and loop.last and system is defined %}
    {{- '[INST] ' + system + '\\n\\n' + message.content + '[/INST]' }}
  {%- elif message.role == 'user' %}{{- '[INST] ' + message.content + '[/INST]' }}
  {%- elif message.role == 'assistant' %}{{- ' ' + message.content + '</s>' }}
  {%- else %}{{- raise_exception('Only user and assistant roles are supported') }}{%- endif %}
{%- endfor %}"""
TALK = [
    Message("system", "SYS"),
    Message("user", "ASK"),
    Message("assistant", "/calculate 1+1", ids=(7, 8, 9), core="me"),
    Message("tool", "2", name="calculate"),
    Message("assistant", "Two.", ids=(10,), core="me"),
    Message("user", "THANKS"),
]


def template(name: str) -> ChatTemplate:
    flavour = FLAVOURS[name]
    named = {"bos_token": flavour.bos or "", "eos_token": "</s>"}
    return ChatTemplate(
        flavour.template, named, lambda text: [special for special in flavour.specials if special in text]
    )


def shown(chat: ChatTemplate, messages: list[Message]) -> str:
    """The segments as one text; ids as `[7 8 9]`."""
    parts = []
    for segment in segments(chat, messages, "me")[0]:
        parts.append(f"[{' '.join(map(str, segment.ids))}]" if isinstance(segment, Own) else segment.text)
    return "".join(parts)


@pytest.mark.parametrize(
    ("name", "tool", "system", "repeats"),
    [
        ("nano", "tool", True, True),
        ("chatml", "tool", True, True),
        ("llama3", "tool", True, True),
        ("chatglm3", "observation", True, True),
        ("llama2", "user", True, False),
        ("gemma", "user", False, False),
        ("plain", "tool", True, True),
    ],
)
def test_probing_finds_what_a_template_knows(name: str, tool: str, system: bool, repeats: bool) -> None:
    chat = template(name)
    assert (chat.tool_role, chat.has_system, chat.may_repeat) == (tool, system, repeats)


def test_a_whole_conversation_reads_as_the_template_writes_it() -> None:
    assert shown(template("nano"), TALK) == (
        "<|system|>SYS<|user|>ASK<|assistant|>[7 8 9]<|observation|>2<|assistant|>[10]"
        "<|user|>THANKS<|assistant|>"
    )
    assert shown(template("chatglm3"), TALK[:4]) == (
        "[gMASK]sop<|system|>\n SYS<|user|>\n ASK<|assistant|>\n[7 8 9]<|observation|>\n 2<|assistant|>\n"
    )
    assert shown(template("llama2"), TALK[:4]) == (
        "<s>[INST] <<SYS>>\nSYS\n<</SYS>>\n\nASK [/INST][7 8 9] </s><s>[INST] 2 [/INST]"
    )
    assert shown(template("gemma"), TALK[:3]) == (
        "<bos><start_of_turn>user\nSYS\n\nASK<end_of_turn>\n<start_of_turn>model\n[7 8 9]<end_of_turn>\n"
        "<start_of_turn>model\n"
    )
    assert shown(template("plain"), TALK[:4]) == (
        "System: SYS\nUser: ASK\nAssistant:[7 8 9]\nTools: 2\nAssistant:"
    )


@pytest.mark.parametrize("source", [*(flavour.template for flavour in FLAVOURS.values()), QWEN, MISTRAL])
def test_a_growing_conversation_only_ever_adds_at_its_end(source: str | None) -> None:
    chat = ChatTemplate(source, {"bos_token": "<s>", "eos_token": "</s>"})
    for grown in (2, 4):
        before = segments(chat, TALK[:grown], "me")[0]
        after = segments(chat, TALK[: grown + 2], "me")[0]
        assert after[: len(before)] == before
        assert isinstance(after[len(before)], Own)


def test_a_template_that_treats_the_last_messages_otherwise_is_frozen_as_it_was() -> None:
    chat = ChatTemplate(QWEN)
    assert chat.tool_role == "tool"
    assert shown(chat, TALK) == (
        "<|im_start|>system\nSYS<|im_end|>\n<|im_start|>user\nASK<|im_end|>\n"
        "<|im_start|>assistant\n[7 8 9]<|im_end|>\n"
        "<|im_start|>user\n<tool_response>\n2\n</tool_response><|im_end|>\n<|im_start|>assistant\n[10]<|im_end|>\n"
        "<|im_start|>user\nTHANKS<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_system_message_that_moves_is_put_into_the_first_question() -> None:
    chat = ChatTemplate(MISTRAL)
    assert not chat.has_system and chat.tool_role == "user"
    assert shown(chat, TALK[:4]) == "<s>[INST] SYS\n\nASK[/INST][7 8 9]</s>[INST] 2[/INST]"


@pytest.mark.parametrize("name", [*FLAVOURS])
def test_the_prefix_ends_where_the_first_question_begins(name: str) -> None:
    found, prefix = segments(template(name), TALK, "me")
    assert isinstance(found[prefix], Content) and found[prefix].text == "ASK"
    assert Content("SYS") in found[:prefix] or Content("SYS\n\n") in found[:prefix]


def test_two_questions_in_a_row_are_joined_where_the_template_wants_turns() -> None:
    messages = [Message("user", "one"), Message("user", "two")]
    assert (
        shown(template("gemma"), messages)
        == "<bos><start_of_turn>user\none\n\ntwo<end_of_turn>\n<start_of_turn>model\n"
    )
    assert shown(template("nano"), messages) == "<|user|>one<|user|>two<|assistant|>"


def test_content_is_stripped_where_the_template_strips_it() -> None:
    assert Content("hi") in segments(template("llama3"), [Message("user", " hi\n")], "me")[0]
    assert Content(" hi\n") in segments(template("nano"), [Message("user", " hi\n")], "me")[0]


def test_dates_stand_in_the_prompt_only_where_a_template_insists() -> None:
    each = "{% for m in messages %}|{{ m.content }}{% endfor %}"
    optional = "{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% endif %}" + each
    assert "20" not in shown(ChatTemplate(optional), [Message("user", "hi")])
    insisting = "{{ strftime_now('%Y') }}" + each
    assert shown(ChatTemplate(insisting), [Message("user", "hi")]).startswith("20")


def test_training_marks_loop_controls_and_json_work_as_in_transformers() -> None:
    source = (
        "{% for m in messages %}{% if m.role == 'tool' %}{% continue %}{% endif %}"
        "{% generation %}<{{ m.role }}>{{ m.content }}{% endgeneration %}{% endfor %}"
        "{{ {'é': '<'} | tojson }}"
    )
    assert shown(ChatTemplate(source), [Message("user", "hi")]) == '<user>hi{"é": "<"}'


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{% for %}", "not valid Jinja"),
        ("{{ raise_exception('never') }}", "never"),
        ("no messages at all", "renders no question"),
        ("{% for m in messages %}{{ m.content.__class__.__mro__ }}{% endfor %}", "unsafe"),
    ],
)
def test_a_template_that_cannot_be_used_says_why(source: str, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        ChatTemplate(source)


def test_an_order_that_the_template_refuses_is_an_error_in_words() -> None:
    with pytest.raises(ModelError, match="refuses this conversation"):
        segments(template("gemma"), [Message("assistant", "I begin")], "me")


def test_segments_are_told_apart() -> None:
    kinds = [type(segment) for segment in segments(template("nano"), TALK[:3], "me")[0]]
    assert kinds == [Marker, Content, Marker, Content, Marker, Own, Marker]
    foreign = segments(template("nano"), TALK[:3], "another")[0]
    assert foreign[5] == Content("/calculate 1+1")
