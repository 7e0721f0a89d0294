"""A push service that is really spoken to, and the browsers behind it: it checks who signs, and only they can read."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_django import Settings


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@dataclass
class Browser:
    """One subscription: its private half stays here."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    sealed: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def fields(self) -> dict[str, str]:
        """What a browser tells its page, and the page tells us."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "p256dh": encode(point), "auth": encode(self.secret)}

    @property
    def read(self) -> list[dict[str, Any]]:
        """What it was pushed, opened with the keys that only it has."""
        opened = (
            http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
            for body in self.sealed
        )
        return [json.loads(text) for text in opened]


class PushService:
    """Answers as it is told to; what is not signed as it must be is refused with 403."""

    def __init__(self, origin: str, now: datetime) -> None:
        self.origin = origin
        self.now = now
        self.browsers: dict[str, Browser] = {}
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}
        """By path: another answer than 201."""
        self.slow: set[str] = set()
        """Paths that say nothing until the other side gives up."""
        self.refusals: list[str] = []
        self.known_by: str = ""
        """The key that the browsers subscribed for."""
        self.hits = 0

    def make_browser(self) -> Browser:
        path = f"/push/{encode(os.urandom(12))}"
        self.browsers[path] = Browser(self.origin + path)
        return self.browsers[path]

    def answer(self, browser: Browser, status: int, **headers: str) -> None:
        """From now on it is answered so."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[browser.endpoint.removeprefix(self.origin)] = (status, named)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        self.hits += 1
        reason = self._why_not(headers)
        if reason:
            self.refusals.append(reason)
            return 403, {}
        if path in self.answers:
            return self.answers[path]
        if path not in self.browsers:
            return 404, {}
        self.browsers[path].sealed.append(body)
        self.browsers[path].headers.append(headers)
        return 201, {"Location": f"{path}/message"}

    def _why_not(self, headers: dict[str, str]) -> str:
        """RFC 8292: ES256 over a token for this origin, not too old and not for longer than a day."""
        scheme, _, rest = headers.get("authorization", "").partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        if scheme != "vapid" or not {"t", "k"} <= parts.keys():
            return "no token"
        if parts["k"] != self.known_by:
            return "another key"
        head, claims, signature = parts["t"].split(".")
        raw = decode(signature)
        sealed = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(parts["k"]))
            key.verify(sealed, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
        except InvalidSignature:
            return "not signed"
        said = json.loads(decode(claims))
        if json.loads(decode(head)) != {"typ": "JWT", "alg": "ES256"}:
            return "not ES256"
        if said["aud"] != self.origin:
            return f"for {said['aud']}"
        if not 0 < said["exp"] - self.now.timestamp() <= 24 * 3600:
            return "too old, or for too long"
        if not said["sub"].startswith("mailto:"):
            return "from nobody"
        if headers.get("content-encoding") != "aes128gcm" or int(headers.get("ttl", "-1")) < 0:
            return "not a push"
        return ""


@contextmanager
def push_service(settings: Settings, now: datetime) -> Iterator[PushService]:
    """Pushes may go to this machine meanwhile, where a service takes them."""
    from wuyou.surfaces.storefront.outgoing import push

    service: PushService

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path in service.slow:
                time.sleep(1.5)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said = service.take(self.path, headers, body)
            self.send_response(status)
            for name, value in said.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (http.server's name)
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service = PushService(f"http://127.0.0.1:{server.server_port}", now)
    settings.PUSH_TO_LOCAL = True
    service.known_by = push.public_key()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
