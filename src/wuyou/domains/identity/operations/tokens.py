"""Access tokens: made and ended."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.identity import errors, models, queries
from wuyou.domains.identity.types import TokenScope
from wuyou.infra import db
from wuyou.kernel import tokens


@db.requires_transaction
def issue_access_token(*, user_id: int, label: str, now: datetime, scope: TokenScope = TokenScope.EVERYTHING) -> str:
    """Make a token for a program to act as this person, or for one narrow use; it can be read only now."""
    person = queries.get_person(user_id)
    token = f"wy_{tokens.new_token(24)}"
    models.AccessToken.objects.create(
        digest=tokens.digest(token), user_id=person.id, label=label[:60], scope=scope.value, created_at=now
    )
    return token


@db.requires_transaction
def revoke_access_token(*, user_id: int, token_id: int, now: datetime) -> None:
    """Make one of one's own tokens useless. Raises `PersonNotFound` when it is not one's own."""
    revoked = models.AccessToken.objects.filter(id=token_id, user_id=user_id, revoked_at=None).update(revoked_at=now)
    if not revoked:
        raise errors.PersonNotFound()


@db.requires_transaction
def revoke_own_token(*, token: str, now: datetime) -> bool:
    """Make the token in hand useless; returns whether it was of use. Who holds a token may end it."""
    revoked = models.AccessToken.objects.filter(digest=tokens.digest(token), revoked_at=None).update(revoked_at=now)
    return bool(revoked)
