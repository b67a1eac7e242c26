"""Calls whose result is an error: mended and tried again when the error says how, else told plainly."""

from __future__ import annotations

import random

from yanray.train import answers
from yanray.train.document import Exchange, Language, assistant, command, result, user
from yanray.train.toollists import Tool

_WHY = {
    "en": (
        "no connection",
        "the service did not answer within 10 seconds",
        "timed out after 10 s",
        "not found",
        "nothing found",
        "access denied",
        "not set up yet",
        "the file is missing",
        "the device is offline",
        "too many requests, try again later",
        "low battery",
        "it is busy",
        "no data for this",
    ),
    "zh": (
        "没有网络连接",
        "服务在 10 秒内没有响应",
        "超时了",
        "没有找到",
        "没有权限",
        "还没有设置好",
        "文件不存在",
        "设备离线",
        "请求太频繁，请稍后再试",
        "电量不足",
        "正忙",
        "没有相关数据",
    ),
}


def exchange(rng: random.Random, question: str, tool: Tool, line: str, language: Language) -> Exchange:
    """QUESTION, the call, and an error that is reported in plain words."""
    spoken: Language = language if rng.random() < 0.5 else "en"
    why = rng.choice(_WHY[spoken])
    if line and rng.random() < 0.3:
        why = f"unknown: {line}" if spoken == "en" else f"没有这一项：{line}"
    output = f"error: {why}"
    return Exchange(
        (
            user(question),
            command(tool.spec.name, line),
            result(tool.spec.name, output),
            assistant(answers.failed(rng, language, why)),
        )
    )
