"""Signing in, out and up, and one's own corner."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, perform_password_login, record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import authenticate, get_user_model, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from wuyou.domains.identity import errors as identity_errors
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity import queries
from wuyou.domains.identity.providers import senders
from wuyou.domains.identity.types import Contact, ContactKind, Person
from wuyou.domains.social import operations as social
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import is_ours, viewer_id
from wuyou.surfaces.storefront.accounts.forms import ConfirmCodeForm
from wuyou.surfaces.storefront.accounts.processes import SignUpProcess, may_send
from wuyou.surfaces.storefront.forms import SignInForm, SignUpForm
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.ui.client import address_of
from wuyou.surfaces.ui.errors import status_of, text_of, too_many

_FIELDS = {
    identity_errors.HandleTaken: "handle",
    identity_errors.HandleMalformed: "handle",
    identity_errors.NameMalformed: "display_name",
    identity_errors.PasswordTooWeak: "password",
    identity_errors.WayInMissing: "password",
    identity_errors.ContactTaken: "contact",
}


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by any of one's names and a password, then go on to `next`, perhaps past a second factor.

    After ten wrong tries in a row nobody gets in under this name from this address for a while.
    """
    target = _target(request)
    if viewer_id(request):
        return redirect(target)
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, "sign_in.html", form, target, 200 if request.method != "POST" else 422)
    if not ratelimit.consume(request, action="login"):
        return too_many(request)
    name, address, now = form.cleaned_data["handle"].strip(), address_of(request), utc_now()
    # Whatever name of theirs is typed, tries count against one person.
    handle = queries.find_handle_by_name(name) or name.lower()
    try:
        db.in_transaction(lambda: identity.count_sign_in(handle=handle, address=address, now=now))
        user = authenticate(request, username=handle, password=form.cleaned_data["password"])
        if user is None:
            raise errors.SignInFailed()
    except DomainError as refused:
        form.add_error(None, text_of(refused))
        return _form_page(request, "sign_in.html", form, target, status_of(refused))
    db.in_transaction(lambda: identity.forget_sign_ins(handle=handle, address=address))
    login = Login(user=user, redirect_url=target)
    response: HttpResponse = perform_password_login(request, {"username": handle}, login)
    return response


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Come in as somebody new, then go on to `next`. Who gives a contact first shows that it is theirs."""
    target = _target(request)
    if viewer_id(request):
        return redirect(target)
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, "sign_up.html", form, target, 200 if request.method != "POST" else 422)
    if not ratelimit.consume(request, action="signup", dry_run=True):
        return too_many(request)
    said = form.cleaned_data
    contact, password = said["contact"], said["password"]
    try:
        handle, display_name = identity.clean_names(said["handle"], said["display_name"])
        if not contact and not password:
            raise identity_errors.WayInMissing()
        if queries.find_person(handle) is not None:
            raise identity_errors.HandleTaken(handle=handle)
        newcomer = {
            "handle": handle,
            "display_name": display_name,
            "avatar": said["avatar"],
            "password_hash": identity.hash_password(password) if password else None,
        }
        if not ratelimit.consume(request, action="signup") or (contact and not may_send(request, contact)):
            return too_many(request)
        if contact:
            SignUpProcess.begin(request, contact, newcomer=newcomer, next=target)
            return redirect("storefront:confirm-sign-up")
        return _take_in(request, newcomer, None, target)
    except DomainError as refused:
        form.add_error(_FIELDS.get(type(refused)), text_of(refused))
        return _form_page(request, "sign_up.html", form, target, status_of(refused))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_sign_up(request: HttpRequest) -> HttpResponse:
    """Type the code that came to the new contact; it makes the account."""
    process = SignUpProcess.resume(request)
    if process is None or viewer_id(request):
        return redirect("storefront:sign-up")
    if request.method == "POST" and request.POST.get("action") == "resend":
        if not process.can_resend or not may_send(request, process.contact):
            return too_many(request)
        process.resend()
        return redirect("storefront:confirm-sign-up")
    form = ConfirmCodeForm(request.POST if request.method == "POST" else None, code=process.code)
    context: dict[str, Any] = {"form": form, "recipient": process.contact.value, "can_resend": process.can_resend}
    if request.method != "POST":
        return show(request, "confirm_sign_up.html", context)
    if not form.is_valid():
        if not process.record_invalid_attempt():
            messages.error(request, text_of(identity_errors.TooManyCodeTries()))
            return redirect("storefront:sign-up")
        return show(request, "confirm_sign_up.html", context, status=422)
    process.abort()
    try:
        return _take_in(request, process.state["newcomer"], process.contact, process.state["next"])
    except DomainError as refused:  # the name was taken while the code was on its way
        messages.error(request, text_of(refused))
        return redirect(f"{reverse('storefront:sign-up')}?{urlencode({'next': process.state['next']})}")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Forget who was here."""
    logout(request)
    messages.success(request, _("You are signed out"))
    return redirect("storefront:home")


def _take_in(request: HttpRequest, newcomer: dict[str, Any], contact: Contact | None, target: str) -> HttpResponse:
    now = utc_now()

    def entry() -> Person:
        person = identity.register(**newcomer, contact=contact, now=now)
        social.screen_newcomer(person_id=person.id, now=now)
        return person

    person = db.in_transaction(entry)
    user = get_user_model().objects.get(pk=person.id)
    proof = {contact.kind.value: contact.value} if contact else {"username": person.handle}
    record_authentication(request, user, method="code" if contact else "password", **proof)
    messages.success(request, _("Welcome, %(name)s") % {"name": person.display_name})
    response: HttpResponse = perform_login(request, Login(user=user, signup=True, redirect_url=target))
    return response


def _form_page(
    request: HttpRequest, template: str, form: SignInForm | SignUpForm, target: str, status: int
) -> HttpResponse:
    sends_codes = any(senders.can_send(kind) for kind in ContactKind)
    return show(request, template, {"form": form, "next": target, "sends_codes": sends_codes}, status=status)


def _target(request: HttpRequest) -> str:
    """Where to go afterwards: a page of ours, never another site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if is_ours(request, target) else reverse("storefront:home")
