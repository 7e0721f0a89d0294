"""Who acts with a token."""

from __future__ import annotations

from collections.abc import Iterable

from wuyou.domains.identity.types import TokenScope
from wuyou.infra import db
from wuyou.kernel import tokens
from wuyou.kernel.actor import Actor


def find_actor_by_token(token: str) -> Actor | None:
    """Who acts with this access token; None when it is unknown, revoked or of narrow use. Cost: one indexed read."""
    found = db.row(
        """
        SELECT u.id, u.is_staff FROM identity_access_token t JOIN identity_user u ON u.id = t.user_id
        WHERE t.digest = %s AND t.scope = '' AND t.revoked_at IS NULL AND u.is_active
        """,
        [tokens.digest(token)],
    )
    return Actor(found[0], is_staff=found[1]) if found else None


def find_outlet_by_token(token: str) -> int | None:
    """Whose outlet hands in events of behaviour with this token, made for that; None when it is of no use for it.

    Cost: one indexed read.
    """
    found = db.row(
        """
        SELECT u.id FROM identity_access_token t JOIN identity_user u ON u.id = t.user_id
        WHERE t.digest = %s AND t.scope = %s AND t.revoked_at IS NULL AND u.is_active
        """,
        [tokens.digest(token), TokenScope.BEHAVIOUR.value],
    )
    return found[0] if found else None


def tokens_of_use(given: Iterable[str]) -> frozenset[str]:
    """Those of these access tokens that still let somebody act. Cost: one query."""
    by_digest = {tokens.digest(token): token for token in given}
    found = db.rows(
        """
        SELECT t.digest FROM identity_access_token t JOIN identity_user u ON u.id = t.user_id
        WHERE t.digest = ANY(%s) AND t.scope = '' AND t.revoked_at IS NULL AND u.is_active
        """,
        [list(by_digest)],
    )
    return frozenset(by_digest[digest] for (digest,) in found)
