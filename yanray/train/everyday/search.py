"""Requests for `search`: facts of the world, news, people, prices, recipes, places."""

from __future__ import annotations

import random

from yanray.train.concepts import fill, words
from yanray.train.document import Exchange, Language
from yanray.train.everyday.base import Shape, shaped

# What is looked for stands in the command; the words around it do not.
_CARRIERS = {
    "en": (
        "{q}", "{q}", "{q}?", "search for {q}", "look up {q}", "google {q}", "search the web for {q}",
        "find {q}", "can you look up {q}?",
        "do a search for {q}", "I want to know {q}", "tell me {q}", "find out {q}", "please search {q}",
        "do you know {q}?", "what does the internet say about {q}",
    ),
    "zh": (
        "{q}", "{q}", "{q}？", "搜一下{q}", "搜索{q}", "查一下{q}", "帮我查查{q}", "上网查{q}",
        "百度一下{q}", "我想知道{q}", "告诉我{q}", "你知道{q}吗",
    ),
}  # fmt: skip
_QUESTIONS = {
    "en": (
        "who invented the {invention}", "when was the {invention} invented",
        "what is the capital of {country}", "how many people live in {city}", "how tall is {tall}",
        "who wrote {book}", "who directed {movie}", "what year did {movie} come out", "what is {thing}",
        "why is {why}", "how does a {invention} work",
        "where do {animal}s come from", "how long do {animal}s live", "what do {animal}s eat",
        "how fast can a {animal} run", "the population of {country}",
        "who won the {event}", "when is the next {event}", "who is the president of {country}",
        "what language do they speak in {country}", "how far is {city} from {city2}",
        "what is the largest city in {country}", "meaning of the word {word}", "what does {word} mean",
        "definition of {word}", "how to spell {word}", "how old is the {old}",
        "what's the tallest mountain in {country}", "who painted {art}", "who sang {song}",
        "how do you make {food}", "recipe for {food}", "calories in {food}",
        "the height of {tall}", "what is the flag of {country}", "what currency is used in {country}",
        "is {food} healthy", "what is {thing} made of",
    ),
    "zh": (
        "谁发明了{invention}", "{invention}是什么时候发明的", "{country}的首都是哪里", "{city}有多少人口",
        "{tall}有多高", "{book}的作者是谁", "{movie}的导演是谁", "{movie}是哪年上映的",
        "什么是{thing}", "{why}是为什么", "{invention}的原理是什么", "{animal}能活多久", "{animal}吃什么",
        "{animal}跑多快", "{country}的人口", "谁拿了{event}冠军", "下一届{event}什么时候",
        "{country}说什么语言", "{city}到{city2}有多远", "{country}最大的城市", "{word}是什么意思",
        "{word}怎么读", "{old}有多少年历史", "{country}最高的山", "{art}是谁画的", "{song}是谁唱的",
        "怎么做{food}", "{food}的做法", "{food}的热量", "{country}用什么货币", "{food}健康吗",
        "{thing}是怎么形成的",
    ),
}  # fmt: skip
_TOPICS = {
    "en": (
        "best {product} under {amount}", "price of {product}", "reviews of {product}", "news about {topic}",
        "latest news on {topic}", "{company} stock price", "stock price of {company}",
        "restaurants near {city}", "cheap hotels in {city}", "things to do in {city}",
        "concerts in {city} this weekend", "museums in {city}", "train from {city} to {city2}",
        "opening hours of the {place}", "nearest {place}", "how to fix {fix}", "how to learn {language}",
        "{team} results", "best {food} in {city}", "movies playing in {city}",
        "good books about {topic}", "history of {thing}", "symptoms of {ill}", "lyrics of {song}",
        "where to buy {product}",
    ),
    "zh": (
        "{product}哪个牌子好", "{product}多少钱", "{product}的评价", "{topic}的新闻", "{topic}最新消息",
        "{company}的股价", "{city}有什么好吃的", "{city}便宜的酒店", "{city}有什么好玩的",
        "{city}周末的演出",
        "{city}的博物馆", "{city}到{city2}的火车", "{place}的营业时间", "最近的{place}", "怎么修{fix}",
        "怎么学{language}", "{team}的比赛结果", "{city}正在上映的电影", "关于{topic}的书", "{thing}的历史",
        "{ill}的症状", "{song}的歌词", "哪里能买到{product}",
    ),
}  # fmt: skip
_SLOTS = {
    "en": {
        "invention": (
            "stapler; telephone; bicycle; zipper; microscope; paper clip; steam engine; light bulb; "
            "compass; umbrella; battery; camera; elevator; radio; violin; toaster; refrigerator"
        ),
        "tall": (
            "Mount Everest; the Eiffel Tower; a giraffe; Big Ben; Mount Fuji; the Statue of Liberty; "
            "Kilimanjaro; a redwood"
        ),
        "thing": (
            "photosynthesis; gravity; a black hole; inflation; glass; concrete; a haiku; "
            "the stock market; DNA; plastic; a solar eclipse; yeast; porcelain; jazz; an isotope; "
            "a rotor; velvet"
        ),
        "why": (
            "the sky blue; the sea salty; grass green; blood red; yawning contagious; ice slippery; "
            "Venus so hot; bread rising"
        ),
        "event": (
            "world cup; marathon; chess championship; winter olympics; tour de france; book prize; "
            "lunar eclipse; election"
        ),
        "old": "universe; Great Wall; Colosseum; oldest tree; Earth; moon; pyramids; printing press",
        "art": "the Mona Lisa; the Starry Night; the Night Watch; Guernica; the Scream; the Great Wave",
        "topic": (
            "the elections; solar power; electric cars; the earthquake; space travel; football; "
            "the economy; artificial intelligence; the storm; climate; housing; the strike; bird flu; "
            "tennis"
        ),
        "place": (
            "pharmacy; post office; library; swimming pool; supermarket; gas station; hardware store; "
            "city hall; zoo; bakery; bank; hospital"
        ),
        "fix": (
            "a flat tire; a dripping tap; a broken zipper; a squeaky door; a slow laptop; "
            "a blocked sink; a scratched lens"
        ),
        "ill": "the flu; anemia; food poisoning; a sprained ankle; hay fever; dehydration; migraine",
    },
    "zh": {
        "invention": (
            "电话; 自行车; 拉链; 显微镜; 蒸汽机; 电灯; 指南针; 雨伞; 电池; 照相机; 电梯; 造纸术; 印刷术; "
            "冰箱; 火药"
        ),
        "tall": "珠穆朗玛峰; 埃菲尔铁塔; 长颈鹿; 富士山; 泰山; 东方明珠; 自由女神像; 华山",
        "thing": (
            "光合作用; 引力; 黑洞; 通货膨胀; 玻璃; 俳句; 股票; 基因; 塑料; 日食; 瓷器; 二十四节气; "
            "区块链; 龙卷风; 琥珀"
        ),
        "why": "天空是蓝色的; 海水是咸的; 打哈欠会传染; 树叶秋天变黄; 冰很滑; 月亮有圆缺; 人会打嗝",
        "event": "世界杯; 马拉松; 冬奥会; 围棋大赛; 乒乓球世锦赛; 月全食; 亚运会",
        "old": "宇宙; 长城; 故宫; 金字塔; 地球; 兵马俑; 赵州桥",
        "art": "蒙娜丽莎; 星空; 清明上河图; 富春山居图; 呐喊; 千里江山图",
        "topic": (
            "大选; 太阳能; 电动车; 地震; 航天; 足球; 经济; 人工智能; 台风; 气候; 房价; 高考; 春运; 网球"
        ),
        "place": "药店; 邮局; 图书馆; 游泳馆; 超市; 加油站; 五金店; 动物园; 面包店; 银行; 医院; 地铁站",
        "fix": "漏水的水龙头; 坏了的拉链; 爆胎; 吱吱响的门; 卡顿的电脑; 堵了的下水道",
        "ill": "流感; 贫血; 食物中毒; 崴脚; 花粉过敏; 脱水; 偏头痛",
    },
}
_LISTS: dict[str, dict[str, list[str]]] = {
    language: {name: values.split("; ") for name, values in slots.items()}
    for language, slots in _SLOTS.items()
}
# One line that a search prints about the query, and what is said of it.
_FINDS = {
    "en": (
        ("1. {Q} - overview\nexample.org/a{n}\n{fact}", "{fact}"),
        ("1. {fact}\nwww.example.com/{n}", "{fact}"),
        ("1. {Q}: guide\nexample.net/{n}\n{fact}\n2. More on this\nexample.com/b", "{fact}"),
    ),
    "zh": (
        ("1. {Q} - 简介\nexample.org/a{n}\n{fact}", "{fact}"),
        ("1. {fact}\nwww.example.com/{n}", "{fact}"),
        ("1. {Q}：指南\nexample.net/{n}\n{fact}\n2. 更多内容\nexample.com/b", "{fact}"),
    ),
}
_NOTHING = {
    "en": ("I found nothing about that.", "The search gave no results.", "Nothing turned up, sorry."),
    "zh": ("没有搜到相关内容。", "搜索没有结果。", "抱歉，什么也没查到。"),
}


