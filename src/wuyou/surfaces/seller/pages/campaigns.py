"""How does the shop sell to teams, and what came of it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.groupbuy import errors as groupbuy_errors
from wuyou.domains.groupbuy import operations, queries
from wuyou.domains.groupbuy.types import Campaign, CampaignFigures
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Money
from wuyou.surfaces.seller.access import Desk, change, clerks_with
from wuyou.surfaces.seller.viewmodels import Line, product_line, show
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.texts import in_language


class ChangeForm(forms.Form):
    """What of a campaign may change while it runs."""

    max_per_order = forms.IntegerField(label=gettext_lazy("Pieces an order"), min_value=1, max_value=999)
    max_per_person = forms.IntegerField(
        label=gettext_lazy("Pieces a person in all"), min_value=1, max_value=10**6, required=False
    )
    total_limit = forms.IntegerField(label=gettext_lazy("Pieces in all"), min_value=1, max_value=10**9, required=False)
    days = forms.IntegerField(
        label=gettext_lazy("Days from now until it ends"),
        help_text=gettext_lazy("Empty means until you stop it."),
        min_value=1,
        max_value=365,
        required=False,
    )


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign with what came of it."""

    id: int
    product: Line
    chip: parts.Chip
    figures: tuple[parts.Fact, ...]
    can_stop: bool
    change: ChangeForm | None
    """To move its limits and its end; None when it is over."""


class CampaignForm(forms.Form):
    """How to sell a product to teams."""

    product = forms.TypedChoiceField(label=gettext_lazy("Product"), coerce=int)
    size = forms.IntegerField(label=gettext_lazy("People in a team"), min_value=2, max_value=200, initial=3)
    hours = forms.IntegerField(label=gettext_lazy("Hours that a team may form"), min_value=1, max_value=720, initial=24)
    max_per_order = forms.IntegerField(label=gettext_lazy("Pieces an order"), min_value=1, max_value=999, initial=1)
    max_per_person = forms.IntegerField(
        label=gettext_lazy("Pieces a person in all"), min_value=1, max_value=10**6, required=False
    )
    total_limit = forms.IntegerField(label=gettext_lazy("Pieces in all"), min_value=1, max_value=10**9, required=False)
    days = forms.IntegerField(
        label=gettext_lazy("Days until it ends"),
        help_text=gettext_lazy("Empty means until you stop it."),
        min_value=1,
        max_value=365,
        required=False,
    )
    new_buyers_only = forms.BooleanField(
        label=gettext_lazy("Who joins must never have bought here before"), required=False
    )


@clerks_with(Permission.MARKETING)
@require_http_methods(["GET", "HEAD", "POST"])
def campaigns(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The shop's campaigns with their figures; a form opens one more."""
    form = _form(desk, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, desk, form)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    said = form.cleaned_data

    def effect(now: datetime) -> str:
        operations.open_campaign(
            actor=desk.actor,
            product_id=said["product"],
            size=said["size"],
            team_ttl=timedelta(hours=said["hours"]),
            max_per_order=said["max_per_order"],
            max_per_person=said["max_per_person"],
            total_limit=said["total_limit"],
            new_buyers_only=said["new_buyers_only"],
            closes_at=now + timedelta(days=said["days"]) if said["days"] else None,
            now=now,
        )
        return desk.href("campaigns")

    try:
        return change(request, desk, effect, _("It can be bought together now"))
    except DomainError as refused:
        count_refusal(refused)
        return _page(request, desk, form, status_of(refused), text_of(refused))


@clerks_with(Permission.MARKETING)
@require_POST
def change_one(request: HttpRequest, desk: Desk, campaign_id: int) -> HttpResponseBase:
    """Move the limits and the end of a campaign that runs."""
    form = ChangeForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, _form(desk, None), 422, _("Please check what you said of the campaign."))
    said = form.cleaned_data

    def effect(now: datetime) -> str:
        found = queries.get_campaign(campaign_id)
        if catalog.products_by_id([found.product_id])[found.product_id].shop_id != desk.shop.id:
            raise groupbuy_errors.CampaignNotFound()
        operations.change_campaign(
            actor=desk.actor,
            campaign_id=campaign_id,
            max_per_order=said["max_per_order"],
            max_per_person=said["max_per_person"],
            total_limit=said["total_limit"],
            closes_at=now + timedelta(days=said["days"]) if said["days"] else None,
            now=now,
        )
        return desk.href("campaigns")

    try:
        return change(request, desk, effect, _("The campaign is changed"))
    except groupbuy_errors.CampaignNotFound:
        raise
    except DomainError as refused:
        count_refusal(refused)
        return _page(request, desk, _form(desk, None), status_of(refused), text_of(refused))


