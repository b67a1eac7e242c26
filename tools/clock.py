"""Tell the time and date, here or in any place, and count days and hours."""

from __future__ import annotations

import functools
import re
import zoneinfo
from datetime import date, datetime, timedelta, timezone, tzinfo

from yanray.toolbox.api import SPAN, UNITS, chinese, plain, read_moment, shift

EXAMPLES = {
    "2026-03-01 + 45 days": "2026-04-15 (Wednesday)",
    "days between 2026-03-01 and 2026-12-25": "299 days (9 months, 24 days)",
    "weekday 2026-11-22": "2026-11-22 is a Sunday",
    "2026-12-25 15:00 Tokyo in London": "2026-12-25 06:00 (Friday) in London",
    "2026年3月1日之后45天": "2026-04-15（星期三）",
    "从2026年3月1日到2026年12月25日有多少天": "299天（9个月24天）",
    "2026年11月22日是星期几": "2026-11-22是星期日",
}

_PLACES = """
Asia/Shanghai: china, beijing, shenzhen, guangzhou, hangzhou, chengdu, wuhan, nanjing, 中国, 北京
Asia/Shanghai: 上海, 深圳, 广州, 杭州, 成都
Asia/Hong_Kong: hong kong, hongkong, 香港
Asia/Macau: macau, macao, 澳门
Asia/Taipei: taiwan, taipei, 台湾, 台北
Asia/Tokyo: japan, osaka, kyoto, 日本, 东京, 大阪, 京都
Asia/Seoul: korea, south korea, 韩国, 首尔
Asia/Singapore: singapore, 新加坡
Asia/Bangkok: thailand, 泰国, 曼谷
Asia/Ho_Chi_Minh: vietnam, hanoi, saigon, 越南, 河内
Asia/Jakarta: indonesia, 印度尼西亚, 印尼, 雅加达
Asia/Kuala_Lumpur: malaysia, 马来西亚, 吉隆坡
Asia/Manila: philippines, 菲律宾, 马尼拉
Asia/Kolkata: india, delhi, new delhi, mumbai, bangalore, 印度, 新德里, 孟买
Asia/Dubai: emirates, uae, abu dhabi, 阿联酋, 迪拜
Asia/Riyadh: saudi arabia, 沙特, 利雅得
Asia/Tehran: iran, 伊朗, 德黑兰
Asia/Jerusalem: israel, tel aviv, 以色列
Europe/Istanbul: turkey, ankara, 土耳其, 伊斯坦布尔
Europe/Moscow: russia, 俄罗斯, 莫斯科
Europe/Kyiv: ukraine, kiev, 乌克兰, 基辅
Europe/London: uk, england, britain, scotland, united kingdom, edinburgh, manchester, 英国, 伦敦
Europe/Dublin: ireland, 爱尔兰, 都柏林
Europe/Paris: france, lyon, marseille, 法国, 巴黎
Europe/Berlin: germany, munich, hamburg, frankfurt, cologne, 德国, 柏林, 慕尼黑, 汉堡
Europe/Madrid: spain, barcelona, 西班牙, 马德里, 巴塞罗那
Europe/Lisbon: portugal, 葡萄牙, 里斯本
Europe/Rome: italy, milan, venice, florence, 意大利, 罗马, 米兰
Europe/Amsterdam: netherlands, holland, 荷兰, 阿姆斯特丹
Europe/Brussels: belgium, 比利时, 布鲁塞尔
Europe/Zurich: switzerland, geneva, bern, 瑞士, 苏黎世, 日内瓦
Europe/Vienna: austria, 奥地利, 维也纳
Europe/Prague: czechia, 捷克, 布拉格
Europe/Warsaw: poland, 波兰, 华沙
Europe/Stockholm: sweden, 瑞典, 斯德哥尔摩
Europe/Oslo: norway, 挪威, 奥斯陆
Europe/Copenhagen: denmark, 丹麦, 哥本哈根
Europe/Helsinki: finland, 芬兰, 赫尔辛基
Europe/Athens: greece, 希腊, 雅典
Africa/Cairo: egypt, 埃及, 开罗
Africa/Nairobi: kenya, 肯尼亚
Africa/Lagos: nigeria, 尼日利亚
Africa/Johannesburg: south africa, cape town, 南非, 开普敦
America/New_York: washington, boston, miami, atlanta, philadelphia, nyc, eastern, 纽约, 华盛顿
America/New_York: 波士顿, 迈阿密
America/Chicago: houston, dallas, austin, central, 芝加哥, 休斯敦
America/Denver: salt lake city, mountain, 丹佛
America/Los_Angeles: san francisco, seattle, san diego, las vegas, california, la, pacific, 洛杉矶
America/Los_Angeles: 旧金山, 西雅图
Pacific/Honolulu: hawaii, 夏威夷
America/Toronto: ottawa, montreal, 多伦多, 蒙特利尔
America/Vancouver: 温哥华
America/Mexico_City: mexico, 墨西哥
America/Sao_Paulo: brazil, rio, rio de janeiro, 巴西, 圣保罗
America/Argentina/Buenos_Aires: argentina, 阿根廷
America/Santiago: chile, 智利
Australia/Sydney: canberra, 悉尼, 堪培拉
Australia/Melbourne: 墨尔本
Pacific/Auckland: new zealand, wellington, 新西兰, 奥克兰
UTC: utc, gmt, z, zulu
"""
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_DAYS_ZH = "一二三四五六日"


