"""Which addresses of the web tools may reach: the public ones, and those that the owner allows by name.

A name is looked up once, every address that it has is checked, and the connection goes to a checked address,
so a name that means something else at the second look gains nothing.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from yanray.errors import ToolError
from yanray.toolbox import ALLOWED_HOSTS

LOWEST_PORT = 1024  # below it only the web's own: no mail server, no SSH
WEB_PORTS = (80, 443)

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]  # host, port -> IP addresses
_IP: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
_NUMBERS = re.compile(r"[0-9.]+|(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+))*\.?", re.IGNORECASE)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NOT_PUBLIC = (  # reachable from inside some clouds only, though registered as public
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("192.88.99.0/24"),
    ipaddress.ip_network("64:ff9b:1::/48"),
)


class FetchError(ToolError):
    """A page cannot be had; the message says why."""


class AwayError(FetchError):
    """The network, or the server, is away."""


def allowed_by_owner() -> tuple[str, ...]:
    """The hosts of the setting `toolbox.allow_hosts`, as the worker was told them."""
    return tuple(host for host in os.environ.get(ALLOWED_HOSTS, "").split(",") if host)


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of HOST, from the system. Raises AwayError or FetchError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME:
            raise AwayError(f"the network is away, or there is no host {host!r}") from None
        raise AwayError(f"the network is away: {host} cannot be looked up ({error.strerror})") from None
    except UnicodeError:
        raise FetchError(f"{host[:80]!r} is not the name of a host") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked(host: str, port: int, allowed: Collection[str], resolve: Resolve = look_up) -> Sequence[str]:
    """The addresses of HOST to connect to. Raises FetchError when one of them is not for tools.

    allowed: `host` or `host:port` as written in the address, which may be anywhere.
    """
    host = host.rstrip(".").lower()
    if host in allowed or f"{host}:{port}" in allowed:
        return resolve(host, port)
    if port not in WEB_PORTS and port < LOWEST_PORT:
        raise FetchError(f"port {port} is not one of the web's: tools may use 80, 443 and those from 1024")
    literal = _literal(host)
    addresses = [str(literal)] if literal else resolve(host, port)
    if not addresses:
        raise AwayError(f"the network is away: {host} has no address")
    for address in addresses:
        if not public(address):
            raise FetchError(
                f"{host} is in a private network ({address}), where tools may not go; "
                f"its owner can allow it in config.yaml (toolbox: allow_hosts: [{host}])"
            )
    return addresses


def public(address: str) -> bool:
    """Whether the IP ADDRESS is one of the open network, also when it hides an IPv4 one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    hidden = _hidden(ip)
    if hidden is not None:
        return public(str(hidden))
    scoped = isinstance(ip, ipaddress.IPv6Address) and ip.scope_id is not None
    special = ip.is_multicast or ip.is_reserved or ip.is_unspecified or scoped
    return ip.is_global and not special and not any(ip in network for network in _NOT_PUBLIC)


def _hidden(ip: _IP) -> ipaddress.IPv4Address | None:
    """The IPv4 address in a mapped, translated or tunnelled IPv6 one."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip in _NAT64 or (int(ip) >> 32 == 0 and int(ip) > 1):  # 64:ff9b::1.2.3.4, ::1.2.3.4
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def _literal(host: str) -> _IP | None:
    """HOST as an IP address; None for a name. Raises FetchError for `2130706433`, `0x7f.1`, `0177.0.0.1`."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        if _NUMBERS.fullmatch(host):
            raise FetchError(f"{host} is a number in place of a host: write the host's name") from None
        return None
