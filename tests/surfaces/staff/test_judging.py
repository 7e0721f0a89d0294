"""The console's pages of moderation: the queue, a case, appeals, and the rules."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import content
from tests.builders import moderation as judging
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.builders.things import make_holding, make_review, make_thing
from tests.surfaces.staff.conftest import signed_in
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import filing, queries
from wuyou.domains.moderation.types import CaseState, Category, Outcome, SubjectKind, Verdict
from wuyou.infra import pictures
from wuyou.kernel.sight import PUBLIC
from wuyou.surfaces.staff.access import new_key
from wuyou.surfaces.staff.pages.judging import pieces


@pytest.fixture
def writer(present: datetime) -> Person:
    return make_person(present, "林")


def reviewed(now: datetime, writer: Person, text: str, *, with_picture: bool = False) -> int:
    thing = make_thing(now)
    make_holding(now, writer, thing, audience=PUBLIC)
    taken = [pictures.take_in(make_photo(320, 240, 1))] if with_picture else []
    return make_review(now, writer, thing, text, pictures=taken)


def reported(now: datetime, writer: Person, text: str = "包治百病", category: Category = Category.FALSEHOOD) -> int:
    """A case that a member's report opened."""
    judging.report(now, make_person(now), SubjectKind.REVIEW, reviewed(now, writer, text), category, "哪来的疗效")
    return queries.list_cases().items[-1].id


def test_the_queue_is_told_oldest_first_and_by_rule(
    present: datetime, client: Client, writer: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = reported(present, writer, "第一")
    second = reported(present, writer, "第二", Category.FRAUD)

    with django_assert_num_queries(8):
        page = client.get(reverse("staff:cases")).content.decode()

    assert page.index(f'href="/staff/moderation/{first}"') < page.index(f'href="/staff/moderation/{second}"')
    only = client.get(f"{reverse('staff:cases')}?category=FRAUD").content.decode()
    assert f"/staff/moderation/{second}" in only
    assert f'href="/staff/moderation/{first}"' not in only


def test_a_case_shows_what_was_found_in_the_words_as_they_were_written(
    present: datetime, client: Client, staff: Person, writer: Person
) -> None:
    judging.make_rule(present, staff, "加微信", category=Category.ADVERTISING)
    reviewed(present, writer, "好用，加 微-信 <b>", with_picture=True)
    case = queries.list_cases().items[0].id

    page = client.get(reverse("staff:case", args=[case])).content.decode()

    assert '<mark title="Unwanted advertising: 加微信">加 微-信</mark> &lt;b&gt;' in page
    assert client.get(reverse("staff:case-picture", args=[case, 0])).status_code == 200
    assert client.get(reverse("staff:case-picture", args=[case, 1])).status_code == 404
    client.post(reverse("staff:forbid-picture", args=[case, 0]), {"idempotency_key": new_key()})
    (rule,) = queries.list_picture_rules().items
    assert rule.verdict is Verdict.HOLD


def test_a_case_is_decided_once_whoever_sends_the_form_again(present: datetime, client: Client, writer: Person) -> None:
    case = reported(present, writer)
    form = {"outcome": "WITHHOLD", "category": "FALSEHOOD", "note": "请附依据", "idempotency_key": new_key()}
    where = reverse("staff:decide-case", args=[case])

    assert client.post(where, form | {"outcome": "", "idempotency_key": new_key()}).status_code == 422
    assert queries.get_case(case).state is CaseState.OPEN
    assert client.post(where, form)["Location"] == reverse("staff:cases")
    assert client.post(where, form)["Location"] == reverse("staff:cases")

    (decision,) = queries.list_decisions(case)
    assert (decision.outcome, decision.note) == (Outcome.WITHHOLD, "请附依据")
    late = signed_in(make_person(present, is_staff=True)).post(where, form | {"outcome": "KEEP"})
    assert late.status_code == 409
    assert "Somebody else has decided this a moment ago." in late.content.decode()


def test_an_appeal_is_answered_by_somebody_else(
    present: datetime, client: Client, staff: Person, writer: Person
) -> None:
    case = reported(present, writer)
    decision = judging.decide(present, staff, case)
    appeal = judging.appeal(present, writer, decision, "我有依据")

    assert "我有依据" in client.get(reverse("staff:appeal", args=[appeal])).content.decode()
    form = {"answer": "grant", "note": "", "idempotency_key": new_key()}
    own = client.post(reverse("staff:answer-appeal", args=[appeal]), form)
    assert own.status_code == 403
    other = signed_in(make_person(present, is_staff=True))
    assert other.post(reverse("staff:answer-appeal", args=[appeal]), form | {"answer": ""}).status_code == 422
    assert other.post(reverse("staff:answer-appeal", args=[appeal]), form).status_code == 302

    assert queries.list_appeals().items == ()
    assert not queries.is_withheld(queries.get_case(case).subject)
    strikes = client.get(reverse("staff:strikes", args=[writer.id])).content.decode()
    assert "Taken back" in strikes


def test_rules_are_taken_in_tried_exported_and_retired(present: datetime, client: Client) -> None:
    terms = reverse("staff:terms")
    assert "Take in the starting set" in client.get(terms).content.decode()

    client.post(reverse("staff:import-terms"), {"starting": "1", "idempotency_key": new_key()})

    assert queries.count_rules()[0] == len(filing.starting_set()) > 30
    tried = client.get(terms, {"try": "想要就加 微 信，反刷单"}).content.decode()
    assert ">加 微 信</mark>，反刷单" in tried
    exported = b"".join(client.get(f"{terms}?format=csv").streaming_content)  # type: ignore[attr-defined]
    assert len(filing.read_rules(exported)) == len(filing.starting_set())
    again = {"file": SimpleUploadedFile("terms.csv", exported), "idempotency_key": new_key()}
    assert client.post(reverse("staff:import-terms"), again).status_code == 302
    assert queries.count_rules()[0] == len(filing.starting_set())

    rule = queries.list_term_rules().items[0]
    client.post(reverse("staff:retire-term", args=[rule.id]), {"idempotency_key": new_key()})
    assert queries.count_rules()[0] == len(filing.starting_set()) - 1


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("term,verdict\n刷单,HOLD\n", 1),
        ("term,verdict,category\n刷单,HOLD,FRAUD\n高仿,MAYBE,FRAUD\n", 3),
        ("term,verdict,category,valid_from\n刷单,HOLD,FRAUD,2026-03-01\n", 2),
        (b"term,verdict,category\n\xff,HOLD,FRAUD\n", 2),
    ],
)
def test_a_file_that_cannot_be_read_names_its_line_and_changes_nothing(
    client: Client, content: str | bytes, line: int
) -> None:
    file = SimpleUploadedFile("terms.csv", content.encode() if isinstance(content, str) else content)

    answer = client.post(reverse("staff:import-terms"), {"file": file, "idempotency_key": new_key()})

    assert answer.status_code == 422
    assert f"Line {line} of the file" in answer.content.decode()
    assert queries.count_rules() == (0, 0)


