"""Who carries codes and notices to people, by the way that they go.

`CODE_SENDERS` in the settings names a sender for `email` and for `phone`; a way without one is not offered to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings

from wuyou.domains.identity import errors
from wuyou.domains.identity.providers.senders.base import Message, Sender
from wuyou.domains.identity.providers.senders.console import ConsoleSender
from wuyou.domains.identity.providers.senders.smtp import SmtpSender
from wuyou.domains.identity.types import ContactKind

__all__ = ["Message", "Sender", "can_send", "send"]

_SENDERS: Mapping[str, Sender] = {sender.name: sender for sender in (ConsoleSender(), SmtpSender())}


def can_send(kind: ContactKind) -> bool:
    """Whether this installation can reach people in this way."""
    return bool(settings.CODE_SENDERS.get(kind.value))


def send(message: Message) -> None:
    """Hand a message over. Never inside a transaction. Raises `SenderUnavailable`."""
    sender = _SENDERS.get(settings.CODE_SENDERS.get(message.to.kind.value, ""))
    if sender is None:
        raise errors.SenderUnavailable(sender="none")
    sender.send(message)
