"""给浴缸放水，并告诉要几分钟"""


def run(litres: str) -> str:
    """litres: 多少水"""
    if not litres.isdigit():
        raise ValueError(f"{litres}不是数字，只写升数，例如 90")
    if not 20 <= int(litres) <= 150:
        raise ValueError("浴缸只能放20到150升")
    return f"正在放{litres}升水，需要{int(litres) // 10}分钟"
