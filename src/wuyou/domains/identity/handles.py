"""Handles of people who were erased: nobody gets one again, and nobody can read from the record which they were."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.crypto import salted_hmac

from wuyou.infra import db


def retire(handle: str) -> None:
    """Nobody gets this handle again. In the transaction that takes it from its person."""
    db.execute("INSERT INTO identity_retired_handle (digest) VALUES (%s) ON CONFLICT DO NOTHING", [_digest(handle)])


def retired_among(handles: Iterable[str]) -> list[str]:
    """Which of these were somebody's who is gone. Cost: one query.

    Asked after a handle was written: who takes it while its person is being erased waits for that at the unique
    handle, and this statement then sees that it was retired.
    """
    digests = {_digest(handle): handle for handle in handles}
    found = db.rows("SELECT digest FROM identity_retired_handle WHERE digest = ANY(%s)", [list(digests)])
    return [digests[digest] for (digest,) in found]


def _digest(handle: str) -> str:
    # Keyed: without the installation's secret nobody can try out which handles were here.
    return salted_hmac("identity.retired_handle", handle, algorithm="sha256").hexdigest()
