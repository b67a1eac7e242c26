"""Run the garden pump for some minutes."""


def run(minutes: str) -> str:
    """minutes: a whole number from 1 to 30"""
    if not minutes.isdigit() or not 1 <= int(minutes) <= 30:
        raise ValueError("minutes must be a whole number from 1 to 30")
    return f"the pump runs for {minutes} minutes"
