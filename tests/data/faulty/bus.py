"""Say when the next bus leaves a stop."""

LEAVES = {"North Gate": "9:40", "Mill": "9:52", "Harbour": "10:05"}


def run(stop: str) -> str:
    """stop: the stop's exact name"""
    if stop not in LEAVES:
        raise ValueError(f"no stop is named {stop}; write one of: {', '.join(LEAVES)}")
    return f"next bus from {stop}: {LEAVES[stop]}"
