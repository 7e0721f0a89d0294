"""Every write of things.

Locks, in this order: things by id, a shelf, copies by id, then what was said, by id.
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
from wuyou.domains.things.operations.marks import mark_thing
from wuyou.domains.things.operations.reviews import edit_review, remove_review, write_review
from wuyou.domains.things.operations.shelves import (
    make_shelf,
    order_shelf,
    order_shelves,
    put_on_shelf,
    remove_shelf,
    rename_shelf,
)
from wuyou.domains.things.operations.thanks import give_thanks, take_thanks_back
from wuyou.domains.things.operations.threads import annotate, remove_annotation, remove_reply, reply
from wuyou.domains.things.operations.tree import add_thing, ensure_variants, merge_things

__all__ = [
    "add_holding",
    "add_thing",
    "allow_finding",
    "annotate",
    "describe_holding",
    "edit_review",
    "ensure_variants",
    "erase_person",
    "give_copy",
    "give_thanks",
    "import_holdings",
    "label_holdings",
    "make_shelf",
    "mark_thing",
    "merge_things",
    "move_holding",
    "offer_copy",
    "order_shelf",
    "order_shelves",
    "put_on_shelf",
    "remove_annotation",
    "remove_holdings",
    "remove_reply",
    "remove_review",
    "remove_shelf",
    "rename_shelf",
    "reply",
    "set_audience",
    "take_back",
    "take_in",
    "take_thanks_back",
    "write_review",
]
