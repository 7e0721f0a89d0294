"""Whom a person's things are open to: their copies, counted and listed by who may see them, for their eyes alone."""

from __future__ import annotations

from dataclasses import dataclass

from wuyou.domains.things import queries, types
from wuyou.infra import db, sight
from wuyou.kernel.paging import Page, cut_page
from wuyou.kernel.sight import AudienceRule, Kind, Sight, rule_of

_NOT_THE_RULES = ", ".join(
    str(int(kind)) for kind in (Kind.BLOCKED, Kind.BLOCKED_THING, Kind.BLOCKED_BRAND, Kind.WITHHELD)
)
_CLOSED = f"ARRAY(SELECT c FROM unnest(h.sight_closes) c WHERE c >> 56 NOT IN ({_NOT_THE_RULES}) ORDER BY c)"  # noqa: S608
"""Whom the owner left out, beside who is blocked and who does not want to hear of what it is about."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Copies that are open to the same people."""

    rule: AudienceRule
    count: int


def audiences_of(owner_id: int) -> tuple[Opened, ...]:
    """Every rule that somebody's copies stand under, with how many do, the most first. Cost: one query."""
    found = db.rows(
        f"SELECT h.sight_opens, {_CLOSED}, count(*) FROM things_holding h WHERE h.owner_id = %s"  # noqa: S608
        " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
        [owner_id],
    )
    counts: dict[AudienceRule, int] = {}
    for opens, closes, count in found:
        rule = rule_of(Sight(owner_id, tuple(opens), tuple(closes)))
        counts[rule] = counts.get(rule, 0) + count
    return tuple(Opened(rule, count) for rule, count in counts.items())


def list_opened_as(
    owner_id: int, rule: AudienceRule, *, cursor: int | None = None, limit: int = 24
) -> Page[types.Holding]:
    """Somebody's copies under one rule, newest first. Cost: two queries, and those of a viewer."""
    written = sight.columns(owner_id, rule)
    blocked = int(Kind.BLOCKED)
    found = db.rows(
        f"""
        SELECT h.id FROM things_holding h WHERE h.owner_id = %(owner)s AND h.sight_opens = %(opens)s::bigint[]
        AND {_CLOSED} = ARRAY(SELECT c FROM unnest(%(closes)s::bigint[]) c WHERE c >> 56 <> {blocked} ORDER BY c)
        AND (%(cursor)s::bigint IS NULL OR h.id < %(cursor)s) ORDER BY h.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (numbers of ours)
        {
            "owner": owner_id,
            "opens": written["sight_opens"],
            "closes": written["sight_closes"],
            "cursor": cursor,
            "limit": limit + 1,
        },
    )
    copies = queries.holdings_by_id(sight.get_viewer(owner_id), [holding_id for (holding_id,) in found])
    ordered = [copies[holding_id] for (holding_id,) in found if holding_id in copies]
    return cut_page(ordered, limit, lambda holding: holding.id)


def is_found(person_id: int) -> bool:
    """Whether a person may be found by what they have. Cost: one query."""
    return not db.rows("SELECT FROM things_unfound WHERE person_id = %s", [person_id])
