"""Pure decisions: whether a promotion makes sense, what a basket costs with vouchers, what goes back at a refund."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product as all_pairs

from wuyou.domains.promotions import errors
from wuyou.domains.promotions.types import (
    BasketLine,
    Funder,
    Layer,
    Priced,
    PromotionDraft,
    PromotionKind,
    Step,
)
from wuyou.kernel import text as texts
from wuyou.kernel.money import BPS, MAX_MINOR, allocate, apply_bps, round_ratio

MAX_NAME = 40
MAX_COUNT = 10_000_000
MAX_PER_PERSON = 100
LONGEST = timedelta(days=366)
USE_WITHIN = timedelta(hours=1), timedelta(days=90)
_ORDER = {layer: place for place, layer in enumerate(Layer)}


@dataclass(frozen=True, slots=True)
class Offer:
    """A voucher as the price sees it."""

    voucher_id: int
    promotion_id: int
    name: str
    layer: Layer
    product_id: int | None
    off_minor: int | None
    off_bps: int | None
    cap_minor: int | None
    threshold_minor: int
    combines: frozenset[Layer]
    is_shops: bool
    left_minor: int | None = None
    """What is left of its budget; None is without a limit."""

    def goes_with(self, other: Offer) -> bool:
        """Both must say so; coupons for different products never meet."""
        if self.layer is other.layer:
            return self.layer is Layer.ITEM and self.product_id != other.product_id
        return other.layer in self.combines and self.layer in other.combines

    def is_for(self, line: BasketLine) -> bool:
        return self.product_id in (None, line.product_id)

    def reaches(self, lines: Sequence[BasketLine]) -> bool:
        """Whether the goods that it is for cost enough, before anything is taken off."""
        eligible = [line.amount_minor for line in lines if self.is_for(line)]
        return bool(eligible) and sum(eligible) >= self.threshold_minor


def check_draft(draft: PromotionDraft, now: datetime) -> str:
    """The name as it is kept. Raises: `PromotionMalformed` with the field that is wrong."""
    try:
        name = texts.clean_line(draft.name, MAX_NAME)
    except ValueError as error:
        raise errors.PromotionMalformed(field="name") from error
    for field, is_right in _checks(draft, now):
        if not is_right:
            raise errors.PromotionMalformed(field=field)
    return name


def _checks(draft: PromotionDraft, now: datetime) -> Iterable[tuple[str, bool]]:
    is_packet, is_fixed = draft.kind is PromotionKind.PACKET, draft.off_minor is not None
    yield "off_minor", is_fixed is (draft.off_bps is None)
    if draft.off_minor is not None:
        # What takes off more than it asks for would give goods away.
        yield "off_minor", 0 < draft.off_minor <= MAX_MINOR // MAX_COUNT
        yield "threshold_minor", draft.off_minor < draft.threshold_minor <= MAX_MINOR
        yield "cap_minor", draft.cap_minor is None
    if draft.off_bps is not None:
        yield "off_bps", 0 < draft.off_bps < BPS and not is_packet
        yield "cap_minor", draft.cap_minor is not None and 0 < draft.cap_minor <= MAX_MINOR // MAX_COUNT
        yield "threshold_minor", 0 <= draft.threshold_minor <= MAX_MINOR
    yield "until", draft.from_ < draft.until <= draft.from_ + LONGEST and now < draft.until
    yield "total_count", draft.total_count is None or 0 < draft.total_count <= MAX_COUNT
    yield "total_count", draft.total_count is not None or not is_packet
    yield "per_person", 0 < draft.per_person <= MAX_PER_PERSON
    yield "budget_minor", draft.budget_minor is None or (not is_packet and 0 < draft.budget_minor <= MAX_MINOR)
    yield "use_within", draft.use_within is None or USE_WITHIN[0] <= draft.use_within <= USE_WITHIN[1]
    yield "funder", is_packet or draft.funder is Funder.SHOP
    yield "shop_id", draft.shop_id is not None or draft.funder is Funder.PLATFORM
    yield "product_id", draft.product_id is None or draft.shop_id is not None
    yield "publisher_id", draft.funder is not Funder.PUBLISHER or None not in (draft.publisher_id, draft.product_id)
    yield "publisher_id", draft.funder is not Funder.PLATFORM or draft.publisher_id is None


def price(lines: Sequence[BasketLine], offers: Iterable[Offer]) -> Priced:
    """What a basket costs with these vouchers, all of them. The order in which they are given has no meaning.

    Layer after layer, and in a layer by number, each takes off its amount, or its rate of what its goods still cost,
    rounded once and at most its cap; what it takes is divided over its goods by what they still cost above one of the
    smallest unit, so every line keeps at least that. Goods of 100.00 and 50.00, a coupon of 10.00 for the first and
    «20.00 off from 120.00» for all of them: 90.00 and 50.00 less 12.86 and 7.14 are 77.14 and 42.86.

    Raises: `NotCombinable`; `VoucherUnusable` where one takes nothing off.
    """
    chosen = sorted(offers, key=lambda offer: (_ORDER[offer.layer], offer.voucher_id))
    if any(not one.goes_with(other) for at, one in enumerate(chosen) for other in chosen[at + 1 :]):
        raise errors.NotCombinable()
    priced = _apply(lines, chosen)
    if len(priced.steps) != len(chosen):
        raise errors.VoucherUnusable()
    return priced


def best(lines: Sequence[BasketLine], offers: Iterable[Offer]) -> Priced:
    """The vouchers that leave the buyer the least to pay, of all that may be used together.

    With each pair of a shop coupon and a packet (or without one) goes, of each product, the coupon that takes most.
    Of several that cost the same: the one with fewer vouchers, then with those claimed first.
    Cost: shop coupons times packets times lines.
    """
    useful = [offer for offer in offers if offer.reaches(lines)]
    by_layer = {layer: [offer for offer in useful if offer.layer is layer] for layer in Layer}
    found = Priced(tuple(lines))
    for shop_wide, packet in all_pairs([None, *by_layer[Layer.SHOP]], [None, *by_layer[Layer.PACKET]]):
        pair = [offer for offer in (shop_wide, packet) if offer is not None]
        if len(pair) == 2 and not pair[0].goes_with(pair[1]):
            continue
        items = _best_items(lines, [one for one in by_layer[Layer.ITEM] if all(map(one.goes_with, pair))])
        rival = _apply(lines, [*items, *pair])
        if _cost(rival) < _cost(found):
            found = rival
    return found


def _cost(priced: Priced) -> tuple[int, int, tuple[int, ...]]:
    return priced.total_minor, len(priced.steps), priced.voucher_ids


def _best_items(lines: Sequence[BasketLine], offers: Sequence[Offer]) -> list[Offer]:
    """Of each product the coupon that takes most; of equal ones the first claimed."""
    most: dict[int | None, tuple[int, int, Offer]] = {}
    for offer in offers:
        taken = sum(step.amount_minor for step in _apply(lines, [offer]).steps)
        rank = taken, -offer.voucher_id
        if offer.product_id not in most or rank > most[offer.product_id][:2]:
            most[offer.product_id] = (*rank, offer)
    return sorted((offer for *_, offer in most.values()), key=lambda offer: offer.voucher_id)


def _apply(lines: Sequence[BasketLine], offers: Sequence[Offer]) -> Priced:
    """What offers take off, one after the other; one that takes nothing leaves no step."""
    rest = [line.amount_minor for line in lines]
    steps: list[Step] = []
    for offer in offers:
        room = [rest[at] - 1 if offer.is_for(line) else 0 for at, line in enumerate(lines)]
        amount = min(_nominal(offer, lines, rest), sum(room))
        if not offer.reaches(lines) or amount <= 0:
            continue
        taken = allocate(amount, room)
        rest = [left - part for left, part in zip(rest, taken, strict=True)]
        steps.append(
            Step(offer.voucher_id, offer.promotion_id, offer.name, offer.layer, offer.is_shops, amount, tuple(taken))
        )
    return Priced(tuple(lines), tuple(steps))


def _nominal(offer: Offer, lines: Sequence[BasketLine], rest: Sequence[int]) -> int:
    """What it would take off if there were room: the amount, or the rate of what its goods still cost."""
    if offer.off_minor is not None:
        nominal = offer.off_minor
    else:
        cost = sum(left for line, left in zip(lines, rest, strict=True) if offer.is_for(line))
        nominal = min(apply_bps(cost, offer.off_bps or 0), offer.cap_minor or 0)
    return nominal if offer.left_minor is None else min(nominal, offer.left_minor)


def share_back(amount_minor: int, refunded_minor: int, total_minor: int) -> int:
    """What goes back of a share of an order when so much of what its buyer paid has gone back in all.

    In proportion, and all of it with the last of the buyer's money: of 1,000 beside 9,000, `share_back(1000, 4500,
    9000) == 500`. It follows from the sum alone, so refunds one by one and one refund of their sum agree.
    """
    return round_ratio(amount_minor * refunded_minor, total_minor)


def is_voucher_back(*, is_whole: bool, use_until: datetime, is_closed: bool, now: datetime) -> bool:
    """A whole refund gives the voucher back while it is still of use; a part of one never does."""
    return is_whole and now < use_until and not is_closed
