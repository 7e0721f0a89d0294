"""招商: whom do I call for goods, and which of them do I take?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import errors, queries
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.types import ACTIVITY_KEYWORDS, Enrolment, EnrolmentState, Publisher
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product, Shop
from wuyou.domains.identity import queries as identity
from wuyou.domains.social import queries as social
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.studio.access import Desk, change, signed_in
from wuyou.surfaces.studio.forms import ActivityForm
from wuyou.surfaces.studio.viewmodels import picture_of, shop_name, show, title_of
from wuyou.surfaces.ui import keywords, parts
from wuyou.surfaces.ui.alliance import activity_chip, enrolment_chip
from wuyou.surfaces.ui.names import name_of
from wuyou.surfaces.ui.templatetags.ui import rate


@dataclass(frozen=True, slots=True)
class Row:
    """Goods that a shop brought."""

    id: int
    title: str
    href: str
    picture: str
    shop: str
    rate_bps: int
    first: str
    chip: parts.Chip
    words: str
    waits: bool


@signed_in
@require_safe
def activities(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """One's activities, and a form for one more."""
    return _page(request, desk, ActivityForm())


@signed_in
@require_POST
def open_activity(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Call for goods."""
    form = ActivityForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    said, chosen = form.cleaned_data, keywords.sent(request)

    def effect(publisher: Publisher, now: datetime) -> str:
        enrols_until, until = form.period(now)
        made = alliance.open_activity(
            actor=desk.actor,
            recruiter_id=publisher.id,
            title=said["title"],
            brief=said["brief"],
            keyword_ids=chosen,
            only_id=_publisher_of(desk, said["only"], now),
            least_rate_bps=said["least_rate"],
            service_bps=said["service"] or 0,
            enrols_until=enrols_until,
            from_=now,
            until=until,
            now=now,
        )
        return reverse("studio:activity", args=[made.id])

    return change(request, desk, effect, _("Shops can enrol goods now"))


@signed_in
@require_safe
def activity(request: HttpRequest, desk: Desk, activity_id: int) -> HttpResponseBase:
    """What shops brought to one activity."""
    found = queries.get_activity(activity_id)
    if desk.publisher is None or found.recruiter_id != desk.publisher.id:
        raise errors.ActivityNotFound()
    enrolments, now = queries.list_enrolments(activity_id), utc_now()
    products = catalog.products_by_id(one.product_id for one in enrolments)
    shops = catalog.shops_by_id({one.shop_id for one in enrolments})
    return show(
        request,
        desk,
        "activity",
        "activities",
        activity=found,
        chip=activity_chip(found, found.is_open(now)),
        is_open=found.is_open(now),
        keywords=keywords.names_of(found.keyword_ids, catalog.keywords_by_id(found.keyword_ids)),
        only=_name_of_publisher(found.only_id),
        enrolments=[_row(one, products[one.product_id], shops.get(one.shop_id)) for one in enrolments],
        empty=parts.Empty(_("No goods yet"), _("Shops find this activity at their workbench."), "gift"),
    )


@signed_in
@require_POST
def close_activity(request: HttpRequest, desk: Desk, activity_id: int) -> HttpResponseBase:
    """Take no more goods."""

    def effect(publisher: Publisher, now: datetime) -> str:
        alliance.close_activity(actor=desk.actor, activity_id=activity_id, now=now)
        return reverse("studio:activity", args=[activity_id])

    return change(request, desk, effect, _("Nobody enrols any more"))


@signed_in
@require_POST
def decide(request: HttpRequest, desk: Desk, enrolment_id: int) -> HttpResponseBase:
    """Take goods, or refuse them with a word."""
    accepts, words = request.POST.get("accepts") == "yes", request.POST.get("words", "")

    def effect(publisher: Publisher, now: datetime) -> str:
        made = alliance.decide_enrolment(
            actor=desk.actor, enrolment_id=enrolment_id, accepts=accepts, words=words, now=now
        )
        return reverse("studio:activity", args=[made.activity_id])

    return change(request, desk, effect, _("The goods are in the library") if accepts else _("You have refused"))


def _name_of_publisher(publisher_id: int | None) -> str:
    if publisher_id is None:
        return ""
    user_id = queries.get_publisher(publisher_id).user_id
    person = identity.persons_by_id([user_id]).get(user_id)
    return name_of(person) if person else ""


def _publisher_of(desk: Desk, handle: str, now: datetime) -> int | None:
    """The publisher that somebody is or becomes by being named; None for nobody.

    Raises `PublisherNotFound`, also across a block: whom one does not meet is not there.
    """
    handle = handle.strip().removeprefix("@")
    if not handle:
        return None
    person = identity.find_person(handle)
    me = desk.actor.person_id
    if person is None or (me, person.id) in social.blocked_pairs([me]):
        raise errors.PublisherNotFound()
    return alliance.ensure_publisher(user_id=person.id, now=now).id


def _page(request: HttpRequest, desk: Desk, form: ActivityForm, *, status: int = 200) -> HttpResponseBase:
    now = utc_now()
    mine = queries.list_activities(desk.publisher.id) if desk.publisher else ()
    rows = tuple(
        parts.Row(
            (one.title, activity_chip(one, one.is_open(now)), rate(one.least_rate_bps),
             rate(one.service_bps), one.until),
            reverse("studio:activity", args=[one.id]),
        )
        for one in mine
    )  # fmt: skip
    columns = (
        parts.Column(_("Title")),
        parts.Column(_("State")),
        parts.Column(_("Lowest rate"), numeric=True),
        parts.Column(_("Service fee"), numeric=True),
        parts.Column(_("Until")),
    )
    return show(
        request,
        desk,
        "activities",
        "activities",
        status=status,
        form=form,
        keyword_groups=keywords.groups(catalog.list_keywords(ACTIVITY_KEYWORDS)) if desk.recruits else (),
        recruits=desk.recruits,
        table=parts.Table(_("Activities"), columns, rows),
        empty=parts.Empty(
            _("No activity yet"), _("Call for goods at a rate, and get a service fee of what they sell."), "tent"
        ),
    )


def _row(one: Enrolment, product: Product, shop: Shop | None) -> Row:
    first = one.first
    return Row(
        id=one.id,
        title=title_of(product),
        href=reverse("storefront:product", args=[product.id]),
        picture=picture_of(product),
        shop=shop_name(shop),
        rate_bps=one.rate_bps,
        first=_("%(rate)s for the first %(count)s") % {"rate": rate(first.rate_bps), "count": first.count}
        if first
        else "",
        chip=enrolment_chip(one.state),
        words=one.words,
        waits=one.state is EnrolmentState.WAITING,
    )
