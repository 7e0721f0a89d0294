"""Whatever the basket and the vouchers: what they take off, and which are best."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wuyou.domains.promotions import errors, rules
from wuyou.domains.promotions.rules import Offer
from wuyou.domains.promotions.types import BasketLine, Layer, Priced

PRODUCTS = (1, 2, 3)
layers = st.frozensets(st.sampled_from(list(Layer)))
baskets = st.lists(st.builds(BasketLine, st.sampled_from(PRODUCTS), st.integers(1, 30_000)), min_size=1, max_size=4)


@st.composite
def offers(draw: st.DrawFn, most: int = 5) -> list[Offer]:
    made = []
    for number in range(1, draw(st.integers(0, most)) + 1):
        layer = draw(st.sampled_from(list(Layer)))
        off_minor = draw(st.one_of(st.none(), st.integers(1, 20_000))) if layer is not Layer.PACKET else None
        off_minor = draw(st.integers(1, 20_000)) if layer is Layer.PACKET else off_minor
        made.append(
            Offer(
                number,
                number,
                f"offer {number}",
                layer,
                draw(st.sampled_from(PRODUCTS)) if layer is Layer.ITEM else None,
                off_minor,
                None if off_minor else draw(st.integers(1, 9_999)),
                None if off_minor else draw(st.integers(1, 20_000)),
                off_minor + 1 + draw(st.integers(0, 20_000)) if off_minor else draw(st.integers(0, 20_000)),
                draw(layers),
                is_shops=draw(st.booleans()),
            )
        )
    return made


def allowed(lines: list[BasketLine], found: list[Offer]) -> list[Priced]:
    """Every combination that may be used, by brute force."""
    priced = []
    for size in range(len(found) + 1):
        for chosen in combinations(found, size):
            try:
                priced.append(rules.price(lines, chosen))
            except (errors.NotCombinable, errors.VoucherUnusable):
                continue
    return priced


@given(baskets, offers())
def test_every_line_keeps_something_and_the_parts_sum(lines: list[BasketLine], found: list[Offer]) -> None:
    for priced in [rules.best(lines, found), *allowed(lines, found)]:
        taken = [
            discount + funded for discount, funded in zip(priced.line_discounts(), priced.line_funded(), strict=True)
        ]
        assert all(0 <= part < line.amount_minor for part, line in zip(taken, lines, strict=True))
        assert sum(line.amount_minor - part for part, line in zip(taken, lines, strict=True)) == priced.total_minor
        assert all(sum(step.line_minor) == step.amount_minor > 0 for step in priced.steps)
        assert priced.total_minor >= len(lines)


@given(baskets, offers(), st.randoms(use_true_random=False))
def test_the_order_in_which_vouchers_are_given_has_no_meaning(
    lines: list[BasketLine], found: list[Offer], chance: object
) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rules.best(lines, found) == rules.best(lines, shuffled)
    for priced in allowed(lines, found):
        chosen = [offer for offer in shuffled if offer.voucher_id in priced.voucher_ids]
        assert rules.price(lines, chosen) == priced


@given(baskets, offers())
def test_the_best_is_allowed_and_nothing_allowed_is_better(lines: list[BasketLine], found: list[Offer]) -> None:
    best = rules.best(lines, found)
    assert best == rules.price(lines, [offer for offer in found if offer.voucher_id in best.voucher_ids])
    # A packet for everything is the only clamp that meets other layers here, so the greedy choice is exact.
    assert best.total_minor == min(priced.total_minor for priced in allowed(lines, found))


@given(baskets, offers(most=4), st.integers(1, 20_000))
def test_dearer_goods_never_lose_a_discount_of_one_voucher(
    lines: list[BasketLine], found: list[Offer], more: int
) -> None:
    dearer = [BasketLine(lines[0].product_id, lines[0].amount_minor + more), *lines[1:]]
    for offer in found:
        before, after = rules.best(lines, [offer]), rules.best(dearer, [offer])
        assert after.items_minor - after.total_minor >= before.items_minor - before.total_minor


@given(baskets, offers())
def test_a_lower_threshold_never_costs_more(lines: list[BasketLine], found: list[Offer]) -> None:
    easier = [
        Offer(**{slot: getattr(offer, slot) for slot in Offer.__slots__} | {"threshold_minor": 0}) for offer in found
    ]
    assert rules.best(lines, easier).total_minor <= rules.best(lines, found).total_minor


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.lists(st.integers(0, 10**9), max_size=5))
@settings(max_examples=60)
def test_shares_of_refunds_grow_with_them_and_end_whole(amount: int, total: int, parts: list[int]) -> None:
    assume(sum(parts) <= total)
    sums = [sum(parts[:count]) for count in range(len(parts) + 1)]
    backs = [rules.share_back(amount, refunded, total) for refunded in [*sums, total]]
    assert backs == sorted(backs)
    assert backs[0] == 0
    assert backs[-1] == amount


def test_worked_example() -> None:
    lines = [BasketLine(1, 10_000), BasketLine(2, 5_000)]
    both = frozenset(Layer)
    item = Offer(1, 1, "", Layer.ITEM, 1, 1_000, None, None, 1_001, both, is_shops=True)
    shop = Offer(2, 2, "", Layer.SHOP, None, 2_000, None, None, 12_000, both, is_shops=True)
    priced = rules.price(lines, [shop, item])
    assert [step.line_minor for step in priced.steps] == [(1_000, 0), (1_286, 714)]
    assert [line.amount_minor - off for line, off in zip(lines, priced.line_discounts(), strict=True)] == [7_714, 4_286]
    assert rules.share_back(1_000, 4_500, 9_000) == 500


@pytest.mark.parametrize("combines", [frozenset(), frozenset({Layer.ITEM})])
def test_both_must_say_that_they_go_together(combines: frozenset[Layer]) -> None:
    item = Offer(1, 1, "", Layer.ITEM, 1, 100, None, None, 101, frozenset(Layer), is_shops=True)
    shop = Offer(2, 2, "", Layer.SHOP, None, 100, None, None, 101, combines, is_shops=True)
    assert item.goes_with(shop) is shop.goes_with(item) is bool(combines)
