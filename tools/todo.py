"""Keep lists of things to do and buy."""

from __future__ import annotations

import re
from sqlite3 import Connection

from yanray.toolbox.api import chinese, database, halfwidth

# Adding, ticking off and taking one thing off are not asked about; what may empty a list is, and a list is
# emptied by nothing else.
CONFIRM = (
    r"^\W*(?:please )?(?:clear|empty|delete|erase|remove|drop|scrap)\b(?!.*\b(?:from|off)\b)"
    r"|\b(?:all|every|everything)\b|清空|全部|所有"
    r"|^\W*(?:删|去)[^从]*(?:清单|列表)\W*$|^[^从]*(?:清单|列表)(?:删|去)[掉除了]*\W*$"
)
EXAMPLES = {
    "add milk to shopping": "Added to shopping: milk",
    "show shopping": "shopping:\n- milk",
    "done milk": "Done: milk",
    "add 牛奶 to 购物": "Added to 购物: 牛奶",
    "把牛奶加到购物清单": "已加到购物：牛奶",
}

LONGEST, MOST = 500, 2000  # characters of an argument; things on all the lists
_SCHEMA = """
CREATE TABLE IF NOT EXISTS things (id INTEGER PRIMARY KEY, list TEXT NOT NULL, text TEXT NOT NULL);
"""
_MAIN = "todo"
_MAIN_NAMES = re.compile(r"(?:to-? ?dos?|tasks?|things to do|待办(?:事项)?|任务|todo)", re.IGNORECASE)
_USUAL = frozenset(
    "shopping groceries grocery packing work home party books movies weekend christmas gifts garden chores "
    "school camping wedding hardware ideas 购物 买菜 工作 行李".split()
)
_SUFFIX = re.compile(r"\s*(?:\blists?|清单|列表|单子)(?:里面?|上|中)?$", re.IGNORECASE)
_DAY = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tonight|tomorrow|time|\d.*)", re.IGNORECASE
)
_TELLING = re.compile(
    r"(?:write|talk|speak|listen|go|reply|answer|say|explain|send|give|bring|take|drive|walk|get|return|mail|apply|"
    r"subscribe|travel|move|read|ring|report|pay)\b",
    re.IGNORECASE,
)
_ADD = r"add|put|write|note|new|buy|get|need|append|create"
_REMOVE = r"remove|delete|take|erase|drop|clear|empty|scrap|scratch"
_DONE = r"done(?: with)?|tick(?: off)?|check(?: off)?|cross(?: off)?|finish(?:ed)?|complete(?:d)?|bought|did"
_SHOW = r"show|list|read|see|open|what(?:'s| is)?|display|view"


def run(what: str = "") -> str:
    """Add to a list, tick off, take off, or show one.

    what: add milk to shopping; add milk, eggs to shopping; add call the bank; done milk; remove milk from
        shopping; remove shopping (the whole list); show shopping; show.
        把牛奶加到购物清单, 从购物清单删掉牛奶, 完成牛奶, 看看购物清单.
    """
    text = " ".join(halfwidth(what).split()).strip(" .!?/")
    if len(text) > LONGEST:
        raise ValueError(f"that is {len(text)} characters long; write at most {LONGEST}")
    with database("todo", _SCHEMA) as connection:
        store = _Store(connection, may_empty=re.search(CONFIRM, what, re.IGNORECASE) is not None)
        return _english(text, store) or _chinese(text, store) or _named(text, store)


class _Store:
    """The lists, in one transaction. may_empty: the owner was asked about more than one thing."""

    def __init__(self, connection: Connection, *, may_empty: bool) -> None:
        self._connection = connection
        self._may_empty = may_empty

    def names(self) -> list[str]:
        """Names of the lists on which something stands, the main one first."""
        rows = self._connection.execute(
            "SELECT list FROM things GROUP BY list ORDER BY list <> ?, min(id)", (_MAIN,)
        )
        return [row[0] for row in rows]

    def things(self, name: str) -> list[str]:
        rows = self._connection.execute("SELECT text FROM things WHERE list = ? ORDER BY id", (name,))
        return [row[0] for row in rows]

    def add(self, name: str, things: list[str]) -> None:
        (count,) = self._connection.execute("SELECT count(*) FROM things").fetchone()
        if count + len(things) > MOST:
            raise ValueError(f"the lists hold {MOST} things already; remove some first")
        known = {thing.casefold() for thing in self.things(name)}
        rows = [(name, thing) for thing in things if thing.casefold() not in known]
        self._connection.executemany("INSERT INTO things (list, text) VALUES (?, ?)", rows)

    def drop(self, name: str, thing: str | None = None) -> None:
        """Take THING, or everything, off the list NAME."""
        if thing is None and not self._may_empty:
            raise ValueError(f"{name} is a whole list; to empty it write clear {name}")
        self._connection.execute(
            "DELETE FROM things WHERE list = ? AND text = coalesce(?, text)", (name, thing)
        )

    def known(self, name: str) -> str | None:
        """The list that NAME means, or None."""
        name = _list_name(name)
        return next((each for each in self.names() if each.casefold() == name.casefold()), None)

    def find(self, thing: str, name: str | None) -> tuple[str, str]:
        """The list and the text of the one thing that THING means, on NAME or anywhere; else ValueError."""
        found = [
            (each, text)
            for each in ([name] if name else self.names())
            for text in self.things(each)
            if thing.casefold() in text.casefold()
        ]
        exact = [one for one in found if one[1].casefold() == thing.casefold()]
        found = exact or found
        where = f"in {name}" if name else "on any list"
        if not found:
            raise ValueError(f"no {thing[:60]} {where}; {_overview(self)}")
        if len(found) > 1:
            raise ValueError(
                "several things are meant: " + "; ".join(f"{text} from {each}" for each, text in found[:8])
            )
        return found[0]


