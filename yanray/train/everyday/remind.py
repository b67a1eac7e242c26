"""Requests for `remind`: timers, alarms, reminders, repeated ones; what is set; taking one back."""

from __future__ import annotations

import random

from yanray.train.document import Exchange, Language
from yanray.train.everyday import moments
from yanray.train.everyday.base import Shape, shaped

_TASKS = {
    "en": (
        "call mom; take the pills; check the oven; feed the cat; water the plants; pick up the kids; "
        "walk the dog; "
        "buy stamps; pay the rent; take out the trash; put the bins out; call the dentist; "
        "turn off the stove; "
        "charge the phone; lock the back door; send the report; join the standup; submit the timesheet; "
        "renew the "
        "passport; return the library books; defrost the chicken; hang out the washing; ring grandma; "
        "post the "
        "letter; book the hotel; clean the filter; switch off the heater; take the cake out; move the car; "
        "stretch; "
        "drink some water; go to bed; start dinner; wake the baby; email Ben; thank Clara; "
        "back up the laptop; "
        "change the sheets; vacuum the hall; meet Omar at the station; collect the parcel; sign the lease; "
        "get the tickets; iron a shirt; ring the plumber; pack for the trip; do my stretches; "
        "practise the violin; "
        "buy a gift for Emma; check on the soup; flip the steak; leave for the airport; file the taxes; vote"
    ).split("; "),
    "zh": (
        "给妈妈打电话; 吃药; 关火; 喂猫; 浇花; 接孩子; 遛狗; 交房租; 倒垃圾; 给手机充电; 锁门; 交报告; "
        "开会; 还书; 收衣服; "
        "寄快递; 订酒店; 喝水; 睡觉; 做饭; 起来活动; 备份电脑; 换床单; 取包裹; 签合同; 买票; 熨衬衫; "
        "收拾行李; 练琴; "
        "给小李买礼物; 看看汤; 去机场; 报税; 关空调; 拿外卖; 给老王回电话; 复习英语; 写日记; 交水电费; "
        "预约体检; 取钱; "
        "回邮件; 打卡; 敷面膜; 做眼保健操; 翻面; 关窗户; 给车加油; 去健身; 买菜"
    ).split("; "),
}
_AFTER = {
    "en": Shape(
        (
            "remind me in {span} to {task}",
            "in {span} remind me to {task}",
            "can you remind me to {task} in {span}?",
            "{task} in {span}, remind me",
            "Give me a nudge in {span}: {task}",
            "I need to {task} in {span}, don't let me forget",
            "set a reminder in {span} to {task}",
            "ping me in {span} to {task}",
            "please tell me to {task} in {span}",
        ),
        "in {written}: {task}",
        (
            ("Set for {clock}: {task}", "I'll remind you at {clock}: {task}."),
            ("Set for {clock}: {task}", "Done. At {clock} I'll remind you to {task}."),
        ),
    ),
    "zh": Shape(
        (
            "{span}后提醒我{task}",
            "过{span}叫我{task}",
            "{span}以后记得提醒我{task}",
            "提醒我{span}后{task}",
            "{span}之后喊我{task}",
            "再过{span}提醒一下{task}",
            "我{span}后要{task}，别让我忘了",
        ),
        "in {written}: {task}",
        (
            ("已设 {clock}：{task}", "好的，{clock} 提醒你{task}。"),
            (
                "已设 {clock}：{task}",
                "已设好，{clock} 会提醒你{task}。",
            ),
        ),
    ),
}
_TIMER = {
    "en": Shape(
        (
            "set a timer for {span}",
            "timer {span}",
            "start a {span} timer",
            "{span} timer please",
            "count down {span}",
            "set the timer to {span}",
            "can you time {span} for me?",
            "I need a timer for {span}",
            "wake me in {span}",
            "alert me in {span}",
            "let me know when {span} have passed",
        ),
        "in {written}: timer",
        (
            ("Set for {clock}: timer", "The timer is set; it ends at {clock}."),
            (
                "Set for {clock}: timer",
                "Timer set for {clock}.",
            ),
        ),
    ),
    "zh": Shape(
        (
            "定一个{span}的计时器",
            "计时{span}",
            "倒计时{span}",
            "设个{span}的定时",
            "帮我定时{span}",
            "{span}后叫我",
            "开始{span}倒计时",
            "{span}计时器",
        ),
        "in {written}: 计时",
        (
            ("已设 {clock}：计时", "计时开始，{clock} 到点。"),
            (
                "已设 {clock}：计时",
                "好的，{clock} 会响。",
            ),
        ),
    ),
}
_AT = {
    "en": Shape(
        (
            "remind me {day} at {time} to {task}",
            "remind me at {time} {day} to {task}",
            "remind me to {task} {day} at {time}",
            "{day} at {time} I have to {task}, remind me please",
            "set a reminder for {time} {day}: {task}",
            "can you remind me to {task} at {time} {day}?",
            "I have to {task} {day} at {time}. Remind me.",
            "don't let me forget to {task} {day} at {time}",
        ),
        "at {when} {date}: {task}",
        (
            ("Set for {date} {pad}: {task}", "I'll remind you {day} at {when}: {task}."),
            ("Set for {date} {pad}: {task}", "It is set, {day} at {when}."),
        ),
    ),
    "zh": Shape(
        (
            "{day}{time}提醒我{task}",
            "提醒我{day}{time}{task}",
            "{day}{time}我要{task}，到时候提醒我",
            "帮我设个提醒，{day}{time}{task}",
            "{day}{time}记得叫我{task}",
            "{day}{time}要{task}，别让我忘了",
        ),
        "at {when} {date}: {task}",
        (
            ("已设 {dzh} {pad}：{task}", "好的，{day} {when} 提醒你{task}。"),
            (
                "已设 {dzh} {pad}：{task}",
                "提醒设好了：{day} {when}，{task}。",
            ),
        ),
    ),
}
_ALARM = {
    "en": Shape(
        (
            "wake me up at {time} {day}",
            "wake me at {time} {day}",
            "set an alarm for {time} {day}",
            "alarm at {time} {day}",
            "I need to get up at {time} {day}",
            "please set my alarm to {time} {day}",
            "get me up {day} at {time}",
        ),
        "at {when} {date}: wake up",
        (
            ("Set for {date} {pad}: wake up", "The alarm is set, {day} at {when}."),
            (
                "Set for {date} {pad}: wake up",
                "I'll wake you {day} at {when}.",
            ),
        ),
    ),
    "zh": Shape(
        (
            "{day}{time}叫我起床",
            "定个{day}{time}的闹钟",
            "{day}{time}的闹钟",
            "设一个闹钟，{day}{time}",
            "{day}{time}叫醒我",
            "我{day}要{time}起床",
        ),
        "at {when} {date}: 起床",
        (
            ("已设 {dzh} {pad}：起床", "闹钟定好了，{day} {when}。"),
            (
                "已设 {dzh} {pad}：起床",
                "好的，{day} {when} 叫你起床。",
            ),
        ),
    ),
}
_PLAIN = {
    "en": Shape(
        (
            "wake me up at {time}",
            "set an alarm for {time}",
            "alarm {time}",
            "set the alarm to {time} please",
            "alarm for {time}",
        ),
        "at {when}: alarm",
        (("Set for tomorrow {pad}: alarm", "The alarm is set for {when}."),),
    ),
    "zh": Shape(
        ("{time}叫我", "定个{time}的闹钟", "设{time}的闹钟", "{time}闹钟", "帮我把闹钟设在{time}"),
        "at {when}: 闹钟",
        (("已设 明天 {pad}：闹钟", "闹钟设在 {when} 了。"),),
    ),
}
_EVERY = {
    "en": Shape(
        (
            "remind me every {each} at {time} to {task}",
            "every {each} at {time} remind me to {task}",
            "I want to {task} every {each} at {time}, remind me",
            "set a reminder every {each} at {time}: {task}",
            "each {each} at {time} tell me to {task}",
        ),
        "every {cycle} at {when}: {task}",
        (("Set for every {cycle} at {pad}: {task}", "I'll remind you every {cycle} at {when}: {task}."),),
    ),
    "zh": Shape(
        (
            "每{each}{time}提醒我{task}",
            "每{each}{time}都叫我{task}",
            "设个每{each}{time}{task}的提醒",
            "每{each}{time}我要{task}，帮我设个提醒",
        ),
        "every {cycle} at {when}: {task}",
        (("已设 每{each} {pad}：{task}", "好的，每{each} {when} 提醒你{task}。"),),
    ),
}
_SHOW = {
    "en": (
        "what reminders do I have?; show my reminders; list my alarms; which alarms are set?; "
        "is there a timer running?; "
        "how long is left on the timer?; show me all alarms; what alarms do i have; "
        "do I have any reminders today?; "
        "when does my alarm go off?; are there any timers; what did you promise to remind me of?; "
        "check my alarms; "
        "did i set an alarm for tomorrow; any reminders coming up?; what time is my alarm set for"
    ).split("; "),
    "zh": (
        "我设了哪些提醒; 看看我的闹钟; 有哪些闹钟; 还有多久计时结束; 列出所有提醒; 今天有什么提醒; "
        "闹钟定在几点; 我定了几个闹钟; "
        "有没有正在计时的; 提醒列表给我看看; 明天的闹钟设了吗"
    ).split("; "),
}
_CANCEL = {
    "en": Shape(
        (
            "cancel the {word} reminder",
            "delete the reminder about {word}",
            "I don't need the reminder for {word} any more",
            "forget the {word} reminder",
            "remove my {word} alarm",
            "stop the {word} timer",
            "take back the {word} reminder",
            "cancel {word}, no need to remind me",
        ),
        "cancel {word}",
        (
            ("Cancelled: {word} ({clock})", "The {word} reminder is cancelled."),
            (
                "Cancelled: {word} ({clock})",
                "Done, I won't remind you of {word} any more.",
            ),
        ),
    ),
    "zh": Shape(
        (
            "取消{word}的提醒",
            "把{word}的提醒删了",
            "不用提醒我{word}了",
            "删掉{word}那个闹钟",
            "{word}的提醒取消吧",
            "关掉{word}的闹钟",
        ),
        "cancel {word}",
        (
            ("已取消：{word} ({clock})", "{word}的提醒取消了。"),
            (
                "已取消：{word} ({clock})",
                "好的，不再提醒你{word}。",
            ),
        ),
    ),
}
_WORDS = {
    "en": "tea dentist laundry meeting oven pills bins rent gym pasta call parcel homework bus alarm".split(),
    "zh": "吃药 开会 牙医 起床 关火 房租 健身 接孩子 取包裹 作业 喝水 倒垃圾".split(),
}
_CYCLES = {
    "en": [(name, name) for name in moments.DAYS]
    + [("day", "day")] * 4
    + [
        ("weekday", "weekday"),
        (
            "morning",
            "day",
        ),
    ],
    "zh": [(f"周{zh}", name) for zh, name in zip(moments.DAYS_ZH, moments.DAYS, strict=True)]
    + [("天", "day")] * 4,
}


