"""Every write of the catalogue, by noun."""

from wuyou.domains.catalog.operations.acts import note_act
from wuyou.domains.catalog.operations.clerks import (
    MAX_CLERKS,
    answer_invitation,
    end_clerk,
    invite_clerk,
)
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
from wuyou.domains.catalog.operations.keywords import (
    add_keyword,
    rename_keyword,
    restore_keyword,
    retire_keyword,
    set_product_keywords,
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
    "MAX_CLERKS",
    "MAX_PHOTOS",
    "MAX_PRICE_MINOR",
    "MAX_VARIANTS",
    "RETURN_WINDOW",
    "VariantDraft",
    "add_keyword",
    "add_photos",
    "add_product",
    "add_variant",
    "answer_invitation",
    "arrange_photos",
    "describe_photo",
    "describe_product",
    "end_clerk",
    "erase_person",
    "follow_judgement",
    "invite_clerk",
    "list_product",
    "note_act",
    "open_shop",
    "remove_photos",
    "rename_keyword",
    "rename_variant",
    "restore_keyword",
    "retire_keyword",
    "set_prices",
    "set_product_keywords",
    "unlist_product",
]
