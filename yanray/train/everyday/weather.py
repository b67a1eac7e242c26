"""Requests for `weather`: a place, a day, both or neither."""

from __future__ import annotations

import random

from yanray.train.concepts import words
from yanray.train.document import Exchange, Language
from yanray.train.everyday import clock
from yanray.train.everyday.base import Shape, shaped

_DAYS = {
    "en": (
        "today; tomorrow; tomorrow; tonight; this weekend; on Friday; on Saturday; on Monday; Sunday; "
        "this week; next week; "
        "this afternoon; tomorrow morning; wednesday; the day after tomorrow"
    ).split("; "),
    "zh": ("今天; 明天; 明天; 后天; 今晚; 周末; 周五; 周六; 这周; 下周; 下午; 明早; 大后天; 星期天").split(
        "; "
    ),
}
_BOTH = {
    "en": (
        "what's the weather in {place} {day}?", "will it rain in {place} {day}?", "weather {place} {day}",
        "how will the weather be {day} in {place}", "do I need an umbrella in {place} {day}?",
        "is it going to be cold in {place} {day}",
        "forecast for {place} {day}", "{day} in {place}, sunny or not?",
        "i'm travelling to {place} {day}, what should I wear",
        "is there snow in {place} {day}?", "how warm will it get in {place} {day}",
        "temperature in {place} {day}",
        "will there be wind in {place} {day}", "can we have a picnic in {place} {day}?",
    ),
    "zh": (
        "{place}{day}天气怎么样", "{day}{place}会下雨吗", "{place}{day}冷不冷", "{day}去{place}要带伞吗",
        "{place}{day}多少度", "{place}{day}的天气预报",
        "{day}{place}有雪吗", "{place}{day}热吗", "{day}{place}风大不大", "{day}要去{place}，穿什么好",
        "{day}{place}晴天吗",
    ),
}  # fmt: skip
_PLACE = {
    "en": (
        "what's the weather in {place}?", "weather in {place}", "how's the weather in {place}",
        "is it raining in {place}?",
        "how hot is it in {place} right now", "what's it like outside in {place}", "temperature in {place}",
        "{place} weather please",
        "how cold is {place} at the moment?", "tell me the weather for {place}", "is it snowing in {place}",
    ),
    "zh": (
        "{place}天气", "{place}天气怎么样", "{place}现在多少度", "{place}下雨了吗", "{place}冷吗",
        "查一下{place}的天气", "{place}的气温", "{place}那边天气好吗",
    ),
}  # fmt: skip
_DAY = {
    "en": (
        "will it rain {day}?", "what's the weather like {day}", "do I need an umbrella {day}?",
        "how cold will it be {day}",
        "weather {day}", "is it going to snow {day}", "what's the forecast for {day}",
        "should I take a jacket {day}?", "will it be sunny {day}",
        "how warm will it get {day}", "is there a storm coming {day}", "do i need sunscreen {day}",
        "is {day} good for a barbecue?",
    ),
    "zh": (
        "{day}天气怎么样", "{day}会下雨吗", "{day}要带伞吗", "{day}冷不冷", "{day}多少度", "{day}有没有雪",
        "{day}适合出去玩吗", "{day}要穿外套吗", "{day}太阳大吗",
    ),
}  # fmt: skip
_BARE = {
    "en": (
        "what's the weather like?", "how's the weather", "weather", "is it raining?",
        "how cold is it outside", "what's the temperature",
        "is it hot out there?", "do i need a coat", "weather report please", "will it rain",
        "should i bring an umbrella?", "what is it like outside",
        "is it windy", "how humid is it", "give me the forecast",
    ),
    "zh": (
        "天气怎么样", "外面冷吗", "现在多少度", "天气预报", "外面下雨了吗", "要不要带伞", "天气如何",
        "外面热不热", "今儿天气好吗", "刮风了吗",
    ),
}  # fmt: skip
_SKY = {
    "en": (
        "clear sky; mostly clear; partly cloudy; overcast; fog; light drizzle; drizzle; light rain; rain; "
        "heavy rain; "
        "light snow; snow; heavy snow; light showers; rain showers; thunderstorm; snow showers; freezing rain"
    ).split("; "),
    "zh": "晴 晴间多云 多云 阴 雾 毛毛雨 小雨 中雨 大雨 小雪 中雪 大雪 小阵雨 阵雨 雷阵雨 阵雪 冻雨".split(),
}
_SAYS = {
    "en": (
        "{sky}, {low} to {high} degrees in {where}.", "In {where}: {sky}, between {low} and {high} degrees.",
        "It will be {low} to {high} degrees in {where}, {sky}.", "{where}: {sky}, {low} to {high} °C.",
    ),
    "zh": (
        "{where}{sky}，{low} 到 {high} 度。", "{where}：{sky}，{low} 到 {high} 度。",
        "{where}的天气：{sky}，气温 {low} 到 {high} 度。",
    ),
}  # fmt: skip


def exchange(rng: random.Random, language: Language) -> Exchange:
    """One request for `weather`; without a place the tool knows the owner's."""
    kind = rng.choices(("both", "place", "day", "bare"), (36, 26, 24, 14))[0]
    return asked(rng, language, kind, town(rng, language))


def town(rng: random.Random, language: Language) -> str:
    """A place whose weather somebody asks for: mostly a city."""
    return rng.choice(words()["city" if rng.random() < 0.9 else "country"][language])


def in_place(rng: random.Random, language: Language, place: str) -> Exchange:
    """The weather in PLACE."""
    return asked(rng, language, "place", place)


def asked(rng: random.Random, language: Language, kind: str, place: str) -> Exchange:
    """A request of KIND: `both` (place and day), `place`, `day` or `bare`."""
    day = rng.choice(_DAYS[language])
    if kind == "day":
        day = day.removeprefix("on ")
    written = day.removeprefix("on ").removeprefix("the ")
    values = {"place": place, "day": day, "written": written, "sky": rng.choice(_SKY[language])}
    low = rng.randint(-12, 26)
    values |= {"low": str(low), "high": str(low + rng.randint(1, 12))}
    values["where"] = place if kind in ("both", "place") else rng.choice(words()["city"][language])
    asks = {"both": _BOTH, "place": _PLACE, "day": _DAY, "bare": _BARE}[kind][language]
    argument = {"both": "{place} {written}", "place": "{place}", "day": "{written}", "bare": ""}[kind]
    output = f"{{where}}, {_when(rng)}: {{sky}}, {{low}} to {{high}} °C{_more(rng)}"
    if language == "zh":
        output = f"{{where}}，{_when_zh(rng)}：{{sky}}，{{low}} 到 {{high}} °C{_more_zh(rng)}"
    outcomes = [(output, say) for say in _SAYS[language]]
    return shaped(rng, "weather", language, Shape(asks, argument, outcomes), values)


def _when(rng: random.Random) -> str:
    """A day as the tool prints it."""
    day = clock.day(rng)
    return f"{day:%A} {day.day} {day:%B}"


def _when_zh(rng: random.Random) -> str:
    day = clock.day(rng)
    return f"{day.month}月{day.day}日星期{'一二三四五六日'[day.weekday()]}"


def _more_zh(rng: random.Random) -> str:
    if rng.random() < 0.3:
        return ""
    return f"，风 {rng.randint(3, 60)} km/h，降水 {rng.randrange(0, 100, 5)}%"


def _more(rng: random.Random) -> str:
    if rng.random() < 0.3:
        return ""
    return f", wind {rng.randint(3, 60)} km/h, rain {rng.randrange(0, 100, 5)} %"
