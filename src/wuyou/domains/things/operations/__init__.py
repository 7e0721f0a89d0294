"""Every write of things.

Locks, in this order: things by id, a shelf, copies by id, what was said by id, files by key.
"""

from wuyou.domains.things.operations.arrivals import import_holdings, take_back, take_in
from wuyou.domains.things.operations.blocking import block_brand, block_thing
from wuyou.domains.things.operations.bulk import ensure_coded, import_in_bulk
from wuyou.domains.things.operations.drawings import add_drawing, place_mark, remove_mark, renew_drawing
from wuyou.domains.things.operations.erasure import erase_person
from wuyou.domains.things.operations.figures import add_figure, renew_figure
from wuyou.domains.things.operations.finding import allow_finding
from wuyou.domains.things.operations.gifts import give_copy, offer_copy
from wuyou.domains.things.operations.holdings import (
    add_holding,
    describe_holding,
    label_holdings,
    move_holding,
    move_holdings,
    remove_holdings,
    set_audience,
    settle_arrivals,
)
from wuyou.domains.things.operations.judged import follow_judgement, remove_judged
from wuyou.domains.things.operations.marks import mark_thing
from wuyou.domains.things.operations.parts import add_part, change_part, retire_part
from wuyou.domains.things.operations.photos import add_photos, order_photos, remove_photos
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
    "add_drawing",
    "add_figure",
    "add_holding",
    "add_part",
    "add_photos",
    "add_thing",
    "allow_finding",
    "annotate",
    "block_brand",
    "block_thing",
    "change_part",
    "describe_holding",
    "edit_review",
    "ensure_coded",
    "ensure_variants",
    "erase_person",
    "follow_judgement",
    "give_copy",
    "give_thanks",
    "import_holdings",
    "import_in_bulk",
    "label_holdings",
    "make_shelf",
    "mark_thing",
    "merge_things",
    "move_holding",
    "move_holdings",
    "offer_copy",
    "order_photos",
    "order_shelf",
    "order_shelves",
    "place_mark",
    "put_on_shelf",
    "remove_annotation",
    "remove_holdings",
    "remove_judged",
    "remove_mark",
    "remove_photos",
    "remove_reply",
    "remove_review",
    "remove_shelf",
    "rename_shelf",
    "renew_drawing",
    "renew_figure",
    "reply",
    "retire_part",
    "set_audience",
    "settle_arrivals",
    "take_back",
    "take_in",
    "take_thanks_back",
    "write_review",
]
