"""By what a sale is looked at again before it is paid: values in, findings out.

Each rule has a version and its parameters, which every finding keeps. A change of either is a new version: what an
earlier one found, and what was decided of it, stays. Rules see numbers and times; the people in them are compared and
never told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from wuyou.domains.alliance.hold_types import FlagRule, Found
from wuyou.kernel.money import BPS

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's version, and what it counts with."""

    version: int
    parameters: Mapping[str, int]


RULES: Mapping[FlagRule, Rule] = MappingProxyType(
    {
        FlagRule.SELF_BUY: Rule(1, {}),
        FlagRule.SAME_BROWSER: Rule(1, {"days": 30}),
        FlagRule.SAME_HANDS: Rule(1, {}),
        FlagRule.RATE: Rule(1, {"least_orders": 10, "most_bps": 5_000}),
        FlagRule.RETURNS: Rule(1, {"days": 60, "least_orders": 4, "least_bps": 7_500}),
        FlagRule.NO_MOVEMENT: Rule(1, {"hours": 12}),
        FlagRule.RING: Rule(1, {"days": 30, "least_orders": 8, "most_buyers": 2}),
    }
)


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of one conversion and of what stands around it."""

    conversion_id: int
    order_no: str
    click_id: int
    recorded_at: datetime
    buyer_id: int
    payer_ids: frozenset[int]
    """Who paid for the order, as payments know it."""
    shop_owner_id: int
    parties: Mapping[str, int]
    """The person behind each role that is paid."""
    shop_payee: str
    """Where the shop is paid, provider and reference; empty where it did not say."""
    publisher_payee: str
    clicks_in_browser: tuple[tuple[int, str, datetime], ...]
    """Clicks of parties with the winning click's browser: number, role, when."""
    clicked_at: datetime
    slot_visitors: int
    """Browsers that followed links of the slot on the business day of the winning click."""
    slot_orders: int
    """Orders that clicks of that day brought."""
    pair_orders: tuple[tuple[datetime, bool], ...]
    """Orders of this buyer by this publisher: when they were recorded, and whether all goods came back."""
    ring_orders: tuple[tuple[datetime, int], ...]
    """Orders of this shop by this publisher: when they were recorded, and the buyer."""
    shipped_at: datetime | None
    received_at: datetime | None
    scan_count: int


def findings_of(look: Look) -> tuple[Found, ...]:
    """What the rules find of a conversion, in their order."""
    found = []
    for rule, judge in _JUDGES.items():
        declared = RULES[rule]
        evidence = judge(look, declared.parameters)
        if evidence is not None:
            found.append(Found(rule, declared.version, declared.parameters, evidence))
    return tuple(found)


Evidence = Mapping[str, object] | None


def _self_buy(look: Look, _: Mapping[str, int]) -> Evidence:
    """Who buys, or pays, owns the shop, or is paid for the sale."""
    buyers = {look.buyer_id} | look.payer_ids
    roles = sorted(role for role, person_id in look.parties.items() if person_id in buyers)
    if look.shop_owner_id in buyers:
        roles.append("SHOP")
    return {"roles": roles, "click": look.click_id} if roles else None


def _same_browser(look: Look, parameters: Mapping[str, int]) -> Evidence:
    """Somebody who is paid for the sale followed a link in the browser of the winning click, so many days around it."""
    near = timedelta(days=parameters["days"])
    shared = [(click_id, role) for click_id, role, at in look.clicks_in_browser if abs(at - look.clicked_at) <= near]
    if not shared:
        return None
    return {"click": look.click_id, "others": [click_id for click_id, _role in shared][:20],
            "roles": sorted({role for _click, role in shared})}  # fmt: skip


def _same_hands(look: Look, _: Mapping[str, int]) -> Evidence:
    """Shop and publisher are one person, or are paid at one place."""
    same = []
    if look.parties.get("PUBLISHER") == look.shop_owner_id:
        same.append("person")
    if look.shop_payee and look.shop_payee == look.publisher_payee:
        same.append("payee")
    return {"same": same} if same else None


def _rate(look: Look, parameters: Mapping[str, int]) -> Evidence:
    """Of a slot's visitors on one day, more ordered than people do: 11 orders of 20 are too many, 10 are not."""
    many = look.slot_orders >= parameters["least_orders"]
    if not many or look.slot_orders * BPS <= look.slot_visitors * parameters["most_bps"]:
        return None
    return {"orders": look.slot_orders, "visitors": look.slot_visitors}


def _returns(look: Look, parameters: Mapping[str, int]) -> Evidence:
    """One buyer gave back most of what they ordered through one publisher: 3 orders of 4."""
    since = look.recorded_at - timedelta(days=parameters["days"])
    orders = [is_back for at, is_back in look.pair_orders if since < at <= look.recorded_at]
    if len(orders) < parameters["least_orders"] or sum(orders) * BPS < len(orders) * parameters["least_bps"]:
        return None
    return {"orders": len(orders), "returned": sum(orders)}


def _no_movement(look: Look, parameters: Mapping[str, int]) -> Evidence:
    """Received within hours of being sent, and no carrier scanned a parcel."""
    if look.shipped_at is None or look.received_at is None or look.scan_count:
        return None
    if look.received_at - look.shipped_at > timedelta(hours=parameters["hours"]):
        return None
    return {"shipped_at": look.shipped_at.isoformat(), "received_at": look.received_at.isoformat(), "scans": 0}


def _ring(look: Look, parameters: Mapping[str, int]) -> Evidence:
    """Many orders of a shop through a publisher, all of one or two buyers."""
    since = look.recorded_at - timedelta(days=parameters["days"])
    buyers = [buyer_id for at, buyer_id in look.ring_orders if since < at <= look.recorded_at]
    if len(buyers) < parameters["least_orders"] or len(set(buyers)) > parameters["most_buyers"]:
        return None
    return {"orders": len(buyers), "buyers": len(set(buyers))}


_JUDGES: Mapping[FlagRule, Callable[[Look, Mapping[str, int]], Evidence]] = {
    FlagRule.SELF_BUY: _self_buy,
    FlagRule.SAME_BROWSER: _same_browser,
    FlagRule.SAME_HANDS: _same_hands,
    FlagRule.RATE: _rate,
    FlagRule.RETURNS: _returns,
    FlagRule.NO_MOVEMENT: _no_movement,
    FlagRule.RING: _ring,
}


def longest_days(rules: Iterable[FlagRule]) -> int:
    """How far back the rules look, in days."""
    return max(RULES[rule].parameters.get("days", 1) for rule in rules)
