"""Which activities call for goods, and what have I brought to them?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import errors, queries
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.types import Activity, EnrolmentState
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Keyword, Permission
from wuyou.domains.identity import queries as identity
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.seller.access import Desk, change, clerks_with
from wuyou.surfaces.seller.pages.promotion import products_of
from wuyou.surfaces.seller.promotion_forms import EnrolForm
from wuyou.surfaces.seller.viewmodels import Line, product_line, show
from wuyou.surfaces.ui import alliance as words
from wuyou.surfaces.ui import keywords, parts
from wuyou.surfaces.ui.names import name_of
from wuyou.surfaces.ui.templatetags.ui import rate


@dataclass(frozen=True, slots=True)
class Call:
    """An activity that shops may enrol in."""

    activity: Activity
    host: str
    chips: tuple[parts.Chip, ...]
    form: EnrolForm


@dataclass(frozen=True, slots=True)
class Brought:
    """What the shop brought to an activity."""

    id: int
    line: Line
    activity: str
    chip: parts.Chip
    words: str
    waits: bool


@clerks_with(Permission.MARKETING)
@require_safe
def activities(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Open activities, and what was brought to which."""
    return _page(request, desk, {})


@clerks_with(Permission.MARKETING)
@require_POST
def enrol(request: HttpRequest, desk: Desk, activity_id: int) -> HttpResponseBase:
    """Bring goods to an activity."""
    form = EnrolForm(request.POST, products=products_of(desk))
    if not form.is_valid():
        return _page(request, desk, {activity_id: form}, status=422)

    def effect(now: datetime) -> str:
        alliance.enrol(
            actor=desk.actor,
            activity_id=activity_id,
            product_id=int(form.cleaned_data["product"]),
            rate_bps=form.cleaned_data["rate"],
            first=form.first(),
            now=now,
        )
        return desk.href("activities")

    return change(request, desk, effect, _("The recruiter decides on it now"))


@clerks_with(Permission.MARKETING)
@require_POST
def withdraw(request: HttpRequest, desk: Desk, enrolment_id: int) -> HttpResponseBase:
    """Take goods back before they are decided on."""
    if queries.get_enrolment(enrolment_id).shop_id != desk.shop.id:
        raise errors.EnrolmentNotFound()

    def effect(now: datetime) -> str:
        alliance.withdraw_enrolment(actor=desk.actor, enrolment_id=enrolment_id, now=now)
        return desk.href("activities")

    return change(request, desk, effect, _("The goods are taken back"))


def _page(request: HttpRequest, desk: Desk, forms: Mapping[int, EnrolForm], *, status: int = 200) -> HttpResponseBase:
    calls, brought = queries.list_open_activities(utc_now()), queries.list_enrolments_of_shop(desk.shop.id)
    own = products_of(desk)
    hosts = queries.publishers_by_id(one.recruiter_id for one in calls if one.recruiter_id)
    people = identity.persons_by_id(one.user_id for one in hosts.values()) if hosts else {}
    known = {one.id: one for one in calls}
    said = catalog.keywords_by_id({number for one in calls for number in one.keyword_ids})
    known |= queries.activities_by_id({one.activity_id for one in brought} - known.keys())
    goods = catalog.products_by_id(one.product_id for one in brought)

    def host_of(activity: Activity) -> str:
        host = hosts.get(activity.recruiter_id or 0)
        return name_of(people[host.user_id]) if host and host.user_id in people else _("This site")

    return show(
        request,
        desk,
        "activities",
        "activities",
        status=status,
        calls=[
            Call(one, host_of(one), _chips(one, said), forms.get(one.id) or EnrolForm(products=own)) for one in calls
        ],
        brought=[
            Brought(
                one.id,
                product_line(desk, goods[one.product_id], rate(one.rate_bps)),
                known[one.activity_id].title,
                words.enrolment_chip(one.state),
                one.words,
                one.state is EnrolmentState.WAITING,
            )
            for one in brought
        ],
        empty=parts.Empty(_("No activity calls for goods now"), _("Recruiters and this site open them."), "tent"),
    )


def _chips(activity: Activity, known: Mapping[int, Keyword]) -> tuple[parts.Chip, ...]:
    alone = (parts.Chip(_("For one publisher alone"), "accent", "star"),) if activity.only_id is not None else ()
    return alone + tuple(parts.Chip(word) for word in keywords.names_of(activity.keyword_ids, known))
