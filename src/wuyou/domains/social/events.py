"""What relations tell. Labels, notes, mutes, blocked things, ties and corrections are private and tell nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PersonFollowed:
    """Somebody follows a person from now on."""

    name: ClassVar[str] = "social.person_followed"
    version: ClassVar[int] = 1
    follower_id: int
    followed_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class PersonUnfollowed:
    """Somebody follows a person no longer, by wish or because of a block."""

    name: ClassVar[str] = "social.person_unfollowed"
    version: ClassVar[int] = 1
    follower_id: int
    followed_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class FriendRequested:
    """Somebody asks another to be friends. Why stands in the request alone."""

    name: ClassVar[str] = "social.friend_requested"
    version: ClassVar[int] = 1
    request_id: int
    sender_id: int
    receiver_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class FriendshipBegan:
    """Two people are friends: one asked and the other agreed, or both asked."""

    name: ClassVar[str] = "social.friendship_began"
    version: ClassVar[int] = 1
    asked_by_id: int
    agreed_by_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class FriendshipEnded:
    """One of two friends ended it, by wish or by a block."""

    name: ClassVar[str] = "social.friendship_ended"
    version: ClassVar[int] = 1
    ended_by_id: int
    other_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class PersonBlocked:
    """From now on neither of the two sees the other; what was between them has ended."""

    name: ClassVar[str] = "social.person_blocked"
    version: ClassVar[int] = 1
    blocker_id: int
    blocked_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class PersonUnblocked:
    """The block is taken back; what it ended stays ended."""

    name: ClassVar[str] = "social.person_unblocked"
    version: ClassVar[int] = 1
    blocker_id: int
    blocked_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class GiftOffered:
    """Somebody offers a gift. What it is stands in the gift alone."""

    name: ClassVar[str] = "social.gift_offered"
    version: ClassVar[int] = 1
    gift_id: int
    giver_id: int
    receiver_id: int
    kind: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class GiftAnswered:
    """Who was offered it accepted or declined, or the giver took it back."""

    name: ClassVar[str] = "social.gift_answered"
    version: ClassVar[int] = 1
    gift_id: int
    giver_id: int
    receiver_id: int
    state: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class GiftGiven:
    """The gift is with the receiver."""

    name: ClassVar[str] = "social.gift_given"
    version: ClassVar[int] = 1
    gift_id: int
    giver_id: int
    receiver_id: int
    kind: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class PersonAppreciated:
    """Somebody thanked a person, for a gift or for something written."""

    name: ClassVar[str] = "social.person_appreciated"
    version: ClassVar[int] = 1
    appreciation_id: int
    giver_id: int
    receiver_id: int
    kind: str
    source_id: int
    occurred_at: datetime
