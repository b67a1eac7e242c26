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
from yanray.paths import PACKAGE, shipped
from yanray.terminal.chinese import FIELD, FORMS, chinese
from yanray.terminal.words import WORDS

HAN = re.compile("[一-鿿，]")
OURS = {
    "UsageError",
    "ConfigError",
    "DataError",
    "ModelError",
    "say",
    "told",
    "tell",
    "_tell",
    "_Cut",
    "_Changed",
}
TOOLS = {"ToolError", "FetchError", "AwayError", "ValueError"}  # of which a ValueError is a tool's own
EVERYDAY = ("options.py", "settings.py", "agent/", "store/", "terminal/", "models/", "toolbox/", "../tools/")
TRAINING = (
    "train/lora/",
    "train/learn/",
    "cores/hf_files",
    "cores/hf_load",
    "cores/hf_fit",
    "models/quantize_folder",
    "train/weights",
)
ERRORS = {"UsageError", "DataError", "ModelError"}  # of those: what they report is English throughout
RARE = ("models/convert", "models/quantize", "models/tokenizers", "terminal/quantize", "terminal/remind")
PARTS = {  # what stands in a sentence whose parts are put together at run time
    "no 7 7; 7": "no milk in shopping; there is: house, work",
    "several things are meant: ": "several things are meant: milk from shopping; oat milk from food",
    "several facts have these words; write forget and one of them whole: ": (
        "several facts have these words; write forget and one of them whole: a key; a door"
    ),
    "7 is not a unit that is known7": "'furlogs' is not a unit that is known; near it: furlongs",
    "in 7 it 7: 77": "in q8_0 it fits in RAM: 7.12 GB with 4096 tokens, about 3.1 tokens/s",
    "7: 7 %, 77 MB, 77": "x.gguf: 7 %, 70 of 1000 MB, 3.1 MB/s, 4:57 left",
    "7: 7: 7 bytes where its header says 7; fetch it again": (
        "x.safetensors: cut short: 7 bytes where its header says 9; fetch it again"
    ),
}


