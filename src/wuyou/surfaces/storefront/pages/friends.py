"""Whom one knows: friends with how close they are, requests, follows, and one's own labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.identity.types import Person
from wuyou.domains.social import operations, queries
from wuyou.domains.social.types import FriendRequest, Tied
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.kernel.paging import Page
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.meeting import friends_met, meet, meet_named, persons_met
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import known
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Action, Empty, Paging, Tab

PAGE_SIZE = 40
_VIEWS = ("", "followers", "following", "labels")


@require_safe
@signed_in
def show_friends(request: HttpRequest) -> HttpResponse:
    """Friends, with requests and who grows silent above them; `view` shows followers, followed people or labels."""
    view = request.GET.get("view", "")
    if view not in _VIEWS:
        raise errors.FormMalformed()
    me, now = actor_of(request).person_id, utc_now()
    viewer = get_viewer(me)
    page = _listed(viewer, me, view, optional_id(request, "after"))
    to_me, from_me = (queries.list_requests_to(me), queries.list_requests_from(me)) if not view else ((), ())
    reminders = queries.list_reminders(me) if not view else ()
    ids = [tied.person_id for tied in page.items]
    persons = persons_met(
        viewer,
        {*ids, *(a.sender_id for a in to_me), *(a.receiver_id for a in from_me), *(r.person_id for r in reminders)},
    )
    context: dict[str, object] = {
        "view": view,
        "tabs": _tabs(view),
        "people": known.rows(
            ids,
            persons,
            queries.ties_by_person(me, ids, now=now) if ids else {},
            queries.notes_by_person(me, ids) if ids else {},
        ),
        "to_me": _asks(to_me, persons, lambda asked: asked.sender_id),
        "from_me": _asks(from_me, persons, lambda asked: asked.receiver_id),
        "reminders": [(one.id, known.face(persons[one.person_id])) for one in reminders if one.person_id in persons],
        "labels": queries.list_labels(me) if view == "labels" else (),
        "paging": Paging(next_href=f"?view={view}&after={page.next_cursor}" if page.next_cursor else ""),
        "empty": None if page.items or view == "labels" else _nobody(view),
    }
    return show(request, "friends.html", context, place="me")


@require_POST
@signed_in
def close_reminder(request: HttpRequest, reminder_id: int) -> HttpResponse:
    """Put a reminder away. Raises `ReminderNotFound`."""
    actor, now = actor_of(request), utc_now()
    db.in_transaction(lambda: operations.close_reminder(actor=actor, reminder_id=reminder_id, now=now))
    return redirect("storefront:friends")


@require_POST
@signed_in
def make_label(request: HttpRequest) -> HttpResponse:
    """Make a class of people. Raises `LabelMalformed`, `LabelTaken`."""
    actor, now, name = actor_of(request), utc_now(), request.POST.get("name", "")
    label = db.in_transaction(lambda: operations.make_label(actor=actor, name=name, now=now))
    return redirect("storefront:label", label.id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def show_label(request: HttpRequest, label_id: int) -> HttpResponse:
    """Whom a label is on; `do` renames it, puts it on somebody, takes it off or gives it up. Raises `LabelNotFound`."""
    actor = actor_of(request)
    viewer = get_viewer(actor.person_id)
    if request.method == "POST":
        return _change_label(request, viewer, label_id)
    members = queries.members_of_label(actor.person_id, label_id)
    label = next((each for each in queries.list_labels(actor.person_id) if each.id == label_id), None)
    if label is None:
        return redirect(f"{reverse('storefront:friends')}?view=labels")
    persons = persons_met(viewer, members)
    offered = [friend for friend in friends_met(viewer, PAGE_SIZE) if friend.id not in members]
    return show(
        request,
        "label.html",
        {
            "label": label,
            "members": [(one.handle, known.face(one)) for one in persons.values()],
            "offered": [(one.handle, known.face(one)) for one in offered],
        },
        place="me",
    )


def _change_label(request: HttpRequest, viewer: Viewer, label_id: int) -> HttpResponse:
    actor, now, sent = actor_of(request), utc_now(), request.POST
    match sent.get("do"):
        case "rename":
            name = sent.get("name", "")
            db.in_transaction(lambda: operations.rename_label(actor=actor, label_id=label_id, name=name))
        case "add":
            person = meet_named(viewer, sent.get("who", ""))
            db.in_transaction(
                lambda: operations.add_to_label(actor=actor, label_id=label_id, person_id=person.id, now=now)
            )
        case "remove":
            person = meet(viewer, sent.get("who", ""))
            db.in_transaction(lambda: operations.remove_from_label(actor=actor, label_id=label_id, person_id=person.id))
        case "retire":
            db.in_transaction(lambda: operations.retire_label(actor=actor, label_id=label_id, now=now))
            messages.success(request, _("The label is given up; it opens nothing any more"))
            return redirect(f"{reverse('storefront:friends')}?view=labels")
        case _:
            raise errors.FormMalformed()
    return redirect("storefront:label", label_id)


def _listed(viewer: Viewer, me: int, view: str, after: int | None) -> Page[Tied]:
    match view:
        case "followers":
            return queries.list_followers(viewer, me, cursor=after, limit=PAGE_SIZE)
        case "following":
            return queries.list_followed(viewer, me, cursor=after, limit=PAGE_SIZE)
        case "labels":
            return Page((), None)
        case _:
            return queries.list_friends(me, cursor=after, limit=PAGE_SIZE)


def _tabs(view: str) -> tuple[Tab, ...]:
    texts = (_("Friends"), _("Followers"), _("Whom you follow"), _("Labels"))
    here = reverse("storefront:friends")
    return tuple(
        Tab(text, f"{here}?view={key}" if key else here, key == view) for key, text in zip(_VIEWS, texts, strict=True)
    )


def _asks(
    asked: Sequence[FriendRequest], persons: dict[int, Person], who: Callable[[FriendRequest], int]
) -> list[known.Ask]:
    return [known.ask(one, persons[who(one)]) for one in asked if who(one) in persons]


def _nobody(view: str) -> Empty:
    find = Action(_("Find people by their things"), reverse("storefront:people"), "primary", "user-search")
    if view == "followers":
        return Empty(_("Nobody follows you yet"), _("Open something on your shelves: who likes it, stays."), "balloon")
    if view == "following":
        return Empty(_("You follow nobody yet"), _("Whom you follow, you hear of."), "kite", find)
    return Empty(_("No friends here yet"), _("Begin with what you have: somebody has the same."), "puzzle", find)
