"""todo, remember, recall: what the owner keeps, in English and Chinese, by two processes at once."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from yanray.paths import shipped
from yanray.toolbox.box import Toolbox
from yanray.toolbox.spec import asks


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toolbox]:
    """The tools with nothing kept yet."""
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    toolbox = Toolbox([shipped("tools")], enabled=["todo", "remember", "recall"], timeout=30)
    yield toolbox
    toolbox.close()


@pytest.fixture
def todo(box: Toolbox) -> Callable[[str], str]:
    return lambda argument: box.run("todo", argument).text


def test_a_list_from_beginning_to_end(todo):
    assert todo("show") == "todo: nothing"
    assert todo("add milk to shopping") == "Added to shopping: milk"
    assert todo("add eggs, bread and butter to my shopping list") == "Added to shopping: eggs, bread, butter"
    assert todo("add milk to the shopping list") == "Added to shopping: milk"  # not twice
    assert todo("show shopping") == "shopping:\n- milk\n- eggs\n- bread\n- butter"
    assert todo("done milk") == "Done: milk"
    assert todo("remove eggs from shopping") == "Removed from shopping: eggs"
    assert todo("remove eggs from shopping") == "no eggs in shopping; there is: shopping"
    assert todo("shopping") == "shopping:\n- bread\n- butter"
    assert todo("remove shopping") == "Removed the list shopping"
    assert todo("show shopping") == "shopping: nothing"


def test_chinese_lists(todo):
    assert todo("add 牛奶 to 购物") == "Added to 购物: 牛奶"
    assert todo("把鸡蛋加到购物清单") == "已加到购物：鸡蛋"
    assert todo("购物清单加上面包") == "已加到购物：面包"
    assert todo("看看购物清单") == "购物:\n- 牛奶\n- 鸡蛋\n- 面包"
    assert todo("完成牛奶") == "已完成：牛奶"
    assert todo("把面包从购物清单里删掉") == "已从购物删除：面包"
    assert todo("待办加上洗车") == "已加到todo：洗车"
    assert todo("清空购物清单") == "已删除清单购物"


@pytest.mark.parametrize(
    ("argument", "name", "thing"),
    [
        ("add call the bank", "todo", "call the bank"),
        ("add write to the landlord", "todo", "write to the landlord"),
        ("add reply to Tom", "todo", "reply to Tom"),
        ("add call mom on friday", "todo", "call mom on friday"),
        ("add chain to bike", "bike", "chain"),
        ("add buy a gift for Anna", "todo", "buy a gift for Anna"),
        ("add tent for camping", "camping", "tent"),
        ("add two cartons of juice to shopping", "shopping", "two cartons of juice"),
        ("add wash car to todo", "todo", "wash car"),
        ("put tent on my camping list", "camping", "tent"),
        ("buy milk", "todo", "buy milk"),
        ("shopping: milk", "shopping", "milk"),
    ],
)
def test_which_list_is_meant(todo, argument, name, thing):
    assert todo(argument) == f"Added to {name}: {thing}"


def test_what_is_meant_must_be_clear(todo):
    todo("add red apples, green apples to shopping")
    assert (
        todo("done apples")
        == "several things are meant: red apples from shopping; green apples from shopping"
    )
    assert todo("done red apples") == "Done: red apples"
    assert "is not understood" in todo("hello")


@pytest.mark.parametrize(
    ("argument", "asked"),
    [
        ("add milk to shopping", False), ("done milk", False), ("show shopping", False), ("", False),
        ("remove milk from shopping", False), ("take milk off shopping", False),
        ("把牛奶从购物清单删掉", False),
        ("remove shopping", True), ("clear shopping", True), ("delete my shopping list", True),
        ("remove everything", True), ("remove everything from shopping", True), ("REMOVE ALL", True),
        ("清空购物清单", True), ("删除所有清单", True), ("删掉购物清单", True),
    ],
)  # fmt: skip
def test_only_what_may_empty_a_list_is_asked_about(box, argument, asked):
    assert asks(box.get("todo"), argument) is asked


EMPTYING = """clear shopping, remove shopping, remove everything from shopping, take shopping
scratch shopping
i remove shopping, can you drop shopping, 清空shopping, shopping清单删掉, 删掉shopping, 把shopping删了"""


@pytest.mark.parametrize("argument", re.split(r", |\n", EMPTYING))
def test_every_way_to_empty_a_list_is_asked_about(box, argument):
    box.run("todo", "add milk, eggs to shopping")
    box.run("todo", argument)
    emptied = box.run("todo", "show shopping").text == "shopping: nothing"
    assert not emptied or asks(box.get("todo"), argument)


ADDING = """
import sys
from yanray.toolbox.database import database
from yanray.toolbox import facts
print("ready", flush=True)
sys.stdin.readline()
for number in range(50):
    facts.add(f"fact {number} of process {sys.argv[1]}", "2026-01-01")
"""


def test_two_processes_keep_facts_at_the_same_time(box, tmp_path):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", ADDING, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    for number in range(2):
        assert (
            box.run("recall", f"process {number} fact 49").text.splitlines()[0]
            == f"fact 49 of process {number}"
        )


FACTS = """the spare key is under the blue pot
Anna is allergic to nuts
my shoe size is 43
我的储物柜密码是1234
车停在地下三层
wifi密码是sunny12""".splitlines()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("spare key", FACTS[0]), ("keys", FACTS[0]), ("Where is the spare key?", FACTS[0]),
        ("Anna's allergy", FACTS[1]), ("shoe sizes", FACTS[2]), ("储物柜密码", FACTS[3]),
        ("储物柜的密码是多少", FACTS[3]), ("车", FACTS[4]), ("我的车停在哪里", FACTS[4]),
        ("wifi密码", FACTS[5]), ("SUNNY12", FACTS[5]), ("unny1", FACTS[5]),
    ],
)  # fmt: skip
def test_facts_are_found(box, words, found):
    for fact in FACTS:
        told = box.run("remember", fact).text
        assert told == (f"已记住：{fact}" if re.search("[一-龥]", fact) else f"Remembered: {fact}")
    assert box.run("recall", words).text.splitlines()[0] == found


def test_facts_are_kept_once_and_may_be_forgotten(box):
    assert box.run("recall", "key").text == "nothing found"
    assert box.run("recall", "钥匙").text == "没有找到"
    box.run("remember", FACTS[0])
    assert box.run("remember", f"that {FACTS[0]}").text == f"Known already: {FACTS[0]}"
    box.run("remember", "the car key is in the drawer")
    assert "several facts" in box.run("remember", "forget key").text
    assert box.run("remember", "forget spare key").text == f"Forgotten: {FACTS[0]}"
    assert box.run("recall", "spare").text == "nothing found"
    assert box.run("recall", "").text == "the car key is in the drawer"
    assert asks(box.get("remember"), "forget key")
    assert not asks(box.get("remember"), FACTS[0])


@pytest.mark.parametrize(
    "words", ['"', "key OR", "NEAR(", "a* b", "%", "_", "'; DROP TABLE facts", "-key", "words:key"]
)
def test_no_query_is_read_as_anything_but_words(box, words):
    box.run("remember", FACTS[0])
    outcome = box.run("recall", words)
    assert outcome.ok, outcome.text
    assert outcome.text in (FACTS[0], "nothing found")
