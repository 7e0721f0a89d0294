"""What was bought arrives as a private copy, once, and goes when its money goes back; and what a file brings."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders.goods import make_product
from tests.builders.people import make_person
from tests.builders.teams import buy_alone, pay, settle_down
from tests.builders.things import make_holding
from wuyou.config.wiring import SUBSCRIBERS
from wuyou.domains.catalog.types import Product
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import handlers as orders_handlers
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders.events import OrderReceived
from wuyou.domains.things import errors, operations, queries
from wuyou.domains.things.types import (
    BadRow,
    Cause,
    Condition,
    Holding,
    HoldingSource,
    HoldingState,
    ImportReport,
    RowFault,
)
from wuyou.infra import db, events, sight
from wuyou.kernel.actor import PLATFORM, Actor

pytestmark = pytest.mark.usefixtures("world")


def receive(now: datetime, buyer: Person, product: Product) -> int:
    """An order that has come; returns its id."""
    placed = buy_alone(now, buyer, product)
    pay(now, buyer, placed.order_no)
    settle_down(now)
    db.in_transaction(lambda: orders.ship_order(actor=PLATFORM, order_id=placed.id, now=now))
    db.in_transaction(lambda: orders.receive_order(order_id=placed.id, now=now))
    settle_down(now)
    return placed.id


def refund(order_id: int, now: datetime, amount_minor: int | None = None) -> None:
    db.in_transaction(
        lambda: orders.request_refund(
            seller=None, order_id=order_id, amount_minor=amount_minor, reason="asked", now=now
        )
    )
    settle_down(now)


def held_by(person: Person) -> tuple[Holding, ...]:
    return queries.list_holdings_of(sight.get_viewer(person.id), person.id).items


def causes(person: Person, holding: Holding) -> list[Cause]:
    return [line.cause for line in queries.list_provenance(person.id, holding.id)]


def test_received_order_is_a_private_copy_of_its_variant(now: datetime) -> None:
    product, buyer = make_product(now), make_person(now)

    receive(now, buyer, product)
    receive(now, buyer, product)

    copies = held_by(buyer)
    assert [(c.state, c.source, c.condition) for c in copies] == [
        (HoldingState.OWN, HoldingSource.ORDER, Condition.NEW)
    ] * 2
    assert {c.thing.variant_id for c in copies} == {product.variants[0].id}
    model = queries.get_thing(copies[0].thing.parent_id or 0)
    assert (model.product_id, model.name, model.name_en) == (product.id, product.title, product.title_en)
    assert db.row("SELECT count(*) FROM things_thing") == (2,)
    assert queries.list_holdings_of(sight.get_viewer(None), buyer.id).items == ()
    assert queries.list_holdings_of(sight.get_viewer(make_person(now).id), buyer.id).items == ()


def test_order_line_arrives_once_also_when_its_copy_is_gone_and_the_event_is_handled_again(now: datetime) -> None:
    buyer = make_person(now)
    order_id = receive(now, buyer, make_product(now))
    (copy,) = held_by(buyer)
    db.in_transaction(lambda: operations.remove_holdings(actor=Actor(buyer.id), holding_ids=[copy.id], now=now))

    order = orders_queries.get_order(order_id)
    event = OrderReceived(order.id, order.order_no, buyer.id, order.shop_id, order.kind.value, now)
    db.in_transaction(lambda: orders_handlers.on_order_received(event, now))

    assert held_by(buyer) == ()
    assert db.row("SELECT count(*) FROM event WHERE name = 'things.holding_added'") == (1,)


def test_whole_refund_takes_the_copy_back_and_a_part_does_not(now: datetime) -> None:
    buyer = make_person(now)
    order_id = receive(now, buyer, make_product(now))
    (copy,) = held_by(buyer)

    refund(order_id, now, 100)
    assert held_by(buyer)[0].state is HoldingState.OWN
    refund(order_id, now)

    assert held_by(buyer)[0].state is HoldingState.HAD
    assert causes(buyer, copy) == [Cause.ARRIVED, Cause.RETURNED]
    lines = [line.id for line in orders_queries.get_order(order_id).lines]
    assert db.in_transaction(lambda: operations.take_back(line_ids=lines, now=now)) == 0
    assert len(causes(buyer, copy)) == 2


def test_refund_leaves_what_was_given_away(now: datetime) -> None:
    buyer, friend = make_person(now), make_person(now)
    order_id = receive(now, buyer, make_product(now))
    (copy,) = held_by(buyer)
    db.in_transaction(
        lambda: operations.move_holding(
            actor=Actor(buyer.id), holding_id=copy.id, to=HoldingState.GIVEN, other_id=friend.id, now=now
        )
    )

    refund(order_id, now)

    assert held_by(buyer)[0].state is HoldingState.GIVEN


def test_order_refunded_before_it_was_sent_brings_nothing(now: datetime) -> None:
    buyer = make_person(now)
    placed = buy_alone(now, buyer, make_product(now))
    pay(now, buyer, placed.order_no)
    settle_down(now)

    refund(placed.id, now)

    assert held_by(buyer) == ()


def test_what_was_received_before_there_were_things_arrives_when_the_subscriber_begins(now: datetime) -> None:
    buyer = make_person(now)
    receive(now, buyer, make_product(now))
    for table in ("things_arrival", "things_provenance", "things_holding"):
        db.execute(f"DELETE FROM {table}")
    db.execute("DELETE FROM event_cursor WHERE subscriber = 'arrivals'")
    db.in_transaction(lambda: events.register(SUBSCRIBERS))

    settle_down(now)

    assert len(held_by(buyer)) == 1


HEAD = "标题,作者,ISBN,状态,日期,评分,评论\n"
GOOD = "活着,余华,978-7-5063-6543-7,读过,2024-05-01,5,好\n"


def take(person: Person, text: str | bytes, now: datetime) -> ImportReport:
    content = text.encode() if isinstance(text, str) else text
    return db.in_transaction(
        lambda: operations.import_holdings(actor=Actor(person.id), content=content, today=now.date(), now=now)
    )


def test_import_takes_good_rows_in_and_names_bad_ones(now: datetime) -> None:
    reader = make_person(now)
    tomorrow = (now + timedelta(days=1)).date()
    text = HEAD + GOOD + (
        "海边的相机,海鸥,,想要,,,\n"
        ",无名,,,,,\n"
        "坏号,甲,978-7-5063-6543-8,,,,\n"
        "坏态,甲,,吃过,,,\n"
        f"明天,甲,,,{tomorrow},,\n"
        "坏日,甲,,,2024-02-30,,\n"
        "坏星,甲,,,,6,\n"
        '"长评",甲,,,,,"' + "字" * 5_001 + '"\n'
        "活着,余华,7-5063-6543-X,,,,\n"
        "活着（再）,余华,9787506365437,,,,\n"
        "太宽,甲,,,,,,,\n"
        '"两行\n",甲,,,,,"第一行\n第二行"\n'
    )  # fmt: skip

    preview = queries.preview_import(reader.id, text.encode(), now.date())
    assert db.row("SELECT count(*) FROM things_thing") == (0,)
    report = take(reader, text, now)

    assert preview == report
    assert (report.row_count, report.added_count, report.there_count) == (13, 3, 0)
    assert report.bad == (
        BadRow(4, "", RowFault.TITLE),
        BadRow(5, "坏号", RowFault.ISBN),
        BadRow(6, "坏态", RowFault.STATE),
        BadRow(7, "明天", RowFault.DATE),
        BadRow(8, "坏日", RowFault.DATE),
        BadRow(9, "坏星", RowFault.RATING),
        BadRow(10, "长评", RowFault.COMMENT),
        BadRow(11, "活着", RowFault.TWICE),
        BadRow(12, "活着（再）", RowFault.TWICE),
        BadRow(13, "", RowFault.SHAPE),
    )
    copies = {copy.thing.name: copy for copy in held_by(reader)}
    assert {name: copy.state for name, copy in copies.items()} == {
        "活着": HoldingState.HAD,
        "海边的相机": HoldingState.WANT,
        "两行": HoldingState.OWN,
    }
    book = copies["活着"]
    assert (book.rating, book.story, str(book.since_on), book.thing.brand) == (5, "好", "2024-05-01", "余华")
    assert copies["两行"].story == "第一行\n第二行"
    assert causes(reader, book) == [Cause.IMPORTED]
    assert queries.list_holdings_of(sight.get_viewer(None), reader.id).items == ()
    assert db.row("SELECT count(*) FROM event WHERE name = 'things.holding_added'") == (3,)


def test_second_import_adds_what_is_new_and_two_people_share_a_thing(now: datetime) -> None:
    reader, other = make_person(now), make_person(now)
    take(reader, HEAD + GOOD, now)

    again = take(reader, HEAD + GOOD + "海边的相机,海鸥,,,,,\n", now)
    take(other, ("title,creator,isbn\n" + "To Live,Yu Hua,750636543X\n").encode("gb18030"), now)

    assert (again.added_count, again.there_count) == (1, 1)
    assert len(held_by(reader)) == 2
    (shared,) = held_by(other)
    assert shared.thing.name == "活着"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xff\xff",
        "作者,评分\n余华,5\n".encode(),
        b'title\n"never closed\n',
        b'title\n"a"b\n',
        b"title\n" + b"x" * 200_000 + b"\n",
        b"title\n" + b"x\n" * 100_001,
        b"title\n" + b"x" * 20_000_000,
    ],
    ids=["empty", "no text", "no titles", "open quote", "quote inside", "huge cell", "too many rows", "too large"],
)
def test_file_that_cannot_be_read_changes_nothing(now: datetime, content: bytes) -> None:
    reader = make_person(now)

    with pytest.raises(errors.ImportMalformed):
        take(reader, content, now)
    with pytest.raises(errors.ImportMalformed):
        queries.preview_import(reader.id, content, now.date())

    assert db.row("SELECT count(*) FROM things_thing") == (0,)
    assert db.row("SELECT count(*) FROM event") == (0,)


def test_import_that_fails_half_way_leaves_nothing(now: datetime) -> None:
    reader = make_person(now)
    db.execute(
        """
        CREATE FUNCTION refuse_line() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$
        """
    )
    db.execute("CREATE TRIGGER refuse BEFORE INSERT ON things_provenance FOR EACH ROW EXECUTE FUNCTION refuse_line()")
    try:
        with pytest.raises(Exception, match="the disk is full"):
            take(reader, HEAD + GOOD, now)
    finally:
        db.execute("DROP TRIGGER refuse ON things_provenance")
        db.execute("DROP FUNCTION refuse_line()")

    assert db.row("SELECT count(*) FROM things_thing") == (0,)
    assert db.row("SELECT count(*) FROM event") == (0,)
    assert take(reader, HEAD + GOOD, now).added_count == 1


def test_import_of_a_merged_thing_finds_the_one_that_stays(now: datetime) -> None:
    reader, other, staff = make_person(now), make_person(now), make_person(now, is_staff=True)
    take(reader, HEAD + GOOD, now)
    (copy,) = held_by(reader)
    stays = make_holding(now, other).thing
    db.in_transaction(
        lambda: operations.merge_things(
            actor=Actor(staff.id, is_staff=True), thing_id=copy.thing.id, into_id=stays.id, now=now
        )
    )

    take(other, HEAD + GOOD, now)

    assert {copy.thing for copy in held_by(other)} == {stays}
    assert take(reader, HEAD + GOOD, now).there_count == 1


def test_thousands_of_rows_are_taken_in_by_few_statements(now: datetime) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    reader = make_person(now)
    text = HEAD + "".join(f"书 {n},作者 {n % 100},,读过,2024-05-01,{n % 5 + 1},评 {n}\n" for n in range(12_000))
    with CaptureQueriesContext(connection) as statements:
        report = take(reader, text, now)

    assert (report.added_count, report.bad) == (12_000, ())
    assert len(statements) <= 15
    assert db.row("SELECT count(*), count(DISTINCT thing_id) FROM things_holding") == (12_000, 12_000)
    assert db.row("SELECT count(*) FROM things_provenance") == (12_000,)
    assert db.row("SELECT count(*) FROM event WHERE name = 'things.holding_added'") == (12_000,)