@clerks_with(Permission.MARKETING)
@require_POST
def stop(request: HttpRequest, desk: Desk, campaign_id: int) -> HttpResponseBase:
    """No new teams from now on; running teams go on."""

    def effect(now: datetime) -> str:
        found = queries.get_campaign(campaign_id)
        if catalog.products_by_id([found.product_id])[found.product_id].shop_id != desk.shop.id:
            raise groupbuy_errors.CampaignNotFound()
        operations.close_campaign(actor=desk.actor, campaign_id=campaign_id, now=now)
        return desk.href("campaigns")

    return change(request, desk, effect, _("It takes no new teams; those that run go on"))


def _form(desk: Desk, said: object) -> CampaignForm:
    form = CampaignForm(said)  # type: ignore[arg-type]
    listed = catalog.list_products_of_shop(desk.shop.id, is_listed=True, limit=100).items
    form.fields["product"].choices = [  # type: ignore[attr-defined]
        (each.id, in_language(each.title, each.title_en))
        for each in listed
        if all(variant.team_price is not None for variant in each.variants)
    ]
    return form


def _page(
    request: HttpRequest, desk: Desk, form: CampaignForm, status: int = 200, refusal: str = ""
) -> HttpResponseBase:
    now = utc_now()
    found = queries.list_campaigns_of(catalog.list_product_ids(desk.shop.id))
    products = catalog.products_by_id(each.campaign.product_id for each in found)
    return show(
        request,
        desk,
        "campaigns",
        "campaigns",
        status=status,
        form=form,
        refusal=refusal,
        campaigns=[_row(each, product_line(desk, products[each.campaign.product_id]), now) for each in found],
        empty=parts.Empty(
            _("Nothing is sold to teams yet"), _("Give a product a team price, then open a campaign for it."), "tent"
        ),
    )


def _row(each: CampaignFigures, product: Line, now: datetime) -> CampaignRow:
    campaign = each.campaign
    is_over = campaign.closes_at is not None and campaign.closes_at <= now
    sold = tuple(parts.Fact(_("Sold"), Money(minor, currency)) for currency, minor in each.sold)
    return CampaignRow(
        campaign.id,
        product,
        parts.Chip(_("Ended")) if is_over else parts.Chip(_("Open"), "jade", "check"),
        (
            parts.Fact(_("People in a team"), campaign.size),
            parts.Fact(_("Teams forming"), each.forming),
            parts.Fact(_("Teams formed"), each.formed),
            parts.Fact(_("Teams that failed"), each.failed),
            parts.Fact(_("Pieces sold"), each.pieces),
            *sold,
            parts.Fact(pgettext("campaign", "Since"), campaign.opens_at),
            parts.Fact(_("Until"), campaign.closes_at or _("you stop it")),
        ),
        not is_over,
        None if is_over else _change_form(campaign, now),
    )


def _change_form(campaign: Campaign, now: datetime) -> ChangeForm:
    """A limit that was not there from the beginning was not counted, and is not asked for."""
    left = -(-(campaign.closes_at - now) // timedelta(days=1)) if campaign.closes_at else None
    form = ChangeForm(
        initial={
            "max_per_order": campaign.max_per_order,
            "max_per_person": campaign.max_per_person,
            "total_limit": campaign.total_limit,
            "days": left,
        },
        auto_id=f"campaign-{campaign.id}-%s",
    )
    for name in ("max_per_person", "total_limit"):
        if getattr(campaign, name) is None:
            del form.fields[name]
    return form
