"""Random tokens, and signatures that compare in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_token(size_bytes: int = 16) -> str:
    """A fresh unguessable token, URL-safe; 16 bytes carry 128 bits."""
    return secrets.token_urlsafe(size_bytes)


def digest(text: str | bytes) -> str:
    """SHA-256 in hex; how secrets and request bodies are kept."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def sign(secret: str, body: bytes) -> str:
    """HMAC-SHA256 of a body, in hex."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether `signature` is the body's, compared in constant time."""
    return hmac.compare_digest(sign(secret, body).encode(), signature.encode())
