"""Taking away what one signs in with. The last of it stays; the domain decides that, also for two at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.views import EmailView
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wuyou.domains.identity import operations as identity
from wuyou.domains.identity import queries
from wuyou.domains.identity.errors import LastWayIn
from wuyou.domains.identity.types import Contact, ContactKind
from wuyou.infra import db
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.ui.errors import text_of


class Emails(EmailView):  # type: ignore[misc]
    """Addresses: added, made the first one, and removed."""

    def _action_remove(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise_if_reauthentication_required(request, app="allauth.account")
        contact = Contact(ContactKind.EMAIL, request.POST["email"].strip().lower())
        user_id = actor_of(request).person_id
        said = _("%(email)s is removed") % {"email": contact.value}
        return _take_away(
            request,
            lambda: identity.forget_contact(user_id=user_id, contact=contact),
            said=said,
            notice="account/email/email_deleted",
        )

    def get_success_url(self) -> str:
        """Back to the overview."""
        return reverse("storefront:account")


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]
    """Remove a passkey."""

    def form_valid(self, form: Any) -> HttpResponse:
        """What is asked for on the page before."""
        raise_if_reauthentication_required(self.request, app="allauth.mfa")
        user_id, passkey_id = actor_of(self.request).person_id, self.get_object().pk
        return _take_away(
            self.request,
            lambda: identity.forget_passkey(user_id=user_id, passkey_id=passkey_id),
            said=_("The passkey is removed"),
            notice="mfa/email/webauthn_removed",
        )


@signed_in
@require_POST
def forget_phone(request: HttpRequest) -> HttpResponse:
    """Remove one's number."""
    raise_if_reauthentication_required(request, app="allauth.account")
    user_id = actor_of(request).person_id
    phones = [own.contact for own in queries.contacts_of(user_id) if own.contact.kind is ContactKind.PHONE]
    if not phones:
        return redirect("storefront:account")
    return _take_away(
        request,
        lambda: identity.forget_contact(user_id=user_id, contact=phones[0]),
        said=_("Your number is removed"),
        notice="phone_removed",
    )


def _take_away(request: HttpRequest, forget: Callable[[], None], *, said: str, notice: str) -> HttpResponse:
    """Take it away and tell them by mail, or say why it stays."""
    try:
        db.in_transaction(forget)
    except LastWayIn as refused:
        messages.error(request, text_of(refused))
    else:
        messages.success(request, said)
        get_adapter().send_notification_mail(notice, request.user)
    return redirect("storefront:account")
