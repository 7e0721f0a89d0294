"""Gifts, as their two people see them, and what thanks make of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from wuyou.domains.social import errors, rules
from wuyou.domains.social.types import (
    AppreciatedKind,
    Appreciation,
    Gift,
    GiftKind,
    GiftState,
    Nudge,
    NudgeKind,
    Standing,
)
from wuyou.infra import db
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import Subject, SubjectKind, Viewer, blocked_by

# Across a block there is no gift, and whoever blocked what it is about does not see it, unless they give it themselves.
_GIFTS = """
    SELECT g.id, g.giver_id, g.receiver_id, g.kind, g.state, g.what, g.words, g.subject_kind, g.subject_id, g.copy_id,
           g.in_return_for_id, g.offered_at, g.answered_at, g.given_at,
           EXISTS (SELECT FROM social_appreciation a
                   WHERE a.giver_id = g.receiver_id AND a.kind = 'GIFT' AND a.source_id = g.id)
    FROM social_gift g
    WHERE NOT EXISTS (SELECT FROM social_block WHERE (blocker_id, blocked_id)
                      IN ((g.giver_id, g.receiver_id), (g.receiver_id, g.giver_id)))
    AND (g.giver_id = %(me)s
         OR g.receiver_id = %(me)s AND NOT EXISTS (
             SELECT FROM social_subject_block s
             WHERE s.owner_id = %(me)s AND s.kind = g.subject_kind AND s.subject_id = g.subject_id))
"""


def get_gift(person_id: int, gift_id: int) -> Gift:
    """A gift that the person gives or gets. Raises `GiftNotFound` for everyone else. Cost: one query."""
    found = db.row(f"{_GIFTS} AND g.id = %(gift)s", {"me": person_id, "gift": gift_id})
    if found is None:
        raise errors.GiftNotFound()
    return _gift(found)


def offered_gifts_among(viewer: Viewer, gift_ids: Collection[int]) -> set[int]:
    """Those of these gifts that the viewer is offered and has not answered. Cost: one query."""
    return _among(viewer, gift_ids, "g.receiver_id = %(me)s AND g.state = 'OFFERED'")


def accepted_gifts_among(viewer: Viewer, gift_ids: Collection[int]) -> set[int]:
    """Those of these gifts that were accepted and that the viewer has still to give. Cost: one query."""
    return _among(viewer, gift_ids, "g.giver_id = %(me)s AND g.state = 'ACCEPTED'")


def given_gifts_among(viewer: Viewer, gift_ids: Collection[int]) -> set[int]:
    """Those of these gifts that the viewer was given. Cost: one query."""
    return _among(viewer, gift_ids, "g.receiver_id = %(me)s AND g.state = 'GIVEN'")


def thanks_among(viewer: Viewer, appreciation_ids: Collection[int]) -> dict[int, tuple[AppreciatedKind, int]]:
    """Those of these thanks that stand and that the viewer was given, with what they are for. Cost: one query."""
    found = db.rows(
        "SELECT id, kind, source_id FROM social_appreciation WHERE receiver_id = %s AND id = ANY(%s)",
        [viewer.person_id, sorted(appreciation_ids)],
    )
    return {thanks: (AppreciatedKind(kind), source_id) for thanks, kind, source_id in found}


def find_open_offer(person_id: int, copy_id: int) -> Gift | None:
    """The gift as which one's own copy is offered, or for which its receiver waits. Cost: one query."""
    found = db.row(
        f"{_GIFTS} AND g.giver_id = %(me)s AND g.copy_id = %(copy)s AND g.state IN ('OFFERED', 'ACCEPTED')",
        {"me": person_id, "copy": copy_id},
    )
    return _gift(found) if found else None


def list_gifts_to(
    person_id: int, *, states: Collection[GiftState] = (), cursor: int | None = None, limit: int = 24
) -> Page[Gift]:
    """Gifts that one gets, latest first; in these states. Cost: one query."""
    return _page("g.receiver_id = %(me)s", person_id, None, states, cursor, limit)


def list_gifts_from(
    person_id: int, *, states: Collection[GiftState] = (), cursor: int | None = None, limit: int = 24
) -> Page[Gift]:
    """Gifts that one gives, latest first; in these states. Cost: one query."""
    return _page("g.giver_id = %(me)s", person_id, None, states, cursor, limit)


