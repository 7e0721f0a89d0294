"""Every write of notifications."""

from wuyou.domains.notifications.operations.devices import (
    drop_subscription,
    note_presence,
    note_pushed,
    subscribe,
    unsubscribe,
)
from wuyou.domains.notifications.operations.telling import (
    MOST_MARKED,
    erase_person,
    mark_read,
    notify,
    notify_all,
    set_preference,
    stop_mail,
)
from wuyou.domains.notifications.operations.turns import begin_turn, delay_turn, end_turn, postpone_turn

__all__ = [
    "MOST_MARKED",
    "begin_turn",
    "delay_turn",
    "drop_subscription",
    "end_turn",
    "erase_person",
    "mark_read",
    "note_presence",
    "note_pushed",
    "notify",
    "notify_all",
    "postpone_turn",
    "set_preference",
    "stop_mail",
    "subscribe",
    "unsubscribe",
]
