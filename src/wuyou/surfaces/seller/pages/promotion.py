"""What do I pay to whom for sales that they bring?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.alliance import errors, queries
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.types import USUAL_SHARES, Collaboration, Participant, ParticipantState, Plan
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission, Product
from wuyou.domains.identity import errors as identity_errors
from wuyou.domains.identity import queries as identity
from wuyou.kernel.clock import end_of_day, utc_now
from wuyou.kernel.paging import MAX_PAGE
from wuyou.surfaces.seller.access import Desk, change, clerks_with
from wuyou.surfaces.seller.promotion_forms import CollaborationForm, InviteForm, LibraryForm, PlanForm
from wuyou.surfaces.seller.viewmodels import person_part, show
from wuyou.surfaces.ui import alliance as words
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.templatetags.ui import rate
from wuyou.surfaces.ui.texts import in_language


@dataclass(frozen=True, slots=True)
class ParticipantRow:
    """Somebody in a collaboration, and what the shop can do about it."""

    id: int
    person: parts.Person
    chip: parts.Chip
    words: str
    waits: bool
    is_joined: bool


@clerks_with(Permission.MARKETING)
@require_safe
def promotion(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Plans that hold or will, and collaborations."""
    return _page(request, desk, _plan_form(desk), CollaborationForm())


@clerks_with(Permission.MARKETING)
@require_POST
def set_plan(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Say what the shop pays from now on."""
    form = _plan_form(desk, request.POST)
    if not form.is_valid():
        return _page(request, desk, form, CollaborationForm(), status=422)
    said = form.cleaned_data

    def effect(now: datetime) -> str:
        alliance.set_plan(
            actor=desk.actor,
            shop_id=desk.shop.id,
            product_id=int(said["product"]) if said["product"] else None,
            rate_bps=said["rate"],
            publisher_share_bps=USUAL_SHARES.publisher_bps,
            partner_share_bps=USUAL_SHARES.partner_bps,
            platform_share_bps=USUAL_SHARES.platform_bps,
            from_=now,
            until=form.end_of("days", now),
            first=form.first(),
            locked_until=form.end_of("locked_days", now),
            collaboration_id=int(said["collaboration"]) if said["collaboration"] else None,
            now=now,
        )
        return desk.href("promotion")

    return change(request, desk, effect, _("The plan is set"))


@clerks_with(Permission.MARKETING)
@require_POST
def open_collaboration(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Open a circle of publishers."""
    form = CollaborationForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, _plan_form(desk), form, status=422)

    def effect(now: datetime) -> str:
        made = alliance.open_collaboration(
            actor=desk.actor,
            shop_id=desk.shop.id,
            name=form.cleaned_data["name"],
            terms=form.cleaned_data["terms"],
            takes_applications=form.cleaned_data["takes_applications"],
            now=now,
        )
        return desk.href("collaboration", made.id)

    return change(request, desk, effect, _("The collaboration is open. Set a plan for it, and invite people."))


