"""Every write of things.

Locks, in this order: things by id, a shelf, copies by id.
"""

from wuyou.domains.things.operations.arrivals import import_holdings, take_back, take_in
from wuyou.domains.things.operations.erasure import erase_person
from wuyou.domains.things.operations.finding import allow_finding
from wuyou.domains.things.operations.gifts import give_copy, offer_copy
from wuyou.domains.things.operations.holdings import (
    add_holding,
    describe_holding,
    label_holdings,
    move_holding,
    remove_holdings,
    set_audience,
)
from wuyou.domains.things.operations.shelves import (
    make_shelf,
    order_shelf,
    order_shelves,
    put_on_shelf,
    remove_shelf,
    rename_shelf,
)
from wuyou.domains.things.operations.tree import add_thing, ensure_variants, merge_things

__all__ = [
    "add_holding",
    "add_thing",
    "allow_finding",
    "describe_holding",
    "ensure_variants",
    "erase_person",
    "give_copy",
    "import_holdings",
    "label_holdings",
    "make_shelf",
    "merge_things",
    "move_holding",
    "offer_copy",
    "order_shelf",
    "order_shelves",
    "put_on_shelf",
    "remove_holdings",
    "remove_shelf",
    "rename_shelf",
    "set_audience",
    "take_back",
    "take_in",
]
