"""Who works in the shop, as what, and what have they done?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from wuyou.domains.catalog import errors, operations, queries
from wuyou.domains.catalog.types import Act, Clerk, Permission, Role
from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.social import queries as social
from wuyou.kernel import tokens
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.seller.access import Desk, any_clerk, change, clerks_with
from wuyou.surfaces.seller.viewmodels import person_part, shop_name, show
from wuyou.surfaces.ui import doors, lists, parts
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.once import KEY_FIELD
from wuyou.surfaces.ui.parsing import read_id
from wuyou.surfaces.ui.refusals import FormMalformed

ROLES: Final = {
    Role.MANAGER: (gettext_lazy("Manager"), gettext_lazy("everything but who works here")),
    Role.ORDERS: (
        pgettext_lazy("role in a shop", "Orders"),
        gettext_lazy("sending, refunds, returns and complaints"),
    ),
    Role.GOODS: (pgettext_lazy("role in a shop", "Goods"), gettext_lazy("products, photographs, prices and stock")),
    Role.MARKETING: (
        pgettext_lazy("role in a shop", "Marketing"),
        gettext_lazy("coupons, campaigns, teams and commissions"),
    ),
    Role.FINANCE: (pgettext_lazy("role in a shop", "Finance"), gettext_lazy("takings and the account")),
}
"""What each role is called, and what it may."""

DONE: Final = {
    "ship": gettext_lazy("sent an order"),
    "ship-many": gettext_lazy("sent orders"),
    "import-tracking": gettext_lazy("sent orders by a file"),
    "correct-parcel": gettext_lazy("corrected a parcel"),
    "scan": gettext_lazy("said where a parcel is"),
    "refund": gettext_lazy("gave money back"),
    "refund-unsent": gettext_lazy("took goods off an order"),
    "claim-agreed": gettext_lazy("agreed to a refund or return"),
    "claim-refused": gettext_lazy("refused a refund or return"),
    "claim-arrived": gettext_lazy("took back what was returned"),
    "claim-objected": gettext_lazy("objected to what was returned"),
    "complaint-words": gettext_lazy("wrote in a complaint"),
    "new-product": gettext_lazy("added a product"),
    "import-products": gettext_lazy("changed goods by a file"),
    "describe-product": gettext_lazy("described a product"),
    "save-variants": gettext_lazy("changed prices or stock"),
    "add-variant": gettext_lazy("added a variant"),
    "shelve-product": gettext_lazy("put a product on or off the shelves"),
    "add-product-photos": gettext_lazy("added photographs"),
    "take-up-photos": gettext_lazy("added photographs"),
    "photos": gettext_lazy("put photographs aside"),
    "change-photo": gettext_lazy("changed a photograph"),
    "clerks": gettext_lazy("asked somebody to work here"),
    "end-clerk": gettext_lazy("ended somebody’s work"),
    "leave": gettext_lazy("left the shop"),
    "invitations": gettext_lazy("answered the invitation"),
    "coupons": gettext_lazy("opened or stopped a coupon"),
    "campaigns": gettext_lazy("opened a campaign"),
    "stop-campaign": gettext_lazy("stopped a campaign"),
    "change-campaign": gettext_lazy("changed a campaign"),
    "set-plan": gettext_lazy("set a commission"),
    "open-collaboration": gettext_lazy("opened a collaboration"),
    "open-library": gettext_lazy("opened a library"),
    "set-product-keywords": gettext_lazy("changed keywords"),
    "invite": gettext_lazy("invited a publisher"),
    "close-collaboration": gettext_lazy("closed a collaboration"),
    "answer-application": gettext_lazy("answered an application"),
    "end-participation": gettext_lazy("ended a publisher’s part"),
    "enrol": gettext_lazy("enrolled goods"),
    "withdraw": gettext_lazy("withdrew goods"),
    "waive": gettext_lazy("let a team pass"),
    "dissolve": gettext_lazy("dissolved a team"),
}
"""What somebody did, by the name that its operation gives it."""


@dataclass(frozen=True, slots=True)
class ClerkRow:
    """Somebody who works here, or is asked to."""

    person: parts.Person
    state: parts.Chip
    end_href: str


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """A shop that asks its reader to work there."""

    shop_id: int
    shop: str
    role: str
    may: str


@clerks_with(Permission.CLERKS)
@require_http_methods(["GET", "HEAD", "POST"])
def clerks(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Who works here with what was done lately; a form asks one more."""
    if request.method != "POST":
        return _page(request, desk)
    try:
        role = _role(request.POST.get("role", ""))
        person = _asked(desk, request.POST.get("handle", ""))

        def effect(now: datetime) -> str:
            operations.invite_clerk(actor=desk.actor, shop_id=desk.shop.id, person_id=person.id, role=role, now=now)
            return desk.href("clerks")

        return change(request, desk, effect, _("They are asked, and find it under “Me”"))
    except DomainError as refused:
        count_refusal(refused)
        return _page(request, desk, refused)


