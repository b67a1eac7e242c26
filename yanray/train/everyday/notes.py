"""Requests for `remember` and `recall`: facts that the owner wants kept."""

from __future__ import annotations

import random

from yanray.train.concepts import fill, words
from yanray.train.document import Exchange, Language
from yanray.train.everyday.base import Shape, shaped

# The fact as it is told and kept; the words one later looks for; questions for it (none: see _FIND).
_FACTS: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "en": (
        ("my {door} code is {d4}", "{door} code", ()),
        ("the {door} code is {d4}", "{door} code", ()),
        (
            "{person} is allergic to {food}", "{person}'s allergy", ("what's {person}'s allergy?",
            "tell me {person}'s allergy"),
        ),
        (
            "{person} likes {food}", "{person} likes", ("what does {person} like? check {person} likes",
            "find what {person} likes"),
        ),
        (
            "{person}'s birthday is on {date}", "{person}'s birthday", ("when is {person}'s birthday?",
            "do you know {person}'s birthday"),
        ),
        ("my shoe size is {size}", "shoe size", ()),
        (
            "the spare key is {where}", "spare key", ("where's the spare key?",
            "where did I put the spare key"),
        ),
        (
            "I parked the car {where}", "car", ("where did I park the car?", "where's my car",
            "where is the car"),
        ),
        ("the passport is {where}", "passport", ("where is my passport?", "where did i put the passport")),
        ("my favorite color is {color}", "favorite color", ()),
        ("{person} lives in {city}", "{person}", ("where does {person} live?", "what city is {person} in")),
        ("my blood type is {blood}", "blood type", ()),
        ("the wifi password is {secret}", "wifi password", ()),
        (
            "{person}'s phone number is {phone}", "{person}'s phone number",
            ("what's {person}'s phone number?", "give me {person}'s phone number"),
        ),
        ("my doctor is {person}", "doctor", ("who is my doctor?", "what's the name of my doctor")),
        (
            "the {animal} is called {pet}", "{animal}", ("what's the {animal} called?",
            "what is the name of the {animal}"),
        ),
        ("I lent {product} to {person}", "{product}", ("who did I lend {product} to?", "who has {product}")),
        (
            "{person} owes me {d2} {currency}", "{person} owes",
            ("how much does {person} owe me? look for {person} owes",),
        ),
        ("my bike lock combination is {d4}", "bike lock combination", ()),
        (
            "the warranty of the {thing} ends in {month}", "{thing}",
            ("when does the warranty of the {thing} end?", "how long is the {thing} under warranty"),
        ),
        ("the {thing} filter has size {d2}", "{thing} filter", ("which size is the {thing} filter?",)),
        ("my license plate is {plate}", "license plate", ()),
        ("my seat is {seat}", "seat", ("which seat do I have?", "what's my seat")),
        ("the {thing} is {where}", "{thing}", ("where is the {thing}?", "where did I leave the {thing}")),
    ),
    "zh": (
        ("我的{door}密码是{d4}", "{door}密码", ()),
        ("{door}的密码是{d4}", "{door}密码", ()),
        ("{person}对{food}过敏", "{person} 过敏", ("{person}对什么过敏", "{person}过敏的是什么来着")),
        ("{person}喜欢吃{food}", "{person} 喜欢", ("{person}喜欢吃什么", "{person}爱吃什么，我说过喜欢的")),
        ("{person}的生日是{date}", "{person} 生日", ("{person}的生日是哪天", "{person}什么时候过生日")),
        ("我的鞋码是{size}", "鞋码", ()),
        ("备用钥匙{where}", "备用钥匙", ("备用钥匙在哪", "备用钥匙放哪儿了")),
        ("车停{where}", "车", ("我的车停哪了", "车停在什么地方")),
        ("护照{where}", "护照", ("护照放哪了", "我的护照在哪里")),
        ("我最喜欢的颜色是{color}", "喜欢的颜色", ()),
        ("{person}住在{city}", "{person}", ("{person}住在哪", "{person}家在哪个城市")),
        ("我的血型是{blood}", "血型", ()),
        ("wifi密码是{secret}", "wifi密码", ()),
        ("{person}的电话是{phone}", "{person} 电话", ("{person}的电话是多少", "{person}电话号码")),
        ("我的医生是{person}", "医生", ("我的医生是谁", "我的医生叫什么")),
        ("{animal}的名字叫{pet}", "{animal}", ("{animal}叫什么名字", "{animal}的名字是什么来着")),
        ("{product}借给{person}了", "{product}", ("{product}借给谁了", "谁借走了{product}")),
        ("{person}欠我{d2}块钱", "{person} 欠", ("{person}欠我多少钱", "{person}还欠我钱吗")),
        ("自行车锁的密码是{d4}", "自行车锁", ("自行车锁的密码是多少",)),
        ("{thing}的保修到{month}", "{thing} 保修", ("{thing}保修到什么时候", "{thing}还在保修期吗")),
        ("我的车牌号是{plate}", "车牌号", ()),
        ("我的座位是{seat}", "座位", ("我的座位是哪个",)),
        ("{thing}{where}", "{thing}", ("{thing}在哪", "{thing}放哪里了")),
    ),
}  # fmt: skip
_SLOTS = {
    "en": {
        "door": "locker; gate; garage; office; front door; bike shed; safe; alarm".split("; "),
        "where": (
            "under the blue pot; in the top drawer; on level 3; behind the fuse box; in the red folder; "
            "next to the bakery; "
            "in the hall closet; under the mat; in the glove box; at Anna's place; on the second shelf; "
            "in row 14"
        ).split("; "),
        "thing": "dishwasher drill vacuum printer tent ladder heater camera blender charger scanner".split(),
        "month": "March; June; October; May 2027; next year; December".split("; "),
        "pet": "Biscuit; Momo; Pepper; Luna; Ziggy; Nori; Captain; Olive".split("; "),
    },
    "zh": {
        "door": "储物柜 大门 车库 办公室 家门 保险箱 单元门 健身房柜子".split(),
        "where": (
            "在门口花盆下面 在抽屉最上层 在地下三层 在红色文件夹里 在面包店旁边 在衣柜里 在手套箱里 "
            "在阳台的架子上 在B区14排 在书房第二层"
        ).split(),
        "thing": "洗碗机 电钻 吸尘器 打印机 帐篷 梯子 相机 充电器 洗衣机 空调遥控器".split(),
        "month": "三月 六月 十月 2027年5月 明年 年底".split(),
        "pet": "豆豆 毛毛 胡椒 露娜 年糕 可乐 团子 橙子".split(),
    },
}
_KEEP = {
    "en": (
        "remember that {fact}", "please remember that {fact}", "note that {fact}",
        "keep in mind that {fact}", "don't forget: {fact}", "remember: {fact}",
        "make a note: {fact}", "I want you to remember that {fact}", "can you remember that {fact}?",
        "save this: {fact}", "for later: {fact}",
        "write down that {fact}", "remember {fact}",
    ),
    "zh": (
        "记住{fact}", "请记住，{fact}", "帮我记一下，{fact}", "记一下：{fact}", "你要记得{fact}",
        "别忘了，{fact}", "记下来：{fact}", "帮我记着{fact}",
    ),
}  # fmt: skip
_FIND = {
    "en": (
        "what did I say about the {key}?", "do you remember my {key}?", "what is my {key}?",
        "what's the {key} again?", "recall the {key}", "look up {key} in your notes",
        "did I tell you my {key}", "I told you my {key}, what was it?", "check my notes for {key}",
        "I forgot my {key}", "tell me my {key}", "my {key}?",
    ),
    "zh": (
        "我的{key}是多少", "你还记得我的{key}吗", "{key}是什么来着", "我跟你说过{key}吗",
        "查一下我让你记的{key}", "回忆一下{key}", "我告诉过你的{key}", "我忘了{key}",
    ),
}  # fmt: skip
_KEPT = {
    "en": (
        "I'll remember that.",
        "Noted: {fact}.",
        "Got it, I'll keep that in mind.",
        "Saved.",
        "I've made a note of it.",
    ),
    "zh": ("记住了。", "好的，我记下了：{fact}。", "已经记下。", "没问题，我会记得。"),
}


