"""What waits to leave the page: a row a fact and channel, written by the statement that tells."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from wuyou.domains.notifications import rules
from wuyou.domains.notifications.types import Channel, Kind
from wuyou.infra import db

WAITING = """
    INSERT INTO notifications_delivery (notification_id, person_id, channel, due_at)
    SELECT told.id, told.person_id, 'MAIL', %(mail_at)s FROM told
    WHERE %(by_mail)s AND NOT EXISTS (
        SELECT FROM notifications_preference p WHERE p.person_id = told.person_id AND p.pace = 'NEVER')
    UNION ALL SELECT told.id, told.person_id, 'PUSH', %(push_at)s FROM told
    WHERE EXISTS (SELECT FROM notifications_subscription s WHERE s.person_id = told.person_id)
"""
"""The end of the statement that tells: what of `told` waits to leave the page."""


def waiting_of(kind: Kind, now: datetime) -> dict[str, object]:
    """The parameters of `WAITING`."""
    by_mail = bool(settings.CODE_SENDERS.get("email")) and kind not in rules.MAILED_AT_ONCE
    return {
        "by_mail": by_mail,
        "mail_at": now + rules.WAITS[Channel.MAIL],
        "push_at": now + rules.WAITS[Channel.PUSH],
    }


def look_anew(*, person_id: int, channel: Channel, now: datetime) -> None:
    """Something was chosen otherwise: what was put off is looked at again as if it had just come."""
    db.execute(
        """
        UPDATE notifications_delivery d SET due_at = GREATEST(%(now)s, n.happened_at + %(after)s)
        FROM notifications_notification n
        WHERE n.id = d.notification_id AND d.person_id = %(person)s AND d.channel = %(channel)s
        AND d.due_at > GREATEST(%(now)s, n.happened_at + %(after)s)
        """,
        {"person": person_id, "channel": channel.value, "now": now, "after": rules.WAITS[channel]},
    )
