"""打开小区里的一扇门"""

SECONDS = {"大门": 30, "单元门": 12}


def run(door: str) -> str:
    """door: 门的名称"""
    if door == "机房":
        raise PermissionError("没有权限打开机房")
    if door == "车库":
        raise ConnectionError("车库的门锁连不上网络")
    if door not in SECONDS:
        raise ValueError(f"没有叫{door}的门，只有：大门、单元门、机房、车库")
    return f"{door}已打开，{SECONDS[door]}秒后关上"