def said(node: ast.expr) -> str:
    """The text of a literal, its fields filled with sevens; "" when it is none."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return ""


def sites() -> dict[str, str]:
    """Every literal notice, error and printed sentence of the everyday commands and tools: place -> text."""
    found = {}
    for path in (*PACKAGE.rglob("*.py"), *shipped("tools").glob("*.py")):
        here = _place(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            where = {"Notice": 1, "_BrokenError": 1}.get(name, 0)
            wanted = (
                name == "Notice"
                or (here.startswith(TRAINING) and name in ERRORS)
                or (
                    here.startswith(EVERYDAY)
                    and not here.startswith(RARE)
                    and (name in OURS or name == "_BrokenError" or (name in TOOLS and "tool" in here))
                )
            )
            text = said(node.args[where]) if wanted and len(node.args) > where else ""
            if text.strip("7") and not HAN.search(text):
                found[f"{here}:{node.lineno}"] = PARTS.get(text, text)
    return found


def _place(path: Path) -> str:
    return (
        path.relative_to(PACKAGE) if path.is_relative_to(PACKAGE) else Path("../tools", path.name)
    ).as_posix()


@pytest.mark.parametrize("place, text", sites().items(), ids=sites())
def test_it_has_a_form(place, text):
    assert HAN.search(chinese(text)), f"{place}: give it a form in one of terminal/chinese_*.py: {text}"


def test_the_forms_take_over_what_they_are_given():
    for english, form in FORMS.items():
        names = FIELD.findall(english)
        assert set(FIELD.findall(form)) <= set(names), english
        assert len(names) == len(set(names)), english
    assert {key for key, (english, other) in WORDS.items() if bool(english) != bool(other)} == set()


@pytest.mark.parametrize(
    "english, shown",
    [
        ("the network is away, or there is no host 'x.example'", "网络不通，或没有主机 'x.example'"),
        ("x.org answered 404: there is no such page", "x.org 回应 404：没有这个网页"),
        ("x.org answered 418", "x.org 回应 418"),
        (
            "weather took longer than 20 s and was stopped; ask for less",
            "weather 超过 20 秒，已停止；请少要一些",
        ),
        (
            "nothing of this conversation is kept: /x/y.db: cannot be opened (disk I/O error); "
            "see that it may be written and the disk has room",
            "这个对话没有保存：/x/y.db：无法打开（disk I/O error）；请确认可写、磁盘有空间",
        ),
        ("weather was stopped", "weather 已停止"),
        ("n must be one of a, b, not 'c': write /x n=a|b", "n 应为 a, b 之一，不是 'c'：请写 /x n=a|b"),
        ("no milk in shopping; all lists are empty", "shopping 里没有 milk；清单都是空的"),
        (
            "'milk is gone' is not a unit that is known; near it: mil",
            "不认识单位 'milk is gone'；相近的有：mil",
        ),
        (
            "https://x/y: the transfer failed: timed out; 7 bytes are kept: "
            "the same command goes on from there, or try another mirror",
            "https://x/y：传输失败：timed out；已保留 7 字节：同一命令可从那里继续，或换个镜像",
        ),
        (
            "https://x/y: the server answers 404 Not Found: there is no such file; check the spelling",
            "https://x/y：服务器回应 404 Not Found：没有这个文件；请检查拼写",
        ),
    ],
)
def test_sentences_that_are_put_together(english, shown):
    assert chinese(english) == shown


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
        (["tools"], "查询某地的天气和预报。 (需要网络)"),
        (["tools", "show", "weather"], "最多 20 秒"),
        (["tools", "run", "calculate", "1/0"], "除以零没有结果"),
        (["tools", "run", "read", "http://127.0.0.1:8080/"], "127.0.0.1 在内网"),
        (["tools", "run", "nothing"], "没有工具 'nothing'；可用的有："),
        (["models"], "本机磁盘上，共 0.00 GB"),
        (["models", "rm", "nothing"], "没有下载过这个名字的模型；有：无"),
        (["fit", "nothing"], "没有这个文件，也没有这个名字的模型"),
        (["fit", "--machine", "pi5-8gb"], "装得下"),
        (["fit", "--machine", "p102-100"], "LLM.int8() 需要计算能力 7.5"),
        (["pull", "nothing"], "目录里没有"),
        (["adapters", "use"], "从现在起不用适配器"),
        (["adapters", "rm", "nothing"], "没有这个适配器"),
        (["warm"], "个词元已读入，用时"),
        (["doctor", "-m", "/nowhere.gguf"], "使用中"),
        (["ask", "--no-tools"], "问什么？"),
    ],
)
def test_the_command_line_speaks_it(tmp_path, words, shown):
    assert shown in yanray(tmp_path, *words, LANG="zh_CN.UTF-8")


@pytest.mark.parametrize(
    "words, shown",
    [
        (["--data", "/nowhere.jsonl"], "yanray: --data /nowhere.jsonl：无法读取：没有这个文件"),
        (["--data", "EMPTY"], "empty.jsonl：没有可学的内容；原因见上"),
        (
            ["--data", "EMPTY", "--base", "nothing"],
            "yanray: nothing：没有这个文件，也没有下载过这个名字的模型",
        ),
        (["--data", "EMPTY", "--rank", "0"], "yanray: rank 是 0：应大于 0"),
    ],
)
def test_training_speaks_it(tmp_path, words, shown):
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    named = [word.replace("EMPTY", str(tmp_path / "empty.jsonl")) for word in words]
    lora = ["train", "lora", "--out", "new"]
    assert shown in yanray(tmp_path, *lora, *named, LANG="zh_CN.UTF-8")


def test_a_training_without_room_is_told_in_chinese():
    refused = "/x: training it needs 9.10 GiB{}, cpu has 7.00 GiB free; {}"
    for each in ("", " for each of 2 processes"):
        said = chinese(
            refused.format(each, "take a smaller model: with --tokens 256 it would still need 8.00 GiB")
        )
        assert "9.10 GiB" in said and "请换小一些的模型" in said and "processes" not in said
    assert chinese(refused.format("", "--load nf4 (3.00 GiB)")).endswith("；--load nf4 (3.00 GiB)")


@pytest.mark.parametrize(
    "words, shown",
    [
        (["--config", "FILE", "models"], "本机磁盘上，共 0.00 GB"),
        (["models", "--config", "FILE"], "本机磁盘上，共 0.00 GB"),
        (["--config=FILE", "tools", "show", "nothing"], "没有工具 'nothing'；可用的有："),
        (["logs", "show", "77", "--config", "FILE"], "没有对话 77"),
        (["fit", "nothing", "--config", "FILE"], "没有这个文件，也没有这个名字的模型"),
        (["pull", "nothing", "--config", "FILE"], "目录里没有"),
        (["--config", "FILE", "adapters", "rm", "nothing"], "没有这个适配器"),
        (["ask", "-m", "/nowhere.gguf", "hi", "--config", "FILE"], "yanray: /nowhere.gguf：没有这个文件"),
        (["--config", "/nowhere.yaml", "models"], "/nowhere.yaml: no such file; name one that exists"),
    ],
)
def test_it_is_spoken_where_config_says_so(tmp_path, words, shown):
    (tmp_path / "zh.yaml").write_text("language: zh\n", encoding="utf-8")
    named = [word.replace("FILE", str(tmp_path / "zh.yaml")) for word in words]
    assert shown in yanray(tmp_path / "home", *named, LANG="en_GB.UTF-8")


def yanray(home, *words, **variables):
    """All that the command prints."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("YANRAY_", "LC_"))}
    done = subprocess.run(
        [Path(sys.executable).with_name("yanray"), *words],
        env={**kept, "YANRAY_HOME": str(home), "PYTHONUTF8": "1", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout + done.stderr
