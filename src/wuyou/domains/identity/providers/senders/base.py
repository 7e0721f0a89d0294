"""The port that everything fits by which codes and notices leave for a person's mailbox or phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from wuyou.domains.identity.types import Contact


@dataclass(frozen=True, slots=True)
class Message:
    """Words for one person. A text to a phone has no subject; a mail may say the same in HTML as well."""

    to: Contact
    subject: str
    body: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of a mail: what programs that read it may know."""


class Sender(Protocol):
    """Hands messages over. May talk to a network: never call it inside a transaction.

    Raises: `SenderUnavailable` when the message was not taken; the caller may send it again.
    """

    name: str

    def send(self, message: Message) -> None:
        """Hand one message over."""
