"""What happened to somebody, looked at again when the page is drawn."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.providers import senders
from wuyou.domains.identity.types import ContactKind
from wuyou.domains.notifications import operations, queries
from wuyou.domains.notifications.types import Channel, Decision
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, signed_in, viewer_id
from wuyou.surfaces.storefront.outgoing import links, push
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import notification_choices as choices
from wuyou.surfaces.storefront.viewmodels import notifications
from wuyou.surfaces.ui.parsing import optional_id, read_id
from wuyou.surfaces.ui.parts import Empty, Paging, Tab

_FILTERED = "filtered"


@require_safe
@signed_in
def show_notifications(request: HttpRequest) -> HttpResponse:
    """What one was told, newest first, or what was filtered with `box=filtered`; `after` goes on."""
    viewer, view = get_viewer(viewer_id(request)), request.GET.get("box", "")
    if view not in {"", _FILTERED}:
        raise errors.FormMalformed()
    box = Decision.FILTER if view else Decision.ACCEPT
    page = queries.list_groups(viewer, box=box, cursor=optional_id(request, "after"))
    people = notifications.people_in(viewer, page.items)
    here = reverse("storefront:notifications")
    on = f"{here}?box={view}&after={page.next_cursor}" if view else f"{here}?after={page.next_cursor}"
    return show(
        request,
        "notifications.html",
        {
            "notifications": [notifications.tell(group, people) for group in page.items],
            "unread_ids": [n.id for group in page.items for n in group.notifications if not n.is_read],
            "tabs": (Tab(_("For you"), here, not view), Tab(_("Filtered"), f"{here}?box={_FILTERED}", bool(view))),
            "is_filtered": bool(view),
            "paging": Paging(next_href=on if page.next_cursor else ""),
            "empty": _nothing(is_filtered=bool(view)),
        },
        place="notifications",
    )


@require_safe
def show_bell(request: HttpRequest) -> HttpResponse:
    """The bell with its count, as a part of every page. Who has nothing unread costs one question."""
    person_id = viewer_id(request)
    count = 0
    if person_id is not None and queries.has_unread(person_id):
        count = queries.count_unread(get_viewer(person_id))
    text = f"{queries.MOST_COUNTED - 1}+" if count >= queries.MOST_COUNTED else str(count)
    response = render(request, "storefront/bell.html", {"count": count, "count_text": text})
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@signed_in
def mark_read(request: HttpRequest) -> HttpResponse:
    """What the page showed was read. Marking twice is once."""
    ids = [read_id(text) for text in request.POST.getlist("id")]
    actor, now = actor_of(request), utc_now()
    db.in_transaction(lambda: operations.mark_read(actor=actor, notification_ids=ids, now=now))
    here = reverse("storefront:notifications")
    return redirect(f"{here}?box={_FILTERED}" if request.POST.get("box") == _FILTERED else here)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def show_settings(request: HttpRequest) -> HttpResponse:
    """From whom and by what way one is told. Raises `FormMalformed`; then nothing has changed."""
    actor = actor_of(request)
    if request.method == "POST":
        before = queries.get_preference(actor.person_id)
        preference = choices.preference_of(request.POST, before, _channels(), get_language() or "")
        now = utc_now()
        db.in_transaction(lambda: operations.set_preference(actor=actor, preference=preference, now=now))
        messages.success(request, _("Saved"))
        return redirect("storefront:notification-settings")
    emails = [own.contact for own in identity.contacts_of(actor.person_id) if own.contact.kind is ContactKind.EMAIL]
    context = {
        **choices.of(queries.get_preference(actor.person_id), _channels()),
        "mail_to": emails[0].value if emails else "",
        "push_key": push.public_key(),
    }
    return show(request, "notification_settings.html", context, place="notifications")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Stop somebody's mail by the link in it, as RFC 8058 asks: one POST, without signing in. Looking changes nothing.

    Raises: `FormMalformed` for a link that is not ours.
    """
    person_id = links.whose(token)
    if request.method == "POST":
        persons = identity.persons_by_id([person_id])
        if person_id in persons and not persons[person_id].is_erased:
            db.in_transaction(lambda: operations.stop_mail(person_id=person_id))
    return show(request, "mail_stop.html", {"is_stopped": request.method == "POST"})


def _channels() -> tuple[Channel, ...]:
    """The ways by which this installation tells."""
    mail = (Channel.MAIL,) if senders.can_send(ContactKind.EMAIL) else ()
    return (Channel.PAGE, Channel.PUSH, *mail)


def _nothing(*, is_filtered: bool) -> Empty:
    if is_filtered:
        return Empty(_("Nothing was filtered"), _("You choose from whom things come here in the settings."), "filter")
    return Empty(_("Nothing new"), _("When something happens to you, it is told here."))
