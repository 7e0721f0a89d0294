"""Every write of the alliance."""

from wuyou.domains.alliance.operations.commissions import (
    confirm_conversions,
    record_conversions,
    reverse_commissions,
    settle_order,
)
from wuyou.domains.alliance.operations.erasure import erase_person
from wuyou.domains.alliance.operations.following import carry_click, follow_offer, follow_tag
from wuyou.domains.alliance.operations.plans import set_plan
from wuyou.domains.alliance.operations.publishing import (
    add_slot,
    bind_visitor,
    ensure_link,
    ensure_publisher,
    record_click,
)

__all__ = [
    "add_slot",
    "bind_visitor",
    "carry_click",
    "confirm_conversions",
    "ensure_link",
    "ensure_publisher",
    "erase_person",
    "follow_offer",
    "follow_tag",
    "record_click",
    "record_conversions",
    "reverse_commissions",
    "set_plan",
    "settle_order",
]
