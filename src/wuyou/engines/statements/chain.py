"""What binds a statement together: canonical text, hashes one upon the other, and the signature over the last."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORMAT = "wuyou-statement/1"
NOTHING = "0" * 64
"""The hash before the first line, and of the statement before the first."""


def canonical(value: object) -> bytes:
    """The one text of a value, in UTF-8: keys in order, no spaces, nothing escaped that need not be, no fractions."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(value: object) -> str:
    """SHA-256 of the canonical text, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def line_hash(line: Mapping[str, Any], before: str) -> str:
    """The hash of a line (all of it but its hash) and of the hash before it."""
    return digest({"before": before, "line": {name: value for name, value in line.items() if name != "hash"}})


def statement_hash(head: Mapping[str, Any], last: str) -> str:
    """The hash of a head, which holds the hash of the statement before, and of the last line's hash."""
    return digest({"head": dict(head), "last": last})


# ------------------------------------------------------------------------------------------------------------- keys


def new_key() -> str:
    """A private key, its 32 bytes as base64url."""
    return _text(Ed25519PrivateKey.generate().private_bytes_raw())


def public_key(private_key: str) -> str:
    """The public key that belongs to a private one, as base64url."""
    return _text(_private(private_key).public_key().public_bytes_raw())


def check_public(public: str) -> None:
    """Raises: `ValueError` when a text is no public key."""
    Ed25519PublicKey.from_public_bytes(_bytes(public))


def key_id(public: str) -> str:
    """What a statement calls the key that it was signed with: the first 16 digits of the key's SHA-256."""
    return hashlib.sha256(_bytes(public)).hexdigest()[:16]


def sign(private_key: str, hash_: str) -> str:
    """The signature over a statement's hash, as base64url."""
    return _text(_private(private_key).sign(_signed(hash_)))


def is_signed(public: str, hash_: str, signature: str) -> bool:
    """Whether this key signed the hash, and the signature is written the one way there is."""
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(public)).verify(_bytes(signature), _signed(hash_))
    except (InvalidSignature, ValueError):
        return False
    return _text(_bytes(signature)) == signature


def _signed(hash_: str) -> bytes:
    return f"{FORMAT}\n{hash_}".encode()


def _private(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_bytes(text))


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
