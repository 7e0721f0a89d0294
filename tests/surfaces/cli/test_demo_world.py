"""What is written down of the demo world fits together, and the records can be told with it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from importlib.resources import files

import pytest
from PIL import Image

from wuyou.domains.channels import rules
from wuyou.domains.channels.types import ChannelText
from wuyou.surfaces.cli.demo.channelling import read_channels, rule_of
from wuyou.surfaces.cli.demo.describing import DESCRIBED, read_described
from wuyou.surfaces.cli.demo.drawing import HEIGHT, WIDTH, draw_keyboard
from wuyou.surfaces.cli.demo.history import LONGEST, SHORTEST, read_history, retell
from wuyou.surfaces.cli.demo.homes import read_homes
from wuyou.surfaces.cli.demo.town import VARIANTS
from wuyou.surfaces.cli.demo.world import MEMBER, MERCHANT, STAFF, World, read_world, variant_of
from wuyou.surfaces.ui.pictures import FACES, THINGS

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def world() -> World:
    return read_world()


def test_the_town_is_as_large_as_it_says(world: World) -> None:
    assert len(world.shops) == 8
    assert len(world.products) == 48
    assert len([person for person in world.people if person.login != STAFF]) == 24
    assert [person.login for person in world.people if person.login] == [MEMBER, MERCHANT, STAFF]
    assert world.people[-1].login == STAFF, "the one who is registered last"


def test_every_picture_is_shipped_and_belongs_to_one_product_or_person(world: World) -> None:
    pictures = [product.picture for product in world.products]
    avatars = [person.avatar for person in world.people]

    assert not set(pictures) - set(THINGS)
    assert not set(avatars) - set(FACES)
    assert len(set(pictures)) == len(pictures)
    assert len(set(avatars)) == len(avatars)


def test_every_text_is_there_in_both_languages(world: World) -> None:
    pairs = [(shop.name, shop.name_en) for shop in world.shops]
    pairs += [pair for each in world.products for pair in ((each.title, each.title_en), (each.brief, each.brief_en))]

    for chinese, english in pairs:
        assert CHINESE.search(chinese), english
        assert english.isprintable()
        assert not CHINESE.search(english), english
    assert max(len(product.title) for product in world.products) <= 14, "a card shows two short lines"
    assert max(len(product.title_en) for product in world.products) <= 42
    for product in world.products:
        assert len({variant.name for variant in product.variants}) == len(product.variants)
        assert not any(CHINESE.search(variant.name_en) for variant in product.variants)


def test_what_is_published_of_the_keyboard_says_that_it_is_an_example(world: World) -> None:
    read = read_described()
    assert DESCRIBED in world.owner_of
    assert "示例数据" in read["source"]
    assert "example data" in read["source"]
    numbers = [part["number"] for part in read["part"]]
    assert len(set(numbers)) == len(numbers)
    for named in (*read["part"], *read["figure"]):
        assert CHINESE.search(str(named.get("name", named.get("quantity"))))
        assert not CHINESE.search(str(named.get("name_en", named.get("quantity_en"))))
    assert {figure.get("part", numbers[0]) for figure in read["figure"]} <= set(numbers)
    assert {words["who"] for words in read["words"]} <= {person.handle for person in world.people}

    with Image.open(io.BytesIO(draw_keyboard())) as drawing:
        assert drawing.size == (WIDTH, HEIGHT)
        colours = drawing.convert("P", colors=32).getcolors() or []
    assert len(colours) > 20, "it is a drawing, and no empty sheet"


def test_a_team_always_pays_less_and_prices_are_whole_in_every_variant(world: World) -> None:
    for product in world.products:
        for variant in product.variants:
            assert variant.alone > 0
            assert (variant.team is not None) == (product.team is not None), product.picture
            if variant.team is not None:
                assert 0.5 * variant.alone < variant.team < variant.alone, product.picture


def test_campaigns_are_of_all_kinds(world: World) -> None:
    terms = [product.team for product in world.products if product.team]

    assert {each.size for each in terms} == {2, 3, 4, 5}
    assert len({each.hours for each in terms}) >= 5
    assert [each for each in terms if each.per_person]
    assert [each for each in terms if each.total]
    assert len([each for each in terms if each.new_buyers_only]) == 1
    assert len(world.products) > len(terms), "some things are sold alone only"
    assert len({shop.commission.rate_bps for shop in world.shops if shop.commission}) >= 5
    assert [shop for shop in world.shops if shop.commission is None]


def test_the_present_names_only_who_and_what_is_there_and_happens_in_time(world: World) -> None:
    handles = {person.handle for person in world.people}
    products = {product.picture: product for product in world.products}
    newcomers = {person.handle for person in world.people if person.newcomer}

    for team in world.teams:
        picture, place = variant_of(team.product)
        product = products[picture]
        assert product.team is not None
        members = [team.leader, *team.joined, *team.unpaid]
        assert {team.leader, *team.joined, *team.unpaid} <= handles
        assert world.owner_of[picture] not in members
        assert len(set(members)) == len(members) <= product.team.size
        assert product.variants[place].stock != 0
        open_minutes = product.team.hours * 60 - team.minutes_left
        assert open_minutes > 0
        assert all(0 < minutes < open_minutes for minutes in {**team.joined, **team.unpaid}.values()), picture
        assert not product.team.new_buyers_only or {*team.joined, *team.unpaid} <= newcomers
    for purchase in world.purchases:
        sold_by = {world.owner_of[variant_of(name)[0]] for name in purchase.goods}
        assert len(sold_by) == 1, "an order is of one shop"
        assert purchase.buyer in handles - sold_by
        assert all(0 < hours <= purchase.hours_ago for hours in purchase.steps.values()), purchase
        assert purchase.via in handles | {""}
        assert purchase.via != purchase.buyer
    for cart in world.carts:
        assert cart.buyer in handles
        assert all(len(products[variant_of(name)[0]].variants) > variant_of(name)[1] for name in cart.goods)


def test_homes_name_only_who_and_what_is_there(world: World) -> None:
    homes = read_homes()
    handles = {person.handle for person in world.people if person.login != STAFF}
    keys = [thing.key for thing in homes.things]
    goods = {product.picture for product in world.products}
    shelves = {(home.person, name) for home in homes.homes for name in home.shelves}
    labels = {(owner, name) for owner, name, _ in homes.labels}
    pairs = [frozenset((each.asks, each.agrees)) for each in homes.friends]

    assert [home.person for home in homes.homes] == [person.handle for person in world.people][:-1]
    assert len(set(keys)) == len(keys)
    assert not goods.intersection(keys)
    assert len(set(pairs)) == len(pairs)
    assert all(len(pair) == 2 and pair <= handles for pair in pairs)
    for home in homes.homes:
        assert set(home.tastes) <= homes.models_by_family.keys()
    for copy in homes.copies:
        assert copy.owner in handles
        assert copy.thing in keys or variant_of(copy.thing)[0] in goods, copy.thing
        assert not copy.shelf or (copy.owner, copy.shelf) in shelves
        for kind, _, name in (word.partition(":") for word in (*copy.open, *copy.but)):
            assert kind in {"everyone", "followers", "friends", "person", "label", "holders"}
            assert kind != "person" or name in handles
            assert kind != "label" or (copy.owner, name) in labels
            assert kind != "holders" or name in keys
    assert {said.person for said in homes.selves} <= handles
    for owner, words in [(said.person, said.open) for said in homes.selves] + [(f.owner, f.open) for f in homes.faces]:
        assert words, owner
        for kind, _, name in (word.partition(":") for word in words):
            assert kind in {"everyone", "followers", "friends", "label"}
            assert kind != "label" or (owner, name) in labels
    for thing in homes.things:
        assert CHINESE.search(thing.name)
        assert not CHINESE.search(thing.name_en)


def test_the_shipped_records_are_few_and_real_shaped() -> None:
    rows = read_history().rows

    assert len(rows) == 400
    assert (files("wuyou.surfaces.cli.demo") / "groupbuys.parquet").stat().st_size <= 20_000  # type: ignore[attr-defined]
    assert 0.4 < sum(row.succeeded for row in rows) / len(rows) < 0.6
    assert {row.good.size for row in rows} == {2, 3, 4}


@pytest.mark.parametrize("seed", range(5))
def test_records_are_told_with_people_and_goods_of_the_world(world: World, seed: int) -> None:
    records = replace(read_history(), seed=seed)
    told = retell(records, world)

    assert told == retell(records, world), "the same every time"
    item_became: dict[tuple[int, int], int] = {}
    for row, was in zip(told.rows, records.rows, strict=True):
        product_number, place = divmod(row.good.item, VARIANTS)
        product = world.products[product_number]
        members = [world.people[number] for number in (row.initiator, *row.participants)]
        assert product.team is not None
        assert product.team.is_unlimited
        assert SHORTEST <= product.team.hours <= LONGEST
        assert row.good.size == product.team.size
        assert not row.succeeded or row.good.size == was.good.size == len(members)
        assert product.variants[place].stock != 0
        assert len({person.handle for person in members}) == len(members)
        assert world.owner_of[product.picture] not in {person.handle for person in members}
        assert not any(person.newcomer or person.login == STAFF for person in members)
        if row.succeeded:
            assert item_became.setdefault((was.good.item, was.good.size), product_number) == product_number
    assert len({row.initiator for row in told.rows}) == 22, "everybody but the newcomers takes part"


def test_channels_have_rules_that_hold_and_name_posts_that_are_written() -> None:
    begins = [post.title or post.text for post in read_homes().posts]
    written = read_channels()

    assert len(written) == 7
    for channel in written:
        text = ChannelText(
            channel["slug"], channel["name"], channel["name_en"], channel["about"], channel["about_en"],
            channel["picture"],
        )  # fmt: skip
        assert rules.clean_text(text) == text
        assert text.picture in THINGS
        assert rules.clean_rule(rule_of(channel["rule"])) == rule_of(channel["rule"])
        assert CHINESE.search(text.about)
        assert not CHINESE.search(text.about_en)
        for _, title, _, _ in channel.get("by_hand", ()):
            assert any(one.startswith(title) for one in begins), title
