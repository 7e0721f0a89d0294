"""What happened to somebody, looked at again when the page is drawn."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.identity import queries as identity
from wuyou.domains.notifications import operations, queries
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.access import actor_of, signed_in, viewer_id
from wuyou.surfaces.storefront.parsing import optional_id, read_id
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import notifications
from wuyou.surfaces.ui.parts import Empty, Paging


@require_safe
@signed_in
def show_notifications(request: HttpRequest) -> HttpResponse:
    """What one was told, newest first; `after` goes on."""
    viewer = get_viewer(viewer_id(request))
    page = queries.list_groups(viewer, cursor=optional_id(request, "after"))
    people = identity.persons_by_id({actor for group in page.items for actor in group.actor_ids})
    here = reverse("storefront:notifications")
    return show(
        request,
        "notifications.html",
        {
            "notifications": [notifications.tell(group, people) for group in page.items],
            "unread_ids": [n.id for group in page.items for n in group.notifications if not n.is_read],
            "paging": Paging(next_href=f"{here}?after={page.next_cursor}" if page.next_cursor else ""),
            "empty": Empty(_("Nothing new"), _("When something happens to you, it is told here.")),
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
    return redirect("storefront:notifications")
