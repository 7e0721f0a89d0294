"""Codes that we send ourselves: to somebody who signs up, and to who has nothing else to prove themselves with."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest

from wuyou.domains.identity import queries
from wuyou.domains.identity.providers import senders
from wuyou.domains.identity.types import Contact, ContactKind
from wuyou.surfaces.storefront.accounts.adapter import compose


class ContactProcess(AbstractCodeVerificationProcess):  # type: ignore[misc]
    """A code on its way to a contact; what it is for lies beside it in the session until it is right or too old."""

    key: str
    message: str
    resends = 2

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(max_attempts=settings.CODE_TRIES, timeout=settings.CODE_MINUTES * 60, state=state)

    @property
    def contact(self) -> Contact:
        """Where the code goes."""
        return Contact(ContactKind(self.state["kind"]), self.state["value"])

    @classmethod
    def begin(cls, request: HttpRequest, contact: Contact, **what_for: Any) -> ContactProcess:
        """Send a code and remember what it is for. Raises `SenderUnavailable`; then nothing is remembered."""
        state = {**cls.initial_state(user=None), **what_for, "kind": contact.kind.value, "value": contact.value}
        process = cls(request, state)
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, request: HttpRequest) -> ContactProcess | None:
        """What is under way in this session, unless it is too old."""
        state = request.session.get(cls.key)
        return cls(request, state).abort_if_invalid() if state else None

    def send(self) -> None:
        """Make a code and send it."""
        self.state["code"] = get_adapter().generate_login_code()
        senders.send(compose(self.message, self.contact, self.code))

    def resend(self) -> None:
        """Send another code; the one before is good no more."""
        self.send()
        self.record_resend()
        self.persist()

    @property
    def can_resend(self) -> bool:
        return not self.is_resend_quota_reached(self.resends)

    def persist(self) -> None:
        self.request.session[self.key] = self.state

    def abort(self) -> None:
        self.request.session.pop(self.key, None)


class SignUpProcess(ContactProcess):
    """Somebody new who shows that a contact is theirs. Nobody is taken in before."""

    key = "sign_up"
    message = "account/email/email_confirmation_signup"

    def send(self) -> None:
        """Send a code; to who has an account already, a word about it, so that who asks sees no difference."""
        if queries.find_user_id_by_contact(self.contact) is None:
            super().send()
        else:
            self.state["code"] = ""
            senders.send(compose("account/email/account_already_exists", self.contact, ""))


class ProofProcess(ContactProcess):
    """Somebody signed in without a password, passkey or app, who proves again that it is them."""

    key = "proof"
    message = "reauthentication_code"


def may_send(request: HttpRequest, contact: Contact) -> bool:
    """Count a message to a contact, also one that a page sends by itself; False when it gets too many."""
    return (
        ratelimit.consume(
            request, app="allauth.account", action="request_login_code", key=contact.value, limit_get=True
        )
        is not None
    )