def query(rng: random.Random, language: Language) -> str:
    """Something that one looks up on the web."""
    template = rng.choice(_QUESTIONS[language] if rng.random() < 0.6 else _TOPICS[language])
    lists = words()
    while "{" in template:
        name = template[template.index("{") + 1 : template.index("}")]
        source = _LISTS[language].get(name) or lists["city" if name == "city2" else name][language]
        value = rng.choice(source)
        template = template.replace(
            "{" + name + "}", value.removeprefix("a ") if name == "product" else value, 1
        )
    return template


def outcome(rng: random.Random, language: Language, asked: str, fact: str) -> tuple[str, str]:
    """What a search for ASKED prints when it finds FACT, and the answer. Without a fact nothing is found."""
    if not fact:
        return "no results", rng.choice(_NOTHING[language])
    output, answer = rng.choice(_FINDS[language])
    shown = output.replace("{Q}", asked[:1].upper() + asked[1:]).replace("{n}", str(rng.randint(10, 999)))
    return shown.replace("{fact}", fact), answer.replace("{fact}", fact)


_FACTS = {
    "en": {
        "who": ("The first page names {person}.", "It was {person}, in {year}.", "Most pages say {person}."),
        "when": ("It was in {year}.", "Sources say {year}.", "The first page gives the year {year}."),
        "number": ("About {number}.", "The figure given is {number}.", "Most pages say {number}."),
        "place": ("{place}.", "It is {place}.", "Most pages say {place}."),
        "price": (
            "Prices start at {number}.", "It costs about {number} on average.",
            "The cheapest offer is {number}.",
        ),
        "other": (
            "The first page explains it in {digit} steps.", "It was first described in {year}.",
            "The top result is from {place}, {year}.", "The best rated is {thing}, with 4.{digit} stars.",
            "According to the first page it began in {year} in {place}.",
            "The latest report is from this morning: talks go on in {place}.",
        ),
    },
    "zh": {
        "who": ("第一个网页说是{person}。", "是{person}，{year}年。", "多数网页说是{person}。"),
        "when": ("是{year}年。", "资料说是{year}年。", "第一个网页给出的年份是{year}年。"),
        "number": ("大约{number}。", "给出的数字是{number}。", "多数网页说是{number}。"),
        "place": ("是{place}。", "{place}。", "多数网页说是{place}。"),
        "price": ("价格从{number}元起。", "平均价格大约{number}元。", "最便宜的是{number}元。"),
        "other": (
            "第一个网页分{digit}步讲了做法。", "最早的记载是{year}年。",
            "排第一的结果来自{place}，{year}年。", "评分最高的是{thing}，4.{digit}分。",
            "据第一个网页，{year}年始于{place}。",
            "最新消息来自今早：{place}的会谈仍在继续。",
        ),
    },
}  # fmt: skip
# What a request asks for, by words in it; the first that stands there counts.
_ASKED = (
    ("who", ("who ", "谁", "作者", "导演")),
    ("when", ("when ", "what year", "哪年", "什么时候", "哪一年")),
    ("price", ("price", "cheap", "under", "buy", "多少钱", "便宜", "股价")),
    (
        "number", ("how many", "how tall", "how old", "how far", "how long", "how fast", "population",
        "calories", "height", "多少", "多高", "多久", "多远", "多快", "人口", "热量"),
    ),
    ("place", ("where", "capital", "largest city", "nearest", "哪里", "首都", "最大的城市", "最近的")),
)  # fmt: skip


