"""The model's own chat template, as segments: what the template writes, and what people, tools and the model
wrote (`rendering` puts them together).

The Jinja template is rendered with each content replaced by a sentinel and split there. What stands before a
message comes from a rendering that ends with this very message, so it depends on nothing that follows: a
conversation that grows never changes what was rendered before, and the tokens in the KV cache stay right,
whatever the template does with earlier messages. Before a round that the core generated stands what stood
there when it was generated: the template's generation prompt.

Not covered: templates that declare tools themselves (`tools` is always None: Yanray's tools stand in the
system message), and images.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from yanray.errors import ModelError

PLAIN = (
    "{%- set names = {'system': 'System', 'user': 'User', 'assistant': 'Assistant', 'tool': 'Tools'} -%}"
    "{%- for message in messages -%}{{- names[message.role] + ': ' + message.content + '\n' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}Assistant:{%- endif -%}"
)
PLAIN_STOPS = ("System:", "User:", "Tools:")
TOOL_ROLES = ("tool", "observation", "ipython", "function")
STRANGER = "zqxstranger"
TURNS = 3  # turns back that templates are taken to look, until one is found to look further
KEPT = 64  # renderings that are remembered


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
        self._text = lru_cache(KEPT)(self._last)
        self._far_sighted = False  # what it writes depends on more than the last turns
        self._seen: dict[tuple[str, bool], int] = {}  # how long the conversation was that was rendered whole
        self.names_calls = False
        self._give_date_if_needed()
        self.has_system = self._renders("system", "user", "assistant", "user")
        self.may_repeat = self._renders("user", "user", "assistant", "assistant", "user")
        self.tool_role = self._choose_tool_role()
        roles = {"system", "user", "assistant", self.tool_role}
        self._trimmed = {role for role in roles if self._trims(role)}
        self.gap, self.expects_space = self._opening()
        self.names_calls = self._names_calls()  # the model writes its role's line: empty, or a tool's name

    def lead(self, roles: Sequence[str]) -> str:
        """What stands before the content of the last of ROLES. Raises Refusal."""
        return self._recently(roles, generation=False)

    def generation(self, roles: Sequence[str]) -> str:
        """What stands after the last of ROLES for the assistant to go on from. Raises Refusal."""
        return self._recently(roles, generation=True)

    def stripped(self, role: str, text: str) -> str:
        """TEXT as the template shows it in a message of ROLE."""
        return text.strip() if role in self._trimmed else text

    # Rendering.

    def _recently(self, roles: Sequence[str], *, generation: bool) -> str:
        """The text behind or before the last of ROLES, from a rendering of the last turns alone.

        A conversation that grows is not rendered again for each message. That the template looks no further
        back is not taken for granted: whenever a conversation is twice as long as when it was seen last, all
        of it is rendered. A template that then says something else (one that counts its rounds) gets it whole
        from there on.
        """
        recent = _recent(roles)
        if self._far_sighted or len(recent) == len(roles):
            return self._text(tuple(roles), generation)
        kind = (roles[-1], generation)
        if len(roles) < 2 * self._seen.get(kind, 0):
            return self._text(recent, generation)
        self._seen[kind] = len(roles)
        text = self._text(tuple(roles), generation)
        try:
            self._far_sighted = self._text(recent, generation) != text
        except Refusal:
            self._far_sighted = True
        return text

    def _last(self, roles: tuple[str, ...], generation: bool) -> str:
        """What stands before the content of the last of ROLES, or behind it, in a rendering of them all."""
        if not generation:
            return self._split(_shown(roles))[len(roles) - 1]
        prompt = self._split(_shown(roles), generation=True)[-1]
        return prompt if self.names_calls else prompt + self.gap

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


def _shown(roles: Sequence[str]) -> Sequence[str]:
    """ROLES as templates can show them: some put the system message inside the first user message."""
    return ("system", "user") if len(roles) == 1 and roles[0] == "system" else roles


def _recent(roles: Sequence[str]) -> tuple[str, ...]:
    """The last TURNS turns of ROLES, whole, and the system's words before them."""
    system = 1 if roles and roles[0] == "system" else 0
    turns = 0
    for index in range(len(roles) - 1, system, -1):
        turns += roles[index] == "user"
        if turns == TURNS:
            return (*roles[:system], *roles[index:])
    return tuple(roles)


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