def _english(text: str, store: _Store) -> str | None:
    match = re.match(
        rf"(?:please |can you |to |i )*(?P<verb>{_ADD}|{_REMOVE}|{_DONE}|{_SHOW})\b:?\s*(?P<rest>.*)",
        text,
        re.I,
    )
    if match is None:
        return None
    verb, rest = match["verb"].casefold(), match["rest"]
    if re.fullmatch(_SHOW, verb):
        return _show(re.sub(r"^(?:me |up |on |is |in )+", "", rest), store)
    if re.fullmatch(_DONE, verb):
        return _done(rest, store, han=False)
    if re.fullmatch(_REMOVE, verb):
        return _remove(*_split(rest, r"(?:from|off)"), store, han=False)
    if verb in ("write", "read", "buy", "get", "new", "need", "note", "create"):
        rest = rest if verb in ("new", "need", "note", "create") else text
    return _add(*_with_list(rest, store), han=False, store=store)


def _chinese(text: str, store: _Store) -> str | None:
    name = r"(?:我的)?(?P<list>[^\s,，、从把]{1,20}?)(?:清单|列表|单子)?(?:里面?|上|中)?"
    forms: tuple[tuple[str, str], ...] = (
        (rf"(?:把|将)?(?P<thing>.+?)(?:加|添加|添|记|放|写|列)(?:到|进|入|在){name}", "add"),
        (rf"(?:往|在|给)?{name}(?:添加|加上|加入|加|添上|添|写上|放上)(?P<thing>.+)", "add"),
        (r"(?:请|帮我)?(?:添加|加上|加|新增|记下|要买|买)(?P<thing>.+)", "add"),
        (rf"(?:从|把)?{name}(?:清空|全部删[掉除])|清空{name.replace('list', 'other')}", "clear"),
        (rf"(?:从)?{name}(?:删掉|删除|删去|去掉|移除|划掉)(?P<thing>.+)", "remove"),
        (rf"(?:把|将)?(?P<thing>.+?)从{name}(?:删掉|删除|删去|去掉|移除|划掉|删)", "remove"),
        (
            r"(?:请)?(?:删掉|删除|去掉|移除|划掉)(?P<thing>.+)|(?:把|将)(?P<one>.+?)(?:删掉|删除|去掉|移除|删了)",
            "remove",
        ),
        (
            r"(?:完成|做完|勾掉|买了)(?P<thing>.+)|(?:把)?(?P<one>.+?)(?:已?完成|做完|买好|买到|搞定)了?",
            "done",
        ),
        (
            rf"(?:显示|看看|查看|列出|看|打开|念一下){name}|{name.replace('list', 'other')}有(?:什么|哪些)",
            "show",
        ),
    )
    for pattern, kind in forms if chinese(text) else ():
        if match := re.fullmatch(pattern, text):
            groups = match.groupdict()
            thing = (groups.get("thing") or groups.get("one") or "").strip(" :了")
            return _act(kind, thing, groups.get("list") or groups.get("other") or "", store)
    return None


def _act(kind: str, thing: str, name: str, store: _Store) -> str:
    if kind == "add":
        return _add(thing, _list_name(name), han=True, store=store)
    if kind == "done":
        return _done(thing, store, han=True)
    if kind == "show":
        return _show(name, store)
    return _remove(thing or name, name if thing else "", store, han=True)