def _fact(rng: random.Random, language: Language) -> tuple[str, str, tuple[str, ...]]:
    """A fact, the words to find it by, and questions for it."""
    values = {name: rng.choice(each) for name, each in _SLOTS[language].items()}
    lists = words()
    for name in ("person", "food", "date", "color", "city", "animal", "product", "currency"):
        values[name] = rng.choice(lists[name][language]).removeprefix("on ")
    values |= {
        "d4": str(rng.randint(1000, 9999)), "d2": str(rng.randint(5, 95)), "size": str(rng.randint(35, 47)),
        "blood": rng.choice(("A", "B", "AB", "0")), "phone": f"555-{rng.randint(1000, 9999)}",
        "hour": str(rng.randint(5, 11)),
        "secret": rng.choice(("sunny", "tiger", "cloud", "Maple", "rivet")) + str(rng.randint(10, 9999)),
        "plate": "".join(rng.choices("ABCDEFGHKLMNPRSTVWX", k=3)) + str(rng.randint(100, 9999)),
        "seat": f"{rng.randint(1, 40)}{rng.choice('ABCDEF')}",
    }  # fmt: skip
    fact, key, asks = rng.choice(_FACTS[language])
    return fill(fact, values), fill(key, values), tuple(fill(ask, values) for ask in asks) or _FIND[language]


