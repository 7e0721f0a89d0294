"""What do I pay for those who come by my links, and what came of it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries as alliance_queries
from wuyou.domains.alliance.types import Publisher, Slot, SlotClaims, is_own_slot
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.promotions import errors, queries
from wuyou.domains.promotions.types import Funder, PromotionKind
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.studio.access import Desk, change, signed_in
from wuyou.surfaces.studio.viewmodels import show
from wuyou.surfaces.ui import parts, promotions
from wuyou.surfaces.ui.alliance import place_name
from wuyou.surfaces.ui.errors import count_refusal, status_of
from wuyou.surfaces.ui.parsing import read_id
from wuyou.surfaces.ui.promotion_forms import PromotionForm, refusal_of
from wuyou.surfaces.ui.texts import in_language

_NOT_THEIRS = ("kind", "rate", "cap", "budget", "channel", "has_code")


class PacketForm(PromotionForm):
    """A red packet of a publisher's."""

    slot = forms.ChoiceField(
        label=gettext_lazy("Only by links of this place"),
        required=False,
        help_text=gettext_lazy("Who comes by your other links does not see it."),
    )

    def __init__(self, data: object, *, products: Iterable[Product], slots: Iterable[Slot]) -> None:
        super().__init__(data, products=products, without=_NOT_THEIRS, for_all="")
        places = [(str(slot.id), place_name(slot.name)) for slot in slots if is_own_slot(slot.name)]
        self.fields["slot"].choices = [("", _("All my links")), *places]  # type: ignore[attr-defined]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def packets(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """One's own red packets, what is special to one's links, and a form for one more."""
    if "stop" in request.POST:
        return _stop(request, desk)
    form = _form(desk, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, desk, form)
    if not form.is_valid():
        return _page(request, desk, form, status=422)

    def effect(publisher: Publisher, now: datetime) -> str:
        product = catalog.get_product(int(form.cleaned_data["product"]))
        draft = form.draft(
            now, funder=Funder.PUBLISHER, kind=PromotionKind.PACKET, shop_id=product.shop_id, publisher_id=publisher.id
        )
        slot = form.cleaned_data["slot"]
        alliance.open_packet(actor=desk.actor, draft=replace(draft, slot_id=int(slot) if slot else None), now=now)
        return reverse("studio:packets")

    try:
        return change(request, desk, effect, _("Who comes by your links can claim it now"))
    except DomainError as refused:
        count_refusal(refused)
        return _page(request, desk, form, status=status_of(refused), refusal=refusal_of(refused))


def _stop(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    number = read_id(request.POST["stop"])

    def effect(publisher: Publisher, now: datetime) -> str:
        if queries.get_promotion(number).funder is not Funder.PUBLISHER:
            raise errors.PromotionNotFound()
        alliance.stop_promotion(actor=desk.actor, promotion_id=number, now=now)
        return reverse("studio:packets")

    return change(request, desk, effect, _("Nobody claims one any more"))


def _form(desk: Desk, said: object) -> PacketForm:
    """Only for goods to which one has links: nobody comes by others."""
    linked = alliance_queries.list_links(desk.actor.person_id, limit=100).items
    numbers = {line.link.product_id for line in linked}
    listed = [one for one in catalog.products_by_id(numbers).values() if one.is_listed] if numbers else []
    return PacketForm(said, products=listed, slots=_slots(desk))


def _slots(desk: Desk) -> tuple[Slot, ...]:
    return alliance_queries.list_slots(desk.publisher.id) if desk.publisher else ()


def _page(
    request: HttpRequest, desk: Desk, form: PacketForm, *, status: int = 200, refusal: str = ""
) -> HttpResponseBase:
    now, own = utc_now(), desk.publisher_id
    found = queries.list_promotions(funder=Funder.PUBLISHER, publisher_id=own, limit=100).items if own else ()
    special = [one for one in queries.list_special_of(own, now) if one.funder is not Funder.PUBLISHER] if own else []
    effects = queries.effects_by_promotion([each.id for each in found])
    products = catalog.products_by_id(each.product_id for each in [*found, *special] if each.product_id)
    titles = {number: in_language(one.title, one.title_en) for number, one in products.items()}
    places = {slot.id: place_name(slot.name) for slot in _slots(desk)}
    available = ledger.get_balance(alliance_queries.account_of(own, Currency.CNY)) if own else Money(0, Currency.CNY)
    return show(
        request,
        desk,
        "packets",
        "packets",
        status=status,
        form=form,
        refusal=refusal,
        available=available,
        runs=[
            promotions.run_of(
                each,
                effects[each.id],
                now,
                about=titles.get(each.product_id or 0, ""),
                channel=places.get(each.slot_id or 0, ""),
            )
            for each in found
        ],
        by_place=_by_place(alliance_queries.claims_by_slot(own) if own else ()),
        special=[(promotions.offer_of(each), titles.get(each.product_id or 0, ""), each.code) for each in special],
        empty=parts.Empty(
            _("No red packets yet"), _("Pay a part of a product's price for who comes by your links."), "gift"
        ),
    )


def _by_place(claims: Iterable[SlotClaims]) -> parts.Table:
    columns = (
        parts.Column(_("Place")),
        parts.Column(_("Claimed"), numeric=True),
        parts.Column(_("Orders"), numeric=True),
        parts.Column(_("Paid by you"), numeric=True),
        parts.Column(_("Commission"), numeric=True),
    )
    rows = tuple(
        parts.Row((place_name(one.slot_name), one.claim_count, one.order_count, one.cost, one.earned)) for one in claims
    )
    return parts.Table(_("What came of it, by place"), columns, rows)