@clerks_with(Permission.MARKETING)
@require_http_methods(["GET", "HEAD", "POST"])
def open_library(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Offer goods to one publisher alone."""
    products, handle = products_of(desk), request.GET.get("handle", "")[:40]
    form = LibraryForm(request.POST if request.method == "POST" else None, products=products, handle=handle)
    if not form.is_valid():
        return show(request, desk, "library", "promotion", status=422 if form.is_bound else 200, form=form)
    said = form.cleaned_data

    def effect(now: datetime) -> str:
        person = identity.find_person(said["handle"].strip().removeprefix("@"))
        if person is None:
            raise identity_errors.PersonNotFound()
        made = alliance.open_library(
            actor=desk.actor,
            shop_id=desk.shop.id,
            publisher_id=alliance.ensure_publisher(user_id=person.id, now=now).id,
            name=said["name"],
            product_ids=[int(each) for each in said["goods"]],
            rate_bps=said["rate"],
            until=end_of_day(now, days=said["days"]) if said["days"] else None,
            words=said["words"],
            now=now,
        )
        return desk.href("collaboration", made.id)

    return change(request, desk, effect, _("The library is open, and they are invited"))


@clerks_with(Permission.MARKETING)
@require_safe
def collaboration(request: HttpRequest, desk: Desk, collaboration_id: int) -> HttpResponseBase:
    """Who takes part in one collaboration, and who asks to."""
    return _collaboration_page(request, desk, _own(desk, collaboration_id), InviteForm())


@clerks_with(Permission.MARKETING)
@require_POST
def invite(request: HttpRequest, desk: Desk, collaboration_id: int) -> HttpResponseBase:
    """Ask somebody to take part."""
    found, form = _own(desk, collaboration_id), InviteForm(request.POST)
    if not form.is_valid():
        return _collaboration_page(request, desk, found, form, status=422)

    def effect(now: datetime) -> str:
        person = identity.find_person(form.cleaned_data["handle"].strip().removeprefix("@"))
        if person is None:
            raise identity_errors.PersonNotFound()
        publisher = alliance.ensure_publisher(user_id=person.id, now=now)
        alliance.invite(
            actor=desk.actor,
            collaboration_id=collaboration_id,
            publisher_id=publisher.id,
            words=form.cleaned_data["words"],
            now=now,
        )
        return desk.href("collaboration", collaboration_id)

    return change(request, desk, effect, _("They are invited"))


@clerks_with(Permission.MARKETING)
@require_POST
def close_collaboration(request: HttpRequest, desk: Desk, collaboration_id: int) -> HttpResponseBase:
    """Take nobody in any more."""
    _own(desk, collaboration_id)

    def effect(now: datetime) -> str:
        alliance.close_collaboration(actor=desk.actor, collaboration_id=collaboration_id, now=now)
        return desk.href("promotion")

    return change(request, desk, effect, _("Nobody is taken in any more"))


@clerks_with(Permission.MARKETING)
@require_POST
def answer(request: HttpRequest, desk: Desk, participant_id: int) -> HttpResponseBase:
    """Take who applied, or refuse."""
    takes, participant = request.POST.get("takes") == "yes", _participant(desk, participant_id)

    def effect(now: datetime) -> str:
        alliance.answer_application(actor=desk.actor, participant_id=participant_id, takes=takes, now=now)
        return desk.href("collaboration", participant.collaboration_id)

    return change(request, desk, effect, _("They take part") if takes else _("You have refused"))


@clerks_with(Permission.MARKETING)
@require_POST
def end_participation(request: HttpRequest, desk: Desk, participant_id: int) -> HttpResponseBase:
    """End somebody's part, 30 days from now."""
    participant = _participant(desk, participant_id)

    def effect(now: datetime) -> str:
        alliance.end_participation(actor=desk.actor, participant_id=participant_id, now=now)
        return desk.href("collaboration", participant.collaboration_id)

    return change(request, desk, effect, _("Their part ends in 30 days"))


def products_of(desk: Desk) -> tuple[Product, ...]:
    """What the shop sells, the newest first."""
    return catalog.list_products(shop_id=desk.shop.id, limit=MAX_PAGE).items


def _plan_form(desk: Desk, data: object = None) -> PlanForm:
    return PlanForm(data, products=products_of(desk), collaborations=queries.list_collaborations(desk.shop.id))


def _own(desk: Desk, collaboration_id: int) -> Collaboration:
    found = queries.get_collaboration(collaboration_id)
    if found.shop_id != desk.shop.id:
        raise errors.CollaborationNotFound()
    return found


def _participant(desk: Desk, participant_id: int) -> Participant:
    participant = queries.get_participant(participant_id)
    _own(desk, participant.collaboration_id)
    return participant


def _page(
    request: HttpRequest, desk: Desk, form: PlanForm, circle_form: CollaborationForm, *, status: int = 200
) -> HttpResponseBase:
    collaborations, now = queries.list_collaborations(desk.shop.id), utc_now()
    return show(
        request,
        desk,
        "promotion",
        "promotion",
        status=status,
        form=form,
        circle_form=circle_form,
        plans=_plans(queries.list_plans(desk.shop.id), collaborations, now),
        collaborations=[
            parts.Row((one.name, words.collaboration_chip(one)), desk.href("collaboration", one.id))
            for one in collaborations
        ],
        empty=parts.Empty(
            _("You pay nothing yet"), _("Set a plan, and whoever brings you a sale gets a part of it."), "gift"
        ),
    )


def _plans(plans: Iterable[Plan], collaborations: Iterable[Collaboration], now: datetime) -> parts.Table:
    """Plans that hold for somebody, or will."""
    plans = list(plans)
    products = catalog.products_by_id(plan.product_id for plan in plans if plan.product_id)
    circles = {one.id: one.name for one in collaborations}
    rows, seen = [], set()
    for plan in sorted(plans, key=lambda one: (one.set_at, one.id), reverse=True):
        if plan.until is not None and plan.until <= now:
            continue
        product = products.get(plan.product_id) if plan.product_id else None
        is_kept = plan.scope in seen
        if plan.until is None and plan.from_ <= now and (plan.notice_until is None or plan.notice_until <= now):
            seen.add(plan.scope)
        if is_kept:
            continue
        rows.append(
            parts.Row(
                (
                    in_language(product.title, product.title_en) if product else _("Everything in the shop"),
                    circles.get(plan.collaboration_id or 0) or (_("Enrolled") if plan.enrolment_id else _("Everybody")),
                    rate(plan.rate_bps),
                    words.plan_note(plan, now),
                    plan.from_,
                    plan.until or "",
                )
            )
        )
    columns = (
        parts.Column(_("For")),
        parts.Column(_("For whom")),
        parts.Column(_("Rate"), numeric=True),
        parts.Column(_("Note")),
        parts.Column(_("From")),
        parts.Column(_("Until")),
    )
    return parts.Table(_("Plans"), columns, tuple(rows))


def _collaboration_page(
    request: HttpRequest, desk: Desk, found: Collaboration, form: InviteForm, *, status: int = 200
) -> HttpResponseBase:
    participants = queries.list_participants(found.id)
    people = identity.persons_by_id(one.user_id for one in participants) if participants else {}
    return show(
        request,
        desk,
        "collaboration",
        "promotion",
        status=status,
        collaboration=found,
        is_open=found.closed_at is None,
        chip=words.collaboration_chip(found),
        participants=[
            ParticipantRow(
                one.id,
                person_part(people[one.user_id]),
                words.participant_chip(one.state),
                one.words,
                one.state is ParticipantState.APPLIED,
                one.state is ParticipantState.JOINED,
            )
            for one in participants
            if one.user_id in people
        ],
        form=form,
        empty=parts.Empty(_("Nobody yet"), _("Invite whom you want to work with."), "tent"),
    )
