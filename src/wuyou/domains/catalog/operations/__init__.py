"""Every write of the catalogue, by noun."""

from wuyou.domains.catalog.operations.erasure import erase_person
from wuyou.domains.catalog.operations.goods import (
    MAX_BRIEF,
    MAX_PRICE_MINOR,
    MAX_VARIANTS,
    RETURN_WINDOW,
    VariantDraft,
    add_product,
    add_variant,
    describe_product,
    follow_judgement,
    list_product,
    open_shop,
    rename_variant,
    set_prices,
    unlist_product,
)
from wuyou.domains.catalog.operations.photos import (
    MAX_ASIDE,
    MAX_PHOTOS,
    add_photos,
    arrange_photos,
    describe_photo,
    remove_photos,
)

__all__ = [
    "MAX_ASIDE",
    "MAX_BRIEF",
    "MAX_PHOTOS",
    "MAX_PRICE_MINOR",
    "MAX_VARIANTS",
    "RETURN_WINDOW",
    "VariantDraft",
    "add_photos",
    "add_product",
    "add_variant",
    "arrange_photos",
    "describe_photo",
    "describe_product",
    "erase_person",
    "follow_judgement",
    "list_product",
    "open_shop",
    "remove_photos",
    "rename_variant",
    "set_prices",
    "unlist_product",
]
