"""Sends e-mail through the mail server that Django's settings name."""

from __future__ import annotations

from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives

from wuyou.domains.identity import errors
from wuyou.domains.identity.providers.senders.base import Message
from wuyou.infra import db


class SmtpSender:
    """One connection a message; codes are few. The address in `From` is `WUYOU_MAIL_FROM`."""

    name = "smtp"

    @db.outside_transaction
    def send(self, message: Message) -> None:
        """Hand the message to the mail server, which answers for it from then on. Raises `SenderUnavailable`."""
        headers = {"Auto-Submitted": "auto-generated", **message.headers}
        mail = EmailMultiAlternatives(message.subject, message.body, to=[message.to.value], headers=headers)
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        try:
            mail.send()
        except (SMTPException, OSError) as failed:
            raise errors.SenderUnavailable(sender=self.name) from failed
