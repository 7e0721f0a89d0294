"""Sends e-mail through the mail server that Django's settings name."""

from __future__ import annotations

from smtplib import SMTPException

from django.core.mail import EmailMessage

from wuyou.domains.identity import errors
from wuyou.domains.identity.providers.senders.base import Message
from wuyou.infra import db


class SmtpSender:
    """One connection a message; codes are few. The address in `From` is `WUYOU_MAIL_FROM`."""

    name = "smtp"

    @db.outside_transaction
    def send(self, message: Message) -> None:
        """Hand the message to the mail server, which answers for it from then on. Raises `SenderUnavailable`."""
        mail = EmailMessage(
            message.subject, message.body, to=[message.to.value], headers={"Auto-Submitted": "auto-generated"}
        )
        try:
            mail.send()
        except (SMTPException, OSError) as failed:
            raise errors.SenderUnavailable(sender=self.name) from failed