def run(request: str = "") -> str:
    """Tell the time or the date, or count between dates.

    request: nothing for now; a place (Tokyo, 东京现在几点); days until 2026-12-25; 2026-03-01 + 45 days;
        days between two dates; weekday of a date; 15:00 Tokyo in London. Dates: 2026-12-25, 25 December 2026.
    """
    if len(request) > 200:
        raise ValueError("that is too long; write e.g. Tokyo, or days until 2026-12-25")
    han = chinese(request)
    text = re.sub(r"\s+", " ", plain(request)).lower().replace("’", "'").replace("'s", "s").strip(" ?!.")
    text = re.sub(r"^(?:what is|whats|tell me|please|请问|告诉我) ?(?:the )?", "", text)
    try:
        for answer in (_now, _elsewhere, _difference, _between, _sum, _weekday_of, _in_place):
            if found := answer(text, han):
                return found
    except OverflowError:
        raise ValueError("that date is outside the years 1 to 9999") from None
    raise ValueError(
        f"{request[:60]!r} is not understood; write e.g. Tokyo, days until 2026-12-25, 2026-03-01 + 45 days"
    )


# -- the kinds of request: each gives an answer, or None when TEXT is not of its kind


_HERE = re.compile(
    r"(?:(?:current |local )?(?:date|time|day)(?: and (?:date|time))?|now|today|what time|what day)?"
    r"(?: is it| is today)?(?: now| today| here)*"
    r"|(?:现在|今天|当前|今日)?[的是]?"
    r"(?:几点|几号|时间|日期|星期几|周几|几月几号|什么时候|什么时间|多少号)?[钟了]?"
)


def _now(text: str, han: bool) -> str | None:
    return _said(datetime.now().astimezone(), han) if _HERE.fullmatch(text) else None


_ELSEWHERE = re.compile(
    r"(.*\d.*?) (?:in |at )?([a-z][a-z_/ ]*?)(?: time)? (?:in|to|=) ([a-z][a-z_/ ]*?)(?: time)?"
)
_ELSEWHERE_ZH = re.compile(
    r"(\D+?)(?:时间)?的?((?:上午|早上|凌晨|中午|下午|晚上)?\d.*?)(?:是|等于|在)(\D+?)(?:时间)?"
    r"的?(?:几点|什么时间)?钟?"
)


def _elsewhere(text: str, han: bool) -> str | None:
    """`15:00 Tokyo in London`, `北京时间15:00是纽约几点`."""
    if match := _ELSEWHERE.fullmatch(text):
        when, place, other = match.groups()
    elif match := _ELSEWHERE_ZH.fullmatch(text):
        place, when, other = match.groups()
    else:
        return None
    zone, target = _zone(place), _zone(other)
    if zone is None or target is None:
        return None
    moment = read_moment(when, datetime.now(zone).replace(tzinfo=None))
    if not isinstance(moment, datetime):
        return None
    shown = _date(moment.replace(tzinfo=zone).astimezone(target), han, time=True)
    return f"{other}{shown}" if han else f"{shown} in {other.title()}"


