"""Every read of awards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from wuyou.domains.awards import errors, rules, types
from wuyou.domains.awards.types import Counted, HonourState, Rule
from wuyou.domains.ledger.statements import months
from wuyou.domains.ledger.types import InvariantCheck
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import Face
from wuyou.infra import db
from wuyou.infra.person_data import Records
from wuyou.kernel.sight import Viewer

_AWARD = "a.id, a.title, a.title_en, a.rule, a.least, a.least_reads, a.winner_count, a.first_month, a.last_month"
_ROUND = """
    a.id, a.title, a.title_en, r.rule, r.least, r.least_reads, r.winner_count, a.first_month, a.last_month,
    r.id, r.month, r.rule_version, r.given_at, r.digest
"""
_HONOUR = "h.id, c.person_id, h.place, h.state, h.is_shown, c.figure, c.reads, h.reason"
_EXAMPLES = 5


def list_awards() -> tuple[types.Award, ...]:
    """All that the operator has named, the latest first. Cost: one query."""
    return tuple(_award(columns) for columns in db.rows(f"SELECT {_AWARD} FROM awards_award a ORDER BY a.id DESC"))  # noqa: S608


def get_award(award_id: int) -> types.Award:
    """One award. Raises `AwardNotFound`. Cost: one query."""
    columns = db.row(f"SELECT {_AWARD} FROM awards_award a WHERE a.id = %s", [award_id])  # noqa: S608
    if columns is None:
        raise errors.AwardNotFound()
    return _award(columns)


def due_rounds(now: datetime) -> tuple[tuple[int, date], ...]:
    """Awards and months that are to be given and were not. Cost: two queries."""
    held = set(db.rows("SELECT award_id, month FROM awards_round"))
    return tuple(
        (award.id, month)
        for award in reversed(list_awards())
        for month in months.months(award.first_month, min(rules.last_due(now), award.last_month or date.max))
        if (award.id, month) not in held
    )


def list_months() -> tuple[date, ...]:
    """For which months awards were given, the latest first. Cost: one query."""
    return tuple(month for (month,) in db.rows("SELECT DISTINCT month FROM awards_round ORDER BY month DESC"))


def list_rounds(month: date) -> tuple[types.Round, ...]:
    """The rounds of a month. Cost: one query."""
    found = db.rows(
        f"""
        SELECT {_ROUND} FROM awards_round r JOIN awards_award a ON a.id = r.award_id WHERE r.month = %s ORDER BY a.id
        """,  # noqa: S608
        [month],
    )
    return tuple(_round(columns) for columns in found)


def honours_shown(viewer: Viewer, month: date) -> tuple[tuple[types.Honour, Face], ...]:
    """Of a month what its winners show, by award and place, each with its winner as the viewer meets them.

    Whom the viewer may not meet has won nothing here. Cost: two queries.
    """
    return _met(viewer, _honours("r.month = %s AND h.is_shown", [month]))


def honours_of_person(viewer: Viewer, person_id: int) -> tuple[types.Honour, ...]:
    """What somebody shows of what they won, the latest first, to who may meet them. Cost: two queries at most."""
    return tuple(honour for honour, _ in _met(viewer, _honours("c.person_id = %s AND h.is_shown", [person_id])))


def list_own_honours(person_id: int) -> tuple[types.Honour, ...]:
    """All that somebody won, for that person: also what they declined, and what was withdrawn. Cost: one query."""
    return _honours("c.person_id = %s", [person_id])


def list_given(month: date) -> tuple[types.Honour, ...]:
    """All that was won in a month, for staff. Cost: one query."""
    return _honours("r.month = %s", [month])


def get_honour(honour_id: int) -> types.Honour:
    """One honour, whoever looks. Raises `HonourNotFound`. Cost: one query."""
    found = _honours("h.id = %s", [honour_id])
    if not found:
        raise errors.HonourNotFound()
    return found[0]


def honours_among(viewer: Viewer, honour_ids: Collection[int]) -> set[int]:
    """Which of these are the viewer's own. Cost: one query."""
    found = db.rows(
        """
        SELECT h.id FROM awards_honour h JOIN awards_candidate c ON c.id = h.candidate_id
        WHERE h.id = ANY(%s) AND c.person_id = %s
        """,
        [sorted(honour_ids), viewer.person_id],
    )
    return {honour_id for (honour_id,) in found}


