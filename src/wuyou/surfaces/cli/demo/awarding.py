"""Awards of the demo world: named when it begins, and given by what its people did, by the same task as everywhere."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial

from wuyou.domains.awards import operations, queries, tasks
from wuyou.domains.awards.types import Rule
from wuyou.domains.ledger.statements import months
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor

_NAMED = (
    (Rule.MOST_THANKED, "暖心之笔", "Words that helped", 3, 3),
    (Rule.MOST_SOLD, "好物摆渡人", "Ferrier of good things", 2, 3),
    (Rule.MOST_READ, "月度好文", "Read of the month", 100, 3),
)
"""Rule, titles, what is asked at least, how many win."""


@db.requires_transaction
def name_awards(*, now: datetime) -> None:
    """Name them, from the running month on."""
    for rule, title, title_en, least, winner_count in _NAMED:
        operations.make_award(
            actor=PLATFORM,
            title=title,
            title_en=title_en,
            rule=rule,
            least=least,
            least_reads=0,
            winner_count=winner_count,
            first_month=months.month_of(now),
            now=now,
        )


def give_awards(undecided: Collection[int], *, now: datetime) -> None:
    """Give what is due; who has won shows it, except for these people, who decide for themselves. Entry point."""
    tasks.give_due_awards(now)
    for month in queries.list_months():
        for honour in queries.list_given(month):
            if honour.person_id not in undecided:
                shown = partial(
                    operations.show_honour, actor=Actor(honour.person_id), honour_id=honour.id, is_shown=True
                )
                db.in_transaction(shown)
