"""Staff come in, strangers sign in, and everybody else finds nothing here."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.builders.people import make_person
from tests.surfaces.staff import scenes
from tests.surfaces.staff.conftest import ENGLISH, signed_in
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.identity.types import Person
from wuyou.domains.payments import queries as payments
from wuyou.infra import event_log
from wuyou.surfaces.staff.urls import urlpatterns

ARGUMENTS: dict[str, list[object]] = {
    "team": ["TOKEN"],
    "waive": ["TOKEN"],
    "dissolve": ["TOKEN"],
    "order": ["26030100000012"],
    "refund": ["26030100000012R1"],
    "retry-refund": ["26030100000012R1"],
    "statement": ["buyers_held/CNY"],
    "letter": [1],
    "activity": [1],
    "change-keyword": [1],
    "decide-enrolment": [1],
    "end-award": [1],
    "withdraw-honour": [1],
    "hold": [1],
    "payout": ["2026-03-shop12-CNY-1"],
    "retry-payout": ["2026-03-shop12-CNY-1"],
    "decide-write-off": ["shop12-CNY-1"],
    "decide-hold": [1],
    "notice": [1],
    "dispute": [1],
    "discrepancy": [1],
    "resolve-discrepancy": [1],
    "complaint": [1],
    "claim": [1],
    "decide-claim": [1],
    "decide-complaint": [1],
    "retry-letter": [1],
    "case": [1],
    "decide-case": [1],
    "case-film": [1],
    "case-picture": [1, 0],
    "forbid-picture": [1, 0],
    "strikes": [1],
    "appeal": [1],
    "answer-appeal": [1],
    "retire-term": [1],
    "retire-picture-rule": [1],
    "channel": [1],
    "describe-channel": [1],
    "open-channel": [1],
    "save-channel-rule": [1],
    "place-post": [1],
}
PAGES = [str(pattern.name) for pattern in urlpatterns]
SENTENCE = "There is nothing here, or nothing that you may see."


def address(page: str) -> str:
    return reverse(f"staff:{page}", args=ARGUMENTS.get(page, []))


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_sent_to_sign_in(present: datetime, page: str) -> None:
    answer = Client().get(address(page))

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{reverse('storefront:sign-in')}?next=/staff")


@pytest.mark.parametrize("page", PAGES)
def test_members_find_nothing_here(present: datetime, page: str) -> None:
    member = signed_in(make_person(present))

    for answer in (member.get(address(page)), member.post(address(page))):
        assert answer.status_code == 404
        assert SENTENCE in answer.content.decode()


def test_a_page_that_does_not_exist_looks_the_same_to_members(present: datetime) -> None:
    member = signed_in(make_person(present))

    denied, absent = member.get(address("overview")), member.get("/staff/no-such-page")

    assert denied.status_code == absent.status_code == 404
    assert denied.content.decode().count(SENTENCE) == absent.content.decode().count(SENTENCE) > 0


def test_a_form_that_a_stranger_sent_leads_to_the_overview_after_sign_in(present: datetime) -> None:
    answer = Client().post(address("retry-refund"))

    assert answer["Location"].endswith("?next=/staff/")


@pytest.mark.parametrize(
    "path",
    ["teams/%00", "orders/%00", "refunds/%00/retry", "refunds/" + "9" * 65, "dead-letters/" + "9" * 19, "accounts/%00",
     "accounts/merchant_escrow/%00/CNY", "teams?state=%00", "orders?state=%00&q=%00", "refunds?state=%00",
     "events?name=%00", "transfers?q=%00", "teams?after=99999999999999999999", "accounts?kind=%00",
     "accounts/buyers_held/CNY?since=%00"],
)  # fmt: skip
def test_addresses_that_make_no_sense_are_never_our_fault(client: Client, path: str) -> None:
    assert client.get(f"/staff/{path}").status_code in {200, 404, 422}


def test_pages_are_kept_by_no_cache(client: Client) -> None:
    assert "no-store" in client.get(address("overview"))["Cache-Control"]


@pytest.mark.parametrize("who", ["stranger", "member", "staff without the form's token"])
@pytest.mark.parametrize("page", ["waive", "dissolve"])
def test_denied_decisions_change_no_team(present: datetime, staff: Person, who: str, page: str) -> None:
    team = scenes.forming_team(present, scenes.make_market(present))

    answer = _visitor(who, present, staff).post(
        reverse(f"staff:{page}", args=[team.token]), {"idempotency_key": "once"}, headers=ENGLISH
    )

    assert answer.status_code in {302, 404, 403}
    assert groupbuy.get_team(team.token) == team


@pytest.mark.parametrize("who", ["stranger", "member", "staff without the form's token"])
def test_denied_retries_change_no_refund(present: datetime, staff: Person, who: str) -> None:
    refund_no = scenes.failed_refund(present, scenes.make_market(present))
    before = payments.get_refund(refund_no)

    answer = _visitor(who, present, staff).post(
        reverse("staff:retry-refund", args=[refund_no]), {"idempotency_key": "once"}
    )

    assert answer.status_code in {302, 404, 403}
    assert payments.get_refund(refund_no) == before


@pytest.mark.parametrize("who", ["stranger", "member", "staff without the form's token"])
def test_denied_retries_change_no_letter(present: datetime, staff: Person, settings: Settings, who: str) -> None:
    settings.EVENT_SUBSCRIBERS = scenes.WITH_PRINTER
    letter = scenes.letter(present, scenes.paid_order(present, scenes.make_market(present)))
    scenes.PRINTER.is_jammed = False

    answer = _visitor(who, present, staff).post(reverse("staff:retry-letter", args=[letter.id]))

    assert answer.status_code in {302, 404, 403}
    assert event_log.find_letter(letter.id) == letter
    assert scenes.PRINTER.printed == []


def _visitor(who: str, now: datetime, staff: Person) -> Client:
    if who == "stranger":
        return Client()
    if who == "member":
        return signed_in(make_person(now))
    return signed_in(staff, checks_csrf=True)
