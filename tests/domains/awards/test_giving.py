"""What is counted, who wins, and what becomes of an honour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

import pytest

from tests.builders import awards, content, erasure, social
from tests.builders import moderation as judging
from tests.builders.alliance import Market
from tests.builders.people import make_person
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.hold_types import FlagRule, Found
from wuyou.domains.awards import errors, operations, queries, tasks
from wuyou.domains.awards.types import Honour, HonourState, Rule
from wuyou.domains.content import operations as content_operations
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation.types import SubjectKind
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.errors import DomainError

pytestmark = pytest.mark.usefixtures("world")

MONTH = date(2026, 3, 1)
FIFTH = date(2026, 3, 5)
DUE = awards.due_of(MONTH)


@pytest.fixture
def mei(now: datetime) -> Person:
    return make_person(now - timedelta(days=200), "Mei")


@pytest.fixture
def lin(now: datetime) -> Person:
    return make_person(now - timedelta(days=100), "Lin")


def everything() -> list[list[tuple[object, ...]]]:
    return [
        db.rows(f"SELECT * FROM {table} ORDER BY id")
        for table in ("awards_award", "awards_round", "awards_candidate", "awards_honour", "notifications_notification")
    ]


def winners(month: date = MONTH) -> list[tuple[int, int, int]]:
    return [(honour.place, honour.person_id, honour.figure) for honour in queries.list_given(month)]


def told(person: Person) -> list[Kind]:
    return [group.kind for group in notifications.list_groups(get_viewer(person.id)).items]


def test_most_read_counts_own_published_posts_on_days_of_many_readers_in_the_month(
    now: datetime, mei: Person, lin: Person
) -> None:
    award = awards.make_award(now, least_reads=10)
    hers, more, his = content.make_post(now, mei), content.make_post(now, mei), content.make_post(now, lin)
    held, passed_on = content.make_post(now, lin), content.repost(now, lin, hers)
    awards.read(FIFTH, {hers: 30, more: 20, his: 40, held: 900, passed_on: 900})
    awards.read(date(2026, 3, 31), {his: 9})
    awards.read(date(2026, 3, 6), {his: 900}, people=19)
    awards.read(date(2026, 2, 28), {his: 900})
    awards.read(date(2026, 4, 1), {his: 900})
    db.in_transaction(partial(content_operations.hold_post, post_id=held, now=now))

    assert awards.give(award, MONTH)

    assert winners() == [(1, mei.id, 50), (2, lin.id, 49)]
    assert Kind.AWARD_GIVEN in told(mei)
    assert told(lin) == [Kind.AWARD_GIVEN]


def test_best_beginner_is_who_joined_in_the_month_or_the_one_before(now: datetime, mei: Person) -> None:
    new = make_person(datetime(2026, 1, 31, 16, tzinfo=now.tzinfo))  # the first moment of February in Shanghai
    old = make_person(datetime(2026, 1, 31, 15, 59, tzinfo=now.tzinfo))
    award = awards.make_award(now, Rule.BEST_BEGINNER)
    awards.read(FIFTH, {content.make_post(now, person): 10 for person in (mei, new, old)})

    awards.give(award, MONTH)

    assert [person_id for _, person_id, _ in winners()] == [new.id]


def test_most_thanked_counts_each_person_once_and_nobody_who_is_gone(now: datetime, mei: Person, lin: Person) -> None:
    award, fan, gone = awards.make_award(now, Rule.MOST_THANKED), make_person(now), make_person(now)
    first, second, his = content.make_post(now, mei), content.make_post(now, mei), content.make_post(now, lin)
    for post_id in (first, second):
        content.thank(now, fan, post_id)
    content.thank(now, gone, first)
    for _ in range(2):
        content.thank(now, make_person(now), his)
    content.thank(awards.due_of(MONTH) - timedelta(days=9), make_person(now), first)  # in April
    erasure.erase(now, gone.id)

    awards.give(award, MONTH)

    assert winners() == [(1, lin.id, 2), (2, mei.id, 1)]


def test_most_sold_counts_people_whose_purchase_is_settled_and_kept(now: datetime) -> None:
    award, gone = awards.make_award(now, Rule.MOST_SOLD), list[int]()

    def happen() -> None:
        market = Market(now)
        product, publisher, buyers = market.product(), market.publisher(), [market.person() for _ in range(6)]
        market.plan()
        link = market.link(publisher, product)
        for buyer in buyers:
            market.click(link, buyer)
        kept, kept_too, given_back, waits, doubted, theirs = [market.buy(buyer, product) for buyer in buyers]
        again = market.buy(buyers[0], product)
        for order in (kept, kept_too, given_back, again, doubted, theirs):
            market.complete(order, now)
        market.refund(given_back)
        alliance.hold_conversion(
            conversion_id=market.conversion(doubted).id, found=(Found(FlagRule.RATE, 1, {}, {}),), now=now
        )
        market.complete(waits, datetime(2026, 3, 30, tzinfo=now.tzinfo))  # settled in April
        gone.append(buyers[5])

    db.in_transaction(happen)
    erasure.erase(DUE, gone[0])
    awards.give(award, MONTH)

    assert [(place, figure) for place, _, figure in winners()] == [(1, 2)]


def test_staff_who_is_struck_and_who_is_gone_are_not_considered(now: datetime, mei: Person, lin: Person) -> None:
    desk, gone = make_person(now, is_staff=True), make_person(now)
    posts = {person.id: content.make_post(now, person) for person in (mei, lin, desk, gone)}
    awards.read(FIFTH, dict.fromkeys(posts.values(), 10))
    award = awards.make_award(now, winner_count=9)
    judging.report(now, mei, SubjectKind.POST, content.make_post(now, lin))
    ((case_id,),) = db.rows("SELECT id FROM moderation_case")
    judging.decide(DUE, desk, case_id)
    erasure.erase(now, gone.id)

    awards.give(award, MONTH)

    assert [person_id for _, person_id, _ in winners()] == [mei.id]


def test_given_once_however_often_the_task_runs_and_whatever_is_counted_later(now: datetime, mei: Person) -> None:
    awards.make_award(now)
    post_id = content.make_post(now, mei)
    awards.read(FIFTH, {post_id: 10})
    assert tasks.give_due_awards(DUE - timedelta(seconds=1)) == 0
    assert tasks.give_due_awards(DUE) == 1
    before = everything()

    awards.read(FIFTH, {post_id: 99, content.make_post(now, make_person(now)): 1_000})

    assert tasks.give_due_awards(DUE + timedelta(hours=1)) == 0
    assert everything()[:4] == before[:4]


def test_task_makes_up_for_months_that_it_missed_and_gives_none_after_the_last(now: datetime, mei: Person) -> None:
    award = awards.make_award(now)
    db.in_transaction(
        lambda: operations.end_award(actor=PLATFORM, award_id=award.id, now=datetime(2026, 4, 2, tzinfo=now.tzinfo))
    )

    assert tasks.give_due_awards(datetime(2026, 8, 1, tzinfo=now.tzinfo)) == 2

    assert queries.list_months() == (date(2026, 4, 1), date(2026, 3, 1))
    assert winners() == []


def test_award_is_not_given_before_it_is_due_nor_for_a_month_of_before(now: datetime) -> None:
    award, before = awards.make_award(now), everything()

    for month, at in ((MONTH, DUE - timedelta(seconds=1)), (date(2026, 2, 1), DUE), (date(2026, 4, 1), DUE)):
        with pytest.raises(errors.NotDue):
            awards.give(award, month, at)

    assert everything() == before


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"title": ""}, "title"),
        ({"title_en": "x" * 31}, "title_en"),
        ({"least": 0}, "least"),
        ({"least_reads": -1}, "least_reads"),
        ({"winner_count": 0}, "winner_count"),
        ({"winner_count": 21}, "winner_count"),
        ({"first_month": date(2026, 2, 1)}, "first_month"),
        ({"first_month": date(2026, 3, 2)}, "first_month"),
    ],
)
def test_award_that_asks_for_nonsense_or_for_what_is_over_is_refused(
    now: datetime, terms: dict[str, object], field: str
) -> None:
    with pytest.raises(errors.AwardMalformed) as refused:
        awards.make_award(now, **terms)  # type: ignore[arg-type]

    assert refused.value.facts == {"field": field}
    assert everything()[0] == []


def test_only_staff_name_end_and_withdraw(now: datetime, mei: Person) -> None:
    honour = awards.won_by(now, mei)
    before, award_id = everything(), honour.round.award.id
    attempts: list[Callable[[], object]] = [
        lambda: operations.make_award(
            actor=Actor(mei.id), title="好", title_en="Good", rule=Rule.MOST_READ, least=1, least_reads=0,
            winner_count=1, first_month=MONTH, now=now,
        ),
        lambda: operations.end_award(actor=Actor(mei.id), award_id=award_id, now=now),
        lambda: operations.withdraw_honour(actor=Actor(mei.id), honour_id=honour.id, reason="不", now=now),
    ]  # fmt: skip

    for attempt in attempts:
        with pytest.raises(errors.StaffOnly):
            db.in_transaction(attempt)

    assert everything() == before


def test_ended_award_is_given_for_the_running_month_once_more(now: datetime) -> None:
    award, later = awards.make_award(now), awards.make_award(now, first_month=date(2026, 5, 1))

    for _ in range(2):
        ended = db.in_transaction(lambda: operations.end_award(actor=PLATFORM, award_id=award.id, now=now))
        unbegun = db.in_transaction(lambda: operations.end_award(actor=PLATFORM, award_id=later.id, now=now))

    assert (ended.last_month, unbegun.last_month) == (MONTH, date(2026, 5, 1))
    with pytest.raises(errors.AwardNotFound):
        db.in_transaction(lambda: operations.end_award(actor=PLATFORM, award_id=later.id + 1, now=now))


def seen_by(viewer_id: int | None, honour: Honour) -> list[int]:
    viewer = get_viewer(viewer_id)
    on_page = [each.id for each in queries.honours_of_person(viewer, honour.person_id)]
    assert [each.id for each, _ in queries.honours_shown(viewer, honour.round.month)] == on_page
    return on_page


def test_honour_is_seen_while_its_winner_shows_it_by_who_may_meet_them(now: datetime, mei: Person, lin: Person) -> None:
    honour = awards.won_by(now, mei)
    assert seen_by(None, honour) == seen_by(lin.id, honour) == []

    awards.show(honour)
    assert seen_by(None, honour) == seen_by(lin.id, honour) == [honour.id]

    social.block(now, mei, lin)
    assert seen_by(lin.id, honour) == []
    awards.show(honour, is_shown=False)
    assert seen_by(None, honour) == []


def test_declined_honour_is_shown_nowhere_and_its_place_stays_empty(now: datetime, mei: Person) -> None:
    honour = awards.won_by(now, mei)
    awards.show(honour)

    for _ in range(2):
        ended = db.in_transaction(lambda: operations.decline_honour(actor=Actor(mei.id), honour_id=honour.id, now=now))

    assert (ended.state, ended.is_shown, ended.place) == (HonourState.DECLINED, False, 1)
    assert seen_by(None, honour) == []
    before = everything()
    for refused in (partial(awards.show, honour), partial(awards.withdraw, now, honour)):
        with pytest.raises(errors.HonourEnded):
            refused()
    assert everything() == before


def test_withdrawn_honour_is_told_with_its_reason_and_is_over(now: datetime, mei: Person) -> None:
    honour = awards.won_by(now, mei)
    awards.show(honour)

    awards.withdraw(now, honour)

    (mine,) = queries.list_own_honours(mei.id)
    assert (mine.state, mine.is_shown, mine.reason) == (HonourState.WITHDRAWN, False, "照片不是本人拍的")
    assert told(mei) == [Kind.AWARD_WITHDRAWN, Kind.AWARD_GIVEN]
    assert seen_by(None, honour) == []
    before = everything()
    again: list[Callable[[], object]] = [
        partial(awards.show, honour),
        partial(awards.withdraw, now, honour),
        lambda: db.in_transaction(lambda: operations.decline_honour(actor=Actor(mei.id), honour_id=honour.id, now=now)),
    ]
    for attempt in again:
        with pytest.raises(errors.HonourEnded):
            attempt()
    assert everything() == before


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_withdrawing_without_a_reason_changes_nothing(now: datetime, mei: Person, reason: str) -> None:
    honour = awards.won_by(now, mei)
    before = everything()

    with pytest.raises(errors.ReasonMissing):
        awards.withdraw(now, honour, reason)

    assert everything() == before


def test_nobody_shows_or_declines_what_is_anothers(now: datetime, mei: Person, lin: Person) -> None:
    honour = awards.won_by(now, mei)
    before = everything()
    attempts: list[Callable[[], object]] = [
        lambda: operations.show_honour(actor=Actor(lin.id), honour_id=honour.id, is_shown=True),
        lambda: operations.decline_honour(actor=Actor(lin.id), honour_id=honour.id, now=now),
        lambda: operations.show_honour(actor=Actor(mei.id), honour_id=honour.id + 1, is_shown=True),
    ]

    for attempt in attempts:
        with pytest.raises(DomainError) as refused:
            db.in_transaction(attempt)
        assert isinstance(refused.value, errors.HonourNotFound)

    assert everything() == before


def test_who_is_erased_is_shown_nowhere_and_what_was_said_of_it_is_gone(now: datetime, mei: Person) -> None:
    honour = awards.won_by(now, mei)
    awards.show(honour)
    ((kind, records),) = queries.export_person(mei.id)
    assert (kind, [(each["figure"], each["place"]) for each in records]) == ("awards", [(100, 1)])
    awards.withdraw(now, honour)

    erasure.erase(now, mei.id)

    assert seen_by(None, honour) == []
    assert db.rows("SELECT reason, is_shown FROM awards_honour") == [("", False)]
    (check,) = queries.verify()
    assert check.holds
