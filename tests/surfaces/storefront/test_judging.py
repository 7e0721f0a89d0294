"""Members' pages of moderation: reporting, what became of it, decisions about one's own, and the rules."""

from __future__ import annotations

from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import goods, social
from tests.builders import messaging as talk
from tests.builders import moderation as judging
from tests.builders.people import make_person
from tests.builders.things import make_holding, make_review, make_thing
from tests.surfaces.storefront.conftest import browser
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import queries
from wuyou.domains.moderation.types import Category, Outcome, Subject, SubjectKind, Verdict
from wuyou.domains.things.types import Thing
from wuyou.infra import db
from wuyou.kernel import tokens
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC

pytestmark = pytest.mark.usefixtures("world", "plain_static_files")


@pytest.fixture
def present() -> datetime:
    return utc_now()


@pytest.fixture
def writer(present: datetime) -> Person:
    return make_person(present, "林深")


@pytest.fixture
def reader(present: datetime) -> Person:
    return make_person(present, "小满")


@pytest.fixture
def thing(present: datetime, writer: Person) -> Thing:
    known = make_thing(present, "海鸥 4A")
    make_holding(present, writer, known, audience=PUBLIC)
    return known


def form(**values: str) -> dict[str, str]:
    return {"idempotency_key": tokens.new_token(), **values}


def test_a_review_is_reported_and_its_answer_is_read(
    present: datetime, writer: Person, reader: Person, thing: Thing
) -> None:
    review = make_review(present, writer, thing, "包治百病")
    where, client = f"/report/review/{review}", browser(reader)

    assert f'href="{where}"' in client.get(f"/things/{thing.id}").content.decode()
    assert f'href="{where}"' not in browser(writer).get(f"/things/{thing.id}").content.decode()
    page = client.get(where).content.decode()
    assert "包治百病" in page
    assert client.post(where, form(words="没有疗效")).status_code == 422
    sent = form(category="FALSEHOOD", words="没有疗效")
    assert client.post(where, sent)["Location"] == f"/things/{thing.id}#review-{review}"
    assert client.post(where, sent)["Location"] == f"/things/{thing.id}#review-{review}"

    (case,) = queries.list_cases().items
    assert case.report_count == 1
    assert "Staff will look at it" in client.get("/reports").content.decode()
    judging.decide(present, make_person(present, is_staff=True), case.id, Outcome.WARN)
    assert "Whoever it is of was warned." in client.get("/reports").content.decode()


@pytest.mark.parametrize("what", ["review/999", "nothing/1", "shop/1", "person/999", "message/1"])
def test_what_is_not_there_cannot_be_reported(reader: Person, what: str) -> None:
    assert browser(reader).get(f"/report/{what}").status_code == 404
    assert browser(reader).post(f"/report/{what}", form(category="FRAUD")).status_code == 404


def test_who_is_not_signed_in_signs_in_first_and_nobody_reports_their_own(
    present: datetime, writer: Person, thing: Thing
) -> None:
    review = make_review(present, writer, thing)

    assert browser().get(f"/report/review/{review}")["Location"].startswith("/sign-in?next=")
    assert browser(writer).get(f"/report/review/{review}").status_code == 422
    assert db.rows("SELECT 1 FROM moderation_case") == []


def test_a_message_is_reported_by_its_reader_with_what_it_said(
    present: datetime, writer: Person, reader: Person
) -> None:
    social.befriend(present, writer, reader)
    conversation = talk.open_with(present, writer, reader)
    talk.say(present, writer, conversation, "转账给我就发货")
    message = db.rows("SELECT max(id) FROM messaging_message WHERE author_id = %s", [writer.id])[0][0]

    assert f"/report/message/{message}" in browser(reader).get(f"/talk/{conversation}").content.decode()
    assert browser(make_person(present)).get(f"/report/message/{message}").status_code == 404
    browser(reader).post(f"/report/message/{message}", form(category="FRAUD"))

    (case,) = queries.list_cases().items
    assert (case.subject, case.owner_id) == (Subject(SubjectKind.MESSAGE, message), writer.id)
    assert queries.list_reports(case.id)[0].evidence == ("转账给我就发货",)
    assert queries.shown_by_subject([case.subject]) == {}


