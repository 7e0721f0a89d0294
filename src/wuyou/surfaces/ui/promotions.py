"""Coupons and red packets in words, for every surface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wuyou.domains.promotions.types import Effect, Funder, Layer, Promotion, PromotionKind
from wuyou.kernel.money import Money
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.templatetags.ui import money, rate

LAYERS: Mapping[Layer, object] = {
    Layer.ITEM: gettext_lazy("coupons for single products"),
    Layer.SHOP: gettext_lazy("coupons for the shop"),
    Layer.PACKET: gettext_lazy("red packets"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A promotion as whoever may claim it sees it."""

    id: int
    off: str
    threshold: str
    name: str
    kind: parts.Chip
    until: datetime
    is_special: bool
    """Only for who came by the same link."""
    is_mine: bool
    """The reader has one that they may use."""
    note: str


def off_of(promotion: Promotion) -> str:
    """What it takes off, in a few words."""
    if promotion.off is not None:
        return _("%(amount)s off") % {"amount": money(promotion.off, "short")}
    cap = promotion.cap
    return _("%(rate)s off, at most %(amount)s") % {
        "rate": rate(promotion.off_bps or 0),
        "amount": money(cap, "short") if cap else "",
    }


def threshold_of(promotion: Promotion) -> str:
    """From what on it may be used."""
    if not promotion.threshold_minor:
        return _("no minimum")
    return _("from %(amount)s") % {"amount": money(promotion.threshold, "short")}


def kind_of(promotion: Promotion) -> parts.Chip:
    """Who pays: the shop sells for less, or somebody pays a part."""
    if promotion.kind is PromotionKind.PACKET:
        return parts.Chip(_("Red packet"), "accent", "gift")
    return parts.Chip(_("For this product") if promotion.product_id else _("For the whole shop"), "plain", "ticket")


def offer_of(promotion: Promotion, *, is_mine: bool = False, until: datetime | None = None) -> Offer:
    """A promotion to claim, or claimed. Args: until: when the reader's own one is over."""
    notes = [_("also in teams")] if promotion.for_teams else [_("when buying alone")]
    if promotion.per_person > 1:
        notes.append(ngettext("%(n)s a person", "%(n)s a person", promotion.per_person) % {"n": promotion.per_person})
    return Offer(
        promotion.id,
        off_of(promotion),
        threshold_of(promotion),
        promotion.name,
        kind_of(promotion),
        until or promotion.until,
        promotion.publisher_id is not None,
        is_mine,
        " · ".join(notes),
    )


@dataclass(frozen=True, slots=True)
class Run:
    """A promotion as who runs it sees it."""

    id: int
    title: str
    name: str
    kind: parts.Chip
    state: parts.Chip
    code: str
    facts: tuple[parts.Fact, ...]
    can_stop: bool


def run_of(promotion: Promotion, effect: Effect, now: datetime, *, about: str = "", channel: str = "") -> Run:
    """A promotion with what it has done. Args: about: its product. channel: by whose links alone it is claimed."""
    currency = promotion.currency
    is_packet = promotion.kind is PromotionKind.PACKET
    facts = [
        parts.Fact(_("Holds for"), about or (_("everything in the shop") if promotion.shop_id else _("every shop"))),
        parts.Fact(_("Only by the links of"), channel) if channel else None,
        parts.Fact(_("Claimed"), _share(promotion.claimed_count, promotion.total_count)),
        parts.Fact(_("Used"), effect.used_count),
        parts.Fact(_("Came back with a refund"), effect.back_count) if effect.back_count else None,
        parts.Fact(_("Taken off so far"), Money(effect.redeemed_minor - effect.back_minor, currency)),
        parts.Fact(_("Set aside at first") if is_packet else _("Budget"), promotion.budget)
        if promotion.budget
        else None,
        parts.Fact(
            _("Together with"), ", ".join(str(LAYERS[one]) for one in sorted(promotion.combines)) or _("nothing")
        ),
        parts.Fact(_("Until"), promotion.until),
    ]
    return Run(
        promotion.id,
        f"{off_of(promotion)} · {threshold_of(promotion)}",
        promotion.name,
        kind_of(promotion),
        _state(promotion, now),
        promotion.code,
        tuple(fact for fact in facts if fact is not None),
        now < promotion.until,
    )


def _share(count: int, total: int | None) -> str:
    return str(count) if total is None else _("%(count)s of %(total)s") % {"count": count, "total": total}


def _state(promotion: Promotion, now: datetime) -> parts.Chip:
    if promotion.closed_at is not None:
        return parts.Chip(_("Ended, the rest is back"))
    if now >= promotion.until:
        return parts.Chip(_("Ended"))
    if promotion.left_count == 0:
        return parts.Chip(_("All claimed"), "amber")
    return parts.Chip(_("Running"), "jade", "check")


def payer_of(funder: Funder) -> str:
    """Who pays a part of an order, in its sum."""
    names = {
        Funder.SHOP: _("from the shop"),
        Funder.PLATFORM: _("from the platform"),
        Funder.PUBLISHER: _("from who recommended it"),
    }
    return names[funder]
