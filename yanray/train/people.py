"""Requests of real people, from the licensed data sets in the data folder (hwu64, clinc150, botframework).

Each row's intent says which shipped tool serves it, or that none does; the annotated slots give the argument.
Nothing here is committed data: without the folder the conversations are made without these rows.
"""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from yanray.train.document import Language
from yanray.train.readings import argument

SETS = ("hwu64_fold1_train", "clinc150_train", "botframework_skills_lu", "snips_train")
_HWU_SLOT = re.compile(r"\[([a-z_]+) : ([^\]]*)\]")
_BOT_SLOT = re.compile(r"\{([A-Za-z]+)=([^{}]*)\}")
# intent -> the shipped tool that serves it. What stands in neither table is used for talk or for other tools.
SERVED = {
    "hwu64": {
        "alarm_query": "remind", "alarm_remove": "remind", "alarm_set": "remind", "datetime_query": "clock",
        "datetime_convert": "clock",
        "lists_createoradd": "todo", "lists_query": "todo", "lists_remove": "todo",
        "weather_query": "weather", "qa_definition": "search", "qa_factoid": "search",
        "news_query": "search", "qa_stock": "search", "qa_currency": "convert", "cooking_recipe": "search",
        "recommendation_locations": "search",
        "recommendation_events": "search", "recommendation_movies": "search",
    },
    "clinc150": {
        "time": "clock", "date": "clock", "timezone": "clock", "weather": "weather", "timer": "remind",
        "definition": "search", "exchange_rate": "convert",
        "measurement_conversion": "convert", "flip_coin": "random", "roll_dice": "random",
        "shopping_list": "todo", "todo_list": "todo", "shopping_list_update": "todo",
        "todo_list_update": "todo", "recipe": "search", "restaurant_suggestion": "search",
        "restaurant_reviews": "search", "travel_suggestion": "search", "calories": "search",
        "nutrition_info": "search", "fun_fact": "search", "plug_type": "search", "vaccines": "search",
        "international_visa": "search", "travel_alert": "search",
        "ingredients_list": "search", "cook_time": "search", "food_last": "search",
        "ingredient_substitution": "search", "spelling": "search", "reminder": "remind",
    },
    "botframework": {
        "ShowToDo": "todo", "AddToDo": "todo", "DeleteToDo": "todo", "MarkToDo": "todo",
        "QueryWeather": "weather", "CheckWeatherValue": "weather", "CheckWeatherTime": "weather",
        "QueryQna": "search", "FindArticles": "search", "GetWeatherAdvisory": "weather",
        "AnswerMusicQuestion": "search",
    },
}  # fmt: skip
VAIN = {
    "hwu64": (
        "audio_volume_down audio_volume_mute audio_volume_up email_addcontact email_query "
        "email_querycontact email_sendemail iot_cleaning iot_coffee iot_hue_lightchange "
        "iot_hue_lightdim iot_hue_lightoff iot_hue_lighton iot_hue_lightup iot_wemo_off iot_wemo_on "
        "music_likeness music_query music_settings play_audiobook play_game "
        "play_music play_podcasts play_radio social_post social_query takeaway_order transport_taxi "
        "transport_ticket"
    ).split(),
    "clinc150": (
        "account_blocked balance bill_balance bill_due book_flight book_hotel cancel_reservation "
        "car_rental card_declined change_volume confirm_reservation credit_limit "
        "credit_limit_change credit_score damaged_card direct_deposit find_phone freeze_account gas "
        "insurance_change last_maintenance make_call min_payment mpg new_card next_song "
        "order order_checks order_status pay_bill payday pin_change play_music pto_balance pto_request "
        "pto_request_status pto_used redeem_rewards replacement_card_duration report_fraud "
        "report_lost_card reset_settings restaurant_reservation rewards_balance rollover_401k "
        "schedule_maintenance schedule_meeting share_location smart_home spending_history sync_device "
        "text tire_pressure transactions transfer travel_notification uber update_playlist what_song"
    ).split(),
    "botframework": (
        "AddFlag Forward Reply SendEmail CheckMessages ConnectToMeeting OutgoingCall PlayMusic Pause "
        "Shuffle AdjustVolume CheckOut ExtendStay LateCheckOut RequestItem "
        "RoomService TicketCreate TicketClose TicketUpdate Reservation ContactMeetingAttendees"
    ).split(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One request. source: the data set; slots: (kind, value) in the order of the text."""

    source: str
    intent: str
    language: Language
    text: str
    slots: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class People:
    """The requests, sorted by what serves them.

    served: (tool, language) -> (request, argument); vain: language -> requests that no shipped tool serves;
    intents: `data set:intent` -> rows.
    """

    served: dict[tuple[str, Language], list[tuple[str, str]]] = field(default_factory=dict)
    vain: dict[Language, list[str]] = field(default_factory=lambda: {"en": [], "zh": []})
    intents: dict[str, list[Row]] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        """Sort ROW in."""
        self.intents.setdefault(f"{row.source}:{row.intent}", []).append(row)
        tool = SERVED.get(row.source, {}).get(row.intent)
        if tool:
            written = argument(tool, row.intent, row.text, row.slots, row.language)
            if written is not None:
                self.served.setdefault((tool, row.language), []).append((row.text, written))
        elif row.intent in VAIN.get(row.source, ()):
            self.vain[row.language].append(row.text)

    def texts(self, source: str, language: Language) -> list[str]:
        """The requests of one `data set:intent`."""
        return [row.text for row in self.intents.get(source, ()) if row.language == language]


def _hwu(row: dict[str, Any]) -> Row | None:
    text = str(row["text"]).strip()
    slots = tuple((kind, value.strip()) for kind, value in _HWU_SLOT.findall(row["annotated"]))
    return Row("hwu64", row["intent"], "en", _named(text), slots)


def _clinc(row: dict[str, Any]) -> Row | None:
    return Row("clinc150", row["intent"], "en", str(row["text"]).strip(), ())


def _bot(row: dict[str, Any]) -> Row | None:
    """Rows with open slots or grammar marks are templates; part of the Chinese is machine-made."""
    text = str(row["text"]).strip()
    if row["has_open_slot"] or any(mark in text for mark in "{}^[]()|@"):
        return None
    language: Language = "en" if row["lang"].startswith("en") else "zh"
    if language == "zh" and (row["skill"] not in _NATURAL or len(text) > 40):
        return None
    return Row("botframework", row["intent"], language, text, tuple(_BOT_SLOT.findall(row["annotated"])))


_NATURAL = ("calendarskill", "todoskill", "weatherskill", "emailskill")


def _snips(row: dict[str, Any]) -> Row | None:
    parts = [(part["entity"], part["text"].strip()) for part in row["data"] if "entity" in part]
    return Row("snips", row["intent"], "en", " ".join(row["text"].split()), tuple(parts))


def _named(text: str) -> str:
    """Without the names by which hwu64's people called their assistant."""
    for name in ("olly ", "s1, ", "s2, ", "pda ", ", olly", " olly"):
        text = text.replace(name, " " if name[0] == " " else "").strip()
    return text


_READERS: dict[str, Callable[[dict[str, Any]], Row | None]] = {
    "hwu64_fold1_train": _hwu,
    "clinc150_train": _clinc,
    "botframework_skills_lu": _bot,
    "snips_train": _snips,
}


def _rows(folder: Path, name: str) -> Iterator[Row]:
    with lzma.open(folder / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = _READERS[name](json.loads(line))
            if row and 2 <= len(row.text) <= 160:
                yield row


@lru_cache(maxsize=1)
def people(folder: Path | None) -> People:
    """All requests that FOLDER holds; none when it is None or lacks the files."""
    found = People()
    for name in SETS:
        if folder and (folder / f"{name}.jsonl.xz").is_file():
            for row in _rows(folder, name):
                found.take(row)
    return found
