"""Take a meeting room for now and tell until when it is free."""

FREE = {"oak": "16:30", "maple 1": "12:15", "maple 2": "17:45"}


def run(room: str) -> str:
    """room: the room's name"""
    name = room.lower()
    if name == "maple":
        raise ValueError("two rooms are named Maple: Maple 1 and Maple 2; say which")
    if name == "cellar":
        raise PermissionError("only the caretaker may take the Cellar")
    if name not in FREE:
        raise ValueError(f"there is no room {room}; the rooms are: Oak, Maple 1, Maple 2, Cellar")
    return f"{room} is yours until {FREE[name]}"
