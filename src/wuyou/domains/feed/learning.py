"""What the recommender is taught: what people did in the open, whom they know, what the items are, and how often each
was on a screen; that number comes from the lake, and nobody is in it.

What somebody keeps private, a copy on a private shelf or a saved post, decides what they themselves are shown
(`queries.recent_of`) and teaches nothing about others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import queries as content
from wuyou.domains.feed.types import Item, ItemKind
from wuyou.domains.insight import queries as insight
from wuyou.domains.social import queries as social
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import HoldingState
from wuyou.engines.ranking import Interactions, Items, Kind, Model, Ties, train

AUTHOR, TOPIC, THING = "author", "topic", "thing"
"""Attributes of items: whose, about what word, about which thing. A shop is an author beside people: its id is negative
less one, shifted to be counted from 0."""

_KINDS = {"REACTION": Kind.LIKE, "COMMENT": Kind.LIKE, "REPOST": Kind.SAVE}
_STATES = {
    HoldingState.WANT: Kind.WANT,
    HoldingState.OWN: Kind.OWN,
    HoldingState.LENT: Kind.OWN,
    HoldingState.HAD: Kind.OWN,
}

Fact = tuple[int, int, int, float]
"""Person, item's number, kind, seconds since 1970."""


def learn() -> Model | None:
    """Read what there is and train; None while there is nothing to recommend. Cost: a few scans, then the training."""
    items = known_items()
    if not len(items.ids):
        return None
    return train(_interactions([*_said(), *_held()]), items, _ties())


def known_items() -> Items:
    """Everything that is open to everybody. Cost: five queries, each over all."""
    posts, products = content.list_open_posts(), catalog.list_listed()
    shop_of = {product: shop for product, shop, _ in products}
    thing_of = things.model_by_product(shop_of)
    seen = {
        Item(kind, key).number: count
        for kind, name in ((ItemKind.POST, "post"), (ItemKind.PRODUCT, "product"))
        for key, count in insight.sights_by_object(name).items()
    }
    numbers = [*(Item(ItemKind.POST, post.id).number for post in posts)]
    numbers += [Item(ItemKind.PRODUCT, product).number for product, _, _ in products]
    return Items(
        np.array(numbers, np.int64),
        {
            AUTHOR: _column([*(2 * post.owner_id for post in posts), *(2 * shop + 1 for _, shop, _ in products)]),
            TOPIC: _column([*(post.topic_id for post in posts), *(None for _ in products)]),
            THING: _column(
                [*(post.thing_id for post in posts), *(thing_of.get(product) for product, _, _ in products)]
            ),
        },
        np.array([*(post.at for post in posts), *(at for _, _, at in products)], np.float64),
        np.array([seen.get(number, 0) for number in numbers], np.float64),
    )


def _said() -> Iterable[Fact]:
    for person, post, what, at in content.list_open_taste():
        yield person, Item(ItemKind.POST, post).number, _KINDS[what], at


def _held() -> Iterable[Fact]:
    for person, product, state, at in things.list_open_products():
        if state in _STATES:
            yield person, Item(ItemKind.PRODUCT, product).number, _STATES[state], at


def _interactions(facts: Sequence[Fact]) -> Interactions:
    people, items, kinds, moments = zip(*facts, strict=True) if facts else ((), (), (), ())
    return Interactions(
        np.array(people, np.int64), np.array(items, np.int64), np.array(kinds, np.int8), None,
        np.array(moments, np.float64),
    )  # fmt: skip


def _ties() -> Ties:
    pairs = np.array(social.list_known_pairs(), np.int64).reshape(-1, 2)
    return Ties(pairs[:, 0], pairs[:, 1])


def _column(values: Sequence[int | None]) -> NDArray[np.int64]:
    return np.array([-1 if value is None else value for value in values], np.int64)
