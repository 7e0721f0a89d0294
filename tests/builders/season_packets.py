"""Red packets that publishers of a season pay from what they earned, for who comes by their links."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.builders.season_model import Link
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.promotions import errors
from wuyou.domains.promotions.types import Funder, Layer, Promotion, PromotionDraft, PromotionKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import Currency

if TYPE_CHECKING:
    from tests.builders.season import Season

FACE, COUNT, LASTS = 150, 5, timedelta(days=10)


def open_own(season: Season, now: datetime) -> None:
    """One publisher a month opens one for the goods of each shop, as soon as they have earned enough for it."""
    name = ("anna", "bert")[season.day // 30 % 2]
    for shop in season.shops:
        held = season.own_packets.get((name, shop))
        if held is not None and held.until + LASTS > now:
            continue
        draft = PromotionDraft(
            kind=PromotionKind.PACKET, funder=Funder.PUBLISHER, name="淘礼金", currency=Currency.CNY, from_=now,
            until=now + LASTS, shop_id=season.shops[shop].id, product_id=season.goods[shop][0].id, off_minor=FACE,
            threshold_minor=FACE + 1, total_count=COUNT, per_person=3, combines=frozenset(Layer),
        )  # fmt: skip
        try:
            packet = db.in_transaction(lambda: _open(season, name, draft, now))  # noqa: B023  (called at once)
        except errors.FundsMissing:
            season.counts["own_packets_refused"] += 1
            continue
        season.own_packets[name, shop], season.funds[packet.id] = packet, name
        season.counts["own_packets"] += 1


def live(season: Season, link: Link, now: datetime) -> Promotion | None:
    """What may be claimed now by who comes by a link."""
    held = season.own_packets.get((link.publisher, link.shop))
    return held if held is not None and now < held.until else None


def _open(season: Season, name: str, draft: PromotionDraft, now: datetime) -> Promotion:
    return alliance.open_packet(actor=Actor(season.publishers[name].user_id), draft=draft, now=now)
