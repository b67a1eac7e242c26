"""Tell the weather and forecast for a place."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from yanray.toolbox.api import arabic, chinese, fetch, halfwidth, read_moment

NETWORK = True
TIMEOUT = 20
EXAMPLES = {
    "Paris tomorrow": "Paris, Tuesday 24 November: light rain, 6 to 11 °C, wind 18 km/h, rain 60 %",
    "tomorrow": "Paris, Tuesday 24 November: light rain, 6 to 11 °C, wind 18 km/h, rain 60 %",
    "北京 明天": "北京，11月24日星期二：小雨，6 到 11 °C，风 18 km/h，降水 60%",
}

DAYS = 16  # that the service forecasts
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "January February March April May June July August September October November December".split()
_SKIES = {  # WMO code 4677 as open-meteo uses it: https://open-meteo.com/en/docs
    0: ("clear sky", "晴"),
    1: ("mostly clear", "晴间多云"),
    2: ("partly cloudy", "多云"),
    3: ("overcast", "阴"),
    45: ("fog", "雾"),
    48: ("freezing fog", "冻雾"),
    51: ("light drizzle", "毛毛雨"),
    53: ("drizzle", "毛毛雨"),
    55: ("heavy drizzle", "毛毛雨"),
    56: ("freezing drizzle", "冻毛毛雨"),
    57: ("freezing drizzle", "冻毛毛雨"),
    61: ("light rain", "小雨"),
    63: ("rain", "中雨"),
    65: ("heavy rain", "大雨"),
    66: ("freezing rain", "冻雨"),
    67: ("freezing rain", "冻雨"),
    71: ("light snow", "小雪"),
    73: ("snow", "中雪"),
    75: ("heavy snow", "大雪"),
    77: ("snow grains", "米雪"),
    80: ("light showers", "小阵雨"),
    81: ("rain showers", "阵雨"),
    82: ("heavy showers", "大阵雨"),
    85: ("snow showers", "阵雪"),
    86: ("heavy snow showers", "大阵雪"),
    95: ("thunderstorm", "雷阵雨"),
    96: ("thunderstorm with hail", "雷阵雨伴冰雹"),
    99: ("thunderstorm with hail", "雷阵雨伴冰雹"),
}
_DAILY = "weather_code,temperature_2m_min,temperature_2m_max,wind_speed_10m_max,precipitation_probability_max"
_PART = r"(?:morning|afternoon|evening|night)"
_MONTH = rf"(?:{'|'.join(month[:3].lower() for month in _MONTHS)})[a-z]*"
_DAY = re.compile(
    rf"""\b(?:on\ |for\ |at\ )?(?:the\ )?
      (?P<en> day\ after\ tomorrow | tomorrow(?:\ {_PART})? | today | tonight | now | right\ now
      | this\ {_PART}
      | (?:this\ |next\ )?(?:week-?\ ?end|week)
      | (?:next\ |this\ )?(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:\ {_PART})?
      | \d{{1,2}}(?:st|nd|rd|th)?\ (?:of\ )?{_MONTH}(?:,?\ \d{{4}})?
      | {_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?(?:,?\ \d{{4}})? )\b
    | (?P<date> \d{{4}}-\d{{1,2}}-\d{{1,2}})
    | (?P<zh> 今天|今日|今晚|今早|今儿|现在|目前|明天|明早|明晚|明日|大后天|后天|(?:这|本|下)?个?周末
      | (?:这|本|下)?个?(?:星期|周|礼拜)[一二三四五六日天1-7] | (?:这|本|下)个?(?:星期|周|礼拜)|未来几天
      | (?:[\d十一二三四五六七八九]+月)[\d十一二三四五六七八九]+[日号])(?:的|上午|下午|早上|晚上|中午)*""",
    re.VERBOSE | re.IGNORECASE,
)
_NEAR_ZH = {
    "今晚": "今天",
    "今早": "今天",
    "今儿": "今天",
    "目前": "今天",
    "明早": "明天",
    "明晚": "明天",
    "明日": "明天",
}
_FILLER = re.compile(
    r"\b(?:what(?:'s| is)|how(?:'s| is)|the|weather|forecast|like|temperature|please)\b"
    r"|天气预报|天气|气温|怎么样|如何|查一下|[?？!。]",
    re.IGNORECASE,
)


def run(
    place: str = "",
    *,
    home: str = "",
    units: Literal["metric", "imperial"] = "metric",
    places: str = "https://geocoding-api.open-meteo.com",
    forecasts: str = "https://api.open-meteo.com",
) -> str:
    """Tell the weather of a day, a weekend or a week, up to two weeks ahead.

    place: a place, a day or both (Paris, Paris tomorrow, 北京 明天); nothing for the weather at home today.
    home: the place that is meant when none is named. units: metric or imperial. places, forecasts: servers
        that answer as open-meteo's do.
    """
    if len(place) > 200:
        raise ValueError("that is too long; write e.g. Paris tomorrow")
    where, when = split(halfwidth(place))
    where = where or home
    if not where:
        raise ValueError(
            "name the place, e.g. Paris tomorrow (its owner can set tools: weather: home: in config.yaml)"
        )
    han = chinese(place) or (not place and chinese(home))
    spot = _spot(where, "zh" if han else "en", places)
    forecast = _forecast(spot, units, forecasts)
    first, last = _wanted(when, date.fromisoformat(forecast["daily"]["time"][0]))
    title = _title(spot, where)
    lines = [_line(forecast, day, units, han) for day in _indices(forecast, first, last)]
    if len(lines) == 1:
        return f"{title}，{lines[0]}" if han else f"{title}, {lines[0]}"
    return "\n".join([f"{title}{'：' if han else ':'}", *lines])


def split(text: str) -> tuple[str, str]:
    """The place and the day in TEXT, each "" where there is none."""
    match = _DAY.search(text)
    when = ""
    if match:
        when = next(group for group in match.groups() if group).lower()
        text = f"{text[: match.start()]} {text[match.end() :]}"
    text = re.sub(r"\s+", " ", _FILLER.sub(" ", text)).strip(" ,，、.的;:：")
    text = re.sub(r"^(?:in|at|for|of)\b ?| (?:in|at|for|on)$", "", text, flags=re.IGNORECASE)
    return text.strip(" ,，的"), re.sub(
        rf"^this {_PART}$", "today", re.sub(rf"(?<=day|row) {_PART}$", "", when)
    )


def _wanted(when: str, today: date) -> tuple[date, date]:
    """The first and the last day that WHEN means, from TODAY at the place."""
    saturday = today + timedelta(5 - today.weekday() if today.weekday() < 6 else -1)
    ahead = timedelta(7 if when[:4] == "next" or when[:1] == "下" else 0)
    if re.search("week-? ?end|周末", when):
        return max(today, saturday + ahead), saturday + ahead + timedelta(1)
    if re.search("week$|(?:星期|周|礼拜)$|未来几天", when):
        monday = today - timedelta(today.weekday()) + ahead
        return (monday, monday + timedelta(6)) if ahead else (today, today + timedelta(6))
    if when in ("", "tonight", "right now") or (when.startswith("this ") and when[5:] in _PART):
        return today, today
    now = datetime.combine(today, time())
    moment = read_moment(arabic(_NEAR_ZH.get(when, when)) if "月" in when else _NEAR_ZH.get(when, when), now)
    if moment is None:
        raise ValueError(f"{when!r} is not a day; write e.g. tomorrow, friday or {today + timedelta(2)}")
    day = moment.date() if isinstance(moment, datetime) else moment
    return day, day


def _indices(forecast: dict[str, Any], first: date, last: date) -> list[int]:
    days = [date.fromisoformat(day) for day in forecast["daily"]["time"]]
    found = [index for index, day in enumerate(days) if first <= day <= last]
    if not found:
        raise ValueError(f"there is a forecast from {days[0]} to {days[-1]} only, not for {first}")
    return found


def _spot(where: str, language: str, server: str) -> dict[str, Any]:
    """The place called WHERE, as the geocoding service gives it."""
    name, _, region = (part.strip() for part in where.replace("，", ",").partition(","))
    query = {"name": name, "count": "10", "language": language, "format": "json"}
    answer = _asked(server, "/v1/search", query)
    found = [entry for entry in answer.get("results", []) if _in_region(entry, region)]
    if not found:
        raise ValueError(f"no place called {where[:60]!r} is found; write a town's name, e.g. Paris")
    best: dict[str, Any] = found[0]
    return {**best, "alone": region == "" and (len(found) == 1 or best.get("feature_code") == "PPLC")}


def _in_region(entry: dict[str, Any], region: str) -> bool:
    known = " ".join(str(entry.get(key, "")) for key in ("admin1", "admin2", "country", "country_code"))
    return region.lower() in known.lower()


def _title(spot: dict[str, Any], where: str) -> str:
    """The place's name, with its country where there are others of that name."""
    name = str(spot.get("name", where))
    country = spot.get("admin1") if spot.get("country_code") == "US" else spot.get("country")
    return name if spot["alone"] or not country or country == name else f"{name} ({country})"


def _forecast(spot: dict[str, Any], units: str, server: str) -> dict[str, Any]:
    query = {
        "latitude": str(spot["latitude"]),
        "longitude": str(spot["longitude"]),
        "current": "temperature_2m",
        "daily": _DAILY,
        "timezone": "auto",
        "forecast_days": str(DAYS),
    }
    if units == "imperial":
        query |= {"temperature_unit": "fahrenheit", "wind_speed_unit": "mph"}
    return _asked(server, "/v1/forecast", query)


def _asked(server: str, path: str, query: dict[str, str]) -> dict[str, Any]:
    host = urlsplit(server).netloc
    answer = fetch(server.rstrip("/") + path, params=query, seconds=8, allow=[host]).json()
    if not isinstance(answer, dict):
        raise ValueError(f"{host} did not answer as it should; try again later")
    return answer


def _line(forecast: dict[str, Any], index: int, units: str, han: bool) -> str:
    daily = forecast["daily"]
    code, low, high, wind, rain = (daily[key][index] for key in _DAILY.split(","))
    sky = _SKIES.get(code, ("mixed weather", "天气不定"))[han]
    degrees, speed = ("°F", "mph") if units == "imperial" else ("°C", "km/h")
    now = forecast.get("current", {}).get("temperature_2m") if index == 0 else None
    parts = [_day(date.fromisoformat(daily["time"][index]), han) + ("：" if han else ": ") + sky]
    parts.append(f"{_whole(low)} {'到' if han else 'to'} {_whole(high)} {degrees}")
    if now is not None:
        parts.append(f"现在 {_whole(now)} {degrees}" if han else f"now {_whole(now)} {degrees}")
    parts.append(f"{'风' if han else 'wind'} {_whole(wind)} {speed}")
    if rain is not None:
        parts.append(f"降水 {_whole(rain)}%" if han else f"rain {_whole(rain)} %")
    return ("，" if han else ", ").join(parts)


def _day(day: date, han: bool) -> str:
    if han:
        return f"{day.month}月{day.day}日星期{'一二三四五六日'[day.weekday()]}"
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def _whole(value: float | None) -> str:
    return "?" if value is None else str(round(value))
