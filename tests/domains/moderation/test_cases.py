"""Reports, cases, decisions, appeals and rules: what is refused changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders import moderation as judging
from tests.builders import social
from tests.builders.goods import make_product
from tests.builders.people import actor_for, make_person
from tests.builders.things import make_holding, make_review, make_thing
from wuyou.config.wiring import SUBSCRIBERS
from wuyou.domains.catalog import operations as catalog_operations
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import errors, operations, queries
from wuyou.domains.moderation.rules import APPEAL_FOR, MOST_REPORTS
from wuyou.domains.moderation.types import CaseState, Category, Outcome, Subject, SubjectKind, TermDraft, Verdict
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db, events
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FRIENDS, PUBLIC

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def writer(now: datetime) -> Person:
    return make_person(now, "林")


@pytest.fixture
def reader(now: datetime) -> Person:
    return make_person(now, "江")


@pytest.fixture
def staff(now: datetime) -> Person:
    return make_person(now, is_staff=True)


@pytest.fixture
def review(now: datetime, writer: Person) -> int:
    thing = make_thing(now)
    make_holding(now, writer, thing, audience=PUBLIC)
    return make_review(now, writer, thing, "包治百病")


def rows(table: str) -> int:
    return int(db.rows(f"SELECT count(*) FROM {table}")[0][0])


def told(person: Person) -> list[Kind]:
    return [group.kind for group in notifications.list_groups(get_viewer(person.id)).items]


def test_reports_of_one_subject_are_one_case_and_one_member_s_is_one(
    now: datetime, reader: Person, review: int
) -> None:
    other = make_person(now)

    first = judging.report(now, reader, SubjectKind.REVIEW, review, words="第一次")
    again = judging.report(now, reader, SubjectKind.REVIEW, review, words="第二次")
    judging.report(now, other, SubjectKind.REVIEW, review, Category.FALSEHOOD)

    assert first == again
    (case,) = queries.list_cases().items
    assert (case.report_count, case.category, case.is_held) == (2, Category.FRAUD, False)
    reports = queries.list_reports(case.id)
    assert [(each.words, each.evidence) for each in reports] == [
        ("第一次", ("包治百病",)), ("是骗人的", ("包治百病",)),
    ]  # fmt: skip
    assert not any(hasattr(each, "reporter_id") for each in reports)


@pytest.mark.parametrize("what", ["nothing", "closed", "blocked", "unknown kind", "own"])
def test_what_one_does_not_see_cannot_be_reported_and_answers_like_nothing(
    now: datetime, writer: Person, reader: Person, review: int, what: str
) -> None:
    subject, who = Subject(SubjectKind.REVIEW, review), reader
    refused: type[DomainError] = errors.SubjectNotFound
    if what == "nothing":
        subject = Subject(SubjectKind.REVIEW, review + 1)
    elif what == "closed":
        thing = make_thing(now)
        make_holding(now, writer, thing, audience=PUBLIC)
        subject = Subject(SubjectKind.REVIEW, make_review(now, writer, thing, "只给朋友", audience=FRIENDS))
    elif what == "blocked":
        social.block(now, writer, reader)
    elif what == "unknown kind":
        subject = Subject(SubjectKind.SHOP, 1)
    else:
        who, refused = writer, errors.OwnSubject

    with pytest.raises(refused):
        judging.report(now, who, subject.kind, subject.id)

    assert (rows("moderation_case"), rows("moderation_report")) == (0, 0)


def test_so_many_reports_a_day_and_no_more(now: datetime, writer: Person, reader: Person) -> None:
    thing = make_thing(now)
    make_holding(now, writer, thing, audience=PUBLIC)
    reviews = [make_review(now, writer, thing) for _ in range(MOST_REPORTS + 1)]
    for each in reviews[:-1]:
        judging.report(now, reader, SubjectKind.REVIEW, each)

    with pytest.raises(errors.TooManyReports):
        judging.report(now, reader, SubjectKind.REVIEW, reviews[-1])

    assert (rows("moderation_case"), rows("moderation_report")) == (MOST_REPORTS, MOST_REPORTS)
    judging.report(now + timedelta(days=1), reader, SubjectKind.REVIEW, reviews[-1])


def test_a_decision_is_told_with_its_rule_and_who_decided_to_nobody(
    now: datetime, writer: Person, reader: Person, staff: Person, review: int
) -> None:
    judging.report(now, reader, SubjectKind.REVIEW, review)
    (case,) = queries.list_cases().items

    decision = judging.decide(now, staff, case.id, Outcome.WARN, Category.FALSEHOOD, "哪来的疗效?")

    assert told(writer) == [Kind.CASE_DECIDED]
    assert told(reader) == [Kind.REPORT_ANSWERED]
    own = queries.get_own_decision(writer.id, decision)
    assert (own.outcome, own.category, own.note, own.decided_by) == (
        Outcome.WARN, Category.FALSEHOOD, "哪来的疗效?", None,
    )  # fmt: skip
    for stranger in (reader, staff):
        with pytest.raises(errors.DecisionNotFound):
            queries.get_own_decision(stranger.id, decision)
    (report,) = queries.list_own_reports(reader.id).items
    assert report.outcome is Outcome.WARN


def test_what_is_kept_and_was_never_closed_troubles_nobody(
    now: datetime, writer: Person, reader: Person, staff: Person, review: int
) -> None:
    judging.report(now, reader, SubjectKind.REVIEW, review)
    (case,) = queries.list_cases().items

    decision = judging.decide(now, staff, case.id, Outcome.KEEP)

    assert told(writer) == []
    with pytest.raises(errors.DecisionNotFound):
        queries.get_own_decision(writer.id, decision)
    assert rows("moderation_strike") == 0


def test_only_staff_decide_and_nobody_about_their_own(
    now: datetime, writer: Person, reader: Person, review: int
) -> None:
    judging.report(now, reader, SubjectKind.REVIEW, review)
    (case,) = queries.list_cases().items

    def decide(actor: Actor) -> None:
        db.in_transaction(
            lambda: operations.decide(
                actor=actor, case_id=case.id, outcome=Outcome.KEEP, category=Category.OTHER, note="", now=now
            )
        )

    with pytest.raises(errors.StaffOnly):
        decide(actor_for(reader))
    with pytest.raises(errors.SameStaff):
        decide(Actor(writer.id, is_staff=True))

    assert queries.get_case(case.id).state is CaseState.OPEN
    assert rows("moderation_decision") == 0


def test_a_case_is_decided_once_and_a_later_report_opens_the_next(
    now: datetime, reader: Person, staff: Person, review: int
) -> None:
    judging.report(now, reader, SubjectKind.REVIEW, review)
    (case,) = queries.list_cases().items
    judging.decide(now, staff, case.id, Outcome.KEEP)

    with pytest.raises(errors.AlreadyDecided):
        judging.decide(now, make_person(now, is_staff=True), case.id, Outcome.REMOVE)
    judging.report(now, reader, SubjectKind.REVIEW, review)

    (following,) = queries.list_cases().items
    assert following.id != case.id
    assert rows("moderation_decision") == 1


def test_an_outcome_that_a_kind_does_not_know_is_refused(
    now: datetime, writer: Person, reader: Person, staff: Person
) -> None:
    judging.report(now, reader, SubjectKind.PERSON, writer.id, Category.HARASSMENT)
    (case,) = queries.list_cases().items

    with pytest.raises(errors.OutcomeImpossible):
        judging.decide(now, staff, case.id, Outcome.REMOVE)

    assert queries.get_case(case.id).state is CaseState.OPEN


def test_one_appeal_in_time_by_whom_it_concerns_answered_by_somebody_else(
    now: datetime, writer: Person, reader: Person, staff: Person, review: int
) -> None:
    judging.report(now, reader, SubjectKind.REVIEW, review)
    (case,) = queries.list_cases().items
    decision = judging.decide(now, staff, case.id, Outcome.WITHHOLD)
    other = make_person(now, is_staff=True)

    with pytest.raises(errors.DecisionNotFound):
        judging.appeal(now, reader, decision)
    with pytest.raises(errors.AppealTooLate):
        judging.appeal(now + APPEAL_FOR, writer, decision)
    with pytest.raises(errors.TextMalformed):
        judging.appeal(now, writer, decision, "  ")
    assert rows("moderation_appeal") == 0
    appeal = judging.appeal(now, writer, decision)
    with pytest.raises(errors.AppealedAlready):
        judging.appeal(now, writer, decision)
    with pytest.raises(errors.SameStaff):
        judging.answer(now, staff, appeal, is_granted=False)
    with pytest.raises(errors.SameStaff):
        judging.answer(now, writer, appeal, is_granted=True)
    assert queries.get_appealed(appeal).appeal == queries.list_appeals().items[0].appeal

    judging.answer(now, other, appeal, is_granted=False)

    assert queries.is_withheld(Subject(SubjectKind.REVIEW, review))
    assert told(writer)[0] is Kind.APPEAL_ANSWERED
    with pytest.raises(errors.AlreadyDecided):
        judging.answer(now, other, appeal, is_granted=True)


def test_a_granted_appeal_opens_nothing_that_a_later_case_closed(
    now: datetime, writer: Person, reader: Person, staff: Person, review: int
) -> None:
    subject = Subject(SubjectKind.REVIEW, review)
    judging.report(now, reader, SubjectKind.REVIEW, review)
    (case,) = queries.list_cases().items
    appeal = judging.appeal(now, writer, judging.decide(now, staff, case.id, Outcome.WARN))
    judging.report(now, reader, SubjectKind.REVIEW, review)
    judging.decide(now, staff, queries.list_cases().items[0].id, Outcome.WITHHOLD)

    judging.answer(now, make_person(now, is_staff=True), appeal, is_granted=True)

    assert queries.is_withheld(subject)


def test_the_log_names_nobody_and_counts_by_month(
    now: datetime, writer: Person, reader: Person, staff: Person, review: int
) -> None:
    judging.report(now, reader, SubjectKind.REVIEW, review)
    (case,) = queries.list_cases().items
    appeal = judging.appeal(now, writer, judging.decide(now, staff, case.id, Outcome.REMOVE, note="不可以"))
    judging.answer(now, make_person(now, is_staff=True), appeal, is_granted=True)

    lines = queries.list_log().items

    assert [(line.kind, line.outcome, line.was_reported, line.was_found, line.is_of_appeal) for line in lines] == [
        (SubjectKind.REVIEW, Outcome.KEEP, True, False, True),
        (SubjectKind.REVIEW, Outcome.REMOVE, True, False, False),
    ]
    this, before = queries.list_months(now=now, count=2)
    assert (this.reports, this.decisions, this.appeals, this.granted) == (1, {Outcome.REMOVE: 1}, 1, 1)
    assert (before.month.isoformat(), before.reports, before.decisions) == ("2026-02-01", 0, {})


def test_a_withheld_product_leaves_the_shelves_and_comes_back_when_it_is_let_go(
    now: datetime, reader: Person, staff: Person
) -> None:
    product = make_product(now)

    def is_listed() -> bool:
        return product.id in {each.id for each in catalog.list_products().items}

    judging.report(now, reader, SubjectKind.PRODUCT, product.id, Category.COUNTERFEIT)
    (case,) = queries.list_cases().items
    assert case.owner_id == catalog.get_shop(product.shop_id).owner_id
    decision = judging.decide(now, staff, case.id, Outcome.WITHHOLD)
    assert is_listed()
    events.drain(SUBSCRIBERS, now)
    assert not is_listed()

    appeal = db.in_transaction(
        lambda: operations.appeal(actor=Actor(case.owner_id), decision_id=decision, words="是真货", now=now)
    )
    judging.answer(now, make_person(now, is_staff=True), appeal, is_granted=True)
    events.drain(SUBSCRIBERS, now)
    assert is_listed()


def test_a_release_lists_nothing_that_its_shop_took_off(now: datetime) -> None:
    product = make_product(now)
    owner_id = catalog.get_shop(product.shop_id).owner_id
    db.in_transaction(lambda: catalog_operations.unlist_product(actor=Actor(owner_id), product_id=product.id, now=now))

    db.in_transaction(lambda: catalog_operations.follow_judgement(subject=Subject(SubjectKind.PRODUCT, product.id)))

    assert not catalog.products_by_id([product.id])[product.id].is_listed


def test_rules_are_given_once_a_term_however_it_is_written(now: datetime, staff: Person) -> None:
    first = judging.make_rule(now, staff, "刷单", Verdict.HOLD)
    second = judging.make_rule(now, staff, "刷 單", Verdict.REFUSE, exceptions=["反刷单"])

    assert first != second
    assert [rule.id for rule in queries.list_term_rules().items] == [second]
    assert queries.find_terms("刷单, 反刷单", now)[0].rule.verdict is Verdict.REFUSE
    assert len(queries.find_terms("刷单, 反刷单", now)) == 1

    actor = Actor(staff.id, is_staff=True)
    draft = TermDraft("刷 單", Verdict.REFUSE, Category.FRAUD, ("反刷单",))
    assert db.in_transaction(lambda: operations.import_term_rules(actor=actor, drafts=[draft], now=now)) == ()

    db.in_transaction(lambda: operations.retire_term_rule(actor=actor, rule_id=second, now=now))
    assert queries.find_terms("刷单", now) == ()
    with pytest.raises(errors.RuleNotFound):
        db.in_transaction(lambda: operations.retire_term_rule(actor=actor, rule_id=second, now=now))


@pytest.mark.parametrize(
    "draft",
    [
        TermDraft("", Verdict.HOLD, Category.FRAUD),
        TermDraft("！？", Verdict.HOLD, Category.FRAUD),
        TermDraft("a" * 41, Verdict.HOLD, Category.FRAUD),
        TermDraft("刷单", Verdict.HOLD, Category.FRAUD, ("别的",)),
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_with_it_the_whole_file(
    now: datetime, staff: Person, draft: TermDraft
) -> None:
    good = TermDraft("高仿", Verdict.HOLD, Category.COUNTERFEIT)

    with pytest.raises(errors.TextMalformed):
        db.in_transaction(
            lambda: operations.import_term_rules(actor=Actor(staff.id, is_staff=True), drafts=[good, draft], now=now)
        )

    assert rows("moderation_term_rule") == 0


def test_a_rule_holds_from_when_it_is_valid(now: datetime, staff: Person) -> None:
    judging.make_rule(now, staff, "刷单", valid_from=now + timedelta(hours=1))

    assert queries.find_terms("刷单", now) == ()
    assert len(queries.find_terms("刷单", now + timedelta(hours=1))) == 1


def test_a_picture_that_looks_like_one_of_a_rule_is_found(now: datetime, staff: Person, writer: Person) -> None:
    look = 0x0F0F_3355_00FF_7172
    actor = Actor(staff.id, is_staff=True)
    for verdict in (Verdict.HOLD, Verdict.REFUSE):
        db.in_transaction(
            lambda verdict=verdict: operations.add_picture_rule(  # type: ignore[misc]
                actor=actor, phash=look, verdict=verdict, category=Category.RIGHTS, note="", now=now
            )
        )

    near, far = look ^ 0b111_1111_1111, look ^ 0b1111_1111_1111
    assert [rule.verdict for rule in queries.find_pictures([near])] == [Verdict.REFUSE]
    assert queries.find_pictures([far]) == ()
    with pytest.raises(errors.PictureRefused):
        db.in_transaction(lambda: operations.screen(actor=actor_for(writer), texts=[], looks=[far, near], now=now))
