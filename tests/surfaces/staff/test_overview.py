"""The overview says what needs somebody now, and where the money lies."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries, Settings

from tests.builders import teams
from tests.surfaces.staff import scenes
from tests.surfaces.staff.reading import words_of
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind
from wuyou.kernel.money import Currency
from wuyou.surfaces.staff import words

OVERVIEW = reverse("staff:overview")


def test_a_calm_platform_says_so(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(12):
        text = words_of(client.get(OVERVIEW))

    assert "Nothing needs you" in text
    assert text.count("¥0.00") == 10


def test_everything_that_waits_is_told_with_its_place(
    present: datetime, client: Client, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.EVENT_SUBSCRIBERS = scenes.WITH_PRINTER
    market = scenes.make_market(present, team_ttl=timedelta(hours=10))
    scenes.forming_team(present - timedelta(hours=9), market)
    scenes.failed_refund(present, market)
    order = scenes.paid_order(present, market)
    scenes.mismatch(present - timedelta(days=1), order)
    scenes.letter(present, order)

    with django_assert_num_queries(15):
        answer = client.get(OVERVIEW)

    text = words_of(answer)
    for title in ("1 refund failed", "1 dead letter", "1 payment mismatch", "1 team ends soon"):
        assert title in text
    for place in ("refunds?state=failed", "dead-letters", "mismatches", "teams?state=ending"):
        assert f'href="/staff/{place}"' in answer.content.decode()


def test_an_event_that_is_tried_again_is_told_before_it_dies(
    present: datetime, client: Client, settings: Settings
) -> None:
    settings.EVENT_SUBSCRIBERS = scenes.WITH_PRINTER
    scenes.letter(present, scenes.paid_order(present, scenes.make_market(present)), failures=2)

    text = words_of(client.get(OVERVIEW))

    assert "1 event is being retried" in text
    assert "dead letter" not in text.replace("becomes a dead letter", "")


def test_old_mismatches_are_no_news(present: datetime, client: Client) -> None:
    scenes.mismatch(present - timedelta(days=8), scenes.paid_order(present, scenes.make_market(present)))

    assert "Nothing needs you" in words_of(client.get(OVERVIEW))


def test_the_figures_are_the_books_and_what_lies_at_providers_is_all_the_rest(
    present: datetime, client: Client
) -> None:
    market = scenes.make_market(present - timedelta(days=30))
    scenes.completed_order(present, market)
    scenes.forming_team(present, market)
    scenes.refund(present, scenes.paid_order(present, market), 500)
    teams.settle_down(present)

    text = words_of(client.get(OVERVIEW))

    totals = {kind: total.amount_minor for (kind, _), total in ledger.totals_by_kind().items()}
    assert totals[AccountKind.CLEARING] == 5_900 + 7_800 + 5_900
    assert totals.pop(AccountKind.CLEARING) == sum(totals.values())
    assert totals[AccountKind.BUYERS_HELD] == 7_800
    assert totals[AccountKind.REFUNDS_DUE] == 500
    for shown in ("¥196.00", "¥78.00", "¥54.00", "¥5.00"):
        assert shown in text
    assert set(ledger.totals_by_kind()) == {
        (kind, Currency.CNY)
        for kind in AccountKind
        # nobody gave a packet, no bank asks anything back, and no bill was read
        if kind not in (AccountKind.PROMOTION_FUND, AccountKind.DISPUTED, AccountKind.PROVIDER_FEES)
    }


def test_every_figure_has_its_definition(client: Client) -> None:
    text = words_of(client.get(OVERVIEW))

    with translation.override("en"):
        for label, definition in words.ACCOUNT.values():
            assert str(label) in text
            assert str(definition) in text
    assert set(words.ACCOUNT) == set(AccountKind)
