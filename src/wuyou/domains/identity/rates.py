"""Keys of what is counted against somebody for a while."""

from __future__ import annotations

from django.utils.crypto import salted_hmac


def key_of(key: str, key_prefix: str, version: int) -> str:
    """What Django's cache keeps instead of a key that holds an address or a person's id.

    Keyed: without the installation's secret nobody can try out who was counted.
    """
    return salted_hmac("identity.rate", f"{key_prefix}:{version}:{key}", algorithm="sha256").hexdigest()
