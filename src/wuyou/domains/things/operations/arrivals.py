"""Copies that come many at once: from orders, and from files of other places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.things import copies, events, rules, types
from wuyou.domains.things.naming import words_of
from wuyou.domains.things.operations.tree import ensure_variants
from wuyou.domains.things.types import Cause, HoldingSource, HoldingState
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import business_date
from wuyou.kernel.sight import ONLY_ME

_EVENTS_AT_ONCE = 5_000
"""A statement takes at most 65,535 values, and an event is four."""


@db.requires_transaction
def take_in(*, owner_id: int, lines: Sequence[types.BoughtLine], now: datetime) -> int:
    """The goods of these order lines have come: a private copy of each variant for who bought them.

    An order line arrives once, however often it is said and whatever became of its copy; returns how many came now.
    Publishes: `HoldingAdded` for each. Locks: the things, shared. Raises: `catalog.VariantNotFound`.
    """
    things = ensure_variants(variant_ids=[line.variant_id for line in lines], now=now)
    kept = copies.keep_things(thing.id for thing in things.values())
    new = {
        line_id
        for (line_id,) in db.rows(
            """
            INSERT INTO things_arrival (order_line_id, arrived_at)
            SELECT line, %s::timestamptz FROM unnest(%s::bigint[]) AS line ORDER BY line
            ON CONFLICT (order_line_id) DO NOTHING RETURNING order_line_id
            """,
            [now, sorted({line.line_id for line in lines})],
        )
    }
    arrived = [(line.line_id, kept[things[line.variant_id].id]) for line in lines if line.line_id in new]
    if not arrived:
        return 0
    opens, closes = copies.compiled(owner_id, ONLY_ME, [thing_id for _, thing_id in arrived])
    made = db.rows(
        """
        WITH line AS (
            SELECT * FROM unnest(%(lines)s::bigint[], %(things)s::bigint[], %(closes)s::text[])
                     AS l (line_id, thing_id, closes)),
        numbered AS (SELECT *, nextval(pg_get_serial_sequence('things_holding', 'id')) AS id FROM line),
        made AS (
            INSERT INTO things_holding (id, owner_id, thing_id, state, source, condition, story, fields, since_on,
                                        position, arrived_at, sight_opens, sight_closes, is_new)
            SELECT id, %(owner)s::bigint, thing_id, 'OWN', 'ORDER', 'NEW', '', '[]'::jsonb, %(today)s::date,
                   nextval('things_position'), %(now)s::timestamptz, %(opens)s::bigint[], closes::bigint[], true
            FROM numbered ORDER BY id RETURNING id, thing_id),
        history AS (
            INSERT INTO things_provenance (holding_id, state, cause, happened_at)
            SELECT id, 'OWN', 'ARRIVED', %(now)s::timestamptz FROM made)
        SELECT made.id, made.thing_id, numbered.line_id FROM made JOIN numbered USING (id) ORDER BY made.id
        """,
        {
            "lines": [line_id for line_id, _ in arrived],
            "things": [thing_id for _, thing_id in arrived],
            "closes": [closes[thing_id] for _, thing_id in arrived],
            "owner": owner_id,
            "opens": opens,
            "today": business_date(now),
            "now": now,
        },
    )
    db.execute(
        """
        UPDATE things_arrival a SET holding_id = m.holding_id
        FROM unnest(%s::bigint[], %s::bigint[]) AS m (line_id, holding_id) WHERE a.order_line_id = m.line_id
        """,
        [[line_id for *_, line_id in made], [holding_id for holding_id, *_ in made]],
    )
    publish(
        *(
            events.HoldingAdded(holding_id, owner_id, thing_id, HoldingState.OWN.value, HoldingSource.ORDER.value, now)
            for holding_id, thing_id, _ in made
        )
    )
    for holding_id, *_ in made:
        notifications.notify(
            person_id=owner_id, kind=Kind.GOODS_ARRIVED, object_id=holding_id, group_key="goods_arrived", now=now
        )
    return len(made)


@db.requires_transaction
def take_back(*, line_ids: Sequence[int], now: datetime) -> int:
    """The money of these order lines went back: the copies that came by them are had, no longer owned.

    What its owner has given away, or taken off the record, stays as it is. Twice is once; returns how many moved now.
    Publishes: `HoldingChanged` for each. Locks: the copies, by id.
    """
    held = db.rows(
        """
        SELECT h.id, h.owner_id, h.thing_id, h.state FROM things_arrival a JOIN things_holding h ON h.id = a.holding_id
        WHERE a.order_line_id = ANY(%s) AND h.state = ANY(%s) ORDER BY h.id FOR UPDATE OF h
        """,
        [list(line_ids), [state.value for state in rules.HELD]],
    )
    for holding_id, *_ in held:
        copies.write_move(holding_id, HoldingState.HAD, Cause.RETURNED, None, now)
    publish(
        *(
            events.HoldingChanged(holding_id, owner_id, thing_id, was, HoldingState.HAD.value, now)
            for holding_id, owner_id, thing_id, was in held
        )
    )
    return len(held)


@db.requires_transaction
def import_holdings(*, actor: Actor, content: bytes, today: date, now: datetime) -> types.ImportReport:
    """Take in a CSV file of another place: a private copy of each good row; bad rows are named and change nothing.

    A row whose thing an earlier import of this person brought is there already. Things are known by ISBN, or else by
    title and creator; one that nobody has yet is added. Two imports of the same file at once take it in once.

    Args: today: dates after it are faults.
    Publishes: `HoldingAdded` for each. Raises: `ImportMalformed`. Locks: the things, shared.
    Cost: seven statements, and one more for every 5,000 rows.
    """
    me = actor.person_id
    rows, bad = rules.read_import(content, today)
    if not rows:
        return types.ImportReport(len(bad), 0, 0, bad)
    ordered = sorted(rows, key=lambda row: row.code)  # two imports add the same things in the same order
    codes = [row.code for row in ordered]
    db.execute(
        """
        INSERT INTO things_thing (kind, name, name_en, brand, words, code, added_at)
        SELECT 'MODEL', r.title, '', r.creator, r.words::tsvector, r.code, %s::timestamptz
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS r (code, title, creator, words)
        ON CONFLICT (code) DO NOTHING
        """,
        [
            now,
            codes,
            [row.title for row in ordered],
            [row.creator for row in ordered],
            [words_of(row.title, "", row.creator) for row in ordered],
        ],
    )
    known = dict(db.rows("SELECT code, id FROM things_thing WHERE code = ANY(%s)", [codes]))
    kept = copies.keep_things(known.values())
    things = {code: kept[thing_id] for code, thing_id in known.items()}
    opens, closes = copies.compiled(me, ONLY_ME, list(things.values()))
    made = db.rows(
        """
        WITH made AS (
            INSERT INTO things_holding (owner_id, thing_id, state, source, condition, since_on, story, rating, fields,
                                        position, import_key, arrived_at, sight_opens, sight_closes)
            SELECT %(owner)s::bigint, r.thing_id, r.state, 'IMPORT', '', r.since_on, r.story, r.rating, '[]'::jsonb,
                   nextval('things_position'), r.code, %(now)s::timestamptz, %(opens)s::bigint[], r.closes::bigint[]
            FROM unnest(%(codes)s::text[], %(things)s::bigint[], %(states)s::text[], %(dates)s::date[],
                        %(stories)s::text[], %(ratings)s::smallint[], %(closes)s::text[])
                 AS r (code, thing_id, state, since_on, story, rating, closes)
            ON CONFLICT (owner_id, import_key) DO NOTHING RETURNING id, thing_id, state),
        history AS (
            INSERT INTO things_provenance (holding_id, state, cause, happened_at)
            SELECT id, state, 'IMPORTED', %(now)s::timestamptz FROM made)
        SELECT id, thing_id, state FROM made ORDER BY id
        """,
        {
            "owner": me,
            "now": now,
            "opens": opens,
            "codes": codes,
            "things": [things[code] for code in codes],
            "states": [row.state.value for row in ordered],
            "dates": [row.since_on for row in ordered],
            "stories": [row.comment for row in ordered],
            "ratings": [row.rating for row in ordered],
            "closes": [closes[things[code]] for code in codes],
        },
    )
    for begin in range(0, len(made), _EVENTS_AT_ONCE):
        publish(
            *(
                events.HoldingAdded(holding_id, me, thing_id, state, HoldingSource.IMPORT.value, now)
                for holding_id, thing_id, state in made[begin : begin + _EVENTS_AT_ONCE]
            )
        )
    return types.ImportReport(len(rows) + len(bad), len(made), len(rows) - len(made), bad)
