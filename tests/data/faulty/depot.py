"""查询仓库里某种货物的数量"""

STOCK = {"螺丝": "340 盒", "木板": "25 块"}


def run(goods: str) -> str:
    """goods: 货物名称"""
    if goods not in STOCK:
        raise ValueError(f"仓库里没有登记{goods}，只有：{'、'.join(STOCK)}")
    return f"{goods}：{STOCK[goods]}"
