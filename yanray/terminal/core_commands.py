"""Session commands about the model: which, how it is asked, what it has read, where the time went."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from yanray.agent.why import why as explained
from yanray.cores.base import Sampling
from yanray.errors import ConfigError
from yanray.paths import home
from yanray.settings import SamplingSettings, wrong
from yanray.terminal.described import described, known, place
from yanray.terminal.desk import Desk
from yanray.terminal.listing import listing
from yanray.terminal.render import clipped
from yanray.terminal.reply import Reply
from yanray.toolbox.spec import usage


def model(desk: Desk, argument: str) -> Reply:
    """Say which model answers, or take another one."""
    session = desk.session
    if argument:
        session.change_model(argument)
        desk.changed["model"] = argument
        return Reply(reload=True)
    if not session.loaded:
        return Reply(desk.words("model-loading"))
    return Reply(desk.words("model-is", model=session.core.name, context=session.core.context))


def adapter(desk: Desk, argument: str) -> Reply:
    """The adapters there are, or which of them the model wears: `NAME NAME:SCALE ...`, `off` for none."""
    if not argument:
        return Reply(_adapters(desk))
    names = [] if argument == "off" else argument.split()
    desk.session.change_adapters(names)
    desk.changed["adapters"] = names
    return Reply(desk.words("adapters-on", names=", ".join(names)) if names else desk.words("adapters-off"))


def _adapters(desk: Desk) -> str:
    from yanray.models.adapters import installed, own_folder

    good, bad = installed()
    worn = {name.partition(":")[0]: name for name in desk.session.settings.adapters}
    lines = []
    for each in good:
        mark, name = ("*", worn[each.name]) if each.name in worn else (" ", each.name)
        lines.append(f"{mark} {name}  {each.base}  {each.purpose}".rstrip())
    lines += [f"! {desk.words.told(sentence)}" for sentence in bad]
    return "\n".join(lines) or desk.words("adapters-none", folder=own_folder())


def prompt(desk: Desk, argument: str) -> Reply:
    """Show the system prompt, or replace its first paragraph."""
    if not argument:
        return Reply(desk.session.system_prompt())
    desk.session.change_prompt(argument)
    desk.weigh()
    desk.changed["system"] = argument
    return Reply(desk.words("prompt-set"))


def tools(desk: Desk, argument: str) -> Reply:
    """The tools, and what is wrong with some; with `show NAME`, one of them."""
    box = desk.session.toolbox
    if box is None:
        return Reply(desk.words("tools", count=0))
    told = desk.words.told
    action, _, name = argument.partition(" ")
    if action:
        if action != "show" or not name:
            return Reply(desk.words("tools-usage"))
        spec = known(box, name.strip())
        return Reply(f"{described(spec, told)}\n\n{place(spec, told)}")
    lines = listing([(usage(spec), told(spec.summary)) for spec in box.specs])
    return Reply("\n".join([*lines, *(f"! {told(str(problem))}" for problem in box.problems)]))


def set_sampling(desk: Desk, argument: str) -> Reply:
    """Change how answers are sampled, for this chat."""
    known = asdict(desk.session.sampling)
    key, _, value = argument.replace("=", " ").partition(" ")
    if not key:
        return Reply("\n".join(f"{name} {_plain(value)}" for name, value in known.items()))
    if key not in known:
        return Reply(desk.words("set-unknown", key=key, known=", ".join(known)))
    if not value.strip():
        return Reply(desk.words("set-usage"))
    desk.session.sampling = _checked(desk, desk.session.sampling, key, value.strip())
    desk.changed[f"sampling.{key}"] = getattr(desk.session.sampling, key)
    return Reply(f"{key} {_plain(getattr(desk.session.sampling, key))}")


def save(desk: Desk, argument: str) -> Reply:
    """Keep what /set, /model, /adapter and /prompt changed, in your config.yaml."""
    if not desk.changed:
        return Reply(desk.words("nothing-to-save"))
    path = home("config") / "config.yaml"
    write_settings(path, desk.changed)
    keys = ", ".join(desk.changed)
    desk.changed.clear()
    return Reply(desk.words("saved", path=path, keys=keys))


def context(desk: Desk, argument: str) -> Reply:
    """What the model reads, and how many tokens each part takes."""
    if not desk.session.loaded:
        return Reply(desk.words("model-loading"))
    core, conversation = desk.session.core, desk.conversation
    count = len(desk.session.toolbox.specs) if desk.session.toolbox else 0
    system = desk.session.system_prompt()
    lines = [desk.words("context-system", tools=count, tokens=core.count(system))]
    starts = conversation.turns() if conversation.messages else []
    view = conversation.view()[1 if conversation.system else 0 :]
    ends = [*starts[1:], len(conversation.messages)] if starts else []
    for first, end in zip(starts, ends, strict=True):
        shown = view[first - conversation.start : end - conversation.start]
        tokens = sum(core.count(message.content) for message in shown)
        line = clipped(" ".join(conversation.messages[first].content.split()), 60)
        lines.append(desk.words("context-turn", tokens=tokens, line=line))
    if conversation.start or conversation.folded:
        folded = len(conversation.folded)
        lines.append(desk.words("context-left-out", count=conversation.start, folded=folded))
    if conversation.summary:
        lines.append(desk.words("context-summary", text=conversation.summary))
    return Reply("\n".join([*lines, desk.words("context-total", used=desk.weigh(), context=core.context)]))


def why(desk: Desk, argument: str) -> Reply:
    """Where the time of the last turn went."""
    if not desk.last.events:
        return Reply(desk.words("why-none"))
    return Reply("\n".join(map(desk.words.told, explained(desk.last))))


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _checked(desk: Desk, sampling: Sampling, key: str, value: str) -> Sampling:
    """SAMPLING with KEY set. Raises ConfigError when VALUE is none for it."""
    from pydantic import ValidationError

    try:
        settings = SamplingSettings.model_validate({**asdict(sampling), key: value})
    except ValidationError as error:
        problem = desk.words.told(wrong(SamplingSettings, error)[1])
        raise ConfigError(desk.words("set-bad", key=key, problem=problem, value=value)) from None
    return replace(sampling, **{key: getattr(settings, key)})


def write_settings(path: Path, changed: dict[str, object]) -> None:
    """Put CHANGED into the YAML file at PATH; all but the changed lines stay as they are.

    Raises ConfigError.
    """
    try:
        _write(path, changed)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None


def _write(path: Path, changed: dict[str, object]) -> None:
    import yaml

    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for name, value in changed.items():
        section, _, key = name.rpartition(".")
        # In one line, a list too: what stands there is replaced by lines.
        flow = yaml.safe_dump({key: value}, allow_unicode=True, width=10**6, default_flow_style=True)
        text = flow.strip()[1:-1]
        lines = _with(lines, section, key, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".yaml.new")
    aside.write_text("\n".join(lines) + "\n", encoding="utf-8")
    yaml.safe_load(aside.read_text(encoding="utf-8"))
    aside.replace(path)


def _with(lines: list[str], section: str, key: str, text: str) -> list[str]:
    """LINES of YAML with TEXT, which says KEY, in SECTION ("" for the top)."""
    first, end, margin = 0, len(lines), ""
    if section:
        margin = "  "
        if f"{section}:" not in [line.split("#")[0].rstrip() for line in lines]:
            return [*lines, f"{section}:", margin + text]
        first = [line.split("#")[0].rstrip() for line in lines].index(f"{section}:") + 1
        end = next((i for i in range(first, len(lines)) if lines[i][:1].strip()), len(lines))
    for index in range(first, end):
        if lines[index].startswith(f"{margin}{key}:"):
            return [*lines[:index], margin + text, *lines[index + 1 :]]
    return [*lines[:end], margin + text, *lines[end:]]
