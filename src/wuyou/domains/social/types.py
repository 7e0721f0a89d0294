"""What others see of relations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RequestState(StrEnum):
    """Where a friend request stands."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Relation:
    """What stands between a person («I») and another, at this moment."""

    follows: bool = False
    is_followed: bool = False
    are_friends: bool = False
    asks: bool = False
    """My friend request waits for their answer."""
    is_asked: bool = False
    """Theirs waits for mine."""
    mutes: bool = False
    blocks: bool = False
    is_blocked: bool = False
    """They block me. Never told to me: to me they are not to be found."""


@dataclass(frozen=True, slots=True)
class FriendRequest:
    """Somebody asks another to be friends, and says why."""

    id: int
    sender_id: int
    receiver_id: int
    reason: str
    state: RequestState
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Tied:
    """A person on a list of relations, and since when."""

    id: int
    """Of the relation; the cursor of the list."""
    person_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Label:
    """A class of people that its owner made; nobody else knows of it."""

    id: int
    name: str
    member_count: int
