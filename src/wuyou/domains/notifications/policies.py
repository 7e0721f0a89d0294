"""When telling is given up, and what becomes of notifications of and about a person who leaves."""

from __future__ import annotations

from wuyou.domains.notifications import rules
from wuyou.domains.notifications.types import Turn
from wuyou.infra.person_data import PersonColumns


def is_given_up(turn: Turn) -> bool:
    """Whether telling somebody in this way has failed so often that what waits is dropped: the page still tells it."""
    return rules.has_failed(turn.channel, turn.tries)


PERSON_COLUMNS = PersonColumns(
    erased=(
        "notifications_notification.person_id",
        "notifications_notification.actor_id",
        "notifications_preference.person_id",
        "notifications_delivery.person_id",
        "notifications_turn.person_id",
    ),
)
