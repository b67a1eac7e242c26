"""The remote core: a model that runs elsewhere, behind any server of the OpenAI kind.

vLLM, llama.cpp's server, Ollama and their like: `POST .../chat/completions`, streamed. The conversation goes
as messages, so the server's own template, tokenizer and prefix cache are at work; or as token ids to
`.../completions`, where the model's tokenizer is here and the server takes them (see `remote_ids`).

Not held here: the grammar of command lines (a mistaken call is mended or refused by the turn's guards), an
answer's schema (the server is asked to hold it), and the ledger (the server
keeps its own; its counts are passed on where it reports them). `count` is an estimate that the server's
reports correct.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from yanray.cores.base import CommandGrammar, Finish, Lora, Piece, Sampling
from yanray.cores.ledger import ContextError
from yanray.cores.remote_answer import Answer
from yanray.cores.remote_ids import IdPrompts
from yanray.cores.remote_messages import BYTES_PER_TOKEN, estimate, spelled
from yanray.cores.remote_wire import Exchange, Failure, Inbox, Item, Wire
from yanray.errors import ModelError
from yanray.events import Notice, Progress, RoundUsage
from yanray.messages import Message

Reason: TypeAlias = Literal["stop", "length", "closed"]

UNKNOWN_CONTEXT = 8192  # tokens, where neither the settings nor the server say
BACKOFF = 0.5  # seconds before the first repetition; each further one waits twice as long
LONGEST_PAUSE = 30.0  # seconds, whatever the server asks for
PATIENCE = 2.0  # seconds for the counts that follow the last word
OPTIONAL = (
    "stream_options",
    "seed",
    "top_k",
    "min_p",
    "repeat_penalty",
    "response_format",
    "return_token_ids",
)  # of some servers


@dataclass(frozen=True, slots=True)
class Server:
    """A server as `remote:` in config.yaml describes it; see there."""

    name: str
    url: str
    model: str = ""
    key: str = ""
    context: int = 0
    timeout: float = 120.0
    retries: int = 3
    tool_role: Literal["auto", "tool", "user"] = "auto"
    tokenizer: str = ""


class Cancelled(Exception):
    """Somebody called `cancel`."""


class RemoteCore:
    """A `ChatCore` on SERVER. Raises ModelError when the server is away or lists no model."""

    def __init__(self, server: Server) -> None:
        started = perf_counter()
        self._server = server
        headers = {"authorization": f"Bearer {server.key}"} if server.key else {}
        self._wire = Wire(server.url, headers, server.timeout)
        self._inbox: Inbox = SimpleQueue()
        self._schema = ""  # that the answer shall keep, as JSON
        self._notices: list[Notice] = []
        self._refused: set[str] = set()  # fields that the server does not take
        self._tool_role = "user" if server.tool_role == "user" else "tool"
        self._weight = 1.0  # the server's tokens for each one of our estimate
        self.finish: Finish | None = None
        listed = self._listed()
        self._model = server.model or _only(listed, server)
        self.names_calls = False
        self.context = server.context or _context(listed.get(self._model, {})) or UNKNOWN_CONTEXT
        self.name = f"{self._model} at {urlsplit(server.url).netloc}"
        self.identity = f"remote:{server.url}:{self._model}"
        self._ids: IdPrompts | None = None
        if server.tokenizer:
            self._ids = IdPrompts(Path(server.tokenizer).expanduser(), self.identity)
            self.identity, self.names_calls = self._ids.identity, self._ids.names_calls
        self.load_seconds = perf_counter() - started

    def count(self, text: str) -> int:
        """Tokens of TEXT, estimated where the tokenizer is not here."""
        if self._ids:
            return self._ids.count(text)
        return round(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN * self._weight)

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens that MESSAGES take, estimated where the tokenizer is not here."""
        if self._ids:
            return self._ids.tokens(messages)
        return round(estimate(messages) * self._weight)

    def stream(
        self, messages: Sequence[Message], sampling: Sampling, *, grammar: CommandGrammar | None = None
    ) -> Generator[Piece, None, Finish]:
        """Ask for the next round, and pass it on as it comes. See `base.ChatCore`.

        Raises ContextError before anything is sent when the prompt will not fit, and ModelError when the
        server refuses, breaks off, or says nothing for its time limit. Only what failed before the first word
        is tried again.
        """
        self.finish = None
        self._inbox = SimpleQueue()
        needed = self.prompt_tokens(messages)
        if needed >= self.context:
            raise ContextError(needed, self.context)
        answer = Answer(sampling.max_tokens, self._ids.said if self._ids else None)
        clock = _Clock()
        reason: Reason = "closed"
        try:
            yield Progress("read", 0, needed)
            self._schema = grammar.answer if grammar else ""
            reason = yield from self._answered(messages, sampling, answer, clock)
        except Cancelled:
            pass  # `reason` says so
        finally:
            self.finish = Finish(reason, (), self._usage(messages, needed, answer, clock))
        return self.finish

    def record(self, length: int) -> tuple[int, ...]:
        """The ids that the server said it generated; none where it keeps them to itself."""
        return self._ids.record(length) if self._ids else ()

    def warm(self, messages: Sequence[Message]) -> Generator[Progress, None, int]:
        """Nothing: what a server reads ahead is its own affair."""
        yield from ()
        return 0

    def adapt(self, adapters: Sequence[Lora]) -> None:
        """Raises ModelError for any: adapters are the server's business."""
        if adapters:
            raise self._error("takes no adapters from here; serve the adapted model under a name of its own")

    def cancel(self) -> None:
        """End the running stream now; may be called from a signal handler or another thread."""
        self._inbox.put(Item(None))

    def save_state(self, name: str) -> bool:
        """Nothing is kept on disk."""
        return False

    def restore_state(self, name: str) -> int:
        """Nothing is kept on disk."""
        return 0

    def forget_state(self, name: str) -> None:
        """Nothing is kept on disk."""

    def take_notices(self) -> list[Notice]:
        """What the user should know since the last call: a repetition, a setting that the server refuses."""
        taken, self._notices = self._notices, []
        return taken

    def close(self) -> None:
        """Give the connection up."""
        if self._ids:
            self._ids.close()
        self._wire.close()

    # One round.

    def _answered(
        self, messages: Sequence[Message], sampling: Sampling, answer: Answer, clock: _Clock
    ) -> Generator[Piece, None, Reason]:
        """Ask until the server answers or nothing more can be hoped for."""
        failures = 0
        while True:
            path = "/completions" if self._ids else "/chat/completions"
            exchange = self._wire.post(path, self._body(messages, sampling), self._inbox)
            try:
                return (yield from self._heard(exchange, answer, clock))
            except Failure as failure:
                if answer.length:
                    raise self._error(f"{failure}, after {answer.length} characters; ask again") from None
                if self._gives_way(failure, messages):
                    continue
                if not failure.passing or failures == self._server.retries:
                    raise self._error(f"{failure}; {self._remedy(failure.status)}") from None
                self._pause(failure, BACKOFF * 2**failures)
                failures += 1
            finally:
                exchange.close()

    def _heard(self, exchange: Exchange, answer: Answer, clock: _Clock) -> Generator[Piece, None, Reason]:
        """Pass on what EXCHANGE brings. The time limit is for progress: idle chatter does not count."""
        limit = perf_counter() + self._server.timeout
        while not answer.done:
            item = self._next(limit)
            if item is None and answer.reason is None:
                raise Failure(f"sends nothing of use for {self._server.timeout:g} s", passing=True)
            if item is None or (item.exchange is exchange and not isinstance(item.value, bytes)):
                _end(item, answer)
                break
            if item.exchange is not exchange or not isinstance(item.value, bytes):
                continue
            said = answer.reason is not None
            text, alive = answer.feed(item.value)
            if text:
                if clock.first is None:
                    clock.first = perf_counter()
                yield text
            if alive and not said:
                limit = perf_counter() + (PATIENCE if answer.reason else self._server.timeout)
        return answer.reason or "stop"

    def _next(self, limit: float) -> Item | None:
        """What comes next, None when nothing does before LIMIT. Raises Cancelled."""
        left = limit - perf_counter()
        if left <= 0:
            return None
        with suppress(Empty):
            item = self._inbox.get(timeout=left)
            if item.exchange is None:
                raise Cancelled
            return item
        return None

    def _pause(self, failure: Failure, seconds: float) -> None:
        """Wait before another try. Raises Cancelled."""
        seconds = min(max(seconds, failure.after), LONGEST_PAUSE)
        text = f"{self._server.url} {failure}; asked again after {seconds:g} s"
        self._notices.append(Notice("remote-retry", text))
        limit = perf_counter() + seconds
        while self._next(limit) is not None:
            pass  # what the failed exchange left behind

    # What is asked for.

    def _body(self, messages: Sequence[Message], sampling: Sampling) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            **self._conversation(messages),
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": sampling.temperature,
            "max_tokens": sampling.max_tokens,
        }
        if sampling.temperature > 0:
            body |= {"top_p": sampling.top_p, "top_k": sampling.top_k, "min_p": sampling.min_p}
            body["seed"] = sampling.seed
            if sampling.repeat_penalty != 1.0:
                body["repeat_penalty"] = sampling.repeat_penalty
        if self._schema:
            form = {"name": "answer", "schema": json.loads(self._schema), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return {key: value for key, value in body.items() if key not in self._refused}

    def _conversation(self, messages: Sequence[Message]) -> dict[str, Any]:
        if self._ids is None:
            return {"messages": spelled(messages, self._tool_role)}
        stops = {"stop": [f"\n{stop}" for stop in self._ids.stops]} if self._ids.stops else {}
        return {"prompt": self._ids.begin(messages), "return_token_ids": True, **stops}

    def _gives_way(self, failure: Failure, messages: Sequence[Message]) -> bool:
        """Whether the server may like it better without what it complains of."""
        if self._ids and failure.status in (404, 405, 501):
            return self._sends_messages()
        if failure.status not in (400, 422, 500) or _too_long(failure):
            return False
        named = {field for field in OPTIONAL if field in str(failure)} - self._refused
        if named and failure.status != 500:
            self._refused |= named
            if named != {"stream_options"}:
                text = f"{self._server.url} does not take {', '.join(sorted(named))}; sent without"
                self._notices.append(Notice("remote-setting", text))
            return True
        if self._ids:
            return self._sends_messages()
        told = any(message.role == "tool" for message in messages)
        if told and self._tool_role == "tool" and self._server.tool_role == "auto":
            self._tool_role = "user"
            return True
        return False

    def _sends_messages(self) -> bool:
        assert self._ids is not None
        self._ids.close()
        self._ids, self.names_calls = None, False
        text = f"{self._server.url} takes no token ids; the conversation goes as messages"
        self._notices.append(Notice("remote-setting", text))
        return True

    # What is known.

    def _usage(self, messages: Sequence[Message], needed: int, answer: Answer, clock: _Clock) -> RoundUsage:
        counts = answer.counts
        if counts and counts.prompt:
            self._weight = min(10.0, max(0.1, counts.prompt / max(1, estimate(messages))))
        prompt, cached = (counts.prompt, counts.cached) if counts else (needed, 0)
        now = perf_counter()
        first = clock.first or now
        return RoundUsage(
            prompt_tokens=prompt,
            reused_tokens=cached,
            evaluated_tokens=prompt - cached,
            generated_tokens=counts.generated if counts else answer.pieces,
            prefill_seconds=first - clock.begun,
            decode_seconds=now - first,
        )

    def _listed(self) -> dict[str, dict[str, Any]]:
        """The server's models by name; none when it has no list."""
        try:
            found = self._wire.get("/models")
        except Failure as failure:
            if failure.status in (404, 405, 501):
                return {}
            raise self._error(f"{failure}; {self._remedy(failure.status)}") from None
        entries = found.get("data") if isinstance(found, dict) else None
        entries = entries if isinstance(entries, list) else []
        return {str(entry["id"]): entry for entry in entries if isinstance(entry, dict) and "id" in entry}

    def _error(self, what: str) -> ModelError:
        return ModelError(f"{self._server.url} {what}")

    def _remedy(self, status: int) -> str:
        where = f"remote.{self._server.name}"
        if status in (401, 403):
            return f"set `{where}.key` to env:NAME, and the variable NAME to the server's key"
        if status == 404:
            return f"check `{where}.url` (it ends in /v1 on most servers) and `{where}.model`"
        if status in (400, 413, 422):
            return f"shorten the conversation, or set `{where}.context` to what the server takes"
        return f"start the server, or mend `{where}.url` in config.yaml"


@dataclass(slots=True)
class _Clock:
    """When a round was asked for, and when its first word came."""

    begun: float
    first: float | None

    def __init__(self) -> None:
        self.begun, self.first = perf_counter(), None


def _end(item: Item | None, answer: Answer) -> None:
    """The server hung up, or is waited for no longer. Raises Failure when the round was not over."""
    if answer.reason is None:
        failure = item.value if item else None
        raise failure if isinstance(failure, Failure) else Failure("broke off in the answer", passing=True)


def _too_long(failure: Failure) -> bool:
    text = str(failure).lower()
    return "context" in text and ("length" in text or "exceed" in text or "window" in text)


def _only(listed: dict[str, dict[str, Any]], server: Server) -> str:
    if len(listed) == 1:
        return next(iter(listed))
    names = ", ".join(listed) or "no model"
    raise ModelError(f"{server.url} lists {names}; name one as `remote.{server.name}.model`")


def _context(entry: dict[str, Any]) -> int:
    """The context that ENTRY of a list of models states, 0 for none: vLLM's and llama.cpp's ways."""
    meta = entry.get("meta")
    stated = entry.get("max_model_len") or (meta.get("n_ctx_train") if isinstance(meta, dict) else 0)
    return stated if isinstance(stated, int) and stated > 0 else 0
