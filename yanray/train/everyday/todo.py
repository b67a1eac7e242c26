"""Requests for `todo`: lists of things to do and to buy."""

from __future__ import annotations

import random

from yanray.train.document import Exchange, Language
from yanray.train.everyday.base import Shape, shaped

_GOODS = {
    "en": (
        "milk; eggs; bread; butter; rice; apples; bananas; cheese; yogurt; coffee; tea bags; flour; sugar; "
        "salt; "
        "olive oil; onions; garlic; tomatoes; potatoes; carrots; chicken; salmon; pasta; cereal; oat milk; "
        "toilet "
        "paper; dish soap; batteries; shampoo; toothpaste; cat food; light bulbs; napkins; honey; lemons; "
        "spinach; "
        "a birthday card; two cartons of juice; six beers; paper towels; candles; ginger; frozen peas; "
        "ketchup"
    ).split("; "),
    "zh": (
        "牛奶; 鸡蛋; 面包; 大米; 苹果; 香蕉; 酸奶; 酱油; 醋; 盐; 白糖; 食用油; 洋葱; 大蒜; 西红柿; 土豆; "
        "胡萝卜; 鸡胸肉; 面条; 卫生纸; "
        "洗洁精; 电池; 洗发水; 牙膏; 猫粮; 灯泡; 抽纸; 蜂蜜; 柠檬; 菠菜; 两斤排骨; 一箱橙汁; 豆腐; 垃圾袋; "
        "生姜; 茶叶"
    ).split("; "),
}
_TASKS = {
    "en": (
        "call the bank; book the dentist; fix the bike; clean the garage; pay the water bill; "
        "write to the landlord; "
        "wash the car; renew the insurance; finish the slides; sort the photos; mow the lawn; "
        "paint the fence; "
        "return the drill; order a new filter; read chapter four; buy a gift for Anna; update the CV; "
        "fold the laundry; "
        "back up the phone; water the plants; get a haircut; sweep the porch; mail the contract; "
        "change the oil; "
        "find the passport; plan the trip; feed the fish; print the tickets; clean the bathroom; "
        "ask Tom for the key"
    ).split("; "),
    "zh": (
        "给银行打电话; 预约牙医; 修自行车; 打扫车库; 交水费; 给房东写信; 洗车; 续保险; 做完幻灯片; "
        "整理照片; 剪草坪; 还电钻; 读第四章; "
        "给妈妈买礼物; 改简历; 叠衣服; 备份手机; 理发; 寄合同; 换机油; 找护照; 计划旅行; 打印车票; "
        "打扫卫生间; 交物业费; 背单词"
    ).split("; "),
}
NAMES = {
    "en": (
        "shopping; shopping; shopping; shopping; groceries; packing; work; party; camping; books; "
        "christmas; weekend; "
        "home; gifts; movies; garden; chores; school; wedding; hardware"
    ).split("; "),
    "zh": (
        "购物; 购物; 购物; 购物; 买菜; 行李; 工作; 聚会; 露营; 书单; 年货; 周末; 家务; 礼物; 电影; 学习; 装修"
    ).split("; "),
}
_ADD = {
    "en": Shape(
        (
            "add {item} to the {list} list", "put {item} on the {list} list", "put {item} on my {list} list",
            "{item} on the {list} list please", "I need {item}, add it to my {list} list",
            "add {item} to {list}",
            "can you add {item} to my {list} list?", "we're out of {item}, put it on the {list} list",
            "Please write {item} on the {list} list", "stick {item} on {list}", "my {list} list needs {item}",
            "remember {item} for the {list} list", "throw {item} onto my {list} list",
        ),
        "add {item} to {list}",
        (
            ("Added to {list}: {item}", "I added {item} to your {list} list."),
            ("Added to {list}: {item}", "{item} is on the {list} list now."),
            ("Added to {list}: {item}", "Done: {item} is on your {list} list."),
        ),
    ),
    "zh": Shape(
        (
            "把{item}加到{list}清单", "{list}清单加上{item}", "{list}单上写上{item}",
            "{item}记到{list}清单里",
            "帮我在{list}清单里添上{item}", "{list}列表里加{item}", "家里没{item}了，加到{list}清单吧",
            "往{list}清单里加一个{item}",
        ),
        "add {item} to {list}",
        (
            ("已加到{list}：{item}", "{item}加到{list}清单了。"),
            ("已加到{list}：{item}", "好的，{list}清单里有{item}了。"),
        ),
    ),
}  # fmt: skip
_TASK = {
    "en": Shape(
        (
            "add {item} to my to-do list", "put {item} on my todo list", "add {item} to my to do list",
            "I have to {item}, put it on the list", "new task: {item}", "todo: {item}",
            "add a task to {item}",
            "note that I need to {item} on my todos", "please add to my list of things to do: {item}",
            "create a task {item}", "another thing to do: {item}",
        ),
        "add {item}",
        (
            ("Added to todo: {item}", "It is on your list: {item}."),
            ("Added to todo: {item}", "Added: {item}."),
            ("Added to todo: {item}", "I put it on your to-do list: {item}."),
        ),
    ),
    "zh": Shape(
        (
            "待办加上{item}", "把{item}加到待办", "新任务：{item}", "待办事项里添一条{item}",
            "记到待办：{item}", "我要{item}，加进待办",
            "帮我加个任务，{item}", "待办：{item}",
        ),
        "add {item}",
        (
            ("已加到todo：{item}", "{item}已加到待办。"),
            ("已加到todo：{item}", "好的，待办里记下了：{item}。"),
        ),
    ),
}  # fmt: skip
_REMOVE = {
    "en": Shape(
        (
            "remove {item} from the {list} list", "take {item} off the {list} list",
            "delete {item} from {list}",
            "I don't need {item} any more, take it off my {list} list", "scratch {item} from the {list} list",
            "can you remove {item} from my {list} list", "erase {item} from {list} please",
            "no {item} on the {list} list after all",
        ),
        "remove {item} from {list}",
        (
            ("Removed from {list}: {item}", "I took {item} off the {list} list."),
            ("Removed from {list}: {item}", "{item} is off your {list} list."),
        ),
    ),
    "zh": Shape(
        (
            "把{item}从{list}清单里删掉", "{list}清单里去掉{item}", "从{list}清单移除{item}",
            "{list}清单不要{item}了", "{item}不用买了，从{list}清单划掉",
        ),
        "remove {item} from {list}",
        (("已从{list}删除：{item}", "{item}从{list}清单里删掉了。"),),
    ),
}  # fmt: skip
_DONE = {
    "en": Shape(
        (
            "mark {item} as done", "tick off {item}", "{item} is done", "I finished {item}, check it off",
            "check off {item}", "cross {item} off, it's done", "done with {item}", "set {item} to completed",
        ),
        "done {item}",
        (("Done: {item}", "Ticked off: {item}."), ("Done: {item}", "Good, {item} is marked as done.")),
    ),
    "zh": Shape(
        ("{item}完成了", "{item}做完了，打个勾", "把{item}标记为完成", "勾掉{item}", "{item}搞定了"),
        "done {item}",
        (("已完成：{item}", "{item}已标记为完成。"), ("已完成：{item}", "好的，{item}勾掉了。")),
    ),
}  # fmt: skip
_SHOW = {
    "en": (
        "what's on my {list} list?; show my {list} list; show me the {list} list; read me the {list} list; "
        "what do I have on the {list} list; let me see my {list} list; what is left on {list}; "
        "open the {list} list; "
        "do I have anything on the {list} list; display {list} list; how many things are on my {list} list?"
    ).split("; "),
    "zh": (
        "{list}清单上有什么; 看看{list}清单; 念一下{list}清单; {list}清单里还剩什么; 打开{list}清单; "
        "显示{list}列表; {list}清单给我看看"
    ).split("; "),
}
_SHOW_ALL = {
    "en": (
        "what's on my to-do list?; show my tasks; what do I have to do; show my todo list; list my tasks; "
        "what is left to do?; anything left on my list; what are my todos; read my list; "
        "what's next on my list; "
        "do I have any open tasks?; show me all my lists; what lists do I have"
    ).split("; "),
    "zh": (
        "待办有哪些; 看看我的待办; 我还有什么要做的; 列出任务; 还有哪些事没做; 待办清单; 任务列表给我看看; "
        "今天要做什么"
    ).split("; "),
}
_CLEAR = {
    "en": Shape(
        (
            "clear the {list} list", "delete my {list} list", "empty the {list} list",
            "remove everything from the {list} list", "get rid of my {list} list",
        ),
        "remove {list}",
        (("Removed the list {list}", "The {list} list is gone."),),
    ),
    "zh": Shape(
        ("清空{list}清单", "把{list}清单删了", "删除{list}清单", "{list}清单不要了"),
        "remove {list}",
        (("已删除清单{list}", "{list}清单已删除。"),),
    ),
}  # fmt: skip


