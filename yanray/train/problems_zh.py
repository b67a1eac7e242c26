"""Chinese word problems of the primary school, each with the expression that answers it.

They come from `stories`, `change` (things come and go), `compare` (who has how many) and the tables of
`frames`; here their sentences are put together as people tell them, with now and then a number that has no
part in the answer.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from yanray.train import change, compare, stories
from yanray.train.frames import Frame, Told, load, tell
from yanray.train.phrasing import lines, pick
from yanray.train.quantity import Story
from yanray.train.question import Question
from yanray.train.scene_zh import scene
from yanray.train.tables import compare_zh

_TABLES = Path(__file__).parent / "tables"
_ASIDES = lines(
    """
    {A}今年{z}岁
    {A}住在{z}号楼
    {place}离{A}家{z}千米
    当天气温是{z}度
    {A}走了{z}分钟才到
    班里有{z}个小组
    {A}认识{B}已经{z}年了
    {elder}今年{z}岁
    那天有{z}个人来过
    {B}比{A}高{z}厘米
    {A}前一天看了{z}页书
    {C}有{z}{m}{ooo}
    {A}还有{z}{m}{ooo}
    {ooo}每{m}{z}元
    """
)


def question(rng: Random) -> Question:
    """One problem."""
    while True:
        story = Story(rng, "zh")
        draw = rng.random()
        try:
            if draw < 0.55:
                told = stories.tell(rng, story, scene)
            elif draw < 0.61:
                told = change.tell(_settings("change_zh.txt"), rng, story, scene)
            elif draw < 0.66:
                told = compare.tell(compare_zh, rng, story, scene)
            else:
                frame = rng.choice(_frames())
                told = tell(frame, rng, story, scene(rng, frame.use))
            told = _with_aside(rng, story, told)
        except ValueError:
            continue
        made = story.finish(_joined(rng, told), told.asked, told.say + "。")
        if told.asked.sign:
            return made


@cache
def _frames() -> tuple[Frame, ...]:
    return tuple(frame for path in sorted(_TABLES.glob("zh_*.txt")) for frame in load(path))


@cache
def _settings(name: str) -> tuple[change.Setting, ...]:
    return change.load(_TABLES / name)


def _with_aside(rng: Random, story: Story, told: Told) -> Told:
    """Now and then a sentence whose number has no part in the answer."""
    if told.sentences and rng.random() < 0.12:
        told.slots["z"] = story.tell(rng.randint(4, 30), wordy=False)
        told.sentences.insert(0, pick(rng, _ASIDES, told.slots))
    return told


def _joined(rng: Random, told: Told) -> str:
    """Commas or full stops between the sentences, and before the question; sometimes `如果`."""
    sentences = [sentence for sentence in (told.setting, *told.sentences) if sentence]
    draw = rng.random()
    if (
        draw < 0.08
        and len(sentences) > 1
        and not sentences[-1].startswith(("如果", "一共", "共", "其中", "已知"))
    ):
        sentences[-1] = rng.choice(("如果", "假如", "已知")) + sentences[-1]
    stop = "，" if draw < 0.75 else "。"
    body = stop.join(sentences)
    if body and len(sentences) > 2 and stop == "，":
        place = rng.randrange(1, len(sentences))
        body = "，".join(sentences[:place]) + rng.choice(("，", "。")) + "，".join(sentences[place:])
    before = rng.choice(("，", "，", "。", "。", "。请问", "，那么")) if body else ""
    if told.question.startswith(("请", "求", "问", "那么")):
        before = "。" if body else ""
    return f"{body}{before}{told.question}"
