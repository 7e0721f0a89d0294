"""Photographs of goods through the shop's pages: uploaded, arranged, named by a file, and shown wherever goods are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from tests.builders import teams
from tests.builders.people import make_person
from tests.builders.pictures import claim_png, make_photo
from tests.surfaces.seller.conftest import Bench, another_owner, paid
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.catalog import operations, queries
from wuyou.domains.identity.types import Person
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def file(name: str = "front.jpg", seed: int = 1) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make_photo(500, 500, seed), "image/jpeg")


def upload(bench: Bench, market: Market, *files: SimpleUploadedFile) -> int:
    path = f"{bench.home}/products/{market.product.id}/photos"
    return bench.client.post(path, {"photos": list(files), **key()}).status_code


def photo_ids(market: Market) -> list[int]:
    return [photo.id for photo in queries.photos_of(market.product.id)]


def test_a_photo_stands_wherever_its_product_is_shown(bench: Bench, committed: Market, mei: Person) -> None:
    assert upload(bench, committed, file(), file("back.jpg", 2)) == 302
    (cover, back) = photo_ids(committed)
    order = paid(committed, mei)
    me = browser(mei)
    small, card = f"/p/photos/{cover}/160", f"/p/photos/{cover}/480"
    assert card in me.get("/").content.decode()
    page = me.get(f"/p/{committed.product.id}").content.decode()
    assert card in page
    assert f"/p/photos/{back}/160" in page
    assert small in me.get("/orders").content.decode()
    assert small in me.get(f"/orders/{order.order_no}").content.decode()
    own = f"{bench.home}/photos/{cover}/160"
    assert own in bench.page("/products")
    assert own in bench.page(f"/orders/{order.order_no}")
    assert f"{bench.home}/photos/{cover}/480" in bench.page(f"/products/{committed.product.id}")
    answer = browser().get(card)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")


def test_off_the_shelves_only_who_bought_it_sees_it(bench: Bench, committed: Market, mei: Person) -> None:
    upload(bench, committed, file())
    (photo,) = photo_ids(committed)
    paid(committed, mei)
    db.in_transaction(
        lambda: operations.unlist_product(
            actor=Actor(committed.owner.id), product_id=committed.product.id, now=utc_now()
        )
    )
    path = f"/p/photos/{photo}/160"
    stranger, absent = browser(make_person(utc_now())), "/p/photos/999999/160"
    assert stranger.get(path).status_code == stranger.get(absent).status_code == 404
    assert browser().get(path).status_code == 404
    assert browser(mei).get(path).status_code == 200
    assert bench.client.get(f"{bench.home}/photos/{photo}/160").status_code == 200
    assert browser(another_owner()).get(f"{bench.home}/photos/{photo}/160").status_code == 404


def test_order_cover_words_aside_and_removal(bench: Bench, committed: Market) -> None:
    upload(bench, committed, file("a.jpg", 1), file("b.jpg", 2), file("c.jpg", 3))
    a, b, c = photo_ids(committed)

    def change(photo: int, do: str, **said: str) -> int:
        return bench.client.post(f"{bench.home}/photos/{photo}/change", {"do": do, **said, **key()}).status_code

    assert change(c, "first") == 302
    assert photo_ids(committed) == [c, a, b]
    assert change(a, "later") == 302
    assert photo_ids(committed) == [c, b, a]
    assert change(b, "earlier") == 302
    assert change(a, "describe", alt="一罐蜂蜜", alt_en="A jar of honey", variant=str(committed.variant_id)) == 302
    assert change(c, "remove") == 302
    assert change(b, "aside") == 302
    assert photo_ids(committed) == [a]
    page = browser().get(f"/p/{committed.product.id}").content.decode()
    assert 'alt="A jar of honey"' in page
    assert "b.jpg" in bench.page("/photos")
    taken = {"photo": [b], **key()}
    assert bench.client.post(f"{bench.home}/products/{committed.product.id}/photos/take", taken).status_code == 302
    assert photo_ids(committed) == [a, b]
    before = footprint()
    assert change(a, "dance") == 422
    assert change(a, "describe", alt="x" * 300) == 422
    assert change(999_999, "remove") == 404
    assert footprint() == before


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"GIF89a" + bytes(64), 422), (claim_png(30_000, 30_000), 422), (b"<svg onload=alert(1)>", 422), (b"", 422)],
)
def test_hostile_files_change_nothing(bench: Bench, committed: Market, content: bytes, status: int) -> None:
    before = footprint()
    bad = SimpleUploadedFile("front.jpg", content, "image/jpeg")
    assert upload(bench, committed, bad) == status
    assert bench.client.post(f"{bench.home}/photos", {"photos": [bad], **key()}).status_code == status
    assert upload(bench, committed) == 422
    assert footprint() == before


def test_a_list_of_goods_names_photographs(bench: Bench, committed: Market) -> None:
    sent = {"photos": [file("a.jpg", 1), file("b.jpg", 2)], **key()}
    assert bench.client.post(f"{bench.home}/photos", sent).status_code == 302

    def take_over(photos: str) -> str:
        lines = (
            f"product_id,variant_id,title,variant,price,stock,photos\n{committed.product.id},{committed.variant_id},"
        )
        table = SimpleUploadedFile("goods.csv", f"{lines}山里的蜂蜜,一瓶,59.00,,{photos}\n".encode(), "text/csv")
        tried = bench.client.post(f"{bench.home}/products/import", {"file": table, **key()})
        trial = tried.context["trial"]
        if trial is None or trial.wrong:
            return " ".join(trial.lines[0].notes)
        done = bench.client.post(f"{bench.home}/products/import", {"token": trial.token, **key()})
        assert done.status_code == 302
        return "taken over"

    assert "No photograph called “c.jpg”" in take_over("b.jpg|c.jpg")
    assert photo_ids(committed) == []
    assert take_over("b.jpg|a.jpg") == "taken over"
    assert [photo.name for photo in queries.photos_of(committed.product.id)] == ["b.jpg", "a.jpg"]
    exported = b"".join(bench.client.get(f"{bench.home}/products?format=csv"))
    assert "b.jpg|a.jpg" in exported.decode()
    assert take_over("a.jpg") == "taken over"
    assert [photo.name for photo in queries.list_photos_aside(committed.shop.id)] == ["b.jpg"]


def test_lists_ask_no_more_for_photographs(
    bench: Bench, committed: Market, django_assert_max_num_queries: Budget
) -> None:
    browser(committed.owner).get(f"/p/{committed.product.id}")

    def count(path: str) -> int:
        with django_assert_max_num_queries(99) as asked:
            assert bench.client.get(path).status_code == 200
        return len(asked)  # type: ignore[arg-type]

    paths = [f"{bench.home}/products", "/", f"/p/{committed.product.id}"]
    bare = [count(path) for path in paths]
    upload(bench, committed, file("a.jpg", 1), file("b.jpg", 2))
    assert [count(path) for path in paths] == [bare[0], bare[1], bare[2] + 1]


def test_a_team_shows_the_photograph(bench: Bench, committed: Market, mei: Person) -> None:
    upload(bench, committed, file())
    (photo,) = photo_ids(committed)
    team = teams.open_and_pay(utc_now(), mei, committed.campaign, committed.product)
    assert f"/p/photos/{photo}/160" in browser().get(f"/t/{team.token}").content.decode()
