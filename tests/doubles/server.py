"""What the doubles of providers have in common: a server, a clock, a memory of who asked what, and troubles."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class PayerRefused(Exception):
    """The provider does not let the payer pay; the argument says why."""


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    is_deed: bool = False
    """Whether something was changed: only the answers of deeds are lost."""


class Double:
    """A provider. `told` are its notices, oldest first, each ready to be delivered again and again."""

    name = ""
    has_age = False
    """Whether what it signs is believed for some minutes only."""

    def __init__(self) -> None:
        self.url = ""
        self.ahead = timedelta()
        """How much later than the present it is here."""
        self.aged = timedelta()
        """How long ago it signed what it says."""
        self.is_down = False
        self.lost_answers = 0
        """So many deeds are done from now on whose answer never comes."""
        self.failing_refunds = 0
        """So many refunds are refused from now on."""
        self.bill_trouble = ""
        """What is wrong with its bills: `not_ready`, `truncated`, `hash`, `unknown` (a line of no known kind),
        `missing` (the last line), `amount` (the first says a fen more), `stranger` (a payment that is not ours)."""
        self.asked: list[str] = []
        """What was asked, by the provider's own words."""
        self.lock = threading.RLock()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def answer(self, asked: Asked) -> Said:
        raise NotImplementedError

    def account(self, folder: Path) -> str:
        """Our account here: writes the files of its keys into a folder, returns the section of the accounts' file."""
        raise NotImplementedError

    def arrive(self, target: str) -> None:
        """The payer opens the address, or reads the code."""
        raise NotImplementedError

    def pay(self, target: str) -> None:
        """The payer arrives and confirms. Raises `PayerRefused`."""
        raise NotImplementedError

    def notices(self) -> list[tuple[bytes, dict[str, str]]]:
        """What it has to tell, signed now: bodies and headers, oldest first."""
        raise NotImplementedError

    def wrong_sum(self, amount_minor: int) -> tuple[bytes, dict[str, str]]:
        """Its last notice, rightly signed, with another sum."""
        raise NotImplementedError

    def forgeries(self) -> list[tuple[str, bytes, dict[str, str]]]:
        """Its last notice as others might make it up: what was done to it, body, headers."""
        raise NotImplementedError

    def held_minor(self) -> int:
        """Our money that lies here: what was paid, less what went back."""
        raise NotImplementedError


@dataclass(frozen=True)
class Billed:
    """A line of a day's bill, before it is written down in a provider's own way. Sums in fen."""

    ref: str
    number: str
    minor: int
    fee: int
    at: datetime
    is_refund: bool = False
    refund_no: str = ""
    word: str = ""
    """Its kind, where nobody knows it."""


def fee_of(minor: int) -> int:
    """0.6 %, rounded half up."""
    return (minor * 6 + 500) // 1000


def troubled(lines: list[Billed], trouble: str, at: datetime) -> list[Billed]:
    """The lines of a bill with what is wrong with them."""
    if trouble == "unknown":
        return [*lines, Billed("9900001", "26113099999998", 100, 0, at, word="奖励")]
    if trouble == "stranger":
        return [*lines, Billed("9900002", "26113099999999", 100, 1, at)]
    if trouble == "missing":
        return lines[:-1]
    if trouble == "amount":
        return [replace(lines[0], minor=lines[0].minor + 1), *lines[1:]]
    return lines


@contextmanager
def serving(double: Double) -> Iterator[None]:
    """Let a double answer on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            asked = Asked(self.command, parts.path, parts.query, dict(self.headers.items()), body)
            if double.is_down:
                self.close_connection = True
                return
            with double.lock:
                said = double.answer(asked)
                is_lost = said.is_deed and double.lost_answers > 0
                double.lost_answers -= is_lost
            if is_lost:
                self.close_connection = True
                return
            self.send_response(said.status)
            for key, value in said.headers.items():
                self.send_header(key, value)
            if said.status != 204:
                self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        do_GET = do_POST = _handle  # noqa: N815  (the names are the base class's)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name is the base class's)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@cache
def key_of(owner: str) -> rsa.RSAPrivateKey:
    """A key pair, made once for each owner in a run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def write_private(path: Path, key: rsa.RSAPrivateKey) -> str:
    """Write a private key as PEM; returns the file's name."""
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path.name


def write_public(path: Path, key: rsa.RSAPrivateKey) -> str:
    """Write the public half of a key as PEM; returns the file's name."""
    path.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return path.name


def rsa_sign(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def rsa_check(key: rsa.RSAPrivateKey, message: bytes, signature: bytes) -> None:
    """Raises `InvalidSignature`."""
    key.public_key().verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
