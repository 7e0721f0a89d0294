"""Addresses and numbers that somebody has proven to be theirs, and passwords."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from wuyou.domains.identity import errors
from wuyou.domains.identity.operations.sessions import end_sessions
from wuyou.domains.identity.queries import ways_in
from wuyou.domains.identity.types import Contact, ContactKind
from wuyou.infra import db


@db.outside_transaction
def hash_password(password: str) -> str:
    """What is kept of a password. Slow on purpose, so it is called before a transaction is opened.

    Raises: `PasswordTooWeak`.
    """
    try:
        validate_password(password)
    except ValidationError as refused:
        raise errors.PasswordTooWeak() from refused
    return make_password(password)


@db.requires_transaction
def set_password(*, user_id: int, password_hash: str) -> None:
    """Give somebody another password, hashed before. Their sessions elsewhere end with the old one."""
    db.execute("UPDATE identity_user SET password = %s WHERE id = %s", [password_hash, user_id])


@db.requires_transaction
def confirm_contact(*, user_id: int, contact: Contact, now: datetime) -> None:
    """Keep an address or a number that somebody has proven to be theirs; a number replaces the one before.

    Raises: `ContactTaken`. Cost: one statement, which decides the race.
    """
    facts = {"user": user_id, "value": contact.value, "now": now}
    if contact.kind is ContactKind.PHONE:
        try:
            with db.savepoint():
                db.execute(
                    """
                    INSERT INTO identity_phone_number (user_id, number, confirmed_at)
                    VALUES (%(user)s, %(value)s, %(now)s)
                    ON CONFLICT (user_id) DO UPDATE
                    SET number = EXCLUDED.number, confirmed_at = EXCLUDED.confirmed_at
                    """,
                    facts,
                )
        except IntegrityError as refused:
            raise errors.ContactTaken() from refused
        return
    added = db.execute(
        """
        INSERT INTO account_emailaddress (user_id, email, verified, "primary")
        SELECT %(user)s, %(value)s, true,
               NOT EXISTS (SELECT FROM account_emailaddress WHERE user_id = %(user)s AND "primary")
        ON CONFLICT DO NOTHING
        """,
        facts,
    )
    if not added and not db.row(
        "SELECT 1 FROM account_emailaddress WHERE user_id = %(user)s AND email = %(value)s AND verified", facts
    ):
        raise errors.ContactTaken()


@db.requires_transaction
def forget_contact(*, user_id: int, contact: Contact) -> None:
    """Forget an address or a number of somebody; when it was the first address, the oldest other one becomes it.

    Raises: `LastWayIn`. Locks: the person's row. Cost: four statements.
    """
    _hold_ways_in(user_id)
    if contact.kind is ContactKind.PHONE:
        db.execute("DELETE FROM identity_phone_number WHERE user_id = %s AND number = %s", [user_id, contact.value])
    else:
        db.execute("DELETE FROM account_emailaddress WHERE user_id = %s AND email = %s", [user_id, contact.value])
        db.execute(
            """
            UPDATE account_emailaddress SET "primary" = true
            WHERE id = (SELECT min(id) FROM account_emailaddress WHERE user_id = %(user)s AND verified)
              AND NOT EXISTS (SELECT FROM account_emailaddress WHERE user_id = %(user)s AND "primary")
            """,
            {"user": user_id},
        )
    _keep_a_way_in(user_id)


@db.requires_transaction
def forget_passkey(*, user_id: int, passkey_id: int) -> None:
    """Forget a passkey of somebody, and their recovery codes with the last second factor.

    Raises: `LastWayIn`. Locks: the person's row. Cost: four statements.
    """
    _hold_ways_in(user_id)
    db.execute(
        "DELETE FROM mfa_authenticator WHERE user_id = %s AND id = %s AND type = 'webauthn'", [user_id, passkey_id]
    )
    db.execute(
        """
        DELETE FROM mfa_authenticator WHERE user_id = %(user)s AND type = 'recovery_codes'
        AND NOT EXISTS (SELECT FROM mfa_authenticator WHERE user_id = %(user)s AND type <> 'recovery_codes')
        """,
        {"user": user_id},
    )
    _keep_a_way_in(user_id)


@db.requires_transaction
def erase_ways_in(*, person_id: int) -> None:
    """Delete all that somebody signs in with, end their sessions and forget their proof. It asks for no last way in."""
    person = {"person": person_id}
    end_sessions(user_id=person_id)
    db.execute("DELETE FROM mfa_authenticator WHERE user_id = %(person)s", person)
    db.execute("DELETE FROM account_emailaddress WHERE user_id = %(person)s", person)
    db.execute("DELETE FROM identity_phone_number WHERE user_id = %(person)s", person)
    db.execute("DELETE FROM identity_real_name_proof WHERE user_id = %(person)s", person)


def _hold_ways_in(user_id: int) -> None:
    """Who takes a way in away waits here for whoever takes another."""
    db.execute("SELECT FROM identity_user WHERE id = %s FOR NO KEY UPDATE", [user_id])


def _keep_a_way_in(user_id: int) -> None:
    if ways_in(user_id).count == 0:
        raise errors.LastWayIn()
