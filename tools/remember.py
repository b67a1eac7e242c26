"""Remember a fact for later."""

from __future__ import annotations

import re
from datetime import date

from yanray.toolbox.api import chinese, facts

CONFIRM = "^ *(?:forget|忘)"  # keeping a fact is not asked about, losing one is
EXAMPLES = {
    "the spare key is under the blue pot": "Remembered: the spare key is under the blue pot",
    "我的储物柜密码是1234": "已记住：我的储物柜密码是1234",
}

LONGEST = 2000
_INTRODUCTION = re.compile(
    r"^(?:(?:please )?(?:remember|note)\b:?(?: that\b)?|that\b|(?:请|帮我)*记(?:住|下)?[:：，,]?)\s*", re.I
)
_FORGET = re.compile(
    r"^(?:please )?forget\b:?(?: that\b| about\b)?\s*|^(?:请)?忘(?:记|掉|了)?[:：，,]?\s*", re.IGNORECASE
)


def run(fact: str) -> str:
    """Keep FACT, so that /recall finds it.

    fact: what to keep, in whole words. `forget WORDS` takes back the fact that has these words.
    """
    text = " ".join(fact.split())
    if len(text) > LONGEST:
        raise ValueError(f"that is {len(text):,} characters long; write at most {LONGEST:,}")
    if match := _FORGET.match(text):
        return _forget(text[match.end() :])
    text = _INTRODUCTION.sub("", text)
    if not text:
        raise ValueError("say what to remember, e.g. the spare key is under the blue pot")
    new = facts.add(text, date.today().isoformat())
    if chinese(text):
        return f"{'已记住' if new else '早已记住'}：{text}"
    return f"{'Remembered' if new else 'Known already'}: {text}"


def _forget(words: str) -> str:
    found = facts.find(words, 5) if words else []
    if not found:
        raise ValueError(f"no fact has the words {words[:60]!r}; /recall shows what is kept")
    if len(found) > 1 and words not in found:
        raise ValueError(
            "several facts have these words; write forget and one of them whole: " + "; ".join(found)
        )
    gone = words if words in found else found[0]
    facts.remove(gone)
    return f"已忘记：{gone}" if chinese(words) else f"Forgotten: {gone}"