def _named(text: str, store: _Store) -> str:
    """A list's name alone, or nothing, shows it."""
    if (
        not text
        or store.known(text)
        or re.fullmatch(r"(?:.*\blists?|.*清单|.*列表|全部|所有|all)", text, re.IGNORECASE)
    ):
        return _show(text, store)
    if (into := re.fullmatch(r"([^:]{1,40}):\s*(.+)", text)) and (store.known(into[1]) or _usual(into[1])):
        return _add(into[2], _list_name(into[1]), han=chinese(text), store=store)
    raise ValueError(
        f"{text[:60]!r} is not understood; write e.g. add milk to shopping, done milk, show shopping"
    )


def _with_list(rest: str, store: _Store) -> tuple[str, str]:
    """`milk to shopping` as the thing and its list: what follows `to` is one only when it looks like it."""
    for joint in reversed(list(re.finditer(r"\s+(?:to|onto|on|into|in|for)\s+", rest))):
        thing, written = rest[: joint.start()], rest[joint.end() :]
        name = _list_name(written)
        sure = _SUFFIX.search(written) or store.known(name) or _usual(name)
        likely = " " not in written and joint[0].strip() not in ("for", "in") and not _DAY.fullmatch(written)
        if sure or (likely and not _TELLING.match(thing)):
            return thing, store.known(name) or name
    return rest, _MAIN


def _usual(name: str) -> bool:
    short = _list_name(name)
    return short == _MAIN or short.casefold() in _USUAL


def _split(rest: str, joint: str) -> tuple[str, str]:
    """`milk from shopping` as the thing and the list, which is "" when none is named."""
    thing, *name = re.split(rf"\s+{joint}\s+(?=[^\s])", rest, maxsplit=1, flags=re.IGNORECASE)
    return thing, name[0] if name else ""


def _list_name(name: str) -> str:
    """NAME without `my ... list`; the main list has several names."""
    short = re.sub(r"^(?:the|my|our|a) |^我的", "", name.strip(" ,.:的"), flags=re.IGNORECASE)
    short = _SUFFIX.sub("", short) or _MAIN
    return _MAIN if _MAIN_NAMES.fullmatch(short) else short


def _add(thing: str, name: str, *, han: bool, store: _Store) -> str:
    joints = r"\s*[,、;]\s*(?:and\s+)?" + (r"|\s+and\s+" if "," in thing else "")
    things = [part for part in re.split(joints, thing.strip(" ,:")) if part]
    if not things:
        raise ValueError("say what to add, e.g. add milk to shopping")
    name = store.known(name) or name
    store.add(name, things)
    return f"已加到{name}：{'、'.join(things)}" if han else f"Added to {name}: {', '.join(things)}"


def _done(rest: str, store: _Store, *, han: bool) -> str:
    thing, name = _split(rest, r"(?:from|off|on|in)")
    if name and store.known(name) is None:
        thing, name = rest, ""
    if not thing:
        raise ValueError("say what is done, e.g. done milk")
    where, text = store.find(thing, store.known(name) if name else None)
    store.drop(where, text)
    return f"已完成：{text}" if han else f"Done: {text}"


def _remove(thing: str, name: str, store: _Store, *, han: bool) -> str:
    """Take one thing off a list, or the whole list away."""
    if name:
        where = store.known(name)
        if where is None:
            raise ValueError(f"there is no list {name[:60]!r}; {_overview(store)}")
        if not re.fullmatch(r"(?:all|everything)(?: .*)?|全部|所有.*", thing, re.IGNORECASE):
            where, text = store.find(thing, where)
            store.drop(where, text)
            return f"已从{where}删除：{text}" if han else f"Removed from {where}: {text}"
        thing = where
    listed = store.known(thing)
    if listed is None:
        where, text = store.find(thing, None)
        store.drop(where, text)
        return f"已从{where}删除：{text}" if han else f"Removed from {where}: {text}"
    store.drop(listed)
    return f"已删除清单{listed}" if han else f"Removed the list {listed}"


def _show(name: str, store: _Store) -> str:
    if not name or re.fullmatch(
        r"(?:all|every|my|the)?(?: my| the| of)*\s*(?:lists?|everything)?|全部|所有(?:清单)?", name, re.I
    ):
        parts = [_shown(each, store.things(each)) for each in store.names()]
        return "\n".join(parts) or f"{_MAIN}: nothing"
    listed = store.known(name)
    return _shown(listed or _list_name(name), store.things(listed) if listed else [])


def _shown(name: str, things: list[str]) -> str:
    return "\n".join([f"{name}:", *(f"- {thing}" for thing in things)]) if things else f"{name}: nothing"


def _overview(store: _Store) -> str:
    names = store.names()
    return f"there is: {', '.join(names[:10])}" if names else "all lists are empty"
