"""What does the platform pay for buyers, and what came of it?"""

from __future__ import annotations

from dataclasses import replace

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.promotions import errors, operations, queries
from wuyou.domains.promotions.types import Funder, PromotionKind
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.staff.access import actor_of, handle_once, new_key, staff_only
from wuyou.surfaces.staff.viewmodels import show
from wuyou.surfaces.ui import parts, promotions
from wuyou.surfaces.ui.errors import status_of
from wuyou.surfaces.ui.parsing import MAX_ID, read_id
from wuyou.surfaces.ui.promotion_forms import PromotionForm, refusal_of
from wuyou.surfaces.ui.texts import in_language

_NOT_OURS = ("kind", "product", "rate", "cap", "budget", "channel", "has_code")


class PacketForm(PromotionForm):
    """A red packet of the platform."""

    number = forms.IntegerField(
        label=gettext_lazy("Only for the goods with this number"), min_value=1, max_value=MAX_ID, required=False
    )


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def packets(request: HttpRequest) -> HttpResponseBase:
    """The platform's red packets; forms open one more and stop one."""
    if "stop" in request.POST:
        return _stop(request)
    form = PacketForm(request.POST if request.method == "POST" else None, products=(), without=_NOT_OURS)
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    now = utc_now()

    def act() -> None:
        draft = form.draft(now, funder=Funder.PLATFORM, kind=PromotionKind.PACKET)
        if form.cleaned_data["number"]:
            product = catalog.get_product(form.cleaned_data["number"])
            draft = replace(draft, shop_id=product.shop_id, product_id=product.id)
        operations.open_promotion(actor=actor_of(request), draft=draft, now=now)

    try:
        handle_once(request, act, now)
    except DomainError as refused:
        return _page(request, form, status=status_of(refused), refusal=refusal_of(refused))
    messages.success(request, _("It can be claimed now"))
    return HttpResponseRedirect(reverse("staff:packets"))


def _stop(request: HttpRequest) -> HttpResponseBase:
    number, now = read_id(request.POST["stop"]), utc_now()

    def act() -> None:
        if queries.get_promotion(number).funder is not Funder.PLATFORM:
            raise errors.PromotionNotFound()
        operations.stop_promotion(actor=actor_of(request), promotion_id=number, now=now)

    handle_once(request, act, now)
    messages.success(request, _("Nobody claims one any more"))
    return HttpResponseRedirect(reverse("staff:packets"))


def _page(request: HttpRequest, form: PacketForm, *, status: int = 200, refusal: str = "") -> HttpResponseBase:
    now = utc_now()
    found = queries.list_promotions(funder=Funder.PLATFORM, limit=100).items
    effects = queries.effects_by_promotion([each.id for each in found])
    products = catalog.products_by_id(each.product_id for each in found if each.product_id)
    titles = {number: in_language(one.title, one.title_en) for number, one in products.items()}
    return show(
        request,
        "packets",
        "packets",
        status,
        form=form,
        refusal=refusal,
        key=new_key(),
        runs=[
            promotions.run_of(each, effects[each.id], now, about=titles.get(each.product_id or 0, "")) for each in found
        ],
        empty=parts.Empty(_("No red packets yet"), _("The platform pays a part of prices for buyers."), "gift"),
    )
