"""With what somebody signs in, and how far it is proven who they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from wuyou.domains.identity import errors, models
from wuyou.domains.identity.contacts import contact_of, looks_like_contact
from wuyou.domains.identity.types import (
    Contact,
    ContactKind,
    OwnContact,
    OwnSession,
    OwnToken,
    ProvenAge,
    RealNameLevel,
    RealNameProof,
    WaysIn,
)
from wuyou.infra import db
from wuyou.infra.person_data import Records


def find_handle_by_name(name: str) -> str | None:
    """Whose handle, confirmed address or confirmed number this is, as their handle. Cost: one query, two by contact."""
    name = name.strip()
    if not looks_like_contact(name):
        found = db.row("SELECT handle FROM identity_user WHERE handle = %s", [name.lower()])
        return found[0] if found else None
    try:
        contact = contact_of(name)
    except errors.ContactMalformed:
        return None
    user_id = find_user_id_by_contact(contact)
    found = db.row("SELECT handle FROM identity_user WHERE id = %s", [user_id]) if user_id else None
    return found[0] if found else None


def find_user_id_by_contact(contact: Contact) -> int | None:
    """Who has confirmed this address or number. Cost: one indexed read."""
    if contact.kind is ContactKind.PHONE:
        found = db.row("SELECT user_id FROM identity_phone_number WHERE number = %s", [contact.value])
    else:
        found = db.row("SELECT user_id FROM account_emailaddress WHERE email = %s AND verified", [contact.value])
    return found[0] if found else None


def contacts_of(user_id: int) -> tuple[OwnContact, ...]:
    """Somebody's own confirmed addresses and number, the first one first. Cost: two queries."""
    emails = db.rows(
        """
        SELECT email, "primary" FROM account_emailaddress WHERE user_id = %s AND verified
        ORDER BY "primary" DESC, email
        """,
        [user_id],
    )
    phones = db.rows("SELECT number FROM identity_phone_number WHERE user_id = %s", [user_id])
    return tuple(OwnContact(Contact(ContactKind.EMAIL, email), is_primary) for email, is_primary in emails) + tuple(
        OwnContact(Contact(ContactKind.PHONE, number), not emails) for (number,) in phones
    )


def ways_in(user_id: int) -> WaysIn:
    """How somebody can sign in. Cost: one query."""
    found = db.row(
        """
        SELECT u.password NOT LIKE '!%%' AND u.password <> '',
               (SELECT count(*) FROM account_emailaddress e WHERE e.user_id = u.id AND e.verified),
               (SELECT count(*) FROM identity_phone_number p WHERE p.user_id = u.id),
               (SELECT count(*) FROM mfa_authenticator m WHERE m.user_id = u.id AND m.type = 'webauthn')
        FROM identity_user u WHERE u.id = %s
        """,
        [user_id],
    )
    if found is None:
        raise errors.PersonNotFound()
    return WaysIn(*found)


def list_access_tokens(user_id: int) -> tuple[OwnToken, ...]:
    """Somebody's own tokens that are of use, the newest first. Cost: one query."""
    return tuple(
        OwnToken(*row)
        for row in models.AccessToken.objects.filter(user_id=user_id, revoked_at=None)
        .order_by("-id")
        .values_list("id", "label", "created_at")
    )


def list_sessions(user_id: int, *, now: datetime) -> tuple[OwnSession, ...]:
    """Where somebody is signed in, the last seen first. Cost: one query."""
    found = db.rows(
        """
        SELECT o.id, o.session_key, host(o.ip), o.user_agent, o.created_at, o.last_seen_at
        FROM usersessions_usersession o JOIN django_session s USING (session_key)
        WHERE o.user_id = %s AND s.expire_date > %s ORDER BY o.last_seen_at DESC
        """,
        [user_id, now],
    )
    return tuple(OwnSession(*row) for row in found)


def find_real_name_proof(user_id: int) -> RealNameProof | None:
    """Somebody's own proof. Cost: one query."""
    found = (
        models.RealNameProof.objects.filter(user_id=user_id)
        .values_list("level", "provider", "checked_on", "age_band")
        .first()
    )
    return RealNameProof(RealNameLevel(found[0]), found[1], found[2], ProvenAge(found[3])) if found else None


def export_account(person_id: int) -> Iterator[Records]:
    """With what somebody signs in, where they are signed in and what is proven of them; no secret, key or code."""
    yield (
        "contacts",
        db.records(
            """
            SELECT 'email' AS kind, email AS value, NULL::timestamptz AS confirmed_at FROM account_emailaddress
            WHERE user_id = %(person)s
            UNION ALL SELECT 'phone', number, confirmed_at FROM identity_phone_number WHERE user_id = %(person)s
            """,
            {"person": person_id},
        ),
    )
    yield (
        "second_factors",
        db.records(
            """
            SELECT type AS kind, data->>'name' AS name, created_at, last_used_at FROM mfa_authenticator
            WHERE user_id = %s ORDER BY id
            """,
            [person_id],
        ),
    )
    yield (
        "sessions",
        db.records(
            """
            SELECT host(ip) AS address, user_agent, created_at, last_seen_at FROM usersessions_usersession
            WHERE user_id = %s ORDER BY id
            """,
            [person_id],
        ),
    )
    yield (
        "real_name_proof",
        db.records(
            "SELECT level, provider, checked_on, age_band FROM identity_real_name_proof WHERE user_id = %s",
            [person_id],
        ),
    )
