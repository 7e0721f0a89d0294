"""`python -m tools.world`: what it makes of a little data fits to the world that ships, and can be loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner
from pytest_django.plugin import DjangoDbBlocker
from tests.conftest import empty_tables
from tools.world.__main__ import main
from tools.world.large import Sizes, write_large
from tools.world.records import compare_slice, cut, write_slice

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import queries as posts
from wuyou.domains.things import queries as things
from wuyou.infra import db, events
from wuyou.kernel.sight import make_viewer
from wuyou.surfaces.cli.demo import demo
from wuyou.surfaces.cli.demo.history import read_history, retell
from wuyou.surfaces.cli.demo.homemaking import settle_homes
from wuyou.surfaces.cli.demo.homes import Homes, read_homes
from wuyou.surfaces.cli.demo.town import VARIANTS, settle
from wuyou.surfaces.cli.demo.world import STAFF, read_world
from wuyou.surfaces.ui.pictures import FACES, THINGS

pytestmark = pytest.mark.xdist_group("demo")
NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(rows), path)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few rows of each data set, in their form."""
    folder = tmp_path_factory.mktemp("data")
    shop = folder / "cn_goods_litemall"
    names = ["厚毛巾", '"双层" 玻璃杯', "熟铁锅", "松软枕头", "帆布背包", "羊毛围巾"]
    write(shop / "goods.parquet", [
        {"id": 100 + n, "name": name, "category_id": 11 + n % 2, "brand_id": n % 2, "brief": "好用 &amp; 耐用",
         "unit": "件", "retail_price": 19.9 + n}
        for n, name in enumerate(names)
    ])  # fmt: skip
    write(shop / "category.parquet", [
        {"id": 1, "name": "居家", "pid": 0}, {"id": 2, "name": "餐厨", "pid": 0},
        {"id": 11, "name": "布艺", "pid": 1}, {"id": 12, "name": "器具", "pid": 2},
    ])  # fmt: skip
    write(shop / "brand.parquet", [{"id": 1, "name": "某制造商"}])
    write(shop / "goods_product.parquet", [
        {"goods_id": 100, "specifications": json.dumps(["大", color]), "price": 29.9, "number": 5} for color in "红蓝红"
    ])  # fmt: skip
    write(shop / "comment.parquet", [
        {"value_id": 100 + n % 2, "type": n // 8, "content": f"第 {n} 次买了。\n还会再来"} for n in range(9)
    ])  # fmt: skip
    write(shop / "topic.parquet", [{"id": 1, "title": "毛巾怎么选", "subtitle": "厚薄都试过", "goods": "[]"}])
    books = folder / "douban_book"
    write(books / "interactions.parquet", [
        {"user": user, "item": item, "rating": 5 if item == 7 else None}
        for user in range(6) for item in (7, 8, 20 + user)
    ])  # fmt: skip
    write(books / "social.parquet", [{"src": user, "dst": (user + 1) % 6} for user in range(6)])
    write(books / "book_author.parquet", [{"item": 7, "author_id": 3}])
    write(folder / "beibei_groupbuy" / "groupbuys.parquet", [
        {"gb_id": n, "success": n % 2 == 0, "initiator": n % 5, "item": n % 7,
         "participants": [] if n % 2 else [8, 9][: 1 + n % 8 // 6]}
        for n in range(60)
    ])  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def larger(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("made") / "larger"
    counts = write_large(data, to, Sizes(people=4, groupbuys=20))
    assert counts == {
        "people": 6, "shops": 2, "goods": 6, "reviews": 8, "posts": 1, "books": 2, "copies": 8, "group buys": 20,
    }  # fmt: skip
    return to


def test_it_adds_to_the_world_that_ships_and_fits(larger: Path) -> None:
    shipped, world, homes = read_world(), read_world(larger), read_homes(larger)
    added = world.people[len(shipped.people) - 1 : -1]
    handles = {person.handle for person in world.people}
    called = {product.called for product in world.products}
    keys = {thing.key for thing in homes.things} | called

    assert world.people[-1].login == STAFF, "who is registered last"
    assert len(handles) == len(world.people) == len(shipped.people) + 6
    assert not [person for person in added if person.login or person.avatar not in FACES]
    assert len({person.name for person in added}) == len(added)
    assert len(called) == len(world.products) == len(shipped.products) + 6
    for product in world.products[len(shipped.products) :]:
        assert product.picture in THINGS
        assert len({variant.name for variant in product.variants}) == len(product.variants) < VARIANTS
        assert all(v.team and 0.5 * v.alone < v.team < v.alone for v in product.variants)
        assert "&amp;" not in product.brief
    assert {copy.owner for copy in homes.copies} | {review.person for review in homes.reviews} <= handles
    assert {copy.thing for copy in homes.copies} | {review.thing for review in homes.reviews} <= keys
    assert {tag[0] for post in homes.posts for tag in post.tags} <= keys
    said = [(review.person, review.thing) for review in homes.reviews]
    assert len(set(said)) == len(said), "nobody says something of one good twice"
    told = retell(read_history(larger), world)
    assert len(told.rows) == 20


def test_what_it_adds_is_loaded_by_the_same_code(larger: Path, settled_larger: None) -> None:
    newest = posts.list_newest(make_viewer(None)).items
    products = catalog.list_products(words="毛巾").items
    (towel,) = products
    thing = things.things_by_product([towel.id])[towel.id]

    assert [post.title for post in newest] == ["毛巾怎么选"]
    assert len(things.list_reviews(make_viewer(None), thing.id).items) == 4
    assert len(things.find_things(make_viewer(None), "书 7").items) == 1


@pytest.fixture
def settled_larger(larger: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The people and shops of both, and what the folder adds to the homes."""
    with django_db_blocker.unblock():
        try:
            db.in_transaction(lambda: events.register(events.subscribers()))
            settled = settle(read_world(larger), passwords={}, now=NOW)
            settle_homes(_added(larger), settled, now=NOW, progress=lambda _: None)
            yield
        finally:
            empty_tables()


def _added(larger: Path) -> Homes:
    shipped, both = read_homes(), read_homes(larger)
    names = ("homes", "copies", "friends", "reviews", "posts")
    rest = {name: getattr(both, name)[len(getattr(shipped, name)) :] for name in names}
    none = ("follows", "labels", "notes", "blocks", "selves", "faces", "gifts", "calls", "talks", "threads")
    return replace(both, **rest, **dict.fromkeys(none, ()))


def test_the_slice_is_cut_without_looking_and_compared_by_its_rows(data: Path, tmp_path: Path) -> None:
    table = cut(data, small=10, large=5)
    numbers = table["gb_id"].to_pylist()

    assert len(numbers) == 15
    assert numbers == sorted(numbers)
    assert sum(len(joined) >= 2 for joined in table["participants"].to_pylist()) == 5
    write_slice(data, tmp_path / "slice.parquet")
    assert compare_slice(data, tmp_path / "slice.parquet") == 60


def test_without_the_data_it_says_so_and_writes_nothing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "larger"
    full = tmp_path / "full"
    (full / "mine").mkdir(parents=True)

    assert main(["large", "--data", str(tmp_path / "nowhere"), "--to", str(to)]) == 1
    assert "There is no" in capsys.readouterr().err
    assert main(["large", "--data", str(data), "--to", str(full)]) == 1
    assert "not empty" in capsys.readouterr().err
    assert main(["slice", "--data", str(data)]) == 1
    assert "is not what this recipe makes" in capsys.readouterr().err
    assert not to.exists()
    assert [each.name for each in full.iterdir()] == ["mine"]


@pytest.mark.usefixtures("world")
def test_a_folder_that_holds_no_world_is_refused(tmp_path: Path) -> None:
    empty = CliRunner().invoke(demo, ["load", "--world", str(tmp_path)])
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "1-shop.toml").write_text("owner = ")
    broken = CliRunner().invoke(demo, ["load", "--world", str(tmp_path)])

    assert (empty.exit_code, broken.exit_code) == (1, 1)
    assert "holds no world" in empty.stderr
    assert "is not as a world is written down" in broken.stderr
    assert db.rows("SELECT 1 FROM identity_user") == []
