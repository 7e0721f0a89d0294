"""One request to a push service that a browser named: it is anybody's input, and nothing inside is reached by it.

Only https on its usual port, only addresses of the public internet (looked up here, and connected to as looked up), no
redirect, and an end to it all: whatever the other side does, after `END_S` the connection is shut.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

CONNECT_S, ANSWER_S, END_S = 3.0, 5.0, 8.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unreachable(Exception):
    """Nobody answered, or nobody to whom we speak."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the push service said."""

    status: int
    retry_after_s: int = 0


def post(endpoint: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Hand a body over. Raises `Unreachable`."""
    parts = urlsplit(endpoint)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    if not settings.PUSH_TO_LOCAL and (parts.scheme != "https" or port != 443):
        raise Unreachable("not https")
    try:
        with socket.create_connection((_address(host, port), port), CONNECT_S) as plain:
            end = threading.Timer(END_S, _shut, [plain])
            end.start()
            try:
                return _ask(plain, parts.scheme == "https", host, parts.netloc, path, body, headers)
            finally:
                end.cancel()
    except (OSError, http.client.HTTPException) as failed:
        raise Unreachable(type(failed).__name__) from failed


def _ask(
    plain: socket.socket, is_secret: bool, host: str, netloc: str, path: str, body: bytes, headers: Mapping[str, str]
) -> Answer:
    plain.settimeout(ANSWER_S)
    connection = http.client.HTTPConnection(host)
    connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if is_secret else plain
    connection.request("POST", path, body, {**headers, "Host": netloc, "Connection": "close"})
    answer = connection.getresponse()
    asked = answer.headers.get("Retry-After", "")
    return Answer(answer.status, int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0)


def _address(host: str, port: int) -> str:
    """Where the name leads, if that is out on the internet. Raises `Unreachable`, also when one of several is not."""
    found = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    if not found or not (settings.PUSH_TO_LOCAL or all(map(is_public, found))):
        raise Unreachable("not a public address")
    return found[0]


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, and not another one in disguise."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip.sixtofour is not None or ip.teredo is not None or ip in _NAT64:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _shut(plain: socket.socket) -> None:
    with contextlib.suppress(OSError):
        plain.shutdown(socket.SHUT_RDWR)
