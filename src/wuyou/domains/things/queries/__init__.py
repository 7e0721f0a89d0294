"""Every read of things, by noun. Copies are seen and counted by a `Viewer`: as far as their owners opened them."""

from wuyou.domains.things.queries.copies import (
    copies_shown,
    count_holders,
    get_holding_for,
    holdings_by_id,
    list_holders,
    list_holdings_of,
    list_labels_of,
    list_newest,
    list_newest_of,
    list_provenance,
    list_shelf,
    list_shelves,
    occasion_of_thing,
    preview_import,
    sight_tokens_of,
    things_in_common,
    visible_holdings_among,
)
from wuyou.domains.things.queries.export import (
    export_person,
)
from wuyou.domains.things.queries.tree import (
    get_thing,
    subjects_by_thing,
    things_by_id,
    things_by_product,
    things_by_variant,
)

__all__ = [
    "copies_shown",
    "count_holders",
    "export_person",
    "get_holding_for",
    "get_thing",
    "holdings_by_id",
    "list_holders",
    "list_holdings_of",
    "list_labels_of",
    "list_newest",
    "list_newest_of",
    "list_provenance",
    "list_shelf",
    "list_shelves",
    "occasion_of_thing",
    "preview_import",
    "sight_tokens_of",
    "subjects_by_thing",
    "things_by_id",
    "things_by_product",
    "things_by_variant",
    "things_in_common",
    "visible_holdings_among",
]