def test_a_product_and_a_person_have_their_flags(present: datetime, writer: Person, reader: Person) -> None:
    product = goods.make_product(present)

    assert f'href="/report/product/{product.id}"' in browser(reader).get(f"/p/{product.id}").content.decode()
    assert f'href="/report/person/{writer.id}"' in browser(reader).get(f"/u/{writer.handle}/relation").content.decode()
    browser(reader).post(f"/report/person/{writer.id}", form(category="HARASSMENT"))
    assert [case.subject.kind for case in queries.list_cases().items] == [SubjectKind.PERSON]


def test_what_is_held_says_so_to_its_writer_alone(
    present: datetime, writer: Person, reader: Person, thing: Thing
) -> None:
    judging.make_rule(present, make_person(present, is_staff=True), "刷单")
    client = browser(writer)

    answer = client.post(f"/things/{thing.id}/review", form(text="来刷单", rating="", audience="everyone"), follow=True)

    assert "We look at it first" in answer.content.decode()
    assert "Under review: only you see it" in client.get(f"/things/{thing.id}").content.decode()
    assert "来刷单" in client.get("/decisions").content.decode()
    assert "来刷单" not in browser(reader).get(f"/things/{thing.id}").content.decode()


def test_words_that_are_refused_are_named_above_the_form_which_keeps_them(
    present: datetime, writer: Person, thing: Thing
) -> None:
    judging.make_rule(present, make_person(present, is_staff=True), "加微信", Verdict.REFUSE, Category.ADVERTISING)

    answer = browser(writer).post(f"/things/{thing.id}/review", form(text="加 微-信", rating="", audience="everyone"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "with the words “加 微-信” in it. The rule is: Unwanted advertising." in page
    assert db.rows("SELECT 1 FROM things_review") == []


def test_a_decision_is_read_and_appealed_against_by_whom_it_concerns(
    present: datetime, writer: Person, reader: Person, thing: Thing
) -> None:
    review = make_review(present, writer, thing, "包治百病")
    judging.report(present, reader, SubjectKind.REVIEW, review)
    staff = make_person(present, "值班员甲", is_staff=True)
    decision = judging.decide(
        present, staff, queries.list_cases().items[0].id, Outcome.WITHHOLD, Category.FALSEHOOD, "请附依据"
    )
    where, client = f"/decisions/{decision}", browser(writer)

    page = client.get(where).content.decode()
    assert "An honest bad review is welcome." in page
    assert "请附依据" in page
    assert "值班员甲" not in page
    assert "小满" not in page
    assert browser(reader).get(where).status_code == browser(staff).get(where).status_code == 404
    assert client.post(where, form(words="")).status_code == 422
    assert client.post(where, form(words="我有依据"))["Location"] == where
    assert "Appeal waits" in client.get(where).content.decode()
    assert client.post(where, form(words="再说一次")).status_code == 409
    judging.answer(
        utc_now(), make_person(present, is_staff=True), queries.list_appeals().items[0].appeal.id, is_granted=True
    )  # type: ignore[union-attr]
    assert "Appeal granted" in client.get(where).content.decode()


def test_the_rules_and_the_log_are_open_to_everybody_and_name_nobody(
    present: datetime, writer: Person, reader: Person, thing: Thing, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    review = make_review(present, writer, thing, "包治百病")
    judging.report(present, reader, SubjectKind.REVIEW, review, Category.FALSEHOOD)
    judging.decide(present, make_person(present, is_staff=True), queries.list_cases().items[0].id, Outcome.REMOVE)
    stranger = browser()

    with django_assert_num_queries(4):
        page = stranger.get("/moderation").content.decode()

    assert "Removed" in page
    assert "(reported)" in page
    for private in ("林深", "小满", "包治百病", f"review-{review}", writer.handle):
        assert private not in page
