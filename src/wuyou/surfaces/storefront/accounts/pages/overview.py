"""The overview of one's account: how one signs in, where one is signed in, and who one is proven to be."""

from __future__ import annotations

from allauth.account.internal.flows.logout import logout
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.identity import operations as identity
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.accounts import viewmodels
from wuyou.surfaces.storefront.rendering import show


@signed_in
@never_cache
@require_safe
def show_account(request: HttpRequest) -> HttpResponse:
    """Everything about how one signs in. Cost: six queries."""
    return show(request, "account.html", {"account": viewmodels.account_of(request)}, place="me")


@signed_in
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign one of one's own sessions out. Another's does not exist."""
    user_id = actor_of(request).person_id
    key = db.in_transaction(lambda: identity.end_session(user_id=user_id, session_id=session_id))
    if key == request.session.session_key:
        logout(request)
        return redirect("storefront:home")
    messages.success(request, _("That session is signed out"))
    return redirect("storefront:account")


@signed_in
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    user_id, in_hand = actor_of(request).person_id, request.session.session_key
    db.in_transaction(lambda: identity.end_sessions(user_id=user_id, but=in_hand))
    messages.success(request, _("You are signed out everywhere else"))
    return redirect("storefront:account")


@signed_in
@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Make one of one's own access tokens useless."""
    user_id, now = actor_of(request).person_id, utc_now()
    db.in_transaction(lambda: identity.revoke_access_token(user_id=user_id, token_id=token_id, now=now))
    messages.success(request, _("Programs with this token can do nothing more"))
    return redirect("storefront:account")
