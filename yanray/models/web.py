"""HTTP as the models room uses it: one client, ranges, and errors that say what to do."""

from __future__ import annotations

import re

import httpx

from yanray.errors import ModelError

CONNECT, STALL = 20.0, 30.0  # seconds until a connection stands; without a single byte
REMEDY = {
    401: "it asks for a token: set HF_TOKEN (or MODELSCOPE_API_TOKEN) in the environment",
    403: "access is refused: accept the model's licence on its page, and set HF_TOKEN in the environment",
    404: "there is no such file; check the spelling",
    429: "the server asks to be left alone for a while; try again later",
}


def open_client(headers: dict[str, str] | None = None, stall: float = STALL) -> httpx.Client:
    """A client that follows redirects; httpx drops the Authorization header when one leaves the host.

    stall: seconds to wait for the next byte. Bytes come as they are stored: a compressed answer would have
    other positions.
    """
    sent = {"user-agent": "yanray", "accept-encoding": "identity", **(headers or {})}
    timeout = httpx.Timeout(stall, connect=CONNECT)
    return httpx.Client(timeout=timeout, follow_redirects=True, headers=sent)


def get_range(client: httpx.Client, url: str, offset: int, length: int) -> tuple[bytes, int]:
    """(bytes from OFFSET on, at most LENGTH; size of the whole file). Raises ModelError."""
    asked = {"range": f"bytes={offset}-{offset + length - 1}"}
    try:
        with client.stream("GET", url, headers=asked) as answer:
            if answer.status_code == 416:
                raise ModelError(f"{url}: the server has no byte {offset} of this file; it may have changed")
            check(answer, url)
            if answer.status_code == 206:
                return answer.read(), content_range(answer, url)[1]
            return _front(answer, url, offset, length)
    except httpx.HTTPError as error:
        raise unreachable(url, error) from None


def get_json(client: httpx.Client, url: str) -> object:
    """The JSON at URL. Raises ModelError."""
    try:
        answer = client.get(url)
        check(answer, url)
        return answer.json()
    except httpx.HTTPError as error:
        raise unreachable(url, error) from None
    except ValueError:
        raise ModelError(f"{url}: answers with something that is not JSON; is the address right?") from None


def check(answer: httpx.Response, url: str) -> None:
    """Raise ModelError unless ANSWER brings content."""
    code = answer.status_code
    if code not in (200, 206):
        remedy = REMEDY.get(code, "try again later, or from another mirror (HF_ENDPOINT)")
        raise ModelError(f"{url}: the server answers {code} {answer.reason_phrase}: {remedy}")


def content_range(answer: httpx.Response, url: str) -> tuple[int, int]:
    """(first byte, size of the whole) as a 206 answer states them. Raises ModelError."""
    stated = answer.headers.get("content-range", "")
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", stated.strip())
    if match is None:
        raise ModelError(f"{url}: a partial answer without a usable Content-Range ({stated!r})")
    return int(match[1]), int(match[2])


def unreachable(url: str, error: Exception) -> ModelError:
    """The error for a connection that failed or broke."""
    why = str(error) or type(error).__name__
    return ModelError(f"{url}: cannot be reached: {why}; check the network, or set HF_ENDPOINT to a mirror")


def _front(answer: httpx.Response, url: str, offset: int, length: int) -> tuple[bytes, int]:
    """What a server that ignores ranges sends: its beginning will do, and only that."""
    size = int(answer.headers.get("content-length", "0"))
    if offset or not size:
        raise ModelError(
            f"{url}: the server does not send parts of files, so its header cannot be read ahead"
        )
    data = b""
    for piece in answer.iter_bytes():
        data += piece
        if len(data) >= length:
            break
    return data[:length], size
