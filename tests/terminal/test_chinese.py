"""What the interface says in Chinese: no notice and no everyday error is left without a form."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from yanray.agent.conversation import Conversation
from yanray.agent.fitting import fit
from yanray.cores.scripted import ScriptedCore
from yanray.errors import ModelError
from yanray.messages import Message
from yanray.paths import PACKAGE
from yanray.terminal.chinese import FIELD, FORMS, chinese
from yanray.terminal.words import WORDS

HAN = re.compile("[一-鿿]")
ERRORS = {"UsageError", "ConfigError", "DataError", "ModelError"}
EVERYDAY = ("options.py", "settings.py", "agent/", "store/", "terminal/", "models/choice.py")


def said(node: ast.expr) -> str:
    """The text of a literal, its fields filled with sevens; "" when it is none."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return ""


def sites() -> dict[str, str]:
    """Every literal notice, and error of the everyday commands: place -> text."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        here = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                notice = node.func.id == "Notice" and len(node.args) > 1
                error = node.func.id in ERRORS and here.startswith(tuple(EVERYDAY))
                text = said(node.args[1]) if notice else said(node.args[0]) if error else ""
                if text and not HAN.search(text):
                    found[f"{here}:{node.lineno}"] = text
    return found


@pytest.mark.parametrize("place, text", sites().items(), ids=sites())
def test_it_has_a_form(place, text):
    assert HAN.search(chinese(text)), f"{place}: give it a form in terminal/chinese.py: {text}"


def test_the_forms_take_over_what_they_are_given():
    for english, form in FORMS.items():
        names = FIELD.findall(english)
        assert set(FIELD.findall(form)) <= set(names), english
        assert len(names) == len(set(names)), english
    assert {key for key, (english, other) in WORDS.items() if bool(english) != bool(other)} == set()


def test_what_has_no_form_is_left_alone():
    assert chinese("") == "" and chinese("llama-cpp-python") == "llama-cpp-python"
    assert chinese("what nobody has translated: 7") == "what nobody has translated: 7"


def test_a_sentence_within_a_sentence():
    text = "/x was not run: it was not allowed; do not call it again, answer without it"
    assert chinese(text) == "没有运行 /x：未获允许"
    text = "there is no tool /wether; did you mean: /weather [place]"
    text += " (a message that begins with a slash is written with two: //)"
    assert chinese(text) == "没有工具 /wether；是想用：/weather [place]（以斜杠开头的消息请写两个：//）"


def test_the_notices_of_fitting_as_they_come():
    conversation = Conversation("system")
    for n in range(6):
        turn = [
            ("user", f"question {n}"),
            ("assistant", "/x"),
            ("tool", "t" * 60),
            ("assistant", "answer " * 5),
        ]
        conversation.messages += [Message(role, text, "x") for role, text in turn]
    notices = list(fit(ScriptedCore([], context=400), conversation, 50))
    assert {notice.kind for notice in notices} == {"folded", "dropped"}
    assert all(HAN.search(chinese(notice.text)) for notice in notices)
    with pytest.raises(ModelError) as raised:
        list(fit(ScriptedCore([], context=40), conversation, 10))
    assert "的上下文有 40 个词元" in chinese(str(raised.value))


def test_the_notices_of_loading_as_they_come(tmp_path):
    from yanray.cores.gguf import _partly
    from yanray.cores.gguf_cards import GpuCard, Offload
    from yanray.cores.hf_card import Card
    from yanray.cores.hf_fit import Weights, fitting_load

    card = Card("cuda:0", "P102-100", 10 << 30, (6, 1))
    said = [fitting_load(Weights(6 << 30, 5 << 30, 1 << 20), "auto", card, tmp_path)[1]]
    said += _partly(Offload(28, (20,)), [GpuCard("GTX 1060", 5 << 30, 6 << 30)], "auto")
    said += _partly(Offload(28), None, "auto")
    assert len(said) == 3 and all(HAN.search(chinese(sentence)) for sentence in said), said


@pytest.mark.parametrize(
    "words, shown",
    [
        (["ask", "-m", "/nowhere.gguf", "hi"], "yanray: /nowhere.gguf：没有这个文件"),
        (["ask", "-o", "heat", "hi"], "请写 名称=值"),
        (["logs", "show", "77"], "没有对话 77"),
        (["doctor", "-m", "/nowhere.gguf"], "使用中"),
        (["ask", "--no-tools"], "问什么？"),
    ],
)
def test_the_command_line_speaks_it(tmp_path, words, shown):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("YANRAY_", "LC_"))}
    done = subprocess.run(
        [Path(sys.executable).with_name("yanray"), *words],
        env={**kept, "YANRAY_HOME": str(tmp_path), "LANG": "zh_CN.UTF-8", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert shown in done.stdout + done.stderr
