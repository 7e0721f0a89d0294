"""Forms that django-allauth's flows ask people to fill in, with our fields and sentences."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess
from allauth.account.internal.flows.phone_verification import phone_already_exists
from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wuyou.domains.identity import errors, queries
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity.types import Contact, ContactKind
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.accounts.adapter import contact_or_refuse
from wuyou.surfaces.ui.errors import text_of
from wuyou.surfaces.ui.second_factors import UsedOnce

MAX_PASSWORD = 200
MAX_CODE = 40


def contact_field(**kwargs: Any) -> forms.CharField:
    """Where an e-mail address or a phone number is asked for."""
    attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "inputmode": "email"}
    return forms.CharField(label=_("E-mail or phone"), max_length=254, widget=forms.TextInput(attrs), **kwargs)


def code_field(label: Any = None) -> forms.CharField:
    """Where a code is asked for: digits in large, filled in by phones themselves."""
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code-input", "autofocus": "on"}
    return forms.CharField(label=label or _("Code"), max_length=MAX_CODE, widget=forms.TextInput(attrs))


def new_password_field() -> forms.CharField:
    """Where a new password is chosen, once: browsers show what was typed."""
    return forms.CharField(
        label=_("New password"),
        help_text=_("At least 10 characters."),
        max_length=MAX_PASSWORD,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


def old_password_field() -> forms.CharField:
    """Where the password is asked for that one has."""
    return forms.CharField(
        label=_("Password"),
        max_length=MAX_PASSWORD,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


class OnceOnly:
    """Counts tries of a code where every process sees them, and uses it up with the first that is right."""

    minutes = settings.CODE_MINUTES
    expected_code: str
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        """The code as it was typed. Raises Django's `ValidationError`."""
        check = super().clean_code  # type: ignore[misc]
        if not self.expected_code:  # nobody has this contact: no code is right, and the pages say the same as otherwise
            return str(check())
        sent = {"session": context.request.session.session_key or "", "code": self.expected_code}
        now = utc_now()
        try:
            db.in_transaction(lambda: identity.count_code_try(**sent, now=now))
            code = str(check())
            db.in_transaction(lambda: identity.use_code(**sent))
        except (errors.TooManyCodeTries, errors.CodeWrong) as refused:
            raise forms.ValidationError(text_of(refused)) from refused
        return code


class ConfirmCodeForm(OnceOnly, account.BaseConfirmCodeForm):  # type: ignore[misc]
    """The code that was sent."""

    code = code_field()