def list_gifts_between(person_id: int, other_id: int, *, cursor: int | None = None, limit: int = 24) -> Page[Gift]:
    """Gifts between a person and another, both ways, latest first. Cost: one query."""
    between = "(g.giver_id, g.receiver_id) IN ((%(me)s, %(other)s), (%(other)s, %(me)s))"
    return _page(between, person_id, other_id, (), cursor, limit)


def list_nudges(person_id: int, *, now: datetime) -> tuple[Nudge, ...]:
    """What one may want to answer: gifts without thanks, and people who give while nothing goes back.

    Gifts count from a day after they were given until 60 days after; giving is one-way when two gifts or more came from
    somebody in half a year and none went. Cost: one query.
    """
    found = db.rows(
        """
        WITH got AS (
            SELECT g.id, g.giver_id, g.given_at FROM social_gift g
            WHERE g.receiver_id = %(me)s AND g.state = 'GIVEN' AND g.given_at > %(half_year)s
            AND NOT EXISTS (SELECT FROM social_block WHERE (blocker_id, blocked_id)
                            IN ((g.giver_id, g.receiver_id), (g.receiver_id, g.giver_id)))
            AND NOT EXISTS (SELECT FROM social_mute WHERE owner_id = %(me)s AND muted_id = g.giver_id)
            AND NOT EXISTS (SELECT FROM social_subject_block s
                            WHERE s.owner_id = %(me)s AND s.kind = g.subject_kind AND s.subject_id = g.subject_id))
        SELECT 'UNTHANKED', giver_id, id, 1 FROM got
        WHERE given_at BETWEEN %(recently)s AND %(yesterday)s
        AND NOT EXISTS (SELECT FROM social_appreciation
                        WHERE giver_id = %(me)s AND kind = 'GIFT' AND source_id = got.id)
        UNION ALL
        SELECT 'ONE_WAY', giver_id, NULL, count(*) FROM got
        WHERE NOT EXISTS (SELECT FROM social_gift g WHERE g.giver_id = %(me)s AND g.receiver_id = got.giver_id
                          AND g.state IN ('OFFERED', 'ACCEPTED', 'GIVEN') AND g.offered_at > %(half_year)s)
        GROUP BY giver_id HAVING count(*) >= 2
        ORDER BY 1 DESC, 3 DESC, 2
        """,
        {
            "me": person_id,
            "half_year": now - timedelta(days=182),
            "recently": now - timedelta(days=60),
            "yesterday": now - timedelta(days=1),
        },
    )
    return tuple(Nudge(NudgeKind(kind), *rest) for kind, *rest in found)


def appreciators_by_person(sources: Mapping[AppreciatedKind, Collection[int]]) -> dict[int, int]:
    """How many different people thanked each person for these. Cost: one query.

    It tells of the sources that it is given: give those alone that the one who asks may see.
    """
    found = db.rows(
        """
        SELECT a.receiver_id, count(DISTINCT a.giver_id) FROM social_appreciation a
        JOIN unnest(%s::text[], %s::bigint[]) AS s (kind, id) ON a.kind = s.kind AND a.source_id = s.id
        GROUP BY a.receiver_id
        """,
        [
            [kind.value for kind, ids in sources.items() for _ in ids],
            [source_id for ids in sources.values() for source_id in ids],
        ],
    )
    return dict(found)


def appreciation_by_source(viewer: Viewer, kind: AppreciatedKind, source_ids: Collection[int]) -> dict[int, int]:
    """How many people thanked for each of these, without whom a block stands between them and the viewer.

    Those without thanks are left out. Cost: one query.
    """
    found = db.rows(
        """
        SELECT source_id, count(*) FROM social_appreciation WHERE kind = %s AND source_id = ANY(%s)
        AND giver_id <> ALL(%s) GROUP BY source_id
        """,
        [kind.value, sorted(set(source_ids)), sorted(blocked_by(viewer))],
    )
    return dict(found)


