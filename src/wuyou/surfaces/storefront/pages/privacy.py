"""The privacy centre: who sees what, looking with another's eyes, who is shut out, one's data, and leaving."""

from __future__ import annotations

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.identity import operations as identity_operations
from wuyou.domains.identity import queries as identity
from wuyou.domains.social import operations as social_operations
from wuyou.domains.social import queries as social
from wuyou.domains.things import openness
from wuyou.domains.things import operations as things_operations
from wuyou.domains.things import queries as things
from wuyou.infra import db, person_data
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import SubjectKind, make_viewer
from wuyou.surfaces.storefront import audience, errors
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.forms import LeaveForm
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import people, privacy, tiles
from wuyou.surfaces.ui.client import address_of
from wuyou.surfaces.ui.errors import status_of, text_of
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Paging

_FRIENDS_OFFERED = 12


@require_safe
@signed_in
def show_privacy(request: HttpRequest) -> HttpResponse:
    """Everything that somebody may want to know or change about who sees what."""
    me, now = actor_of(request).person_id, utc_now()
    blocked, muted = social.list_blocked(me), sorted(social.muted_by(me))
    friends = social.list_friends(me, limit=_FRIENDS_OFFERED).items
    persons = identity.persons_by_id([me, *(each.person_id for each in (*blocked, *friends)), *muted])
    labels = {label.id: label.name for label in social.list_labels(me)}
    exports = identity.list_exports(me, now)
    home = people.href_of(persons[me])
    context: dict[str, object] = {
        "opened": privacy.openness(openness.audiences_of(me), labels),
        "home_href": home,
        "stranger": people.STRANGER,
        "friends": [
            people.face(person, href=f"{home}?as={person.handle}")
            for person in (persons.get(each.person_id) for each in friends)
            if person is not None
        ],
        "is_found": openness.is_found(me),
        "blocked": privacy.shut(blocked, persons, "storefront:privacy-unblock"),
        "muted": privacy.muted(muted, persons),
        "subjects": _blocked_subjects(me),
        "exports": [privacy.kept(export) for export in exports],
        "is_writing": any(export.ready_at is None for export in exports),
    }
    return show(request, "privacy.html", context, place="me")


@require_safe
@signed_in
def list_opened(request: HttpRequest) -> HttpResponse:
    """One's own things under one rule. Raises `FormMalformed` when nothing is under such a rule any more."""
    me = actor_of(request).person_id
    wanted = request.GET.get("as", "")
    rule = next((o.rule for o in openness.audiences_of(me) if privacy.rule_key(o.rule) == wanted), None)
    if rule is None:
        return redirect("storefront:privacy")
    page = openness.list_opened_as(me, rule, cursor=optional_id(request, "after"))
    context: dict[str, object] = {
        "chip": audience.chip_of(rule, {label.id: label.name for label in social.list_labels(me)}),
        "tiles": tiles.of_copies(make_viewer(me), page.items),
        "paging": Paging(next_href=f"?as={wanted}&after={page.next_cursor}" if page.next_cursor else ""),
    }
    return show(request, "privacy_opened.html", context, place="me")


@require_POST
@signed_in
def allow_finding(request: HttpRequest) -> HttpResponse:
    """Be found by what one has, or no longer."""
    actor, now, is_allowed = actor_of(request), utc_now(), request.POST.get("found") == "yes"
    db.in_transaction(lambda: things_operations.allow_finding(actor=actor, is_allowed=is_allowed, now=now))
    messages.success(
        request,
        _("People with the same things can find you") if is_allowed else _("You are found by nobody any more"),
    )
    return redirect(f"{reverse('storefront:privacy')}#found")


@require_POST
@signed_in
def unblock(request: HttpRequest, person_id: int) -> HttpResponse:
    """Let somebody in again."""
    actor, now = actor_of(request), utc_now()
    db.in_transaction(lambda: social_operations.unblock(actor=actor, person_id=person_id, now=now))
    messages.success(request, _("You can meet each other again"))
    return redirect(f"{reverse('storefront:privacy')}#shut")


@require_POST
@signed_in
def unmute(request: HttpRequest, person_id: int) -> HttpResponse:
    """Hear of somebody again."""
    actor = actor_of(request)
    db.in_transaction(lambda: social_operations.unmute(actor=actor, person_id=person_id))
    messages.success(request, _("You hear of them again"))
    return redirect(f"{reverse('storefront:privacy')}#shut")


@require_POST
@signed_in
def ask_for_export(request: HttpRequest) -> HttpResponse:
    """Ask for a copy of everything that is one's own. Raises `TooManyExports`."""
    actor, now = actor_of(request), utc_now()
    db.in_transaction(lambda: identity_operations.ask_for_export(actor=actor, now=now))
    messages.success(request, _("We are putting it together and tell you when it is ready"))
    return redirect(f"{reverse('storefront:privacy')}#data")


@require_safe
@signed_in
def fetch_export(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """One's own copy as a file. Raises `ExportNotFound` for everybody else, and when it was swept away."""
    export, file = identity.open_export(actor_of(request).person_id, export_id, utc_now())
    name = f"wuyou-{export.asked_at:%Y-%m-%d}.zip"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def leave(request: HttpRequest) -> HttpResponse:
    """Ask to be erased: what goes, what stays, and when; the password once more, or whatever else proves who it is."""
    actor, now = actor_of(request), utc_now()
    form = LeaveForm(request.POST if request.method == "POST" else None)
    has_password = request.user.is_authenticated and request.user.has_usable_password()
    if not has_password:
        raise_if_reauthentication_required(request, app="allauth.account")
        form.without_password()
    if request.method != "POST" or not form.is_valid():
        return _leave_page(request, actor.person_id, form, 200 if request.method != "POST" else 422)
    handle, address = request.user.get_username(), address_of(request)
    try:
        db.in_transaction(lambda: identity_operations.count_sign_in(handle=handle, address=address, now=now))
        if has_password and not request.user.check_password(form.cleaned_data["password"]):
            raise errors.PasswordWrong()
        due_at = db.in_transaction(lambda: identity_operations.ask_to_leave(actor=actor, now=now))
    except DomainError as refused:
        form.add_error(None, text_of(refused))
        return _leave_page(request, actor.person_id, form, status_of(refused))
    db.in_transaction(lambda: identity_operations.forget_sign_ins(handle=handle, address=address))
    logout(request)
    return show(request, "privacy_left.html", {"due_at": due_at})


def _leave_page(request: HttpRequest, me: int, form: LeaveForm, status: int) -> HttpResponse:
    context = {
        "form": form,
        "obstacles": [privacy.obstacle(each) for each in person_data.obstacles_of(me)],
        "days": settings.ERASURE_GRACE_DAYS,
    }
    return show(request, "privacy_leave.html", context, place="me", status=status)


def _blocked_subjects(me: int) -> tuple[privacy.BlockedSubject, ...]:
    subjects = social.list_blocked_subjects(me)
    keys = {kind: {each.id for each in subjects if each.kind is kind} for kind in SubjectKind}
    return privacy.blocked_subjects(
        things.things_by_id(keys[SubjectKind.THING]) if keys[SubjectKind.THING] else {},
        things.brands_by_key(keys[SubjectKind.BRAND]) if keys[SubjectKind.BRAND] else {},
    )