class ConfirmEmailForm(OnceOnly, account.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code that was sent to an address that is to be added."""

    code = code_field()


class ConfirmPhoneForm(OnceOnly, account.VerifyPhoneForm):  # type: ignore[misc]
    """The code that was sent to a number that is to be added."""

    code = code_field()


class RequestCodeForm(forms.Form):
    """To whom a code to sign in is sent. Whether they have an account is not told."""

    contact = contact_field()

    _user: Any = None

    def clean_contact(self) -> Contact:
        """Who that is, if anybody. Raises Django's `ValidationError`."""
        contact = contact_or_refuse(self.cleaned_data["contact"])
        if not ratelimit.consume(context.request, action="request_login_code", key=contact.value):
            raise get_adapter().validation_error("too_many_login_attempts")
        self._user = _user_of(contact)
        return contact

    def clean(self) -> dict[str, Any]:
        """The contact under the name that allauth looks for."""
        contact = self.cleaned_data.get("contact")
        return {**self.cleaned_data, contact.kind.value: contact.value} if contact else self.cleaned_data


class ForgotPasswordForm(forms.Form):
    """To whom a code for a new password is sent. Whether they have an account is not told."""

    contact = contact_field()

    def clean_contact(self) -> Contact:
        """A contact that can be reached. Raises Django's `ValidationError`."""
        return contact_or_refuse(self.cleaned_data["contact"])

    def clean(self) -> dict[str, Any]:
        """The contact under the name by which allauth counts."""
        contact = self.cleaned_data.get("contact")
        return {**self.cleaned_data, "email": contact.value} if contact else self.cleaned_data

    def save(self, request: HttpRequest, **kwargs: Any) -> None:
        """Send the code."""
        contact = self.cleaned_data["contact"]
        PasswordResetVerificationProcess.initiate(request=request, user=_user_of(contact), email=contact.value)


class ResetPasswordForm(forms.Form):
    """A new password, after the code."""

    password1 = new_password_field()

    def __init__(self, *args: Any, user: Any = None, temp_key: str | None = None, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password1(self) -> str:
        """A password that is not weak. Raises Django's `ValidationError`."""
        return str(get_adapter().clean_password(self.cleaned_data["password1"], user=self.user))

    def save(self) -> None:
        """Keep it."""
        get_adapter().set_password(self.user, self.cleaned_data["password1"])


class SetPasswordForm(ResetPasswordForm):
    """A first password."""


class ChangePasswordForm(ResetPasswordForm):
    """Another password, by who knows the present one."""

    oldpassword = old_password_field()
    field_order = ("oldpassword", "password1")

    def clean_oldpassword(self) -> str:
        """The present one. Raises Django's `ValidationError`."""
        if not self.user.check_password(self.cleaned_data["oldpassword"]):
            raise get_adapter().validation_error("enter_current_password")
        return str(self.cleaned_data["oldpassword"])


class AddEmailForm(account.AddEmailForm):  # type: ignore[misc]
    """One more address. Whether it belongs to another account is told to who reads its mail."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        """A canonical address that we can reach. Raises Django's `ValidationError`."""
        self.cleaned_data["email"] = contact_or_refuse(self.cleaned_data["email"]).value
        return str(super().clean_email())


class ChangePhoneForm(forms.Form):
    """A number, or another one."""

    phone = forms.CharField(
        label=_("Phone number"),
        help_text=_("Numbers without a country code are Chinese."),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )

    def __init__(self, *args: Any, user: Any = None, phone: str | None = None, **kwargs: Any) -> None:
        self.user, self.present = user, phone
        super().__init__(*args, **kwargs)

    def clean_phone(self) -> str:
        """The number in E.164. Raises Django's `ValidationError`."""
        contact = contact_or_refuse(self.cleaned_data["phone"])
        if contact.kind is not ContactKind.PHONE:
            raise forms.ValidationError(text_of(errors.ContactMalformed()))
        if contact.value == self.present:
            raise get_adapter().validation_error("same_as_current")
        self.account_already_exists = phone_already_exists(self.user, contact.value)
        return contact.value


class ProvePasswordForm(account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""

    password = old_password_field()


class SecondFactorForm(UsedOnce, AuthenticateForm):  # type: ignore[misc]
    """A code of the app, or a recovery code."""

    code = code_field(_("Code of your app, or a recovery code"))


class ProveSecondFactorForm(UsedOnce, ReauthenticateForm):  # type: ignore[misc]
    """A code of the app, or a recovery code, once more."""

    code = code_field(_("Code of your app, or a recovery code"))


class ActivateTotpForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new app, which shows that it was set up right."""

    code = code_field(_("Code of your app"))


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey; the browser fills in everything but its name."""

    name = forms.CharField(label=_("Name"), max_length=60, required=False, help_text=_("How you tell it from others."))
    passwordless = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)


class RenamePasskeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name"), max_length=60)


class RealNameForm(forms.Form):
    """A name and a document's number. They are never shown again, also not after a mistake."""

    name = forms.CharField(
        label=_("Name as in the document"), max_length=60, widget=forms.TextInput({"autocomplete": "off"})
    )
    number = forms.CharField(
        label=_("Resident identity number"),
        help_text=_("18 digits; the last may be an X."),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )


def _user_of(contact: Contact) -> Any:
    user_id = queries.find_user_id_by_contact(contact)
    return get_user_model().objects.filter(pk=user_id, is_active=True).first() if user_id else None