def exchange(rng: random.Random, language: Language) -> Exchange:
    """One request for `todo`."""
    kind = rng.choices(
        ("add", "task", "show", "all", "remove", "done", "clear"), (26, 18, 16, 10, 14, 10, 4)
    )[0]
    name = rng.choice(NAMES[language])
    goods = kind in ("add", "remove", "clear") or rng.random() < 0.3
    values = {"item": rng.choice((_GOODS if goods else _TASKS)[language]), "list": name}
    if kind in ("show", "all"):
        return shaped(rng, "todo", language, _listing(rng, language, kind, name), values)
    shapes = {"add": _ADD, "task": _TASK, "remove": _REMOVE, "done": _DONE, "clear": _CLEAR}
    return shaped(rng, "todo", language, shapes[kind][language], values)


def _listing(rng: random.Random, language: Language, kind: str, name: str) -> Shape:
    """What stands on a list, read out."""
    asks, argument = (_SHOW, "show {list}") if kind == "show" else (_SHOW_ALL, "show")
    return Shape(asks[language], argument, (listed(rng, language, name if kind == "show" else ""),))


def listed(rng: random.Random, language: Language, name: str) -> tuple[str, str]:
    """The list NAME (none: the things to do), with up to four items, as the tool prints it, and read out."""
    items = rng.sample((_GOODS if name else _TASKS)[language], rng.choice((0, 1, 2, 3, 4)))
    title = name or "todo"
    if not name and items and rng.random() < 0.3:
        other, goods = rng.choice(NAMES[language]), rng.sample(_GOODS[language], rng.randint(1, 3))
        lines = [f"{title}:", *(f"- {item}" for item in items), f"{other}:", *(f"- {item}" for item in goods)]
        return "\n".join(lines), read_out(language, items) + _and_of(language, other, goods)
    output = "\n".join([f"{title}:", *(f"- {item}" for item in items)]) if items else f"{title}: nothing"
    return output, read_out(language, items)


def _and_of(language: Language, name: str, items: list[str]) -> str:
    return f"{name}清单：{'、'.join(items)}。" if language == "zh" else f" On {name}: {', '.join(items)}."


def adding(rng: random.Random, language: Language) -> Exchange:
    """Something is put on a named list."""
    values = {"item": thing(rng, language), "list": rng.choice(NAMES[language])}
    return shaped(rng, "todo", language, _ADD[language], values)


def thing(rng: random.Random, language: Language) -> str:
    """Something that one buys."""
    return rng.choice(_GOODS[language])


def read_out(language: Language, items: list[str]) -> str:
    """ITEMS of a list in a sentence."""
    if language == "zh":
        return f"有{len(items)}项：{'、'.join(items)}。" if items else "上面什么都没有。"
    if not items:
        return "There is nothing on it."
    *rest, last = items
    return f"On it: {', '.join(rest)} and {last}." if rest else f"Only one thing: {last}."
