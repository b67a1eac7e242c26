"""Flip coins, roll dice, pick at random."""

from __future__ import annotations

import re
import secrets

from yanray.toolbox.api import chinese, halfwidth, plain

EXAMPLES = {
    "2d6": "2 + 4 = 6",
    "coin": "heads",
    "1-100": "42",
    "one of tea, coffee": "tea",
    "茶、咖啡选一个": "茶",
}

MOST, SIDES = 100, 10**12  # dice or coins at once; sides of a die, and the largest number
_CHANCE = secrets.SystemRandom()
_COIN = r"coins?|heads or tails|toss|flip|硬币|正反面|正面还是反面"


def run(what: str = "") -> str:
    """Pick by chance, as fair as the system's own source.

    what: coin, 3 coins; 2d6, 2d6+3, die; 1-100, 3 numbers 1-100, a number between 1 and 10;
        one of tea, coffee; shuffle a, b, c. Nothing: a coin.
    """
    if len(what) > 2000:
        raise ValueError("that is too long; write e.g. one of tea, coffee")
    text = plain(what).strip().lower()
    for answer in (_order, _options, _coin, _dice, _number):
        found = answer(halfwidth(what).strip() if answer in (_order, _options) else text)
        if found is not None:
            return found
    raise ValueError(f"{what[:60]!r} is not understood; write coin, 2d6, 1-100, or one of tea, coffee")


def _coin(text: str) -> str | None:
    match = re.search(rf"(?:(\d{{1,9}})\s*(?:个|枚|次)?\s*)?(?:{_COIN})|^(?:yes or no|yes/no)?$", text)
    if match is None:
        return None
    sides = ("正面", "反面") if chinese(text) else ("yes", "no") if text[:3] == "yes" else ("heads", "tails")
    return ", ".join(_CHANCE.choice(sides) for _ in range(_few(match[1] or "1")))


def _dice(text: str) -> str | None:
    text = re.sub(r"\b(?:a|one)\b", "1", re.sub(r"\b(?:two|pair of)\b", "2", text))
    match = re.search(r"(\d{1,9})?\s*d\s*(\d{1,13})\b\s*(?:([+-])\s*(\d{1,9}))?", text)
    if match:
        return _rolled(match[1] or "1", match[2], int((match[3] or "+") + (match[4] or "0")))
    text = text.replace("six-sided", "6-sided")
    match = re.search(r"(?:(\d{1,9})[\s个颗粒]+)?(\d{1,13})(?:[ -]?sided|面)的?\s*(?:dic?e|骰子?|色子)", text)
    if match:
        return _rolled(match[1] or "1", match[2], 0)
    match = re.search(r"(\d{1,9})?\s*(?:个|颗|粒|次)?\s*(?:dic?e\b|骰子|色子)", text)
    return _rolled(match[1] or "1", "6", 0) if match else None


def _rolled(count: str, sides: str, plus: int) -> str:
    if not 1 <= int(sides) <= SIDES:
        raise ValueError(f"a die has 1 to {SIDES:,} sides, not {sides}")
    rolls = [_CHANCE.randint(1, int(sides)) for _ in range(_few(count))]
    terms = " + ".join(map(str, rolls))
    if plus:
        terms += f" {'+' if plus > 0 else '-'} {abs(plus)}"
    return terms if len(rolls) == 1 and not plus else f"{terms} = {sum(rolls) + plus}"


def _number(text: str) -> str | None:
    count = "1"
    if many := re.match(r"(\d{1,9})\s*(?:random )?(?:numbers?\b|个数字?|个)", text):
        count, text = many[1], text[many.end() :]
    number = r"(-?\d{1,13})"
    match = re.search(rf"{number}\s*(?:-|–|~|\.\.|to|and|until|up to|到|至|和)\s*{number}", text)
    match = match or re.fullmatch(rf"\D*?{number}\D*()", text)
    match = match or re.fullmatch(r"(?:a )?(?:random )?number()()|随机数字?", text)
    if match is None:
        return None
    low, high = (int(match[1]), int(match[2])) if match[2] else (1, int(match[1] or 100))
    if max(abs(low), abs(high)) > SIDES:
        raise ValueError(f"numbers go up to {SIDES:,}")
    low, high = min(low, high), max(low, high)
    return ", ".join(str(_CHANCE.randint(low, high)) for _ in range(_few(count)))


def _options(text: str) -> str | None:
    """One of several things."""
    asked = re.search(r"\bone of\b|\bbetween\b|\bchoose\b|\bpick\b|选|挑", text, re.IGNORECASE)
    body = re.sub(
        r"^.*?\bone of\b|^.*?\b(?:choose|pick)(?: (?:one|from|between))*\b|^between\b", "", text, flags=re.I
    )
    body = re.sub(
        r"^(?:帮我)?(?:随机)?(?:从|在)|(?:里|中|之间)?(?:随机|任)?(?:选|挑|抽)(?:一个|哪个|一|个)?$",
        "",
        body.strip(),
    )
    parts = _parts(body.strip(" :：?？。"))
    if len(parts) < 2 or (
        not asked and all(re.fullmatch(r"-?\d+", part) for part in parts) and len(parts) == 2
    ):
        return None
    if all(re.fullmatch(r"-?\d{1,13}", part) for part in parts) and " and " in body and len(parts) == 2:
        return None  # between 1 and 10
    return _CHANCE.choice(parts) if len(parts) <= 1000 else None


def _parts(text: str) -> list[str]:
    splits = r"\s*(?:[,，、;；/|]|\bor\b|还是|或者?)\s*"
    parts = [part for part in re.split(splits, text) if part]
    if len(parts) < 2:
        parts = [part for part in re.split(r"\s*(?:\band\b|和|跟)\s*", text) if part]
    return [re.sub(r"^(?:or|and)\s+", "", part) for part in parts]


def _order(text: str) -> str | None:
    match = re.match(
        r"(?:shuffle|mix|order of|打乱|排序|排个?序)[:：]?\s*(.+)", text, re.IGNORECASE | re.DOTALL
    )
    if match is None:
        return None
    parts = _parts(match[1])
    _CHANCE.shuffle(parts)
    return "、".join(parts) if chinese(text) else ", ".join(parts)


def _few(count: str) -> int:
    if not 1 <= int(count) <= MOST:
        raise ValueError(f"1 to {MOST} at once, not {count}")
    return int(count)