@clerks_with(Permission.CLERKS)
@require_POST
def end(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponseBase:
    """Send somebody away, or take an invitation back: at once."""

    def effect(now: datetime) -> str:
        operations.end_clerk(actor=desk.actor, shop_id=desk.shop.id, person_id=person_id, now=now)
        return desk.href("clerks")

    return change(request, desk, effect, _("They work here no longer"))


@any_clerk
@require_POST
def leave(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Work here no longer. Raises `ClerkNotFound` for the owner."""

    def effect(now: datetime) -> str:
        operations.end_clerk(actor=desk.actor, shop_id=desk.shop.id, person_id=desk.actor.person_id, now=now)
        return reverse("storefront:me")

    return change(request, desk, effect, _("You work there no longer"))


@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest) -> HttpResponseBase:
    """Where one is asked to work: yes or no."""

    def inside(actor: Actor) -> HttpResponseBase:
        return _answer(request, actor) if request.method == "POST" else _invitations(request, actor)

    return doors.let_in(request, "seller:enter", inside)


def _answer(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    accepts = request.POST.get("answer") == "yes"
    shop_id = read_id(request.POST.get("shop", ""))

    def effect(now: datetime) -> str:
        operations.answer_invitation(actor=actor, shop_id=shop_id, accepts=accepts, now=now)
        return reverse("seller:overview", args=[shop_id]) if accepts else reverse("storefront:me")

    return doors.change(request, actor, effect, _("You work there now") if accepts else _("You have declined"))


def _invitations(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    asked = queries.list_invitations(actor.person_id)
    shops = queries.shops_by_id(each.shop_id for each in asked)
    rows = [
        InvitationRow(each.shop_id, shop_name(shops[each.shop_id]), str(ROLES[each.role][0]), str(ROLES[each.role][1]))
        for each in asked
    ]
    empty = parts.Empty(_("Nobody asks you to work in a shop"), _("When somebody does, you find it here."), "tent")
    context = {
        "invitations": rows,
        "empty": empty,
        "idempotency_key": tokens.new_token(),
        "key_field": KEY_FIELD,
    }
    return render(request, "seller/invitations.html", context)


def _page(request: HttpRequest, desk: Desk, refused: DomainError | None = None) -> HttpResponseBase:
    """Cost: three queries besides the shell's."""
    working, trail = queries.list_clerks(desk.shop.id), lists.trail_of(request)
    acts = queries.list_acts(desk.shop.id, cursor=trail.cursor)
    people = identity.persons_by_id(
        {each.person_id for each in working} | {act.person_id for act in acts.items} | {desk.actor.person_id}
    )
    return show(
        request,
        desk,
        "clerks",
        "clerks",
        status=status_of(refused) if refused else 200,
        clerks=[
            ClerkRow(
                _part(people[each.person_id], str(ROLES[each.role][0])),
                _state(each),
                desk.href("end-clerk", each.person_id),
            )
            for each in working
        ],
        roles=[(role.value, str(name), str(may)) for role, (name, may) in ROLES.items()],
        said=request.POST,
        acts=_acts(acts.items, people),
        paging=lists.paging(request, trail, acts.next_cursor),
        refusal=text_of(refused) if refused else "",
    )


def _state(each: Clerk) -> parts.Chip:
    if each.joined_at is None:
        return parts.Chip(_("Asked"), "amber", "clock")
    return parts.Chip(_("Works here"), "jade", "check")


def _part(person: Person, note: str) -> parts.Person:
    return replace(person_part(person), note=note)


def _acts(acts: Sequence[Act], people: Mapping[int, Person]) -> parts.Table:
    columns = (
        parts.Column(_("When")),
        parts.Column(_("Who")),
        parts.Column(pgettext("act", "What")),
        parts.Column(_("About")),
    )
    rows = tuple(
        parts.Row((act.at, person_part(people[act.person_id]), str(DONE.get(act.what, act.what)), act.about or "–"))
        for act in acts
    )
    return parts.Table(_("What was done"), columns, rows)


def _role(said: str) -> Role:
    if said not in set(Role):
        raise FormMalformed()
    return Role(said)


def _asked(desk: Desk, said: str) -> Person:
    """Who is called so. Raises `ClerkNotFound`, also across a block: whom one does not meet is not there."""
    handle = said.strip().removeprefix("@")
    found = identity.persons_by_handle([handle]).get(handle) if handle.isprintable() else None
    me = desk.actor.person_id
    if found is None or (me, found.id) in social.blocked_pairs([me]):
        raise errors.ClerkNotFound()
    return found
