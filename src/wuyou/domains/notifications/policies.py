"""What becomes of notifications of and about a person who leaves."""

from __future__ import annotations

from wuyou.infra.person_data import PersonColumns

PERSON_COLUMNS = PersonColumns(
    erased=(
        "notifications_notification.person_id",
        "notifications_notification.actor_id",
        "notifications_preference.person_id",
    ),
)
