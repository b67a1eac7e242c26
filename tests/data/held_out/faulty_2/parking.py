"""查询某个停车场还有多少空位"""

SPACES = {"西门": 9, "东门地上": 4, "东门地下": 36}


def run(name: str) -> str:
    """name: 停车场名称"""
    if name == "东门":
        raise ValueError("东门有两个停车场：东门地上、东门地下，要说明是哪一个")
    if name == "南门":
        raise ValueError("南门停车场关闭到18:00")
    if name not in SPACES:
        raise ValueError(f"没有叫{name}的停车场，只有：西门、南门、东门地上、东门地下")
    return f"{name}：还有{SPACES[name]}个空位"
