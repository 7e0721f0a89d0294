"""Awards, and what they count, made through operations only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial

from tests.builders import content
from wuyou.domains.awards import operations, queries, rules
from wuyou.domains.awards.types import Award, Honour, Rule
from wuyou.domains.identity.types import Person
from wuyou.domains.insight import operations as insight
from wuyou.domains.ledger.statements import months
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.clock import business_date


def make_award(now: datetime, rule: Rule = Rule.MOST_READ, **terms: object) -> Award:
    """An award for the running month and all that follow."""
    asked: dict[str, object] = {
        "title": "月度好文",
        "title_en": "Read of the month",
        "least": 1,
        "least_reads": 0,
        "winner_count": 2,
        "first_month": months.month_of(now),
        **terms,
    }
    return db.in_transaction(partial(operations.make_award, actor=PLATFORM, rule=rule, now=now, **asked))  # type: ignore[arg-type]


def due_of(month: date) -> datetime:
    """The first moment at which a month is given for."""
    return months.begin_of(months.month_after(month)) + rules.WAIT + months.QUIET


def give(award: Award, month: date, now: datetime | None = None) -> bool:
    """Give it for a month, as soon as that is due."""
    at = now or due_of(month)
    return db.in_transaction(partial(operations.give_award, award_id=award.id, month=month, now=at))


def read(day: date, reads_by_post: Mapping[int, int], *, people: int = 20) -> None:
    """What a day brought posts: so many reads by so many people."""
    rows = [("post", post_id, people, reads, 60, 0, 1_000, 0) for post_id, reads in reads_by_post.items()]
    db.in_transaction(partial(insight.keep_day, day=day, rows=rows))


def last_months(now: datetime) -> tuple[datetime, date]:
    """A moment in the month before the last one, and that month: it can be given for at any time of this one."""
    month = months.month_before(months.month_before(months.month_of(now)))
    return months.begin_of(month) + timedelta(hours=12), month


def read_posts(then: datetime, reads: Mapping[Person, int]) -> None:
    """Each of these people publishes something, which is read so often that day."""
    read(business_date(then), {content.make_post(then, person): count for person, count in reads.items()})


def won_by(now: datetime, person: Person) -> Honour:
    """An honour of somebody's for the month before the last one, given now: read a hundred times."""
    then, month = last_months(now)
    award = make_award(then, least=20, winner_count=1)
    read_posts(then, {person: 100})
    assert give(award, month, now)
    return honours_of(person)[0]


def honours_of(person: Person) -> tuple[Honour, ...]:
    """What somebody won."""
    return queries.list_own_honours(person.id)


def show(honour: Honour, *, is_shown: bool = True) -> Honour:
    """Its winner shows it, or no longer."""
    return db.in_transaction(
        partial(operations.show_honour, actor=Actor(honour.person_id), honour_id=honour.id, is_shown=is_shown)
    )


def withdraw(now: datetime, honour: Honour, reason: str = "照片不是本人拍的") -> Honour:
    """Staff withdraw it."""
    return db.in_transaction(
        partial(operations.withdraw_honour, actor=PLATFORM, honour_id=honour.id, reason=reason, now=now)
    )
