"""What does the shop give to who buys, and what came of it?"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wuyou.domains.alliance import errors as alliance_errors
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries as alliance_queries
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.identity import queries as identity
from wuyou.domains.promotions import errors, operations, queries
from wuyou.domains.promotions.types import Funder
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.seller.access import Desk, change, clerks_with
from wuyou.surfaces.seller.viewmodels import show
from wuyou.surfaces.ui import parts, promotions
from wuyou.surfaces.ui.errors import count_refusal, status_of
from wuyou.surfaces.ui.names import name_of
from wuyou.surfaces.ui.parsing import read_id
from wuyou.surfaces.ui.promotion_forms import PromotionForm, refusal_of
from wuyou.surfaces.ui.texts import in_language


@clerks_with(Permission.MARKETING)
@require_http_methods(["GET", "HEAD", "POST"])
def coupons(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The shop's coupons and red packets with what they did; forms open one more and stop one."""
    if "stop" in request.POST:
        return _stop(request, desk)
    form = _form(desk, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, desk, form)
    if not form.is_valid():
        return _page(request, desk, form, status=422)

    def effect(now: datetime) -> str:
        handle = form.cleaned_data["channel"].strip().removeprefix("@")
        draft = form.draft(
            now, funder=Funder.SHOP, shop_id=desk.shop.id, publisher_id=_publisher_of(handle, now) if handle else None
        )
        operations.open_promotion(actor=desk.actor, draft=draft, now=now)
        return desk.href("coupons")

    try:
        return change(request, desk, effect, _("It can be claimed now"))
    except DomainError as refused:
        count_refusal(refused)
        return _page(request, desk, form, status_of(refused), refusal_of(refused))


def _stop(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    number = read_id(request.POST["stop"])

    def effect(now: datetime) -> str:
        if queries.get_promotion(number).shop_id != desk.shop.id:
            raise errors.PromotionNotFound()
        operations.stop_promotion(actor=desk.actor, promotion_id=number, now=now)
        return desk.href("coupons")

    return change(request, desk, effect, _("Nobody claims one any more"))


def _publisher_of(handle: str, now: datetime) -> int:
    """Whose links open it; they join the alliance by it. Raises `PublisherNotFound`."""
    person = identity.find_person(handle)
    if person is None:
        raise alliance_errors.PublisherNotFound()
    return alliance.ensure_publisher(user_id=person.id, now=now).id


def _form(desk: Desk, said: object) -> PromotionForm:
    return PromotionForm(said, products=catalog.list_products_of_shop(desk.shop.id, is_listed=True, limit=100).items)


def _page(
    request: HttpRequest, desk: Desk, form: PromotionForm, status: int = 200, refusal: str = ""
) -> HttpResponseBase:
    now = utc_now()
    found = queries.list_promotions(funder=Funder.SHOP, shop_id=desk.shop.id, limit=100).items
    effects = queries.effects_by_promotion([each.id for each in found])
    products = catalog.products_by_id(each.product_id for each in found if each.product_id)
    channels = alliance_queries.publishers_by_id(each.publisher_id for each in found if each.publisher_id)
    people = identity.persons_by_id(one.user_id for one in channels.values()) if channels else {}
    titles = {number: in_language(one.title, one.title_en) for number, one in products.items()}
    names = {number: name_of(people[one.user_id]) for number, one in channels.items()}
    return show(
        request,
        desk,
        "coupons",
        "coupons",
        status=status,
        form=form,
        refusal=refusal,
        runs=[
            promotions.run_of(
                each,
                effects[each.id],
                now,
                about=titles.get(each.product_id or 0, ""),
                channel=names.get(each.publisher_id or 0, ""),
            )
            for each in found
        ],
        empty=parts.Empty(
            _("No coupons yet"), _("A coupon is shown on your products; whoever claims it pays less."), "gift"
        ),
    )
