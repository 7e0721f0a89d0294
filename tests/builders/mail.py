"""A mail server that is really spoken to: it takes, refuses, or hangs up, and keeps what it took."""

from __future__ import annotations

import email
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings


class Mailbox:
    """What was taken, and how the next mails are answered."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer = "250 OK"
        self.killed: list[int] = []
        """Processes to kill in the middle of the next mail."""
        self.takes_from_the_dead = False
        """Whether that mail was taken."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's)
        is_cut_off = bool(self.killed)
        while self.killed:
            os.kill(self.killed.pop(), signal.SIGKILL)
        if self.answer.startswith("250") and (self.takes_from_the_dead or not is_cut_off):
            content: Any = envelope.content
            self.taken.append(email.message_from_bytes(content, policy=default))
        return self.answer

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.taken]


@contextmanager
def mail_server(settings: Settings) -> Iterator[Mailbox]:
    """Mail leaves through this server meanwhile."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    settings.CODE_SENDERS = {"email": "smtp", "phone": ""}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "no-reply@wuyou.example"
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def part(mail: EmailMessage, kind: str) -> str:
    """The words of a mail in one form."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())