def exchange(rng: random.Random, language: Language) -> Exchange:
    """One request for `remind`."""
    kind = rng.choices(
        (_AFTER, _TIMER, _AT, _ALARM, _PLAIN, _EVERY, _CANCEL, None), (20, 12, 16, 12, 8, 12, 9, 11)
    )[0]
    if kind is None:
        return shaped(rng, "remind", language, _listing(rng, language), {})
    return shaped(rng, "remind", language, kind[language], values(rng, language))


def timer(rng: random.Random, language: Language) -> Exchange:
    """A span of time to wait."""
    return shaped(rng, "remind", language, _TIMER[language], values(rng, language))


def after(rng: random.Random, language: Language) -> Exchange:
    """Something to be done after a span of time."""
    return shaped(rng, "remind", language, _AFTER[language], values(rng, language))


_DATES_ZH = {name: f"星期{zh}" for name, zh in zip(moments.DAYS, moments.DAYS_ZH, strict=True)}
_DATES_ZH |= {"today": "今天", "tomorrow": "明天"}


def values(rng: random.Random, language: Language) -> dict[str, str]:
    """What a reminder may say: spans, times, days, as said and as written, and something to do."""
    span, written = moments.span(rng, language)
    time, when = moments.clock_time(rng, language)
    day, date = moments.day(rng, language)
    each, cycle = rng.choice(_CYCLES[language])
    return {
        "span": span, "written": written, "time": time, "when": when, "day": day, "date": date,
        "each": each, "cycle": cycle, "clock": moments.ahead(rng),
        "pad": when.rjust(5, "0"), "dzh": _DATES_ZH[date.removeprefix("next ")],
        "task": rng.choice(_TASKS[language]), "word": rng.choice(_WORDS[language]),
    }  # fmt: skip


def _listing(rng: random.Random, language: Language) -> Shape:
    """The list of what is set: none, one or two."""
    count = rng.choice((0, 1, 1, 2))
    tasks = rng.sample(_TASKS[language], count)
    rows = [(rng.choice(("", "tomorrow ", "friday ")) + moments.ahead(rng), task) for task in tasks]
    output = "\n".join(f"{at} {task}" for at, task in rows) or "No reminders."
    if language == "zh":
        told = [(at.replace("tomorrow", "明天").replace("friday", "星期五"), task) for at, task in rows]
        answer = "；".join(f"{at} {task}" for at, task in told)
        answer = f"设了 {count} 个：{answer}。" if rows else "现在没有提醒。"
    else:
        answer = "; ".join(f"{at}, {task}" for at, task in rows)
        answer = (
            f"There {'is one' if count == 1 else 'are two'}: {answer}." if rows else "No reminders are set."
        )
    return Shape(_SHOW[language], "show", ((output, answer),))
