"""What others see of notifications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

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
    POST_COMMENTED = "POST_COMMENTED"
    COMMENT_ANSWERED = "COMMENT_ANSWERED"
    POST_REACTED = "POST_REACTED"
    POST_REPOSTED = "POST_REPOSTED"
    GOODS_ARRIVED = "GOODS_ARRIVED"
    TEAM_FORMED = "TEAM_FORMED"
    TEAM_ENDED = "TEAM_ENDED"
    EXPERIENCE_ASKED = "EXPERIENCE_ASKED"
    REFUND_RETURNED = "REFUND_RETURNED"
    ORDER_SHIPPED = "ORDER_SHIPPED"
    PARCEL_SENT = "PARCEL_SENT"
    COMPLAINT_MADE = "COMPLAINT_MADE"
    COMPLAINT_MOVED = "COMPLAINT_MOVED"
    CLAIM_MADE = "CLAIM_MADE"
    CLAIM_MOVED = "CLAIM_MOVED"
    EXPORT_READY = "EXPORT_READY"
    SIGNED_IN_ANEW = "SIGNED_IN_ANEW"
    WAYS_IN_CHANGED = "WAYS_IN_CHANGED"
    CASE_DECIDED = "CASE_DECIDED"
    APPEAL_ANSWERED = "APPEAL_ANSWERED"
    REPORT_ANSWERED = "REPORT_ANSWERED"
    CLERK_INVITED = "CLERK_INVITED"
    PLAN_INVITED = "PLAN_INVITED"
    PLAN_APPLIED = "PLAN_APPLIED"
    PLAN_ANSWERED = "PLAN_ANSWERED"
    PLAN_ENDED = "PLAN_ENDED"
    ENROLMENT_DECIDED = "ENROLMENT_DECIDED"
    ACTIVITY_FOR_ONE = "ACTIVITY_FOR_ONE"
    RATE_CUT = "RATE_CUT"
    PAYOUT_PAID = "PAYOUT_PAID"
    PAYOUT_FAILED = "PAYOUT_FAILED"
    COMMISSION_HELD = "COMMISSION_HELD"
    COMMISSION_REVERSED = "COMMISSION_REVERSED"
    COMMISSION_DECIDED = "COMMISSION_DECIDED"
    COMMISSION_ANSWERED = "COMMISSION_ANSWERED"
    AWARD_GIVEN = "AWARD_GIVEN"
    AWARD_WITHDRAWN = "AWARD_WITHDRAWN"


class Topic(StrEnum):
    """What several kinds are about; by what way one is told of them is chosen by topic."""

    PEOPLE = "PEOPLE"
    TALK = "TALK"
    GIFTS = "GIFTS"
    THINGS = "THINGS"
    ORDERS = "ORDERS"
    EARNINGS = "EARNINGS"
    """What one promotes, and is paid for it."""
    ACCOUNT = "ACCOUNT"
    """One's own account: always told on the page, whatever was chosen."""


TOPICS: Mapping[Kind, Topic] = MappingProxyType(
    {
        Kind.FOLLOWED: Topic.PEOPLE,
        Kind.FRIEND_REQUESTED: Topic.PEOPLE,
        Kind.FRIENDSHIP_BEGAN: Topic.PEOPLE,
        Kind.TIE_FADING: Topic.PEOPLE,
        Kind.MESSAGE: Topic.TALK,
        Kind.CALLED_OUT: Topic.TALK,
        Kind.THREAD_REPLIED: Topic.TALK,
        Kind.POST_COMMENTED: Topic.TALK,
        Kind.COMMENT_ANSWERED: Topic.TALK,
        Kind.POST_REACTED: Topic.PEOPLE,
        Kind.POST_REPOSTED: Topic.PEOPLE,
        Kind.GIFT_OFFERED: Topic.GIFTS,
        Kind.GIFT_ACCEPTED: Topic.GIFTS,
        Kind.GIFT_RECEIVED: Topic.GIFTS,
        Kind.APPRECIATED: Topic.GIFTS,
        Kind.GOODS_ARRIVED: Topic.THINGS,
        Kind.TEAM_FORMED: Topic.ORDERS,
        Kind.TEAM_ENDED: Topic.ORDERS,
        Kind.EXPERIENCE_ASKED: Topic.ORDERS,
        Kind.REFUND_RETURNED: Topic.ORDERS,
        Kind.ORDER_SHIPPED: Topic.ORDERS,
        Kind.PARCEL_SENT: Topic.ORDERS,
        Kind.COMPLAINT_MADE: Topic.ORDERS,
        Kind.COMPLAINT_MOVED: Topic.ORDERS,
        Kind.CLAIM_MADE: Topic.ORDERS,
        Kind.CLAIM_MOVED: Topic.ORDERS,
        Kind.EXPORT_READY: Topic.ACCOUNT,
        Kind.SIGNED_IN_ANEW: Topic.ACCOUNT,
        Kind.WAYS_IN_CHANGED: Topic.ACCOUNT,
        Kind.CASE_DECIDED: Topic.ACCOUNT,
        Kind.APPEAL_ANSWERED: Topic.ACCOUNT,
        Kind.REPORT_ANSWERED: Topic.ACCOUNT,
        Kind.COMMISSION_REVERSED: Topic.EARNINGS,
        Kind.CLERK_INVITED: Topic.PEOPLE,
        Kind.PLAN_INVITED: Topic.EARNINGS,
        Kind.PLAN_APPLIED: Topic.EARNINGS,
        Kind.PLAN_ANSWERED: Topic.EARNINGS,
        Kind.PLAN_ENDED: Topic.EARNINGS,
        Kind.ENROLMENT_DECIDED: Topic.EARNINGS,
        Kind.ACTIVITY_FOR_ONE: Topic.EARNINGS,
        Kind.RATE_CUT: Topic.EARNINGS,
        Kind.PAYOUT_PAID: Topic.EARNINGS,
        Kind.PAYOUT_FAILED: Topic.EARNINGS,
        Kind.COMMISSION_HELD: Topic.EARNINGS,
        Kind.COMMISSION_DECIDED: Topic.EARNINGS,
        Kind.COMMISSION_ANSWERED: Topic.EARNINGS,
        Kind.AWARD_GIVEN: Topic.EARNINGS,
        Kind.AWARD_WITHDRAWN: Topic.EARNINGS,
    }
)


