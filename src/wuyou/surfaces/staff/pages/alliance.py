"""Who recruits, what does the site add, and which goods does it call for?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import errors, queries
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.types import ACTIVITY_KEYWORDS, EnrolmentState
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.identity import errors as identity_errors
from wuyou.domains.identity import queries as identity
from wuyou.kernel.clock import end_of_day, utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.staff.access import actor_of, change, handle_once, new_key, staff_only
from wuyou.surfaces.staff.alliance_forms import ActivityForm, RecruiterForm, SubsidyForm
from wuyou.surfaces.staff.viewmodels import show
from wuyou.surfaces.ui import alliance as words
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import keywords, parts
from wuyou.surfaces.ui.names import name_of
from wuyou.surfaces.ui.templatetags.ui import rate
from wuyou.surfaces.ui.texts import in_language


@dataclass(frozen=True, slots=True)
class Forms:
    """The page's forms, as they were sent or empty."""

    recruiter: RecruiterForm
    subsidy: SubsidyForm
    activity: ActivityForm


@dataclass(frozen=True, slots=True)
class Brought:
    """Goods that a shop brought to an activity of the site."""

    id: int
    title: str
    href: str
    shop: str
    rate_bps: int
    chip: parts.Chip
    words: str
    waits: bool


@staff_only
@require_safe
def alliance_page(request: HttpRequest) -> HttpResponseBase:
    """Recruiters, subsidies with what is left of them, and the site's own activities."""
    return _page(request, Forms(RecruiterForm(), SubsidyForm(), ActivityForm()))


@staff_only
@require_POST
def let_recruit(request: HttpRequest) -> HttpResponseBase:
    """Let somebody recruit merchants."""
    form, now = RecruiterForm(request.POST), utc_now()
    shown = Forms(form, SubsidyForm(), ActivityForm())
    if not form.is_valid():
        return _page(request, shown, status=422)

    def act() -> None:
        person = identity.find_person(form.cleaned_data["handle"].strip().removeprefix("@"))
        if person is None:
            raise identity_errors.PersonNotFound()
        publisher = alliance.ensure_publisher(user_id=person.id, now=now)
        alliance.let_recruit(actor=actor_of(request), publisher_id=publisher.id, now=now)

    return _do(request, shown, act, _("They may recruit merchants now"))


@staff_only
@require_POST
def add_subsidy(request: HttpRequest) -> HttpResponseBase:
    """Add something to commissions."""
    form, now = SubsidyForm(request.POST), utc_now()
    shown = Forms(RecruiterForm(), form, ActivityForm())
    if not form.is_valid():
        return _page(request, shown, status=422)
    said = form.cleaned_data

    def act() -> None:
        product = catalog.products_by_id([said["product"]]).get(said["product"]) if said["product"] else None
        if said["product"] and product is None:
            raise errors.ProductNotFound()
        alliance.set_subsidy(
            actor=actor_of(request),
            name=said["name"],
            shop_id=product.shop_id if product else None,
            product_id=product.id if product else None,
            rate_bps=said["rate"],
            cap=Money(int(said["cap"] * 100), Currency.CNY),
            budget=Money(int(said["budget"] * 100), Currency.CNY),
            from_=now,
            until=end_of_day(now, days=said["days"]),
            now=now,
        )

    return _do(request, shown, act, _("The subsidy is set"))


@staff_only
@require_POST
def open_activity(request: HttpRequest) -> HttpResponseBase:
    """Call for goods."""
    form, now = ActivityForm(request.POST), utc_now()
    shown = Forms(RecruiterForm(), SubsidyForm(), form)
    if not form.is_valid():
        return _page(request, shown, status=422)
    said, chosen = form.cleaned_data, keywords.sent(request)

    def act() -> None:
        enrols_until = end_of_day(now, days=said["enrol_days"])
        alliance.open_activity(
            actor=actor_of(request),
            recruiter_id=None,
            title=said["title"],
            brief=said["brief"],
            keyword_ids=chosen,
            least_rate_bps=said["least_rate"],
            service_bps=0,
            enrols_until=enrols_until,
            from_=now,
            until=max(enrols_until, end_of_day(now, days=said["days"])),
            now=now,
        )

    return _do(request, shown, act, _("Shops can enrol goods now"))


@staff_only
@require_safe
def activity(request: HttpRequest, activity_id: int) -> HttpResponseBase:
    """What shops brought to one of the site's activities."""
    return _activity_page(request, activity_id)


