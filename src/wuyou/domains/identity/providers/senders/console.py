"""Sends nothing: writes the message into the log, for whoever runs the installation on their own machine."""

from __future__ import annotations

import structlog

from wuyou.domains.identity.providers.senders.base import Message
from wuyou.infra import db

log = structlog.get_logger("wuyou.sender")


class ConsoleSender:
    """The log of the installation is the mailbox of everybody. For trying out, never for the public."""

    name = "console"

    @db.outside_transaction
    def send(self, message: Message) -> None:
        """Write the message at level WARNING, so that it is seen whatever level is logged."""
        log.warning("message_not_sent_but_shown", to=message.to.value, subject=message.subject, body=message.body)
