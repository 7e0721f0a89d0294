"""Addresses of django-allauth's flows, under its names for them. Those of our own pages stand in `storefront.urls`."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import path
from django.views.generic import RedirectView

from wuyou.surfaces.storefront.accounts.pages import removing
from wuyou.surfaces.storefront.pages.account import sign_in, sign_out, sign_up

_overview = RedirectView.as_view(pattern_name="storefront:account")

urlpatterns = [
    path("sign-in", sign_in, name="account_login"),
    path("sign-up", sign_up, name="account_signup"),
    path("sign-out", sign_out, name="account_logout"),
    path("sign-in/closed", account.account_inactive, name="account_inactive"),
    path("sign-in/code", account.request_login_code, name="account_request_login_code"),
    path("sign-in/code/confirm", account.confirm_login_code, name="account_confirm_login_code"),
    path("sign-in/second", factors.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("password/forgot", account.password_reset, name="account_reset_password"),
    path("password/forgot/code", account.confirm_password_reset_code, name="account_confirm_password_reset_code"),
    path("password/forgot/new", account.complete_password_reset, name="account_complete_password_reset"),
    path("account/prove", account.reauthenticate, name="account_reauthenticate"),
    path("account/prove/app", factors.reauthenticate, name="mfa_reauthenticate"),
    path("account/prove/passkey", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/email", removing.Emails.as_view(), name="account_email"),
    path("account/email/confirm", account.email_verification_sent, name="account_email_verification_sent"),
    path("account/phone", account.change_phone, name="account_change_phone"),
    path("account/phone/confirm", account.verify_phone, name="account_verify_phone"),
    path("account/password", account.password_change, name="account_change_password"),
    path("account/password/set", account.password_set, name="account_set_password"),
    path("account/second", _overview, name="mfa_index"),
    path("account/app", app.activate_totp, name="mfa_activate_totp"),
    path("account/app/off", app.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery-codes", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/recovery-codes/file", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/passkeys", _overview, name="mfa_list_webauthn"),
    path("account/passkeys/add", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove", removing.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
]
