"""What identity holds of one person, for that person."""

from __future__ import annotations

from collections.abc import Iterator

from wuyou.domains.identity.queries.accounts import export_account
from wuyou.infra import db
from wuyou.infra.person_data import Records


def export_person(person_id: int) -> Iterator[Records]:
    """Who the person is here, and which programs may act for them; no secret of theirs."""
    yield (
        "person",
        db.records("SELECT handle, display_name, avatar, joined_at FROM identity_user WHERE id = %s", [person_id]),
    )
    yield (
        "access_tokens",
        db.records(
            "SELECT label, created_at, revoked_at FROM identity_access_token WHERE user_id = %s ORDER BY id",
            [person_id],
        ),
    )
    yield (
        "data_exports",
        db.records(
            "SELECT asked_at, ready_at, expires_at FROM identity_data_export WHERE person_id = %s ORDER BY id",
            [person_id],
        ),
    )
    yield "leaving", db.records("SELECT asked_at, due_at FROM identity_leaving WHERE person_id = %s", [person_id])
    yield from export_account(person_id)
