"""Tracking numbers by file: out, filled in, back; tried first, then all of it or nothing, whatever the file holds."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO, StringIO

import pytest
from django.http import HttpResponse

from tests.builders import goods, teams
from tests.builders.people import make_person
from tests.surfaces.seller.conftest import Bench, another_owner, paid
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import queries
from wuyou.domains.orders.types import FulfilmentState
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.seller import tables
from wuyou.surfaces.seller.tracking_files import COLUMNS

HEADER = "order_no,carrier,tracking_no\n"


def upload(bench: Bench, content: bytes | str) -> HttpResponse:
    file = BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = "numbers.csv"
    return bench.client.post(f"{bench.home}/orders/import", {"file": file, **key()})


def take_over(bench: Bench, tried: HttpResponse) -> HttpResponse:
    token = re.search(r'name="token" value="([^"]+)"', tried.content.decode())
    assert token is not None
    return bench.client.post(f"{bench.home}/orders/import", {"token": token[1], **key()})


def exported(bench: Bench) -> list[dict[str, str]]:
    answer = bench.client.get(f"{bench.home}/orders", {"format": "csv"})
    return list(csv.DictReader(StringIO(b"".join(answer).decode("utf-8-sig"))))  # type: ignore[arg-type]


def as_file(rows: Sequence[dict[str, str]]) -> str:
    out = StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_out_filled_in_and_back(bench: Bench, committed: Market, mei: Person) -> None:
    sold = [paid(committed, mei) for _ in range(3)]
    rows = exported(bench)
    assert [row["order_no"] for row in rows] == [each.order_no for each in sold]
    rows[0] |= {"carrier": "SF", "tracking_no": "sf 0001112223"}
    rows[1] |= {"carrier": "中通快递", "tracking_no": "ZT7788990011"}

    tried = upload(bench, as_file(rows))
    assert "2 lines change something." in tried.content.decode()
    assert not queries.parcels_by_order([each.id for each in sold])
    take_over(bench, tried)
    assert [act.what for act in catalog.list_acts(committed.shop.id).items] == ["import-tracking"]

    parcels = queries.parcels_by_order([each.id for each in sold])
    assert {(parcel.carrier, parcel.number) for (parcel,) in parcels.values()} == {
        ("SF", "SF0001112223"),
        ("ZTO", "ZT7788990011"),
    }
    assert queries.get_order(sold[2].id).fulfilment is FulfilmentState.READY


def test_file_puts_lines_into_several_parcels(bench: Bench, committed: Market, mei: Person) -> None:
    whole, parted = paid(committed, mei, quantity=2), paid(committed, mei, quantity=5)
    rows = exported(bench)
    assert [(row["quantity"], row["to_send"], row["pieces"]) for row in rows] == [("2", "2", ""), ("5", "5", "")]
    sf, local = {"carrier": "SF", "tracking_no": "SF0000001"}, {"carrier": "LOCAL", "tracking_no": ""}
    wrong = [
        [rows[1] | sf | {"pieces": "6"}],
        [rows[1] | sf | {"pieces": "x"}],
        [rows[1] | sf | {"pieces": "1", "line": rows[0]["line"]}],
        [rows[1] | sf | {"pieces": "2"}, rows[1] | sf | {"pieces": "2"}],
        [rows[1] | sf | {"pieces": "5"}, rows[1] | local],
    ]
    before = footprint()
    for each in wrong:
        assert "nothing is taken over" in upload(bench, as_file(each)).content.decode(), each
    assert {table for table, rows in footprint().items() if rows != before[table]} <= {"stored_file"}

    take_over(bench, upload(bench, as_file([rows[0] | local, rows[1] | sf | {"pieces": "2"}])))
    assert queries.get_order(whole.id).fulfilment is FulfilmentState.SHIPPED
    assert queries.get_order(parted.id).is_partly_sent
    (left,) = exported(bench)
    assert (left["to_send"], left["carrier"], left["tracking_no"]) == ("3", "", "")
    second = [left | {"pieces": "1", "carrier": "SF", "tracking_no": "SF0000002"}, left | local]
    take_over(bench, upload(bench, as_file(second)))
    assert queries.get_order(parted.id).fulfilment is FulfilmentState.SHIPPED
    assert [sum(each.quantity for each in parcel.pieces) for parcel in queries.list_parcels(parted.id)] == [2, 1, 2]


def test_file_of_a_chinese_spreadsheet(bench: Bench, committed: Market, mei: Person) -> None:
    order = paid(committed, mei)
    take_over(bench, upload(bench, f"{HEADER}{order.order_no},顺丰速运,SF1234567\n".encode("gb18030")))
    (parcel,) = queries.list_parcels(order.id)
    assert parcel.carrier == "SF"


def test_one_wrong_line_and_nothing_is_taken_over(bench: Bench, committed: Market, mei: Person) -> None:
    order, unpaid = paid(committed, mei), teams.buy_alone(utc_now(), mei, committed.product)
    rival = goods.make_shop(utc_now(), owner_id=another_owner().id)
    theirs = teams.buy_alone(utc_now(), mei, goods.make_product(utc_now(), shop=rival))
    lines = [
        f"{order.order_no},SF,SF1234567",
        f"{unpaid.order_no},SF,SF1234568",
        f"{theirs.order_no},SF,SF1234569",
        "26030100000012,SF,SF1234570",
        f"{order.order_no},SF,SF7654321",
        f"{order.order_no},Pigeon,SF1234567",
        f"{order.order_no},SF,123",
    ]
    before = footprint()
    tried = upload(bench, HEADER + "\n".join(lines)).content.decode()
    assert "6 lines are wrong, so nothing is taken over." in tried
    assert tried.count("The shop has no such order.") == 2  # another shop's is no order either
    assert "This order does not wait to be sent." in tried
    assert "Another line of this file gives the same order another number." in tried
    assert 'name="token"' not in tried
    after = footprint()
    changed = {table for table in after.keys() | before.keys() if after.get(table) != before.get(table)}
    assert changed <= {"stored_file"}  # the file waits, and is swept


def test_what_changed_since_the_trial_is_tried_again(bench: Bench, committed: Market, mei: Person) -> None:
    order = paid(committed, mei)
    tried = upload(bench, f"{HEADER}{order.order_no},SF,SF1234567\n")
    bench.client.post(f"{bench.home}/orders/{order.order_no}/refund", {"amount": "", **key()})
    before = footprint()
    answer = take_over(bench, tried)
    assert answer.status_code == 422
    assert "Nothing was taken over" in answer.content.decode()
    assert footprint() == before


def test_file_is_taken_over_once_and_by_nobody_else(bench: Bench, committed: Market, mei: Person) -> None:
    order = paid(committed, mei)
    tried = upload(bench, f"{HEADER}{order.order_no},SF,SF1234567\n")
    rival = another_owner()
    other_shop = goods.make_shop(utc_now(), owner_id=rival.id)
    token = re.search(r'name="token" value="([^"]+)"', tried.content.decode())
    assert token is not None
    stranger = browser(rival)
    before = footprint()
    for form in ({"token": token[1]}, {"token": "forged"}):
        answer = stranger.post(f"/seller/{other_shop.id}/orders/import", {**form, **key()})
        assert answer.status_code == 422
    assert footprint() == before
    take_over(bench, tried)
    assert take_over(bench, tried).status_code == 422  # the order does not wait any more


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "file"),
        (b"\x00\x01\x02", "cannot read line 1"),
        (HEADER.encode(), "no line below"),
        (b"order_no,carrier\n1,2\n", "has no column: tracking_no"),
        (b"order_no,carrier,tracking_no,price,color\n1,2,3,4,5\n", "price, color"),
        (b"order_no,carrier,tracking_no,carrier\n1,2,3,4\n", "carrier"),
        (b'order_no,carrier,tracking_no\n"1,2,3\n', "cannot read line"),
        (b"order_no,carrier,tracking_no\n1,2,3,4\n", "cannot read line 2"),
        (HEADER.encode() + b"1,SF,SF1234567\n" * 5_001, "At most 5000 lines"),
        (HEADER.encode() + b"1," + b"x" * 10_001 + b",3\n", "cannot read line 2"),
        (HEADER.encode() + b"y" * (10 * 1024 * 1024), "at most 10 MB"),
    ],
    ids=["empty", "binary", "no-line", "missing", "unknown", "twice", "quote", "too-wide", "too-many", "cell", "large"],
)
def test_files_that_make_no_sense_are_refused(bench: Bench, content: bytes, said: str) -> None:
    before = footprint()
    answer = upload(bench, content)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert footprint() == before


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "'x", "''", "plain", "\tx", "a'b", '=HYPERLINK("x")'])
def test_cells_come_back_as_they_were_and_run_nowhere(text: str) -> None:
    cell = tables.written(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    out = StringIO()
    csv.writer(out).writerow(["name"])
    csv.writer(out).writerow([cell])
    (row,) = tables.read(out.getvalue().encode(), needed=["name"], known=[])
    assert row["name"] == text


def test_buyers_name_is_no_formula(bench: Bench, committed: Market) -> None:
    paid(committed, make_person(utc_now(), "=cmd|'/c calc'!A1"))
    (row,) = exported(bench)
    assert row["buyer"] == "'=cmd|'/c calc'!A1"
    assert datetime.fromisoformat(row["ship_by"]) > utc_now()
