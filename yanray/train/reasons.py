"""Why a tool fails: what it prints, in more combinations than can be learnt by heart.

What is told of an error has to be read off the result, so reasons are put together from a thing, what is
wrong with it, and until when.
"""

from __future__ import annotations

import random

from yanray.train.concepts import words
from yanray.train.document import Language
from yanray.train.nouns import nouns

_WHOLE = {
    "en": (
        "no connection",
        "the service did not answer within 10 seconds",
        "took longer than 10 s and was stopped",
        "not found",
        "nothing found",
        "access denied",
        "not set up yet",
        "too many requests, try again later",
        "no data for this",
        "no permission to do that",
        "the quota for today is used up",
        "the certificate has expired",
        "wrong password",
        "it needed more memory than tools may use; ask for less",
    ),
    "zh": (
        "没有网络连接",
        "服务在 10 秒内没有响应",
        "超时了",
        "没有找到",
        "没有权限",
        "还没有设置好",
        "请求太频繁，请稍后再试",
        "没有相关数据",
        "今天的次数用完了",
        "密码不对",
        "证书已过期",
    ),
}
_STATES = {
    "en": (
        "switched off",
        "offline",
        "not connected",
        "out of paper",
        "locked",
        "busy",
        "full",
        "empty",
        "broken",
        "not answering",
        "under repair",
        "missing",
        "sold out",
        "out of order",
        "out of stock",
        "jammed",
        "still cooling down",
        "already in use",
        "not registered",
        "being updated",
        "too old",
        "too large",
        "blocked",
        "cancelled",
        "fully booked",
        "not ready yet",
        "unplugged",
        "stuck",
        "out of range",
    ),
    "zh": (
        "没有开机",
        "离线了",
        "没有连接",
        "没纸了",
        "锁着",
        "正忙",
        "满了",
        "空了",
        "坏了",
        "没有响应",
        "正在维修",
        "不见了",
        "卖完了",
        "出故障了",
        "缺货",
        "卡住了",
        "还在冷却",
        "有人在用",
        "没有登记",
        "正在更新",
        "太旧了",
        "太大了",
        "被停用了",
        "取消了",
        "订满了",
        "还没准备好",
        "没插电",
        "停运了",
        "不在范围内",
    ),
}
_THING = {
    "en": ("the {x} is {s}", "{x} {s}", "its {x} is {s}", "the {x} seems to be {s}"),
    "zh": ("{x}{s}", "{x}{s}", "这个{x}{s}"),
}
_SHUT = {
    "en": (
        "closed until {t}",
        "the {x} service is closed until {t}",
        "not available before {t}",
        "paused until {t}",
        "the {x} is only open {t}",
        "there is none on {t}",
        "no {x} on {t}",
        "down for maintenance until {t}",
    ),
    "zh": (
        "{t}之前不开放",
        "{x}服务暂停到{t}",
        "{t}才能用",
        "{t}没有{x}",
        "{x}今天停了，{t}恢复",
        "维护到{t}",
    ),
}
_ERRORS = ("OSError", "RuntimeError", "ConnectionError", "TimeoutError", "LookupError", "PermissionError")


def reason(rng: random.Random, language: Language) -> str:
    """Why something failed, in LANGUAGE, without a final stop."""
    kind = rng.random()
    thing = rng.choice(nouns(language))
    if kind < 0.25:
        return rng.choice(_WHOLE[language])
    if kind < 0.65:
        state = rng.choice(_STATES[language])
        return rng.choice(_THING[language]).format(x=thing, s=state)
    until = rng.choice(words()[rng.choice(("day", "time", "date"))][language])
    return rng.choice(_SHUT[language]).format(x=thing, t=until.removeprefix("on "))


def printed(rng: random.Random, why: str, name: str) -> str:
    """WHY as the toolbox hands it on: mostly bare, at times with the kind of error and where it stands."""
    kind = rng.random()
    if kind < 0.6:
        return why
    if kind < 0.8:
        return f"{rng.choice(_ERRORS)}: {why} ({name}.py line {rng.randint(4, 60)})"
    return rng.choice(("error: ", "Error: ", "failed: ")) + why