def thanks_for(viewer: Viewer, kind: AppreciatedKind, source_id: int) -> tuple[int, bool]:
    """How many people thanked, as `appreciation_by_source` counts, and whether the viewer did. Cost: one query."""
    ((count, is_mine),) = db.rows(
        """
        SELECT count(*) FILTER (WHERE giver_id <> ALL(%s)), coalesce(bool_or(giver_id = %s), false)
        FROM social_appreciation WHERE kind = %s AND source_id = %s
        """,
        [sorted(blocked_by(viewer)), viewer.person_id or 0, kind.value, source_id],
    )
    return count, is_mine


def appreciated_by(person_id: int, kind: AppreciatedKind, source_ids: Collection[int]) -> frozenset[int]:
    """For which of these the person has given thanks. Cost: one query."""
    found = db.rows(
        "SELECT source_id FROM social_appreciation WHERE giver_id = %s AND kind = %s AND source_id = ANY(%s)",
        [person_id, kind.value, sorted(set(source_ids))],
    )
    return frozenset(row[0] for row in found)


def list_appreciation_to(person_id: int, *, cursor: int | None = None, limit: int = 24) -> Page[Appreciation]:
    """Thanks that one has received, latest first, those across a block left out. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        """
        SELECT id, giver_id, receiver_id, kind, source_id, words, given_at FROM social_appreciation a
        WHERE receiver_id = %(me)s AND (%(cursor)s::bigint IS NULL OR id < %(cursor)s)
        AND NOT EXISTS (SELECT FROM social_block WHERE (blocker_id, blocked_id)
                        IN ((a.giver_id, a.receiver_id), (a.receiver_id, a.giver_id)))
        ORDER BY id DESC LIMIT %(limit)s
        """,
        {"me": person_id, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page(
        [Appreciation(i, giver, got, AppreciatedKind(kind), *rest) for i, giver, got, kind, *rest in found],
        limit,
        lambda thanks: thanks.id,
    )


def standings_by_person(person_ids: Iterable[int]) -> dict[int, Standing]:
    """What received appreciation makes of people. It says nothing of what they were thanked for. Cost: one query."""
    wanted = sorted(set(person_ids))
    found = db.rows(
        """
        SELECT a.receiver_id, count(*), EXISTS (SELECT FROM social_appreciation b
                                                WHERE b.receiver_id = a.giver_id AND b.giver_id = a.receiver_id)
        FROM social_appreciation a WHERE a.receiver_id = ANY(%s) GROUP BY a.receiver_id, a.giver_id
        """,
        [wanted],
    )
    credit, appreciators = dict.fromkeys(wanted, 0), dict.fromkeys(wanted, 0)
    for receiver, times, is_mutual in found:
        credit[receiver] += rules.credit(times, is_mutual=is_mutual)
        appreciators[receiver] += 1
    return {one: Standing(rules.level_of(credit[one]), credit[one], appreciators[one]) for one in wanted}


def _page(
    which: str, person_id: int, other_id: int | None, states: Collection[GiftState], cursor: int | None, limit: int
) -> Page[Gift]:
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        {_GIFTS} AND {which} AND (%(states)s::text[] = '{{}}' OR g.state = ANY(%(states)s))
        AND (%(cursor)s::bigint IS NULL OR g.id < %(cursor)s) ORDER BY g.id DESC LIMIT %(limit)s
        """,
        {
            "me": person_id,
            "other": other_id,
            "states": [state.value for state in states],
            "cursor": cursor,
            "limit": limit + 1,
        },
    )
    return cut_page([_gift(columns) for columns in found], limit, lambda gift: gift.id)


def _among(viewer: Viewer, gift_ids: Collection[int], which: str) -> set[int]:
    found = db.rows(f"{_GIFTS} AND {which} AND g.id = ANY(%(ids)s)", {"me": viewer.person_id, "ids": sorted(gift_ids)})
    return {columns[0] for columns in found}


def _gift(columns: tuple[object, ...]) -> Gift:
    gift_id, giver, receiver, kind, state, what, words, subject_kind, subject_id, *rest = columns
    about = Subject(SubjectKind(subject_kind), subject_id) if subject_kind is not None else None  # type: ignore[arg-type]
    return Gift(gift_id, giver, receiver, GiftKind(kind), GiftState(state), what, words, about, *rest)  # type: ignore[arg-type]
