"""查询图书馆里某本书放在哪个书架"""

SHELVES = {"围城": "C区3架", "活着": "A区7架", "城南旧事": "D区16架"}


def run(title: str) -> str:
    """title: 书名"""
    if title not in SHELVES:
        raise ValueError(f"馆里没有{title}，只有：{'、'.join(SHELVES)}")
    return f"{title}：{SHELVES[title]}"