def _difference(text: str, han: bool) -> str | None:
    """Hours between two places."""
    match = re.fullmatch(r"(?:time )?difference between (.+) and (.+)", text)
    match = match or re.fullmatch(
        r"(.+?)[和与跟](.+?)的?(?:时差|相差|差)(?:是)?(?:多少|几)?(?:个?小时)?", text
    )
    zones = [_zone(place) for place in match.groups()] if match else []
    if match is None or None in zones:
        return None
    now = datetime.now(timezone.utc)
    offsets = [(now.astimezone(zone).utcoffset() or timedelta()).total_seconds() / 3600 for zone in zones]
    hours = offsets[1] - offsets[0]
    first, second = match.groups()
    if han:
        return f"{second}比{first}{'早' if hours >= 0 else '晚'}{abs(hours):g}小时"
    return (
        f"{second.title()} is {abs(hours):g} hours {'ahead of' if hours >= 0 else 'behind'} {first.title()}"
    )


_COUNT = (
    r"(?:how )?(?:many |much )?(?:long|days|weeks|months|time|hours|minutes)?"
    r"(?: is it| are there| are left| is left| left)? ?"
)
_COUNT_ZH = r"(?:还?有|还剩|过了|已经|相隔|相差|差|是)*(?:多少|几)?个?(?:天|日|周|小时|久)?了?"
_FROM_TO = re.compile(
    rf"{_COUNT}(?:between|from) (?P<a>.+) (?:and|to|until) (?P<b>.+)"
    r"|(?P<c>.*\d.*) (?:to|until|-) (?P<d>.*\d.*)"
    rf"|从?(?P<e>.+?)[到至](?P<f>.+?)(?:之间)?{_COUNT_ZH}"
)
_UNTIL = re.compile(
    rf"{_COUNT}(?:until|till|to|before|since|after) (?P<a>.+)|(?:距离?|离)(?P<b>.+?){_COUNT_ZH}"
    rf"|(?P<c>.+?)(?:还有|过了|已经)(?:多少|几)天了?"
)


def _between(text: str, han: bool) -> str | None:
    """Days, or hours and minutes, between two moments, one of which may be now."""
    if match := _FROM_TO.fullmatch(text):
        start, end = (group for group in match.groups() if group)
    elif match := _UNTIL.fullmatch(text):
        start, end = "today", next(group for group in match.groups() if group)
    else:
        return None
    now = datetime.now()
    first, second = read_moment(start, now), read_moment(end, now)
    if first is None or second is None:
        return None
    if isinstance(first, datetime) != isinstance(second, datetime):
        first, second = _with_time(first, start), _with_time(second, end)
    return _distance(first, second, han)


def _sum(text: str, han: bool) -> str | None:
    """A moment and a span: `2026-03-01 + 45 days`, `in 3 weeks`, `45天后`."""
    match = re.fullmatch(rf"(.+?) ?(\+|-|plus|minus|加|减) ?{SPAN}", text)
    if match:
        base, sign, number, unit = match.groups()
    elif match := re.fullmatch(rf"(?:in )?{SPAN}(?: (after|before|from|ago)(?: (.+))?)?", text):
        number, unit, sign, base = match.groups()
    elif match := re.fullmatch(rf"(?:(.+?)(?:的|之|过|再过)?)?{SPAN}(?:之|以)?(后|前)(?:是.*)?", text):
        base, number, unit, sign = match.groups()
    elif match := re.fullmatch(rf"(.+?)(?:之|以)?(后|前){SPAN}(?:是.*)?", text):
        base, sign, number, unit = match.groups()
    else:
        return None
    base = base or ("now" if UNITS[unit] in ("seconds", "minutes", "hours") else "today")
    if base == "now" and UNITS[unit] in ("days", "weeks", "months", "years"):
        base = "today"
    moment = read_moment(base, datetime.now())
    if moment is None:
        return None
    amount = -int(number) if sign in ("-", "minus", "减", "before", "ago", "前") else int(number)
    moved = shift(moment, amount, UNITS[unit])
    return _date(moved, han, time=isinstance(moved, datetime))


def _weekday_of(text: str, han: bool) -> str | None:
    asked = r"(?:(?:weekday|day of the week|what day|which day|date|when)(?: of| is| was| will)? )?(.+?)"
    match = re.fullmatch(rf"{asked}(?:是?(?:星期|周|礼拜)几|是?几号|是?几月几号)?", text)
    moment = read_moment(match[1], datetime.now()) if match else None
    if moment is None:
        return None
    day = f"星期{_DAYS_ZH[moment.weekday()]}" if han else f"a {_DAYS[moment.weekday()].title()}"
    return f"{moment:%Y-%m-%d}是{day}" if han else f"{moment:%Y-%m-%d} is {day}"