def fact(rng: random.Random, language: Language, asked: str) -> str:
    """A made-up finding of the kind that ASKED wants: the answer has to say what the result says."""
    low = asked.lower()
    kind = next((name for name, marks in _ASKED if any(mark in low for mark in marks)), "other")
    lists = words()
    values = {
        "year": str(rng.randint(1480, 2026)), "number": f"{rng.randint(3, 99_999):,}",
        "digit": str(rng.randint(2, 9)),
        "place": rng.choice(lists["city"][language]), "thing": rng.choice(lists["company"][language]),
        "person": rng.choice(lists["person"][language][:28]),
    }  # fmt: skip
    return fill(rng.choice(_FACTS[language][kind]), values)


_HEADS = (
    "what is the ",
    "what's the ",
    "what are the ",
    "whats the ",
    "what is ",
    "what's ",
    "whats ",
    "the ",
)
_TAILS = (" of", " like", " called", " in", " from", " at", " for", " mean", " about", " used in")


def needle(asked: str) -> str:
    """What to search for: ASKED without `what is the` and without its question mark."""
    asked = asked.rstrip("?？.。!！ ")
    low = asked.lower()
    for head in _HEADS:
        if low.startswith(head) and not low.endswith(_TAILS):
            return asked[len(head) :]
    return asked


def exchange(rng: random.Random, language: Language) -> Exchange:
    """One request for `search`."""
    asked = query(rng, language)
    found = outcome(rng, language, asked, fact(rng, language, asked) if rng.random() > 0.08 else "")
    values = {"q": asked, "needle": needle(asked)}
    return shaped(rng, "search", language, Shape(_CARRIERS[language], "{needle}", [found]), values)