def test_a_rule_is_written_and_refused_with_its_reason(present: datetime, client: Client) -> None:
    form = {"term": "刷单", "verdict": "REFUSE", "category": "FRAUD", "exceptions": "反刷单\n"}
    where = reverse("staff:add-term")

    assert client.post(where, form | {"term": "！", "idempotency_key": new_key()}).status_code == 422
    assert client.post(where, form | {"verdict": "", "idempotency_key": new_key()}).status_code == 422
    assert queries.count_rules() == (0, 0)
    assert client.post(where, form | {"idempotency_key": new_key()}).status_code == 302

    (rule,) = queries.list_term_rules().items
    assert (rule.text, rule.verdict, rule.exceptions) == ("刷单", Verdict.REFUSE, ("反刷单",))


def test_a_picture_rule_is_written_from_a_file_and_retired(present: datetime, client: Client) -> None:
    form = {"verdict": "REFUSE", "category": "RIGHTS", "note": "盗图", "idempotency_key": new_key()}
    where = reverse("staff:add-picture-rule")
    assert client.post(where, form).status_code == 422
    bad = SimpleUploadedFile("a.svg", b"<svg/>")
    assert client.post(where, form | {"file": bad, "idempotency_key": new_key()}).status_code == 422
    photo = SimpleUploadedFile("a.jpg", make_photo(320, 240, 3))
    assert client.post(where, form | {"file": photo, "idempotency_key": new_key()}).status_code == 302

    (rule,) = queries.list_picture_rules().items
    look = pictures.take_in(make_photo(320, 240, 3)).phash
    assert queries.find_pictures([look])[0].id == rule.id
    client.post(reverse("staff:retire-picture-rule", args=[rule.id]), {"idempotency_key": new_key()})
    assert queries.find_pictures([look]) == ()


def test_what_overlaps_is_marked_as_one(present: datetime, staff: Person) -> None:
    judging.make_rule(present, staff, "微信")
    judging.make_rule(present, staff, "加微信")
    text = "请加微信号"

    cut = pieces(text, queries.find_terms(text, present))

    assert [(piece.text, bool(piece.rule)) for piece in cut] == [("请", False), ("加微信", True), ("号", False)]


def test_a_case_of_a_video_shows_its_film_to_staff_alone(present: datetime, client: Client, writer: Person) -> None:
    post = content.make_video(present, writer)
    judging.report(present, make_person(present), SubjectKind.POST, post, Category.FALSEHOOD, "看着不对")
    reported_review = reported(present, writer)
    case = next(one.id for one in queries.list_cases().items if one.subject.kind is SubjectKind.POST)
    film = reverse("staff:case-film", args=[case])

    assert f'<video class="judged-film" controls playsinline preload="metadata" src="{film}"' in (
        client.get(reverse("staff:case", args=[case])).content.decode()
    )
    part = client.get(film, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.getvalue(), part["Content-Type"]) == (206, b"ftyp", "video/mp4")
    assert client.get(reverse("staff:case-film", args=[reported_review])).status_code == 404
    assert Client().get(film).status_code != 200
    assert "judged-film" not in client.get(reverse("staff:case", args=[reported_review])).content.decode()
