"""When telling is given up, where pushes may go, and what becomes of notifications of and about a person who leaves."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django.conf import settings

from wuyou.domains.notifications import errors, rules
from wuyou.domains.notifications.types import Turn
from wuyou.infra.person_data import PersonColumns

MAX_ENDPOINT = 1_000


def is_given_up(turn: Turn) -> bool:
    """Whether telling somebody in this way has failed so often that what waits is dropped: the page still tells it."""
    return rules.has_failed(turn.channel, turn.tries)


def check_subscription(endpoint: str, p256dh: str, auth: str) -> None:
    """Whether a push could be sent there at all. Raises `SubscriptionMalformed`.

    To which addresses the name leads is asked each time when something is sent: a name can be led elsewhere.
    """
    try:
        parts = urlsplit(endpoint)
        is_address = (
            parts.scheme == "https" and not parts.port and parts.hostname is not None and "@" not in parts.netloc
        )
        if settings.PUSH_TO_LOCAL:
            is_address = parts.scheme in {"http", "https"}
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _bytes(p256dh, 65))
        _bytes(auth, 16)
    except ValueError as error:
        raise errors.SubscriptionMalformed() from error
    if not is_address or len(endpoint) > MAX_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable():
        raise errors.SubscriptionMalformed()


def _bytes(text: str, size: int) -> bytes:
    value = urlsafe_b64decode(text + "=" * (-len(text) % 4)) if text.isascii() else b""
    if len(value) != size or len(text) > 2 * size:
        raise ValueError("not a key")
    return value


PERSON_COLUMNS = PersonColumns(
    erased=(
        "notifications_notification.person_id",
        "notifications_notification.actor_id",
        "notifications_preference.person_id",
        "notifications_delivery.person_id",
        "notifications_turn.person_id",
        "notifications_subscription.person_id",
        "notifications_presence.person_id",
    ),
)