_BEFORE_PLACE = re.compile(
    r"^(?:(?:current |local )?(?:what )?(?:time|date|day)?(?: is it)?(?: now)? ?(?:in|at|for) "
    r"|现在|今天|当前)"
)
_AFTER_PLACE = re.compile(
    r" (?:local )?time$| now$|(?:的|现在|当前|是|时间|几点|几号|什么|今天|钟|了|星期几|日期)+$"
)


def _in_place(text: str, han: bool) -> str | None:
    place = _BEFORE_PLACE.sub("", text)
    place = _AFTER_PLACE.sub("", place)
    zone = _zone(place)
    if zone is None:
        return None
    shown = _said(datetime.now(zone), han)
    return f"{place}：{shown}" if han else f"{place.title()}: {shown}"


# -- places


@functools.lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """Name of a city or country -> key of its time zone."""
    keys = sorted(zoneinfo.available_timezones())
    known = {key.rpartition("/")[2].replace("_", " ").lower(): key for key in keys}
    known |= {key.lower(): key for key in keys}
    for line in _PLACES.strip().splitlines():
        key, _, names = line.partition(":")
        known |= {name.strip(): key for name in names.split(",")}
    return known


def _zone(place: str) -> tzinfo | None:
    place = place.strip(" ,?的").removeprefix("the ")
    if match := re.fullmatch(r"(?:utc|gmt) ?([+-]\d{1,2})(?::(\d{2}))?", place):
        minutes = int(match[1]) * 60 + int(match[2] or 0) * (-1 if match[1][0] == "-" else 1)
        return timezone(timedelta(minutes=minutes)) if abs(minutes) < 1440 else None
    key = _zones().get(place) or _zones().get(place.partition(",")[0])
    return zoneinfo.ZoneInfo(key) if key else None


# -- counting


def _with_time(moment: date | datetime, text: str) -> datetime:
    """MOMENT with a time: now's for today, else midnight."""
    if isinstance(moment, datetime):
        return moment
    if text in ("now", "today", "现在", "今天"):
        return datetime.now().replace(microsecond=0)
    return datetime(moment.year, moment.month, moment.day)


def _distance(first: date | datetime, second: date | datetime, han: bool) -> str:
    first, second = min(first, second), max(first, second)
    apart = second - first
    days, minutes = apart.days, apart.seconds // 60
    parts = [(days, "day", "天"), (minutes // 60, "hour", "小时"), (minutes % 60, "minute", "分钟")]
    text = _listed([part for part in parts if part[0]] or [parts[0]], han)
    if days < 31:
        return text
    months = (second.year - first.year) * 12 + second.month - first.month
    if shift(first, months, "months") > second:
        months -= 1
    rest = (second - shift(first, months, "months")).days
    parts = [(months // 12, "year", "年"), (months % 12, "month", "个月"), (rest, "day", "天")]
    more = _listed([part for part in parts if part[0]], han)
    return f"{text}（{more}）" if han else f"{text} ({more})"


def _listed(parts: list[tuple[int, str, str]], han: bool) -> str:
    if han:
        return "".join(f"{number}{zh}" for number, _, zh in parts)
    return ", ".join(f"{number} {en}{'' if number == 1 else 's'}" for number, en, _ in parts)


# -- showing


def _date(moment: date | datetime, han: bool, *, time: bool) -> str:
    """`2026-04-15 (Wednesday)`, with the time when it matters."""
    text = f"{moment:%Y-%m-%d %H:%M}" if time else f"{moment:%Y-%m-%d}"
    day = moment.weekday()
    return f"{text}（星期{_DAYS_ZH[day]}）" if han else f"{text} ({_DAYS[day].title()})"


def _said(now: datetime, han: bool) -> str:
    offset = f"{now:%z}"
    zone = f"UTC{offset[:3]}:{offset[3:5]}"
    if han:
        return f"{now:%Y-%m-%d}星期{_DAYS_ZH[now.weekday()]} {now:%H:%M}（{zone}）"
    return f"{_DAYS[now.weekday()].title()} {now:%Y-%m-%d} {now:%H:%M} ({zone})"
