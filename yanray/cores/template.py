"""The model's own chat template, as segments: what the template writes, and what people, tools and the model
wrote.

The Jinja template is rendered with each content replaced by a sentinel and split there. What stands before a
message
comes from a rendering that ends with this very message, so it depends on nothing that follows: a conversation
that grows never changes what was rendered before, and the tokens in the KV cache stay right, whatever the
template does with earlier messages. Before a round that the core generated stands what stood there when it
was generated: the template's generation prompt.

Not covered: templates that declare tools themselves (`tools` is always None: Yanray's tools stand in the
system message), and images.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from yanray.errors import ModelError
from yanray.messages import Message

PLAIN = (
    "{%- set names = {'system': 'System', 'user': 'User', 'assistant': 'Assistant', 'tool': 'Tools'} -%}"
    "{%- for message in messages -%}{{- names[message.role] + ': ' + message.content + '\n' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}Assistant:{%- endif -%}"
)
PLAIN_STOPS = ("System:", "User:", "Tools:")
TOOL_ROLES = ("tool", "observation", "ipython", "function")
STRANGER = "zqxstranger"


@dataclass(frozen=True, slots=True)
class Marker:
    """Text that the template wrote: special tokens in it are meant."""

    text: str


@dataclass(frozen=True, slots=True)
class Content:
    """Text of a message: nothing in it is a special token."""

    text: str


@dataclass(frozen=True, slots=True)
class Own:
    """Ids that this core generated."""

    ids: tuple[int, ...]


Segment: TypeAlias = Marker | Content | Own


@dataclass(slots=True)
class _Turn:
    """One message as the template gets it; several of ours may have been joined in it."""

    role: str
    parts: list[Content | Own]


class Refusal(Exception):
    """The template raised, or does not render these roles in their order."""


class ChatTemplate:
    """A chat template and what probing it showed.

    source: Jinja, or None for the plain `System: / User: / Assistant: / Tools:` layout.
    tokens: `bos_token`, `eos_token` ... as the template may name them.
    specials: gives the texts of the special tokens that a text encodes to; it tells whether a role has its
    own token.
    """

    def __init__(
        self,
        source: str | None,
        tokens: Mapping[str, str] | None = None,
        specials: Callable[[str], Sequence[str]] = lambda text: (),
    ) -> None:
        self.source = source or PLAIN
        self.stops = () if source else PLAIN_STOPS
        self._template = _compile(self.source)
        self._variables: dict[str, Any] = {"tools": None, "documents": None, **(tokens or {})}
        self._specials = specials
        self._roles: list[str] = []
        self._leads: list[tuple[str, str]] = []
        self.names_calls = False
        self._give_date_if_needed()
        self.has_system = self._renders("system", "user", "assistant", "user")
        self.may_repeat = self._renders("user", "user", "assistant", "assistant", "user")
        self.tool_role = self._choose_tool_role()
        roles = {"system", "user", "assistant", self.tool_role}
        self._trimmed = {role for role in roles if self._trims(role)}
        self.gap, self.expects_space = self._opening()
        self.names_calls = self._names_calls()  # the model writes its role's line: empty, or a tool's name

    def segments(self, messages: Sequence[Message], identity: str) -> tuple[list[Segment], int]:
        """What MESSAGES are made of, ending with the generation prompt, and how many segments the prefix
        takes.

        The prefix is what stands before the first content that is not the system's. identity: of the core
        whose ids may be spliced in. Raises ModelError when the template refuses the conversation.
        """
        turns, opening = self._turns(messages, identity)
        try:
            self._learn([turn.role for turn in turns])
            tail = self._generation([turn.role for turn in turns])
        except Refusal as refusal:
            raise ModelError(f"the model's chat template refuses this conversation: {refusal}") from None
        found: list[Segment] = []
        prefix = 0
        contents = 0
        for turn, (history, generated) in zip(turns, self._leads, strict=True):
            own = bool(turn.parts) and isinstance(turn.parts[0], Own)
            found.append(Marker(generated if own else history))
            for part in turn.parts:
                if contents == opening:
                    prefix = len(found)
                contents += 1
                found.append(part)
        found.append(Marker(tail))
        return found, prefix if contents > opening else len(found)

    def _turns(self, messages: Sequence[Message], identity: str) -> tuple[list[_Turn], int]:
        """MESSAGES in the template's roles, and how many contents at the head are the system's."""
        turns: list[_Turn] = []
        waiting: list[Content | Own] = []
        opening = 0
        for message in messages:
            if message.role == "system" and not turns:
                opening = 1
                if not self.has_system:
                    waiting = [Content(self._stripped("system", message.content) + "\n\n")]
                    continue
            role = self.tool_role if message.role == "tool" else message.role
            part = self._part(role, message, identity)
            if turns and turns[-1].role == role and not self.may_repeat:
                turns[-1].parts += [Content("\n\n"), part]
            else:
                turns.append(_Turn(role, [*waiting, part]))
            waiting = []
        if waiting:
            turns.append(_Turn("user", waiting))
        return turns, opening

    def _part(self, role: str, message: Message, identity: str) -> Content | Own:
        if message.ids is not None and message.core == identity:
            return Own(message.ids)
        return Content(self._stripped(role, message.content))

    def _stripped(self, role: str, text: str) -> str:
        return text.strip() if role in self._trimmed else text

    # Rendering.

    def _learn(self, roles: list[str]) -> None:
        """Make `_leads` hold, for each of ROLES, what stands before its content: as history, as generated."""
        same = next((i for i, (a, b) in enumerate(zip(roles, self._roles, strict=False)) if a != b), None)
        keep = min(len(roles), len(self._roles)) if same is None else same
        del self._leads[keep:]
        self._roles = self._roles[:keep]
        for index in range(keep, len(roles)):
            history = self._split(_shown(roles[: index + 1]))[index]
            generated = self._generation(roles[:index]) if roles[index] == "assistant" and index else history
            self._leads.append((history, generated))
            self._roles.append(roles[index])

    def _generation(self, roles: list[str]) -> str:
        """What stands after the last of ROLES for the assistant to go on from."""
        prompt = self._split(_shown(roles), generation=True)[-1]
        gap, _ = self._opening()
        return prompt if self.names_calls else prompt + gap

    def _opening(self) -> tuple[str, bool]:
        """White space that the template writes between generation prompt and answer: what the prompt shall
        hold of it, and whether the model is left to write one space (its first word's own)."""
        prompt = self._split(["user"], generation=True)[-1]
        history = self._split(["user", "assistant"])[1]
        gap = history[len(prompt) :] if history.startswith(prompt) else "?"
        return ("", False) if gap.strip() else (gap.rstrip(" "), gap.endswith(" "))

    def _split(self, roles: Sequence[str], *, generation: bool = False, pad: str = "") -> list[str]:
        """Render ROLES with sentinels as contents: the texts before, between and after them."""
        sentinels = [f"xqSENTINEL{index}qx" for index in range(len(roles))]
        messages = [
            {"role": role, "content": pad + sentinel + pad}
            for role, sentinel in zip(roles, sentinels, strict=True)
        ]
        rest = self._render(messages, generation)
        pieces: list[str] = []
        for sentinel in sentinels:
            before, found, rest = rest.partition(sentinel)
            if not found:
                raise Refusal(f"it does not show the messages {', '.join(roles)} in this order")
            pieces.append(before)
        if "xqSENTINEL" in rest or any("xqSENTINEL" in piece for piece in pieces):
            raise Refusal(f"it shows one of the messages {', '.join(roles)} twice")
        return [*pieces, rest]

    def _render(self, messages: list[dict[str, str]], generation: bool) -> str:
        try:
            return str(
                self._template.render(messages=messages, add_generation_prompt=generation, **self._variables)
            )
        except Exception as error:  # noqa: BLE001 - a model file's own code may fail in any way
            raise Refusal(str(error)) from None

    # Probing.

    def _give_date_if_needed(self) -> None:
        """A date stands in the prompt only where the template insists, and then one for the life of the
        core."""
        try:
            self._split(["user"])
        except Refusal:
            loaded = datetime.datetime.now().astimezone()
            self._variables["strftime_now"] = loaded.strftime
            try:
                self._split(["user"])
            except Refusal as refusal:
                raise ModelError(f"the model's chat template renders no question: {refusal}") from None

    def _renders(self, *roles: str) -> bool:
        try:
            self._split(roles)
        except Refusal:
            return False
        return True

    def _choose_tool_role(self) -> str:
        """The role for results: one that the template treats on its own or that has its own token; else one
        whose name the template at least shows to the model; else the user's."""
        shown = ""
        for role in TOOL_ROLES:
            try:
                lead = self._split(["user", "assistant", role])[2]
            except Refusal:
                continue
            if self._knows(role, lead) or any(role in special for special in self._specials(lead)):
                return role
            shown = shown or (role if role in lead else "")
        return shown or "user"

    def _knows(self, role: str, lead: str) -> bool:
        try:
            stranger = self._split(["user", "assistant", STRANGER])[2]
        except Refusal:
            return True
        return stranger.replace(STRANGER, role) != lead

    def _names_calls(self) -> bool:
        """Whether a message's `metadata` stands on the line of the assistant's role, as in ChatGLM3."""
        call = {"role": "assistant", "content": "y", "metadata": "xqMETADATAqx"}
        try:
            shown = self._render([{"role": "user", "content": "x"}, call], generation=False)
        except Refusal:
            return False
        return "xqMETADATAqx\n" in shown and self._opening()[0].startswith("\n")

    def _trims(self, role: str) -> bool:
        before = [] if role in ("system", "user") else ["user"]
        before += ["assistant"] if role not in ("system", "user", "assistant") else []
        try:
            lead = self._split([*before, role], pad="  ")[len(before)]
        except Refusal:
            return False
        return not lead.endswith("  ")


def _shown(roles: list[str]) -> list[str]:
    """ROLES as templates can show them: some put the system message inside the first user message."""
    return ["system", "user"] if roles == ["system"] else roles


def _compile(source: str) -> Any:
    """The template in the environment that chat templates are written for (transformers,
    utils/chat_template_utils)."""
    from jinja2 import TemplateError, nodes
    from jinja2.ext import Extension, loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """`{% generation %}` marks the assistant's text for training; here its body is rendered as it is."""

        tags = {"generation"}  # noqa: RUF012 - jinja2 reads it from the class

        def parse(self, parser: Any) -> list[nodes.Node]:
            next(parser.stream)
            return list(parser.parse_statements(("name:endgeneration",), drop_needle=True))

    def raise_exception(message: str) -> None:
        raise TemplateError(message)

    def tojson(value: Any, indent: int | None = None) -> str:
        return json.dumps(value, ensure_ascii=False, indent=indent)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    try:
        return environment.from_string(source)
    except TemplateError as error:
        raise ModelError(
            f"the model's chat template is not valid Jinja: {error}; give another GGUF of this model"
        ) from None