class Origin(StrEnum):
    """From whom something comes, as its reader knows them at the moment of looking. The first that fits."""

    FRIEND = "FRIEND"
    FOLLOWED = "FOLLOWED"
    """Whom the reader follows."""
    KNOWN = "KNOWN"
    """To whom the reader has written, or a gift went between the two."""
    STRANGER = "STRANGER"
    PLATFORM = "PLATFORM"
    """From nobody in person: shops, and the platform itself."""


class Decision(StrEnum):
    """What becomes of what comes from somebody."""

    ACCEPT = "ACCEPT"
    FILTER = "FILTER"
    """It lies in a box of its own, and makes no count, no push and no mail."""
    DROP = "DROP"
    """It is told nowhere."""


class Channel(StrEnum):
    """A way by which one is told."""

    PAGE = "PAGE"
    PUSH = "PUSH"
    MAIL = "MAIL"


class Pace(StrEnum):
    """How often mail may come."""

    INSTANT = "INSTANT"
    """Once what waits is two minutes old."""
    HOURLY = "HOURLY"
    DAILY = "DAILY"
    NEVER = "NEVER"


@dataclass(frozen=True, slots=True)
class Preference:
    """What a person has chosen. It is asked whenever something is told, so it also holds for what is there already."""

    decisions: Mapping[Origin, Decision] = field(default_factory=dict)
    """Where nothing stands, everything is accepted."""
    silenced: frozenset[tuple[Topic, Channel]] = frozenset()
    pace: Pace = Pace.HOURLY
    language: str = ""
    """Of mail and push; empty for the language of the installation."""
    shows_content: bool = False
    """Whether push says what happened, where others may look at the screen; else only that something did."""

    def decide(self, kind: Kind, origin: Origin) -> Decision:
        """What becomes of something of this kind from there; of one's own account everything is told."""
        if TOPICS[kind] is Topic.ACCOUNT:
            return Decision.ACCEPT
        return self.decisions.get(origin, Decision.ACCEPT)

    def uses(self, kind: Kind, channel: Channel) -> bool:
        """Whether one is told of this kind in this way."""
        topic = TOPICS[kind]
        return (topic is Topic.ACCOUNT and channel is Channel.PAGE) or (topic, channel) not in self.silenced


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
class Turn:
    """Somebody's turn to be told of what waits, by one way."""

    person_id: int
    channel: Channel
    tries: int
    again_at: datetime
    """When it may be taken again if it is not ended; who ends it shows that it is still theirs."""
    told_at: datetime | None
    """When the person was last told in this way."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to be told to a person by one way, looked at in this moment."""

    ids: tuple[int, ...]
    """Of all notifications that wait, also of those that are not to be told any more."""
    groups: tuple[Group, ...]
    """What is to be told of them."""
    preference: Preference
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A browser that takes pushes for a person."""

    id: int
    endpoint: str
    """Where its push service takes them."""
    p256dh: str
    """The browser's public key, base64url."""
    auth: str
    """The secret that it shares with us, base64url."""
    told: frozenset[int] = frozenset()
    """What it was told of what still waits on account of another browser."""


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
