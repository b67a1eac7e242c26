"""Heat the oven and tell how many minutes it takes."""

import re

RANGES = {"C": (50, 250, 10), "F": (120, 480, 20)}  # lowest, highest, degrees in a minute


def run(heat: str) -> str:
    """heat: how hot"""
    match = re.fullmatch(r"(\d+) ?([CF])", heat.upper())
    if not match:
        raise ValueError(f"{heat} has no unit C or F; write it behind the number, as in 90 C")
    degrees, unit = int(match[1]), match[2]
    lowest, highest, speed = RANGES[unit]
    if not lowest <= degrees <= highest:
        raise ValueError(f"the oven goes from {lowest} to {highest} {unit}")
    return f"heating to {degrees} {unit}, ready in {degrees // speed} minutes"
