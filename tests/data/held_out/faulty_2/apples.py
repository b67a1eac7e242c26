"""向水果店订苹果，并告诉价钱"""

import re

GRAMS = {"克": 1, "斤": 500, "公斤": 1000}


def run(amount: str) -> str:
    """amount: 多少"""
    match = re.fullmatch(r"(\d+) ?(克|斤|公斤)", amount)
    if not match:
        raise ValueError(f"{amount}没有写清单位，数字后面要写克、斤或公斤，例如 4斤")
    grams = int(match[1]) * GRAMS[match[2]]
    if grams > 10000:
        raise ValueError("一次最多订10公斤")
    return f"已订苹果{amount}，共{grams * 8 // 500}元"
