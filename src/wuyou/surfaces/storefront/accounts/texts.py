"""What accounts say by message: to a mailbox, to a phone, and on the next page."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

_NOT_YOU = _("If this was not you, ignore this message: without the code nothing happens.")
_WAS_IT_YOU = _("If this was not you, change your password now and end the sessions that you do not know: %(account)s")

CODES: dict[str, tuple[Text, Text]] = {
    "account/email/login_code": (_("%(code)s is your code to sign in"), _NOT_YOU),
    "account/email/email_confirmation": (_("%(code)s is your code to confirm this address"), _NOT_YOU),
    "account/email/email_confirmation_signup": (_("%(code)s is your code to sign up"), _NOT_YOU),
    "account/email/password_reset_code": (_("%(code)s is your code for a new password"), _NOT_YOU),
    "reauthentication_code": (_("%(code)s is your code to go on"), _NOT_YOU),
}
"""Subject and end of a message with a code, by allauth's name of it. The code and how long it is good stand between."""

NOTICES: dict[str, tuple[Text, Text]] = {
    "account/email/account_already_exists": (
        _("You already have an account"),
        _("Somebody, probably you, wanted to sign up with this address, but it has an account. Sign in: %(login)s"),
    ),
    "account/email/unknown_account": (
        _("There is no account with this address"),
        _("Somebody, probably you, wanted to sign in with this address, but it has no account. Sign up: %(signup)s"),
    ),
    "signed_in_anew": (_("Somebody signed in to your account"), _WAS_IT_YOU),
    "account/email/password_changed": (_("Your password was changed"), _WAS_IT_YOU),
    "account/email/password_reset": (_("Your password was replaced"), _WAS_IT_YOU),
    "account/email/password_set": (_("Your account has a password now"), _WAS_IT_YOU),
    "account/email/email_changed": (_("Your e-mail address was changed"), _WAS_IT_YOU),
    "email_added": (_("An e-mail address was added to your account"), _WAS_IT_YOU),
    "account/email/email_deleted": (_("An e-mail address was removed from your account"), _WAS_IT_YOU),
    "phone_added": (_("A phone number was added to your account"), _WAS_IT_YOU),
    "phone_removed": (_("A phone number was removed from your account"), _WAS_IT_YOU),
    "mfa/email/totp_activated": (_("Signing in asks for a code of your app now"), _WAS_IT_YOU),
    "mfa/email/totp_deactivated": (_("Signing in no longer asks for a code of your app"), _WAS_IT_YOU),
    "mfa/email/webauthn_added": (_("A passkey was added to your account"), _WAS_IT_YOU),
    "mfa/email/webauthn_removed": (_("A passkey was removed from your account"), _WAS_IT_YOU),
    "mfa/email/recovery_codes_generated": (_("Your account has new recovery codes"), _WAS_IT_YOU),
}
"""Subject and text of the other messages."""


def code_of(notice: str) -> str:
    """What a notice is called in events and rows: the last part of allauth's name of it."""
    return notice.rsplit("/", 1)[-1]


NOTED: dict[str, Text] = {code_of(notice): subject for notice, (subject, _end) in NOTICES.items()}
"""What the page of notifications says, by the code."""

SMS_CODE = _("Wuyou: %(code)s is your code, good for %(minutes)s minutes. Give it to nobody.")
SMS_EXISTS = _("Wuyou: this number already has an account. Sign in with it: %(login)s")
SMS_UNKNOWN = _("Wuyou: this number has no account. Sign up with it: %(signup)s")

MESSAGES: dict[str, Text] = {
    "account/messages/email_confirmation_sent.txt": _("We have sent a code to %(email)s"),
    "account/messages/email_confirmed.txt": _("%(email)s is confirmed"),
    "account/messages/primary_email_set.txt": _("Notices go to this address now"),
    "account/messages/login_code_sent.txt": _("We have sent a code to %(recipient)s"),
    "account/messages/phone_verification_sent.txt": _("We have sent a code to %(phone)s"),
    "account/messages/phone_verified.txt": _("%(phone)s is confirmed"),
    "account/messages/password_changed.txt": _("Your password is changed"),
    "account/messages/password_set.txt": _("Your account has a password now"),
    "mfa/messages/totp_activated.txt": _("Signing in asks for a code of your app from now on"),
    "mfa/messages/totp_deactivated.txt": _("Signing in no longer asks for a code of your app"),
    "mfa/messages/webauthn_added.txt": _("The passkey is added"),
    "mfa/messages/recovery_codes_generated.txt": _(
        "Here are your recovery codes: keep them where you keep your papers"
    ),
}
"""What the next page says, by allauth's name of it. What is not here is not worth a message."""

ERRORS: dict[str, Text] = {
    "account_inactive": _("This account is closed."),
    "duplicate_email": _("You have confirmed this address already."),
    "email_taken": _("This address belongs to another account. Sign in with it, or use another one."),
    "phone_taken": _("This number belongs to another account. Sign in with it, or use another one."),
    "enter_current_password": _("This is not your password."),
    "incorrect_code": _("This is not the code, or it was used already."),
    "incorrect_password": _("This is not your password."),
    "invalid_login": _("This name and password do not belong together."),
    "invalid_or_expired_key": _("This code is too old. Ask for a new one."),
    "max_email_addresses": _("You can have at most %d e-mail addresses."),
    "same_as_current": _("This is what you have already."),
    "too_many_login_attempts": _("Too many tries. Please wait a few minutes and try again."),
    "rate_limited": _("That was too fast. Please wait a moment and try again."),
    "unverified_primary_email": _("Confirm this address before it becomes the first one."),
    "cannot_delete_authenticator": _("Without this nobody could sign in to your account any more."),
    "cannot_generate_recovery_codes": _("Recovery codes come with a passkey or an app. Set one of them up first."),
    "unverified_email": _("Confirm your e-mail address first."),
}
"""Sentences for allauth's refusals, by its names of them."""