@staff_only
@require_POST
def decide_enrolment(request: HttpRequest, enrolment_id: int) -> HttpResponseBase:
    """Take goods, or refuse them with a word."""
    accepts, now = request.POST.get("accepts") == "yes", utc_now()
    activity_id = queries.get_enrolment(enrolment_id).activity_id
    if queries.get_activity(activity_id).recruiter_id is not None:
        raise errors.EnrolmentNotFound()
    try:
        handle_once(
            request,
            lambda: alliance.decide_enrolment(
                actor=actor_of(request),
                enrolment_id=enrolment_id,
                accepts=accepts,
                words=request.POST.get("words", ""),
                now=now,
            ),
            now,
        )
    except DomainError as refused:
        return _activity_page(request, activity_id, refused)
    messages.success(request, _("The goods are in the library") if accepts else _("You have refused"))
    return HttpResponseRedirect(reverse("staff:activity", args=[activity_id]))


def _do(request: HttpRequest, forms: Forms, act: Callable[[], None], said: str) -> HttpResponse:
    def refuse(refused: DomainError) -> HttpResponse:
        return _page(request, forms, refused, status=ui_errors.status_of(refused))

    return change(request, lambda _: act(), said, back_to="staff:alliance", refuse=refuse)


def _page(request: HttpRequest, forms: Forms, refused: DomainError | None = None, *, status: int = 200) -> HttpResponse:
    now, recruiters = utc_now(), queries.list_recruiters()
    people = identity.persons_by_id(one.user_id for one in recruiters) if recruiters else {}
    return show(
        request,
        "alliance",
        "alliance",
        status,
        forms=forms,
        recruiters=parts.Table(
            _("Recruiters"),
            (parts.Column(_("Who")), parts.Column(_("Since"))),
            tuple(
                parts.Row((name_of(people[one.user_id]), one.recruits_since))
                for one in recruiters
                if one.user_id in people
            ),
        ),
        subsidies=parts.Table(
            _("Subsidies"),
            (
                parts.Column(_("Name")),
                parts.Column(_("Of the sale"), numeric=True),
                parts.Column(_("At most a line"), numeric=True),
                parts.Column(_("Spent"), numeric=True),
                parts.Column(_("Budget"), numeric=True),
                parts.Column(_("Until")),
            ),
            tuple(
                parts.Row((one.name, rate(one.rate_bps), one.cap, one.spent, one.budget, one.until))
                for one in queries.list_subsidies()
            ),
        ),
        activities=parts.Table(
            _("Activities"),
            (parts.Column(_("Title")), parts.Column(_("State")), parts.Column(_("Until"))),
            tuple(
                parts.Row(
                    (one.title, words.activity_chip(one, one.is_open(now)), one.until),
                    reverse("staff:activity", args=[one.id]),
                )
                for one in queries.list_activities(None)
            ),
        ),
        keyword_groups=keywords.groups(catalog.list_keywords(ACTIVITY_KEYWORDS)),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )


def _activity_page(request: HttpRequest, activity_id: int, refused: DomainError | None = None) -> HttpResponse:
    found = queries.get_activity(activity_id)
    if found.recruiter_id is not None:
        raise errors.ActivityNotFound()
    enrolments = queries.list_enrolments(activity_id)
    products = catalog.products_by_id(one.product_id for one in enrolments)
    shops = catalog.shops_by_id({one.shop_id for one in enrolments})
    return show(
        request,
        "activity",
        "alliance",
        ui_errors.status_of(refused) if refused else 200,
        activity=found,
        chip=words.activity_chip(found, found.is_open(utc_now())),
        keywords=keywords.names_of(found.keyword_ids, catalog.keywords_by_id(found.keyword_ids)),
        brought=[
            Brought(
                one.id,
                in_language(products[one.product_id].title, products[one.product_id].title_en),
                reverse("storefront:product", args=[one.product_id]),
                in_language(shops[one.shop_id].name, shops[one.shop_id].name_en) if one.shop_id in shops else "",
                one.rate_bps,
                words.enrolment_chip(one.state),
                one.words,
                one.state is EnrolmentState.WAITING,
            )
            for one in enrolments
        ],
        empty=parts.Empty(_("No goods yet"), _("Shops find this activity at their workbench."), "gift"),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )
