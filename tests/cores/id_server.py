"""A server that takes token ids and keeps what it read, as vLLM does, with a real model behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chat_server import Reply, Request

from yanray.cores.gguf import GgufCore


class IdServer:
    """Replies for `ChatServer`. says_ids: whether the ids that it generated are in its answers.

    cached: of each prompt, how many ids stood already.
    """

    def __init__(self, path: Path, *, says_ids: bool = True, **options: Any) -> None:
        self._core = GgufCore(path, drafts=False, **options)
        self._says_ids = says_ids
        self.cached: list[int] = []

    @property
    def reply(self) -> Reply:
        """The answer to one question."""
        return self._answer

    def close(self) -> None:
        """Free the model."""
        self._core.close()

    def _answer(self, request: Request) -> None:
        ids, most = request.body["prompt"], request.body["max_tokens"]
        context, words = self._core._context, self._core._words
        plan = context.ledger.plan(ids)
        self.cached.append(plan.reused)
        context.trim(plan.reused)
        for at in range(plan.reused, len(ids), context.batch):
            context.read(ids[at : at + context.batch])
        request.head()
        reason, said = "length", 0
        while said < most:
            token = int(context.logits()[0].argmax())
            if words.ends(token):
                reason = "stop"
                break
            said += 1
            choice: dict[str, Any] = {"text": words.piece(token).decode("utf-8", "replace")}
            request.chunk({"choices": [{**choice, **({"token_ids": [token]} if self._says_ids else {})}]})
            context.step(token)
        usage = {"prompt_tokens": len(ids), "completion_tokens": said}
        usage["prompt_tokens_details"] = {"cached_tokens": plan.reused}  # type: ignore[assignment]
        request.chunk({"choices": [{"text": "", "finish_reason": reason}]})
        request.chunk({"choices": [], "usage": usage})
        request.send(b"data: [DONE]\n\n")
