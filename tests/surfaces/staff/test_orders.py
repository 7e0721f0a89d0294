"""Orders: the list, and one order with all that is known about it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import teams
from tests.builders.people import make_person
from tests.surfaces.staff import scenes
from tests.surfaces.staff.reading import rows_of, words_of

ORDERS = reverse("staff:orders")


def test_the_list_costs_nine_queries_however_many_orders(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market = scenes.make_market(present)
    made = [scenes.paid_order(present, market) for _ in range(3)]

    with django_assert_num_queries(9):
        text = words_of(client.get(ORDERS))

    assert all(order.order_no in text for order in made)
    assert text.count("Peach Hill") == 3


def test_an_order_is_found_by_the_beginning_of_its_number(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    wanted, other = scenes.paid_order(present, market), scenes.paid_order(present, market)

    text = words_of(client.get(ORDERS, {"q": f" {wanted.order_no} "}))

    assert wanted.order_no in text
    assert other.order_no not in text
    assert "No order number begins with “999”" in words_of(client.get(ORDERS, {"q": "999"}))


def test_tabs_show_the_orders_of_their_state(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    ready = scenes.paid_order(present, market)
    unpaid = teams.buy_alone(present, make_person(present), market.product)
    held = scenes.forming_team(present, market).seats[0]

    shown = {
        state: [number for number in (ready.order_no, unpaid.order_no, held.order_no)
                if number in words_of(client.get(ORDERS, {"state": state}))]
        for state in ("unpaid", "held", "ready", "shipped", "no-such-state")
    }  # fmt: skip

    assert shown == {
        "unpaid": [unpaid.order_no],
        "held": [held.order_no],
        "ready": [ready.order_no],
        "shipped": [],
        "no-such-state": [ready.order_no, unpaid.order_no, held.order_no],
    }


def test_the_file_holds_every_order_of_the_filter(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    placed = [teams.buy_alone(present, make_person(present), market.product) for _ in range(101)]
    paid = scenes.paid_order(present, market)

    rows = rows_of(client.get(ORDERS, {"format": "csv", "state": "unpaid", "order": "oldest"}))

    assert [row["order_no"] for row in rows] == [order.order_no for order in placed]
    (row,) = rows_of(client.get(ORDERS, {"format": "csv", "q": paid.order_no}))
    assert (row["total"], row["currency"], row["payment"], row["fulfilment"]) == ("59.00", "CNY", "PAID", "READY")
    assert datetime.fromisoformat(row["paid_at"]) == paid.paid_at.replace(microsecond=0) if paid.paid_at else False


def test_an_order_shows_its_three_axes_its_refund_its_commission_and_its_journals(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market = scenes.make_market(present - timedelta(days=30))
    order = scenes.completed_order(present, market)
    refund_no = scenes.refund(present, order, 900)
    teams.send_refunds(present)

    with django_assert_num_queries(21):
        answer = client.get(reverse("staff:order", args=[order.order_no]))

    text = words_of(answer)
    assert "Payment Paid Fulfilment Completed Refund Refunded in part" in text
    assert refund_no in text
    assert "Money returned" in text
    # 10 % of 59.00 less 9.00 is 5.00, of which seven tenths and three tenths go to the parties.
    assert "Commission ¥5.00" in text
    assert "林巧 Publisher 90%" in text
    assert [kind for kind in text.split() if kind.partition(":")[0] in KINDS] == [
        f"capture:{order.order_no}",
        f"release:{order.order_no}",
        f"settle:{order.order_no}",
        f"refund:{refund_no}",
        f"unsettle:{refund_no}",
        f"refunded:{refund_no}",
    ]


KINDS = ("capture", "release", "settle", "refund", "unsettle", "refunded")


def test_an_unpaid_order_has_not_begun_and_nothing_is_booked(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    order = teams.buy_alone(present, make_person(present), market.product)

    text = words_of(client.get(reverse("staff:order", args=[order.order_no])))

    assert "Payment Unpaid Fulfilment Not begun Refund Nothing refunded" in text
    assert "Nothing is booked before the payment is captured." in text


def test_a_seat_leads_to_its_team(present: datetime, client: Client) -> None:
    team = scenes.forming_team(present, scenes.make_market(present))

    answer = client.get(reverse("staff:order", args=[team.seats[0].order_no]))

    assert reverse("staff:team", args=[team.token]) in answer.content.decode()
    assert "2 of 3 paid" in words_of(answer)


def test_an_unknown_order_is_not_found(client: Client) -> None:
    answer = client.get(reverse("staff:order", args=["26030100000012"]))

    assert answer.status_code == 404
    assert "We could not find this order." in answer.content.decode()
