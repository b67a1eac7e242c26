"""Currencies and what they are worth: the European Central Bank's rates, from frankfurter.dev.

The rates of the day are kept in the tools' data folder, so that the network is asked once in twelve hours;
when it is away the kept ones serve, and their date is said.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from yanray.paths import home
from yanray.toolbox.addresses import AwayError, FetchError

SERVER = "https://api.frankfurter.dev/v1"
FRESH = 12 * 3600  # seconds for which rates are not asked for again
_BASE = "EUR"
_NAMES = """
    USD: $, us$, dollar, us dollar, american dollar, buck, 美元, 美金, 美刀
    EUR: €, euro, 欧元
    GBP: £, pound, british pound, pounds sterling, sterling, quid, 英镑
    JPY: yen, japanese yen, 日元, 日圆
    CNY: ￥, ¥, yuan, rmb, renminbi, chinese yuan, 人民币, 元, 块, 块钱, 元人民币
    INR: ₹, rupee, indian rupee, 卢比, 印度卢比
    CAD: c$, canadian dollar, 加元, 加拿大元
    AUD: a$, australian dollar, 澳元, 澳大利亚元
    CHF: swiss franc, franc, 瑞士法郎, 瑞郎
    KRW: ₩, won, korean won, 韩元, 韩币
    MXN: mexican peso, peso, 墨西哥比索
    HKD: hk$, hong kong dollar, 港币, 港元
    SEK: swedish krona, swedish kronor, 瑞典克朗
    NOK: norwegian krone, norwegian kroner, 挪威克朗
    DKK: danish krone, danish kroner, 丹麦克朗
    BRL: real, reais, brazilian real, 雷亚尔
    THB: ฿, baht, thai baht, 泰铢
    NZD: new zealand dollar, 新西兰元
    SGD: singapore dollar, 新加坡元, 新币
    PLN: zloty, 兹罗提
    CZK: czech koruna, czech crown, 捷克克朗
    HUF: forint, 福林
    ILS: shekel, 谢克尔
    TRY: lira, turkish lira, 里拉
    ZAR: rand, 兰特
    IDR: rupiah, 印尼盾
    MYR: ringgit, 林吉特, 马币
    PHP: philippine peso, 菲律宾比索
    ISK: icelandic krona
    RON: leu, lei
    BGN: lev
"""
_CODES = {
    name.strip(): line.partition(":")[0].strip()
    for line in _NAMES.strip().splitlines()
    for name in line.partition(":")[2].split(",")
}


def currency(name: str) -> str | None:
    """The ISO 4217 code of the currency called NAME, or None."""
    text = re.sub(r"^(?:the|an?|one) ", "", name.strip().lower())
    if text.upper() in _CODES.values():
        return text.upper()
    return _CODES.get(text) or _CODES.get(text.removesuffix("s"))


def rate(source: str, target: str, server: str = SERVER) -> tuple[float, str]:
    """What one SOURCE is worth in TARGET (both ISO codes), and the date of that. FetchError, AwayError."""
    kept = _kept()
    if kept is None or time.time() - kept["asked"] > FRESH:
        try:
            kept = _ask(server)
        except AwayError:
            if kept is None:
                raise
    rates = {**kept["rates"], _BASE: 1.0}
    for code in (source, target):
        if code not in rates:
            raise FetchError(f"there is no rate for {code}; there is: {', '.join(sorted(rates))}")
    return rates[target] / rates[source], kept["date"]


def _file() -> Path:
    folder = home("data") / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "rates.json"


def _kept() -> dict[str, Any] | None:
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None  # never asked, or the file is damaged: asked for anew
    return kept if _is_table(kept) and isinstance(kept.get("asked"), int | float) else None


def _ask(server: str) -> dict[str, Any]:
    """Today's rates. Format: https://frankfurter.dev"""
    from yanray.toolbox.fetch import fetch

    host = urlsplit(server).netloc
    answer = fetch(f"{server.rstrip('/')}/latest", params={"base": _BASE}, seconds=8, allow=[host]).json()
    if not _is_table(answer):
        raise FetchError(f"{host} did not answer as it should; try again later")
    kept = {"asked": time.time(), "date": answer["date"], "rates": answer["rates"]}
    with tempfile.NamedTemporaryFile("w", dir=_file().parent, delete=False, encoding="utf-8") as file:
        json.dump(kept, file)
    os.replace(file.name, _file())  # noqa: PTH105 - whole or not at all
    return kept


def _is_table(value: Any) -> bool:
    rates = value.get("rates") if isinstance(value, dict) else None
    if not isinstance(rates, dict) or not isinstance(value.get("date"), str):
        return False
    return all(isinstance(each, int | float) and each > 0 for each in rates.values())