def remember(rng: random.Random, language: Language) -> Exchange:
    """One request for `remember`."""
    fact, _, _ = _fact(rng, language)
    shape = Shape(_KEEP[language], "{fact}", [(_SAVED[language], say) for say in _KEPT[language]])
    return shaped(rng, "remember", language, shape, {"fact": fact})


def told(fact: str, language: Language) -> str:
    """FACT as the assistant tells it back to its owner."""
    if language == "zh":
        return fact.replace("我的", "你的").replace("我", "你") + "。"
    turned = [_TURNED.get(word, word) for word in fact.split()]
    text = " ".join(turned)
    return text[0].upper() + text[1:] + "."


_SAVED = {"en": "Remembered: {fact}", "zh": "已记住：{fact}"}
_TURNED = {"my": "your", "I": "you", "me": "you", "we": "you"}


def recall(rng: random.Random, language: Language) -> Exchange:
    """One request for `recall`; now and then nothing is found."""
    fact, key, asks = _fact(rng, language)
    if rng.random() < 0.2:
        says = ("I find nothing about that.", "You have not told me that, as far as I can find.")
        if language == "zh":
            says = ("没有找到相关的记录。", "这个你好像没告诉过我。")
        outcomes = [("nothing found", say) for say in says]
    else:
        outcomes = [(fact, told(fact, language))]
    return shaped(rng, "recall", language, Shape(asks, "{key}", outcomes), {"key": key})


def both(rng: random.Random, language: Language) -> Exchange:
    """A fact is told, and asked for in the next turn."""
    fact, key, asks = _fact(rng, language)
    keep = Shape(_KEEP[language], "{fact}", [(_SAVED[language], say) for say in _KEPT[language]])
    first = shaped(rng, "remember", language, keep, {"fact": fact})
    kept = first.messages[1].content.removeprefix("/remember ")
    find = Shape(asks, "{key}", [(kept, told(kept, language))])
    second = shaped(rng, "recall", language, find, {"key": key})
    return Exchange(first.messages + second.messages)
