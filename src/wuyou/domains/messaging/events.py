"""What conversations tell. What is said in them stays in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CalledOut:
    """Somebody greeted a person with the things that both have as the reason."""

    name: ClassVar[str] = "messaging.called_out"
    version: ClassVar[int] = 1
    conversation_id: int
    caller_id: int
    called_id: int
    thing_ids: tuple[int, ...]
    occurred_at: datetime
