"""Tell the weather and forecast for a place."""

from __future__ import annotations

EXAMPLES = {
    "Paris tomorrow": "Paris, Tuesday 24 November: light rain, 6 to 11 °C, wind 18 km/h, rain 60 %",
}
NETWORK = True


def run(place: str = "") -> str:
    """Tell the weather and forecast for a place.

    place: a place, a day or both (Paris, Paris tomorrow, 北京 明天); nothing for the weather at home today.
    """
    raise ValueError("this tool is not written yet")
