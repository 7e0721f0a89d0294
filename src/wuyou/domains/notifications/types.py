"""What others see of notifications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Fact = str | int | bool


class Kind(StrEnum):
    """What happened. The values stand in rows: never give one another meaning."""

    FOLLOWED = "FOLLOWED"
    FRIEND_REQUESTED = "FRIEND_REQUESTED"
    FRIENDSHIP_BEGAN = "FRIENDSHIP_BEGAN"
    GIFT_OFFERED = "GIFT_OFFERED"
    GIFT_ACCEPTED = "GIFT_ACCEPTED"
    GIFT_RECEIVED = "GIFT_RECEIVED"
    APPRECIATED = "APPRECIATED"
    TIE_FADING = "TIE_FADING"
    MESSAGE = "MESSAGE"
    CALLED_OUT = "CALLED_OUT"
    THREAD_REPLIED = "THREAD_REPLIED"
    GOODS_ARRIVED = "GOODS_ARRIVED"
    TEAM_FORMED = "TEAM_FORMED"
    TEAM_ENDED = "TEAM_ENDED"
    REFUND_RETURNED = "REFUND_RETURNED"
    ORDER_SHIPPED = "ORDER_SHIPPED"
    EXPORT_READY = "EXPORT_READY"
    SIGNED_IN_ANEW = "SIGNED_IN_ANEW"
    WAYS_IN_CHANGED = "WAYS_IN_CHANGED"


@dataclass(frozen=True, slots=True)
class Notification:
    """One fact that was told to a person."""

    id: int
    kind: Kind
    actor_id: int | None
    object_id: int | None
    group_key: str
    facts: Mapping[str, Fact]
    is_read: bool
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """Notifications of one kind that are told in one sentence, newest first; there is always one."""

    kind: Kind
    notifications: tuple[Notification, ...]

    @property
    def newest(self) -> Notification:
        """What the sentence is dated by."""
        return self.notifications[0]

    @property
    def actor_ids(self) -> tuple[int, ...]:
        """Who did it, each once, newest first."""
        return tuple(dict.fromkeys(n.actor_id for n in self.notifications if n.actor_id is not None))

    @property
    def is_read(self) -> bool:
        """Whether all of it was read."""
        return all(n.is_read for n in self.notifications)
