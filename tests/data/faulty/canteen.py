"""Show what the canteen serves on a day."""

DAYS = {
    "monday": "lentil soup",
    "tuesday": "fish pie",
    "wednesday": "noodles",
    "thursday": "curry",
    "friday": "pancakes",
}


def run(day: str) -> str:
    """day: monday ... friday"""
    if day.lower() not in DAYS:
        raise ValueError(f"the canteen is not open on {day}; write one of: {', '.join(DAYS)}")
    return f"{day}: {DAYS[day.lower()]}"
