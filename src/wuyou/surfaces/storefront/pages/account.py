"""Signing in, out and up, and one's own corner."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from wuyou.domains.identity import errors as identity_errors
from wuyou.domains.identity import operations as identity
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import is_ours, viewer_id
from wuyou.surfaces.storefront.forms import SignInForm, SignUpForm
from wuyou.surfaces.storefront.pages.links import remember_visitor
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.ui.errors import status_of, text_of

_FIELDS = {
    identity_errors.HandleTaken: "handle",
    identity_errors.HandleMalformed: "handle",
    identity_errors.NameMalformed: "display_name",
    identity_errors.PasswordTooWeak: "password",
}


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by name and password, then go on to `next`. After ten wrong tries in a row nobody gets in for a while."""
    target = _target(request)
    if viewer_id(request):
        return redirect(target)
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, "sign_in.html", form, target, 200 if request.method != "POST" else 422)
    handle, address, now = form.cleaned_data["handle"].strip().lower(), _address(request), utc_now()
    try:
        db.in_transaction(lambda: identity.count_sign_in(handle=handle, address=address, now=now))
        user = authenticate(request, username=handle, password=form.cleaned_data["password"])
        if user is None:
            raise errors.SignInFailed()
    except DomainError as refused:
        form.add_error(None, text_of(refused))
        return _form_page(request, "sign_in.html", form, target, status_of(refused))
    db.in_transaction(lambda: identity.forget_sign_ins(handle=handle, address=address))
    has_come_back = db.in_transaction(lambda: identity.come_back(person_id=user.pk))
    login(request, user)
    if has_come_back:
        messages.success(request, _("Welcome back. Your account stays as it was."))
    remember_visitor(request, user.pk)
    return redirect(target)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Come in as somebody new, then go on to `next`."""
    target = _target(request)
    if viewer_id(request):
        return redirect(target)
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, "sign_up.html", form, target, 200 if request.method != "POST" else 422)
    said, now = form.cleaned_data, utc_now()
    try:
        db.in_transaction(lambda: identity.register(**said, now=now))
    except DomainError as refused:
        form.add_error(_FIELDS.get(type(refused)), text_of(refused))
        return _form_page(request, "sign_up.html", form, target, status_of(refused))
    user = authenticate(request, username=said["handle"].strip().lower(), password=said["password"])
    assert user is not None  # noqa: S101  (registered with this password a moment ago)
    login(request, user)
    remember_visitor(request, user.pk)
    messages.success(request, _("Welcome, %(name)s") % {"name": said["display_name"]})
    return redirect(target)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Forget who was here."""
    logout(request)
    messages.success(request, _("You are signed out"))
    return redirect("storefront:home")


def _form_page(
    request: HttpRequest, template: str, form: SignInForm | SignUpForm, target: str, status: int
) -> HttpResponse:
    return show(request, template, {"form": form, "next": target}, status=status)


def _target(request: HttpRequest) -> str:
    """Where to go afterwards: a page of ours, never another site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if is_ours(request, target) else reverse("storefront:home")


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
