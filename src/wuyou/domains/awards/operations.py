"""Every write of awards."""

from __future__ import annotations

from datetime import date, datetime

from wuyou.domains.awards import counting, errors, models, policies, queries, rules, types
from wuyou.domains.awards.types import HonourState, Rule
from wuyou.domains.ledger.statements import months
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db
from wuyou.kernel import text as texts
from wuyou.kernel.actor import Actor


@db.requires_transaction
def make_award(
    *,
    actor: Actor,
    title: str,
    title_en: str,
    rule: Rule,
    least: int,
    least_reads: int,
    winner_count: int,
    first_month: date,
    now: datetime,
) -> types.Award:
    """Staff name an award, for months that are not over: nobody knows yet who will win. Raises: `StaffOnly`,
    `AwardMalformed`.
    """
    policies.require_staff(actor)
    named = {"title": _title(title, "title"), "title_en": _title(title_en, "title_en")}
    for field, is_right in (
        ("least", 1 <= least <= types.MOST_LEAST),
        ("least_reads", 0 <= least_reads <= types.MOST_LEAST),
        ("winner_count", 1 <= winner_count <= types.MOST_WINNERS),
        ("first_month", first_month.day == 1 and first_month >= months.month_of(now)),
    ):
        if not is_right:
            raise errors.AwardMalformed(field=field)
    row = models.Award(
        rule=rule.value,
        least=least,
        least_reads=least_reads,
        winner_count=winner_count,
        first_month=first_month,
        made_at=now,
        **named,
    )
    row.save(force_insert=True)
    return queries.get_award(row.id)


@db.requires_transaction
def end_award(*, actor: Actor, award_id: int, now: datetime) -> types.Award:
    """The running month is the last, as promised; of an award that has not begun its first. Twice is once.

    Raises: `StaffOnly`, `AwardNotFound`.
    """
    policies.require_staff(actor)
    db.execute(
        "UPDATE awards_award SET last_month = greatest(first_month, %s) WHERE id = %s AND last_month IS NULL",
        [months.month_of(now), award_id],
    )
    return queries.get_award(award_id)


@db.requires_transaction
def give_award(*, award_id: int, month: date, now: datetime) -> bool:
    """Count a month and give the award for it, once: whoever comes second finds it given. Returns whether it was now.

    What was counted is kept, and the winners are told. Raises: `AwardNotFound`, `NotDue`. Locks: the round's key.
    Cost: nine statements, and two a winner.
    """
    award = queries.get_award(award_id)
    if not rules.is_due(award, month, now):
        raise errors.NotDue()
    claimed = db.row(
        """
        INSERT INTO awards_round
            (award_id, month, rule, rule_version, least, least_reads, winner_count, given_at, digest)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '') ON CONFLICT (award_id, month) DO NOTHING RETURNING id
        """,
        [
            award.id, month, award.rule.value, rules.RULE_VERSION, award.least, award.least_reads, award.winner_count,
            now,
        ],
    )  # fmt: skip
    if claimed is None:
        return False
    (round_id,) = claimed
    counted = counting.counted_of(award, month, now)
    db.execute("UPDATE awards_round SET digest = %s WHERE id = %s", [rules.digest_of(award, month, counted), round_id])
    kept = db.rows(
        """
        INSERT INTO awards_candidate (round_id, person_id, figure, reads)
        SELECT %s, t.* FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) t RETURNING person_id, id
        """,
        [
            round_id,
            [one.person_id for one in counted],
            [one.figure for one in counted],
            [one.reads for one in counted],
        ],
    )
    candidate_by_person = dict(kept)
    for place, winner in enumerate(rules.winners(award, counted), start=1):
        honour = models.Honour(
            candidate_id=candidate_by_person[winner.person_id],
            round_id=round_id,
            place=place,
            state=HonourState.GIVEN.value,
            is_shown=False,
            reason="",
        )
        honour.save(force_insert=True)
        notifications.notify(person_id=winner.person_id, kind=Kind.AWARD_GIVEN, object_id=honour.id, now=now)
    return True


@db.requires_transaction
def show_honour(*, actor: Actor, honour_id: int, is_shown: bool) -> types.Honour:
    """Its winner shows it to whom they may be met by, or no longer. Raises: `HonourNotFound`, `HonourEnded`."""
    _require_own(actor, honour_id)
    changed = db.execute(
        "UPDATE awards_honour SET is_shown = %s WHERE id = %s AND state = 'GIVEN'", [is_shown, honour_id]
    )
    if not changed:
        raise errors.HonourEnded()
    return queries.get_honour(honour_id)


@db.requires_transaction
def decline_honour(*, actor: Actor, honour_id: int, now: datetime) -> types.Honour:
    """Its winner will not have it, for good; its place stays empty. Twice is once.

    Raises: `HonourNotFound`, `HonourEnded` for what was withdrawn.
    """
    _require_own(actor, honour_id)
    _end(honour_id, HonourState.DECLINED, actor, "", now)
    found = queries.get_honour(honour_id)
    if found.state is not HonourState.DECLINED:
        raise errors.HonourEnded()
    return found


@db.requires_transaction
def withdraw_honour(*, actor: Actor, honour_id: int, reason: str, now: datetime) -> types.Honour:
    """Staff take it back for good, and say why; its winner is told, and its place stays empty.

    Raises: `StaffOnly`, `ReasonMissing`, `HonourNotFound`, `HonourEnded`.
    """
    policies.require_staff(actor)
    try:
        said = texts.clean_lines(reason, types.MAX_REASON)
    except ValueError as error:
        raise errors.ReasonMissing() from error
    found = queries.get_honour(honour_id)
    if not _end(honour_id, HonourState.WITHDRAWN, actor, said, now):
        raise errors.HonourEnded()
    notifications.notify(person_id=found.person_id, kind=Kind.AWARD_WITHDRAWN, object_id=honour_id, now=now)
    return queries.get_honour(honour_id)


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """What they won is shown to nobody, and what was said of it is gone; the numbers stay, under a pseudonym."""
    db.execute(
        """
        UPDATE awards_honour h SET is_shown = false, reason = '' FROM awards_candidate c
        WHERE c.id = h.candidate_id AND c.person_id = %s
        """,
        [person_id],
    )


def _end(honour_id: int, state: HonourState, actor: Actor, reason: str, now: datetime) -> int:
    return db.execute(
        """
        UPDATE awards_honour SET state = %s, is_shown = false, ended_at = %s, ended_by_id = %s, reason = %s
        WHERE id = %s AND state = 'GIVEN'
        """,
        [state.value, now, actor.user_id, reason, honour_id],
    )


def _require_own(actor: Actor, honour_id: int) -> None:
    if queries.get_honour(honour_id).person_id != actor.person_id:
        raise errors.HonourNotFound()


def _title(text: str, field: str) -> str:
    try:
        return texts.clean_line(text, types.MAX_TITLE)
    except ValueError as error:
        raise errors.AwardMalformed(field=field) from error
