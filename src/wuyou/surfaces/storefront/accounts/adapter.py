"""What django-allauth asks of an installation: who people are, how messages leave, what is said, what comes next."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context as allauth_context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from wuyou.domains.identity import errors, queries
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity.contacts import contact_of
from wuyou.domains.identity.providers import senders
from wuyou.domains.identity.types import Contact, ContactKind, OwnContact
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.access import is_ours
from wuyou.surfaces.storefront.accounts import devices, secrets, texts
from wuyou.surfaces.storefront.accounts.middleware import SEEN_AT
from wuyou.surfaces.storefront.pages.links import remember_visitor
from wuyou.surfaces.ui.client import address_of
from wuyou.surfaces.ui.errors import text_of


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People of `identity` for allauth.

    Only confirmed contacts are kept, so the stages that would confirm one on the way in are left out.
    """

    error_messages = {**DefaultAccountAdapter.error_messages, **texts.ERRORS}

    def get_login_stages(self) -> list[str]:
        """What may stand between a proof and a session: a code that was asked for, and a second factor."""
        return ["allauth.account.stages.LoginByCodeStage", "allauth.mfa.stages.AuthenticateStage"]

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that limits count against; a connection without one counts as this machine."""
        return address_of(request) or "127.0.0.1"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where to go when nothing says where."""
        return reverse("storefront:home")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Where to go when nothing says where."""
        return reverse("storefront:home")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the overview."""
        return reverse("storefront:account")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """Back to the overview."""
        return reverse("storefront:account")

    def is_safe_url(self, url: str) -> bool:
        """Pages of this host only; allauth would also lead to every other host that we answer to."""
        return is_ours(allauth_context.request, url)

    # ------------------------------------------------------------ people

    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        """Refuse weak passwords in our words."""
        try:
            validate_password(password)
        except forms.ValidationError as refused:
            raise forms.ValidationError(text_of(errors.PasswordTooWeak())) from refused
        return password

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Hash outside, keep inside a transaction. The session in hand goes on, all others end with the old hash."""
        password_hash = identity.hash_password(password)
        in_hand = allauth_context.request.session.session_key

        def entry() -> None:
            identity.set_password(user_id=user.pk, password_hash=password_hash)
            identity.end_sessions(user_id=user.pk, but=in_hand)

        db.in_transaction(entry)
        user.password = password_hash

    def phone_form_field(self, **kwargs: Any) -> forms.Field:
        """allauth asks for this where we have forms of our own."""
        return forms.CharField(**kwargs)

    def get_user_by_phone(self, phone: str) -> AbstractBaseUser | None:
        """Whose confirmed number this is."""
        user_id = queries.find_user_id_by_contact(Contact(ContactKind.PHONE, phone))
        return get_user_model().objects.filter(pk=user_id, is_active=True).first() if user_id else None

    def get_phone(self, user: AbstractBaseUser) -> tuple[str, bool] | None:
        """Somebody's confirmed number."""
        found = [own.contact.value for own in queries.contacts_of(user.pk) if own.contact.kind is ContactKind.PHONE]
        return (found[0], True) if found else None

    def set_phone(self, user: AbstractBaseUser, phone: str, verified: bool) -> None:
        """Nothing: an unconfirmed number is kept in the session alone."""

    def set_phone_verified(self, user: AbstractBaseUser, phone: str) -> None:
        """Keep the number, and tell of it unless somebody just signed in by it. Raises `ContactTaken`."""
        contact, now, before = Contact(ContactKind.PHONE, phone), utc_now(), queries.contacts_of(user.pk)
        db.in_transaction(lambda: identity.confirm_contact(user_id=user.pk, contact=contact, now=now))
        if all(own.contact != contact for own in before):
            self._tell(before, "phone_added", user)

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Keep the address, and tell of it. False when it is another's."""
        before = queries.contacts_of(email_address.user_id)
        is_kept: bool = super().confirm_email(request, email_address)
        if is_kept:
            self._tell(before, "email_added", email_address.user)
        return is_kept

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """By what somebody proves again that it is them; who has nothing else gets a code."""
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        if not user.is_authenticated:
            return methods
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code of your app"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        methods = [{**method, "description": words[method["id"]]} for method in methods]
        if not methods and any(senders.can_send(own.contact.kind) for own in queries.contacts_of(user.pk)):
            methods.append(
                {"id": "code", "description": _("Get a code"), "url": reverse("storefront:account-prove-by-code")}
            )
        return methods

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has something to prove themselves with is asked for it, unless they just did, also by signing in.

        Raises: `ReauthenticationRequired` for who has a contact alone; allauth knows no such method and lets them pass.
        """
        request = allauth_context.request
        records = get_authentication_records(request, request.user)
        if records and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        methods = self.get_reauthentication_methods(request.user)
        if methods and methods[0]["id"] == "code":
            raise ReauthenticationRequired()
        return bool(methods)

    # ------------------------------------------------------------ messages

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Hand a message over. Raises `SenderUnavailable`."""
        # A number, where a password is reset by phone: allauth calls it an e-mail there.
        senders.send(compose(template_prefix, contact_of(email), context.get("code", "")))

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell somebody what was done to their account, on the page and by mail. That it was done hangs on neither."""
        self._note(template_prefix, user)
        self._mail_notice(template_prefix, user, email)

    def _note(self, notice: str, user: AbstractBaseUser) -> None:
        now, what = utc_now(), texts.code_of(notice)
        if what == "signed_in_anew":
            db.in_transaction(lambda: identity.note_new_browser(person_id=user.pk, now=now))
        else:
            db.in_transaction(lambda: identity.note_ways_in(person_id=user.pk, what=what, now=now))

    def _mail_notice(self, notice: str, user: AbstractBaseUser, email: str | None = None) -> None:
        firsts = [own.contact.value for own in queries.contacts_of(user.pk) if own.contact.kind is ContactKind.EMAIL]
        if not senders.can_send(ContactKind.EMAIL) or not (email or firsts):
            return
        try:
            self.send_mail(notice, email or firsts[0], {})
        except errors.SenderUnavailable as failed:
            devices.log.warning("notice_not_sent", notice=notice, reason=failed.code)

    def _tell(self, contacts: Iterable[OwnContact], notice: str, user: AbstractBaseUser) -> None:
        """A notice to each of these addresses: whoever added another may have taken the first one since."""
        self._note(notice, user)
        for own in contacts:
            if own.contact.kind is ContactKind.EMAIL:
                self._mail_notice(notice, user, own.contact.value)

    def send_verification_code_sms(self, user: AbstractBaseUser, phone: str, code: str, **kwargs: Any) -> None:
        """Hand a code over. Raises `SenderUnavailable`."""
        senders.send(compose("sms", Contact(ContactKind.PHONE, phone), code))

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Say what the e-mail says, so that who asks sees no difference."""
        senders.send(compose("account/email/unknown_account", Contact(ContactKind.PHONE, phone), ""))

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Say what the e-mail says."""
        senders.send(compose("account/email/account_already_exists", Contact(ContactKind.PHONE, phone), ""))

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say something on the next page, in our words."""
        text = texts.MESSAGES.get(message_template or "")
        if message:
            messages.add_message(request, level, message)
        elif text:
            messages.add_message(request, level, str(text) % (message_context or {}))

    # ------------------------------------------------------------ afterwards

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """The session is made: keep whose browser this is, and tell them when it is a new one."""
        request.session[SEEN_AT] = time.time()
        if db.in_transaction(lambda: identity.come_back(person_id=user.pk)):
            messages.success(request, _("Welcome back. Your account stays as it was."))
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_visitor(request, user.pk)
        if devices.meet(request, response, user.pk) and not kwargs["signup"]:
            self.send_notification_mail("signed_in_anew", user)
        return response


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors in our words; their secrets are kept encrypted."""

    error_messages = {**DefaultMFAAdapter.error_messages, **texts.ERRORS}

    def _get_user_identifier(self, user: Any) -> str:
        return f"@{user.handle}"

    def _get_site_name(self) -> str:
        return "物友 Wuyou"

    def encrypt(self, text: str) -> str:
        """With a key that stands in no table."""
        return Fernet(secrets.key_for("second factors")).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The counterpart."""
        return Fernet(secrets.key_for("second factors")).decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002  (allauth's name)
        """What a passkey is called until its owner says otherwise: the browser that made it."""
        return devices.name_of(allauth_context.request.headers.get("User-Agent", ""))


def compose(name: str, to: Contact, code: str) -> senders.Message:
    """A message in the reader's language."""
    request = allauth_context.request
    facts = {
        "code": code,
        "minutes": settings.CODE_MINUTES,
        "login": request.build_absolute_uri(reverse("storefront:sign-in")),
        "signup": request.build_absolute_uri(reverse("storefront:sign-up")),
        "account": request.build_absolute_uri(reverse("storefront:account")),
    }
    if to.kind is ContactKind.PHONE:
        sms = {
            "account/email/account_already_exists": texts.SMS_EXISTS,
            "account/email/unknown_account": texts.SMS_UNKNOWN,
        }
        return senders.Message(to, "", str(sms.get(name, texts.SMS_CODE)) % facts)
    if name in texts.CODES:
        subject, end = texts.CODES[name]
        good_for = (
            _("It is good for %(minutes)s minutes and works once. Give it to nobody; we never ask for it.") % facts
        )
        body = f"{str(subject) % facts}\n\n{good_for}\n{str(end) % facts}"
    else:
        subject, end = texts.NOTICES[name]
        body = str(end) % facts
    return senders.Message(to, str(subject) % facts, f"{body}\n\n物友 Wuyou\n{settings.CSRF_TRUSTED_ORIGINS[0]}\n")


def contact_or_refuse(text: str) -> Contact:
    """A contact that this installation can reach, for a form. Raises Django's `ValidationError`."""
    try:
        contact = contact_of(text)
    except errors.ContactMalformed as refused:
        raise forms.ValidationError(text_of(refused)) from refused
    if not senders.can_send(contact.kind):
        raise forms.ValidationError(_("We cannot send codes there. Please use another way."))
    return contact
