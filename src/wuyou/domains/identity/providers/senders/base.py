"""The port that everything fits by which codes and notices leave for a person's mailbox or phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wuyou.domains.identity.types import Contact


@dataclass(frozen=True, slots=True)
class Message:
    """Plain text for one person. A text to a phone has no subject."""

    to: Contact
    subject: str
    body: str


class Sender(Protocol):
    """Hands messages over. May talk to a network: never call it inside a transaction.

    Raises: `SenderUnavailable` when the message was not taken; the caller may send it again.
    """

    name: str

    def send(self, message: Message) -> None:
        """Hand one message over."""
