"""What people do is noted once, by whoever makes it true, and forgotten with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from tests.builders import content, goods, social, teams
from tests.builders.people import make_person
from wuyou.config.wiring import SUBSCRIBERS
from wuyou.domains.content import operations as content_operations
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders.errors import CartFull
from wuyou.domains.orders.rules import MAX_LINES
from wuyou.infra import db, events
from wuyou.infra.lake.person import erase_person
from wuyou.kernel.actor import Actor

pytestmark = pytest.mark.usefixtures("world")


def noted() -> Sequence[Sequence[Any]]:
    """Kind, object and person of everything that the platform noted, in an order of its own."""
    return db.rows(
        """
        SELECT kind, object_kind, object_id, person_id FROM behaviour_event
        WHERE source = 'server' ORDER BY kind, object_id, person_id
        """
    )


def test_what_readers_do_about_a_post_is_noted_once_each(now: datetime) -> None:
    author, reader = make_person(now), make_person(now)
    post = content.make_post(now, author)

    for _ in range(2):
        content.react(now, reader, post)
        db.in_transaction(lambda: content_operations.take_reaction_back(actor=Actor(reader.id), post_id=post))
        content.save(now, reader, post)
        db.in_transaction(lambda: content_operations.unsave_post(actor=Actor(reader.id), post_id=post))
        content.thank(now, reader, post)
    content.comment(now, reader, post)
    content.comment(now, reader, post)
    content.repost(now, reader, post)
    events.drain(SUBSCRIBERS, now)
    events.drain(SUBSCRIBERS, now)

    kinds = ["comment", "comment", "like", "repost", "save", "thank"]
    assert noted() == [(kind, "post", post, reader.id) for kind in kinds]


def test_follows_carts_teams_and_orders_are_noted(now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    shop = goods.make_shop(now)
    goods.make_plan(now, shop)
    product = goods.make_product(now, shop=shop)
    campaign = goods.make_campaign(now, product, size=2)
    variant = product.variants[0].id

    social.follow(now, me, you)
    social.unfollow(now, me, you)
    social.follow(now, me, you)
    for quantity in (1, 3):
        put = partial(orders.put_in_cart, actor=Actor(me.id), variant_id=variant, quantity=quantity, now=now)
        db.in_transaction(put)
    team = teams.form_team(now, me, [you], campaign, product)

    assert noted() == [
        ("add_to_cart", "product", product.id, me.id),
        ("follow", "person", you.id, me.id),
        ("join_team", "team", team.id, me.id),
        ("join_team", "team", team.id, you.id),
        ("order", "product", product.id, me.id),
        ("order", "product", product.id, you.id),
    ]


def test_what_does_not_go_into_the_cart_is_not_noted(now: datetime) -> None:
    me = make_person(now)
    shop = goods.make_shop(now)
    for number in range(MAX_LINES + 1):
        variant = goods.make_product(now, shop=shop, title=f"货{number}").variants[0].id
        put = partial(orders.put_in_cart, actor=Actor(me.id), variant_id=variant, quantity=1, now=now)
        if number == MAX_LINES:
            with pytest.raises(CartFull):
                db.in_transaction(put)
        else:
            db.in_transaction(put)

    assert len(noted()) == MAX_LINES


def test_what_somebody_did_goes_with_them(now: datetime) -> None:
    author, reader = make_person(now), make_person(now)
    content.save(now, reader, content.make_post(now, author))
    assert len(noted()) == 1

    db.in_transaction(lambda: erase_person(person_id=reader.id, now=now))

    assert noted() == []
