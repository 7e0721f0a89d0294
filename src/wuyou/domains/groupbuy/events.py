"""What group buying tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class TeamOpened:
    """The leader has paid; the clock runs and others may join."""

    name: ClassVar[str] = "groupbuy.team_opened"
    version: ClassVar[int] = 1
    team_id: int
    product_id: int
    leader_id: int
    size: int
    expires_at: datetime
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class TeamFormed:
    """Every seat is paid, or the seller waived the rest; the orders go to the shop."""

    name: ClassVar[str] = "groupbuy.team_formed"
    version: ClassVar[int] = 1
    team_id: int
    product_id: int
    leader_id: int
    member_ids: tuple[int, ...]
    was_waived: bool
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class TeamEnded:
    """The team ran out of time (EXPIRED) or was dissolved (CANCELLED); who paid is refunded."""

    name: ClassVar[str] = "groupbuy.team_ended"
    version: ClassVar[int] = 1
    team_id: int
    product_id: int
    leader_id: int
    member_ids: tuple[int, ...]
    state: str
    occurred_at: datetime
