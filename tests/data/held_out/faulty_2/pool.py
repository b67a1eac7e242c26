"""Say how warm the water of a swimming pool is."""

WATER = {"Lido": "19 C", "Riverside": "26 C", "Kestrel Lane": "28 C"}
CLOSED = {"Elm Baths": "14:30"}


def run(pool: str) -> str:
    """pool: the pool's name"""
    if pool in CLOSED:
        raise ValueError(f"{pool} is closed until {CLOSED[pool]}")
    if pool not in WATER:
        raise ValueError(f"no pool is named {pool}; known are: {', '.join([*WATER, *CLOSED])}")
    return f"{pool}: {WATER[pool]}"