def verify() -> tuple[InvariantCheck, ...]:
    """Prove from what each round kept that its record is whole and its winners follow from it.

    Cost: two queries, over everybody who was ever counted.
    """
    honours: dict[int, list[tuple[int, int]]] = {}
    for round_id, place, person_id in db.rows(
        """
        SELECT h.round_id, h.place, c.person_id FROM awards_honour h
        JOIN awards_candidate c ON c.id = h.candidate_id ORDER BY h.round_id, h.place
        """
    ):
        honours.setdefault(round_id, []).append((place, person_id))
    breaches, count = [], 0
    for held, kept in groupby(
        db.rows(
            f"""
            SELECT {_ROUND}, c.person_id, c.figure, c.reads FROM awards_round r JOIN awards_award a ON a.id = r.award_id
            LEFT JOIN awards_candidate c ON c.round_id = r.id WHERE r.rule_version = %s ORDER BY r.id, c.id
            """,  # noqa: S608
            [rules.RULE_VERSION],
        ),
        key=lambda columns: _round(columns[:-3]),
    ):
        count += 1
        counted = [Counted(*columns[-3:]) for columns in kept if columns[-3] is not None]
        again = [(place, one.person_id) for place, one in enumerate(rules.winners(held.award, counted), start=1)]
        if honours.get(held.id, []) != again or rules.digest_of(held.award, held.month, counted) != held.digest:
            breaches.append(f"round {held.id}: kept {honours.get(held.id, [])}, counted again {again}")
    return (
        InvariantCheck(
            "honours_follow_from_what_was_counted", "rounds", count, len(breaches), tuple(breaches[:_EXAMPLES])
        ),
    )


def export_person(person_id: int) -> Iterator[Records]:
    """What rounds counted of a person, and what they won."""
    yield (
        "awards",
        db.records(
            """
            SELECT a.title, a.title_en, r.month, r.rule, c.figure, c.reads, h.place, h.state, h.is_shown, h.reason,
                   r.given_at
            FROM awards_candidate c JOIN awards_round r ON r.id = c.round_id JOIN awards_award a ON a.id = r.award_id
            LEFT JOIN awards_honour h ON h.candidate_id = c.id WHERE c.person_id = %s ORDER BY r.id
            """,
            [person_id],
        ),
    )


def _honours(where: str, parameters: Sequence[object]) -> tuple[types.Honour, ...]:
    found = db.rows(
        f"""
        SELECT {_ROUND}, {_HONOUR} FROM awards_honour h JOIN awards_candidate c ON c.id = h.candidate_id
        JOIN awards_round r ON r.id = h.round_id JOIN awards_award a ON a.id = r.award_id
        WHERE {where} ORDER BY r.month DESC, a.id, h.place
        """,  # noqa: S608  (literals of this module)
        parameters,
    )
    return tuple(_honour(columns) for columns in found)


def _met(viewer: Viewer, honours: tuple[types.Honour, ...]) -> tuple[tuple[types.Honour, Face], ...]:
    met = social.faces_met(viewer, {honour.person_id for honour in honours})
    return tuple((honour, met[honour.person_id]) for honour in honours if honour.person_id in met)


def _award(columns: Sequence[Any]) -> types.Award:
    award_id, title, title_en, rule, *others = columns
    return types.Award(award_id, title, title_en, Rule(rule), *others)


def _round(columns: Sequence[Any]) -> types.Round:
    round_id, *others = columns[9:]
    return types.Round(round_id, _award(columns[:9]), *others)


def _honour(columns: Sequence[Any]) -> types.Honour:
    honour_id, person_id, place, state, *others = columns[14:]
    return types.Honour(honour_id, _round(columns[:14]), person_id, place, HonourState(state), *others)
