"""The keywords of the town: every one fits what it is put on, and goods carry them."""

from __future__ import annotations

from datetime import datetime

from tests.builders import goods
from tests.builders.people import make_person

from wuyou.domains.catalog import queries
from wuyou.domains.catalog.types import KEYWORDS_OF_GOODS, KeywordKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.surfaces.cli.demo.keywording import define_keywords, read_keywords
from wuyou.surfaces.cli.demo.world import read_world


def test_keywords_name_goods_of_the_town_and_are_of_every_kind() -> None:
    written = read_keywords()
    sold = {product.picture for shop in read_world().shops for product in shop.products}
    for each in written:
        pictures = each.get("on", [])
        assert set(pictures) <= sold, each["name"]
        assert bool(pictures) == (KeywordKind(each["kind"]) in KEYWORDS_OF_GOODS), each["name"]
    assert {each["kind"] for each in written} == {kind.value for kind in KeywordKind}


def test_goods_carry_the_keywords_that_name_them(world: None, now: datetime) -> None:
    tent = goods.make_product(now, picture="tent")
    other = goods.make_product(now, picture="camera")
    staff = Actor(make_person(now, is_staff=True).id, is_staff=True)
    assert db.in_transaction(lambda: define_keywords(actor=staff, now=now)) == len(queries.list_keywords())
    names = [one.name for one in queries.keywords_by_id(queries.get_product(tent.id).keyword_ids).values()]
    assert names == ["露营"]
    assert queries.get_product(other.id).keyword_ids == ()
