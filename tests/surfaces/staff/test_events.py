"""The event log: what happened, and whether everyone keeps up."""

from __future__ import annotations

from datetime import datetime

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from tests.builders import teams
from tests.builders.people import make_person
from tests.surfaces.staff import scenes
from tests.surfaces.staff.reading import words_of
from wuyou.config.wiring import SUBSCRIBERS
from wuyou.infra import event_log

EVENTS = reverse("staff:events")


def test_what_happened_is_listed_newest_first(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order = scenes.paid_order(present, scenes.make_market(present))

    with django_assert_num_queries(6):
        text = words_of(client.get(EVENTS))

    assert f"orders.order_paid {order.order_no}" in text
    log = text[text.index("Show these") :]
    assert log.index("orders.order_paid") < log.index("payments.payment_captured")
    assert text.count("Up to date") == len(SUBSCRIBERS)


def test_one_kind_of_event(present: datetime, client: Client) -> None:
    scenes.paid_order(present, scenes.make_market(present))

    names = {event.name for event in event_log.list_events(name="orders.order_paid").items}
    text = words_of(client.get(EVENTS, {"name": "orders.order_paid"}))

    assert names == {"orders.order_paid"}
    assert "payments.payment_captured {" not in text
    assert '"order_no"' in text


def test_a_subscriber_that_lags_says_how_far(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    buyer = make_person(present)
    placed = teams.buy_alone(present, buyer, market.product)
    teams.pay(present, buyer, placed.order_no)

    assert "orders 1 unread" in words_of(client.get(EVENTS))


def test_a_subscriber_that_waits_says_when_it_tries_again(
    present: datetime, client: Client, settings: Settings
) -> None:
    settings.EVENT_SUBSCRIBERS = scenes.WITH_PRINTER
    scenes.letter(present, scenes.paid_order(present, scenes.make_market(present)), failures=1)

    text = words_of(client.get(EVENTS))

    assert "labels 1 unread · retries at" in text


def test_pages_of_the_log_lead_on(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    for _ in range(30):
        scenes.paid_order(present, market)

    first = client.get(EVENTS).content.decode()
    newest = event_log.list_events(limit=51)

    assert f"after={newest.items[49].seq}" in first
    assert "Page 2" in words_of(client.get(EVENTS, {"after": str(newest.items[49].seq)}))
