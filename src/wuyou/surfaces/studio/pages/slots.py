"""Where do I put links, and with whom do I share what they earn?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import errors, queries
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.types import SLOT_KEYWORDS, Publisher, Slot, is_own_slot
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Keyword
from wuyou.domains.identity import queries as identity
from wuyou.surfaces.studio.access import Desk, change, signed_in
from wuyou.surfaces.studio.forms import SlotForm
from wuyou.surfaces.studio.viewmodels import show
from wuyou.surfaces.ui import keywords, parts
from wuyou.surfaces.ui.alliance import place_name
from wuyou.surfaces.ui.names import name_of
from wuyou.surfaces.ui.templatetags.ui import rate


@dataclass(frozen=True, slots=True)
class Place:
    """A place, with whom it is shared, and what kind of place it is."""

    id: int
    name: str
    shared: str
    words: tuple[str, ...]
    keyword_groups: tuple[keywords.Group, ...]


@signed_in
@require_safe
def slots(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """One's places, and a form for one more."""
    return _page(request, desk, SlotForm())


@signed_in
@require_POST
def add_slot(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """One more place."""
    form = SlotForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    said, chosen = form.cleaned_data, keywords.sent(request)

    def effect(publisher: Publisher, now: datetime) -> str:
        third_id = None
        if said["third"]:
            person = identity.find_person(said["third"])
            if person is None:
                raise errors.PublisherNotFound()
            third_id = alliance.ensure_publisher(user_id=person.id, now=now).id
        slot = alliance.add_slot(
            publisher_id=publisher.id,
            name=said["name"],
            third_id=third_id,
            third_share_bps=said["share"] or 0,
            now=now,
            actor=desk.actor,
        )
        if chosen:
            alliance.set_slot_keywords(actor=desk.actor, slot_id=slot.id, keyword_ids=chosen)
        return reverse("studio:slots")

    return change(request, desk, effect, _("The place is there"))


@signed_in
@require_POST
def set_keywords(request: HttpRequest, desk: Desk, slot_id: int) -> HttpResponseBase:
    """What kind of place it is."""
    chosen = keywords.sent(request)

    def effect(publisher: Publisher, now: datetime) -> str:
        alliance.set_slot_keywords(actor=desk.actor, slot_id=slot_id, keyword_ids=chosen)
        return reverse("studio:slots")

    return change(request, desk, effect, _("Saved"))


def _page(request: HttpRequest, desk: Desk, form: SlotForm, *, status: int = 200) -> HttpResponseBase:
    mine = [
        slot for slot in (queries.list_slots(desk.publisher.id) if desk.publisher else ()) if is_own_slot(slot.name)
    ]
    thirds = queries.publishers_by_id(slot.third_id for slot in mine if slot.third_id is not None)
    people = identity.persons_by_id(one.user_id for one in thirds.values()) if thirds else {}
    names = {one.id: name_of(people[one.user_id]) for one in thirds.values() if one.user_id in people}
    offered = catalog.list_keywords(SLOT_KEYWORDS)
    return show(
        request,
        desk,
        "slots",
        "slots",
        status=status,
        form=form,
        keyword_groups=keywords.groups(offered),
        places=[_place(slot, names.get(slot.third_id or 0, ""), offered) for slot in mine],
        empty=parts.Empty(_("No place yet"), _("Name where you put links: a group, a blog, a stall."), "tent"),
    )


def _place(slot: Slot, third: str, offered: Sequence[Keyword]) -> Place:
    shared = _("shared with %(who)s: %(share)s") % {"who": third, "share": rate(slot.third_share_bps)} if third else ""
    names = keywords.names_of(slot.keyword_ids, {each.id: each for each in offered})
    return Place(slot.id, place_name(slot.name), shared, names, keywords.groups(offered, slot.keyword_ids))
