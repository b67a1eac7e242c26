"""The fetcher against real servers on loopback: what must not be reached is not, what is too much ends."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Web

from yanray.toolbox.addresses import checked, public
from yanray.toolbox.charset import decode
from yanray.toolbox.fetch import AwayError, FetchError, fetch

PATIENCE = 20.0  # seconds; only so that a failure ends


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    server.page("/", b"inside")
    yield server
    server.close()


@pytest.fixture
def other() -> Iterator[Web]:
    server = Web()
    server.page("/", b"inside")
    yield server
    server.close()


HOSTILE = """
http://127.0.0.1:{port}/
http://localhost:{port}/
http://LOCALHOST:{port}/
http://127.0.0.1.:{port}/
http://127.1:{port}/
http://0:{port}/
http://0.0.0.0:{port}/
http://2130706433:{port}/
http://0x7f000001:{port}/
http://0x7f.0.0.1:{port}/
http://0177.0.0.1:{port}/
http://017700000001:{port}/
http://127.0.0.01:{port}/
http://①②⑦.⓪.⓪.①:{port}/
http://127。0。0。1:{port}/
http://[::1]:{port}/
http://[::]:{port}/
http://[::ffff:127.0.0.1]:{port}/
http://[::ffff:7f00:1]:{port}/
http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/
http://[::127.0.0.1]:{port}/
http://[64:ff9b::7f00:1]:{port}/
http://[2002:7f00:1::]:{port}/
http://[fe80::1]:{port}/
http://user:secret@127.0.0.1:{port}/
http://127.0.0.1:{port}@example.org/
http://example.org@127.0.0.1:{port}/
http://example.org:80@127.0.0.1:{port}/
http://127.0.0.1:{port}#@example.org/
http://127.0.0.1:{port}\\@example.org/
http:127.0.0.1:{port}
//127.0.0.1:{port}/
127.0.0.1:{port}
localhost:{port}
http://169.254.169.254/latest/meta-data/
http://[fd00:ec2::254]/latest/
http://100.100.100.200/latest/
http://168.63.129.16/metadata
http://10.0.0.1/
http://172.16.3.4/
http://192.168.1.1/
http://224.0.0.1/
http://255.255.255.255/
file:///etc/passwd
file://localhost/etc/passwd
ftp://127.0.0.1:{port}/
gopher://127.0.0.1:{port}/_GET
data:text/plain,hello
javascript:alert(1)
unix:///var/run/docker.sock
http://127.0.0.1:22/
http+unix://%2Fvar%2Frun%2Fdocker.sock/
http://127.0.0.1%00.example.org:{port}/
http://127.0.0.1%2f@example.org:{port}/
""".split()


@pytest.mark.parametrize("address", HOSTILE)
def test_nothing_inside_is_reached(web, address):
    with pytest.raises(FetchError):
        fetch(address.format(port=web.host.partition(":")[2]), resolve=_lookup_of_loopback)
    assert web.seen == []


def _lookup_of_loopback(host: str, port: int) -> list[str]:
    """Every name is this machine: worse than any real name server."""
    return ["127.0.0.1"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\t", "\0", "\u2028"])
def test_no_header_is_smuggled_in(web, newline):
    address = f"{web.url}/a{newline}X-Injected: yes{newline}{newline}"
    with pytest.raises(FetchError):
        fetch(address, allow=[web.host])
    assert all("X-Injected" not in path or "%" in path for path in web.seen)


@settings(max_examples=200, deadline=None)
@given(st.text() | st.from_regex(r"https?://[^/]{1,40}(:\d{1,6})?(/.*)?", fullmatch=True))
def test_any_text_is_an_address_or_an_error(text):
    with pytest.raises(FetchError):
        fetch(text, resolve=_lookup_of_loopback, seconds=1)


@pytest.mark.parametrize(
    "onward",
    [
        "{url}/",
        "http://2130706433:{port}/",
        "//{host}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "file:///etc/passwd",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_inwards_is_not_followed(web, other, onward, status):
    port = other.host.partition(":")[2]
    target = onward.format(url=other.url, host=other.host, port=port)
    start = web.page("/start", status=status, headers={"Location": target})
    with pytest.raises(FetchError):
        fetch(start, allow=[web.host])
    assert web.seen == ["/start"]
    assert other.seen == []


def test_redirects_are_followed_up_to_a_limit(web):
    web.page("/a", status=302, headers={"Location": "b?x=1"})
    web.page("/b", "好".encode())
    page = fetch(f"{web.url}/a", allow=[web.host])
    assert (page.url, page.text) == (f"{web.url}/b?x=1", "好")
    web.page("/round", status=302, headers={"Location": "/round"})
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetch(f"{web.url}/round", allow=[web.host])
    assert web.seen.count("/round") == 6


def test_a_name_with_one_address_inside_is_refused(web):
    port = int(web.host.partition(":")[2])
    for addresses in (
        ["93.184.216.34", "127.0.0.1"],
        ["127.0.0.1", "93.184.216.34"],
        ["2606:4700::1", "::1"],
    ):
        with pytest.raises(FetchError, match="private network"):
            checked("both.example", port, (), lambda host, port, found=addresses: found)
    assert web.seen == []


def test_a_name_that_changes_its_mind_is_looked_up_once(web):
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    host = f"pinned.example:{web.host.partition(':')[2]}"
    assert fetch(f"http://{host}/", allow=[host], resolve=resolve).text == "inside"
    assert asked == ["pinned.example"]
    assert web.hosts == [host]  # the connection went to the checked address under the name's own Host


def test_what_the_owner_allows_is_reached_and_no_more(web, other, monkeypatch):
    assert fetch(f"{web.url}/", allow=[web.host]).text == "inside"
    with pytest.raises(FetchError, match="allow_hosts"):
        fetch(f"{other.url}/", allow=[web.host])
    monkeypatch.setenv("YANRAY_ALLOW_HOSTS", f"nas.local,{other.host}")
    assert fetch(f"{other.url}/").text == "inside"
    with pytest.raises(FetchError, match="in place of a host"):
        fetch(f"http://2130706433:{other.host.partition(':')[2]}/")


def test_a_packed_page_is_unpacked_and_a_bomb_is_not(web):
    packed = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    text = " ".join(f"word {number}" for number in range(100_000))
    web.page("/page", gzip.compress(text.encode()), headers=packed)
    assert fetch(f"{web.url}/page", allow=[web.host]).text == text
    web.page("/bomb", gzip.compress(bytes(64 << 20)), headers=packed)
    with pytest.raises(FetchError, match="unpacks to far more"):
        fetch(f"{web.url}/bomb", allow=[web.host], limit=1 << 30)
    web.page("/broken", b"no gzip at all", headers=packed)
    with pytest.raises(FetchError, match="packed wrongly"):
        fetch(f"{web.url}/broken", allow=[web.host])
    web.page("/odd", b"x", headers={"Content-Encoding": "br"})
    with pytest.raises(FetchError, match="not asked for"):
        fetch(f"{web.url}/odd", allow=[web.host])


def _drops(web: Web) -> Iterator[bytes]:
    while not web.stopped.wait(0.02):
        yield b"x"


def test_a_page_that_drips_ends_in_time(web):
    web.page("/drip", _drops(web))
    begun = time.monotonic()
    with pytest.raises(AwayError, match=r"slow|in time"):
        fetch(f"{web.url}/drip", allow=[web.host], seconds=0.5)
    assert time.monotonic() - begun < PATIENCE


def test_a_server_that_never_answers_ends_in_time(web):
    def wait(query: dict[str, str]) -> bytes:
        web.stopped.wait(PATIENCE)
        return b""

    web.page("/mute", wait)
    with pytest.raises(AwayError, match="in time"):
        fetch(f"{web.url}/mute", allow=[web.host], seconds=0.3)


def test_an_endless_page_is_cut(web):
    def endless() -> Iterator[bytes]:
        while not web.stopped.is_set():
            yield b"0123456789" * 1000

    web.page("/endless", endless())
    page = fetch(f"{web.url}/endless", allow=[web.host], limit=50_000)
    assert (len(page.data), page.cut) == (50_000, True)


@pytest.mark.parametrize(
    ("status", "words"), [(404, "no such page"), (403, "refuses"), (429, "too many"), (503, "out of order")]
)
def test_statuses_are_said_in_words(web, status, words):
    web.page("/odd", status=status)
    with pytest.raises(FetchError, match=f"{status}.*{words}"):
        fetch(f"{web.url}/odd", allow=[web.host])


def test_a_network_that_is_away_is_called_that(web):
    web.close()
    with pytest.raises(AwayError, match="the network is away"):
        fetch(f"{web.url}/", allow=[web.host])


def test_json_that_is_none_is_an_error(web):
    web.page("/json", b"<html>sign in</html>")
    with pytest.raises(FetchError, match="did not answer as it should"):
        fetch(f"{web.url}/json", allow=[web.host]).json()


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111"])
def test_the_open_network_is_open(address):
    assert public(address)
    assert checked("name.example", 443, (), lambda host, port: [address]) == [address]


TEXT = "天气预报：北京，小雨。"


@pytest.mark.parametrize(
    ("data", "claim"),
    [
        (TEXT.encode("gbk"), "text/html; charset=GBK"),
        (TEXT.encode("gbk"), "text/html; charset=gb2312"),
        (TEXT.encode("gb18030"), "text/html"),
        (b"<meta charset='gbk'>" + TEXT.encode("gbk"), "text/html"),
        (TEXT.encode("gbk"), "text/html; charset=utf-8"),  # wrong claim
        (TEXT.encode(), "text/html; charset=iso-8859-1"),  # wrong claim
        (b'<meta http-equiv="Content-Type" content="x; charset=big5">' + "天氣預報".encode("big5"), ""),
        ("天氣預報".encode("big5"), "text/html; charset=Big5"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "text/html; charset=gbk"),
        (TEXT.encode("utf-16"), ""),
        (TEXT.encode("utf-16-le"), "text/plain; charset=utf-16le"),
        ("天気予報".encode("iso2022_jp"), "text/html; charset=iso-2022-jp"),
        ("天気予報".encode("shift_jis"), "text/html; charset=Shift_JIS"),
    ],
)  # fmt: skip
def test_charsets(data, claim):
    assert any(word in decode(data, claim) for word in (TEXT, "天氣預報", "天気予報"))


CLAIMS = ["utf-7", "charset=utf-7", "charset=base64", "charset=rot13", "charset=idna"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(CLAIMS) | st.text(max_size=30).map("charset={}".format))
def test_any_bytes_are_text(data, claim):
    assert isinstance(decode(data, claim), str)


def test_a_charset_of_other_bytes_than_it_shows_is_not_believed():
    assert "<script>" not in decode(b"+ADw-script+AD4-", "text/html; charset=utf-7")
