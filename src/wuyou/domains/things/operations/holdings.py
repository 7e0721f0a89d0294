"""Copies: put on record, said of, moved, labelled, opened and taken off, one or many at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.identity import errors as identity_errors
from wuyou.domains.identity import queries as identity
from wuyou.domains.social import queries as social
from wuyou.domains.things import copies, errors, events, judging, queries, rules, types
from wuyou.domains.things.types import Cause, HoldingSource, HoldingState
from wuyou.infra import db, sight
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import AudienceRule, Kind, make_viewer, token


@db.requires_transaction
def add_holding(*, actor: Actor, draft: types.HoldingDraft, now: datetime) -> types.Holding:
    """Put a copy, or a wish for one, on record; private unless the draft opens it.

    What a rule of moderation holds is its owner's alone until staff have looked.
    Publishes: `HoldingAdded`. Locks: the thing, shared, then the copy's open case.
    Raises: `SourceReserved`, `TextMalformed`, `FieldsMalformed`, `RatingOutOfRange`, `ThingNotFound`,
    `identity.PersonNotFound` (from whom it came), and what `social.check_rule` and, of what others may see,
    `moderation.screen` refuse.
    """
    me = actor.person_id
    if draft.source not in {HoldingSource.HAND, HoldingSource.GIFT}:
        raise errors.SourceReserved()
    words = rules.clean_words(types.Words(draft.condition, draft.since_on, draft.story, draft.rating, draft.fields))
    _require_person(draft.other_id)
    social.check_rule(me, draft.audience)
    thing_id = copies.keep_things([draft.thing_id])[draft.thing_id]
    columns = sight.columns(me, draft.audience, queries.subjects_by_thing([thing_id])[thing_id])
    made = db.row(
        """
        WITH made AS (
            INSERT INTO things_holding (owner_id, thing_id, state, source, condition, since_on, story, rating, fields,
                                        position, arrived_at, sight_opens, sight_closes)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, nextval('things_position'), %s, %s, %s) RETURNING id),
        line AS (
            INSERT INTO things_provenance (holding_id, state, cause, other_id, happened_at)
            SELECT id, %s, 'ADDED', %s::bigint, %s::timestamptz FROM made)
        SELECT id FROM made
        """,
        [me, thing_id, draft.state.value, draft.source.value, words.condition.value, words.since_on, words.story,
         words.rating, _pairs(words), now, columns["sight_opens"], columns["sight_closes"],
         draft.state.value, draft.other_id, now],
    )  # fmt: skip
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    judging.screen_copies(actor, [made[0]], now)
    publish(events.HoldingAdded(made[0], me, thing_id, draft.state.value, draft.source.value, now))
    return queries.get_holding_for(make_viewer(me), made[0])


@db.requires_transaction
def describe_holding(*, actor: Actor, holding_id: int, words: types.Words, now: datetime) -> None:
    """Say of one's copy what is true now; it replaces what was said. What is withheld stays so, and is looked at again.

    Locks: the copy, then its open case.
    Raises: `HoldingNotFound`, `TextMalformed`, `FieldsMalformed`, `RatingOutOfRange`, and, of what others may see, what
    `moderation.screen` refuses.
    """
    words = rules.clean_words(words)
    changed = db.execute(
        """
        UPDATE things_holding SET condition = %s, since_on = %s, story = %s, rating = %s, fields = %s::jsonb
        WHERE id = %s AND owner_id = %s
        """,
        [words.condition.value, words.since_on, words.story, words.rating, _pairs(words), holding_id, actor.person_id],
    )
    if not changed:
        raise errors.HoldingNotFound()
    judging.screen_copies(actor, [holding_id], now)


@db.requires_transaction
def move_holding(
    *, actor: Actor, holding_id: int, to: HoldingState, now: datetime, other_id: int | None = None
) -> None:
    """One's copy stands otherwise from now on; a line of its history says so.

    Args: other_id: to whom it went or from whom it came, if anybody is to be named.
    Publishes: `HoldingChanged`. Locks: the copy. Raises: `HoldingNotFound`, `MoveRefused`, `identity.PersonNotFound`.
    """
    _require_person(other_id)
    found = db.row(
        "SELECT thing_id, state FROM things_holding WHERE id = %s AND owner_id = %s FOR UPDATE",
        [holding_id, actor.person_id],
    )
    if found is None:
        raise errors.HoldingNotFound()
    thing_id, was = found
    if not rules.may_move(HoldingState(was), to):
        raise errors.MoveRefused(state=was, to=to.value)
    copies.write_move(holding_id, to, Cause.MOVED, other_id, now)
    publish(events.HoldingChanged(holding_id, actor.person_id, thing_id, was, to.value, now))


@db.requires_transaction
def move_holdings(*, actor: Actor, holding_ids: Sequence[int], to: HoldingState, now: datetime) -> int:
    """All of these copies stand otherwise from now on, or none; those that stand so already stay as they are.

    Returns how many moved. Publishes: `HoldingChanged` for each. Locks: the copies, by id.
    Raises: `HoldingNotFound` (one is enough), `MoveRefused` (likewise), `TooMany`.
    """
    ids = copies.lock_own(actor, holding_ids)
    found = db.rows(
        "SELECT id, thing_id, state FROM things_holding WHERE id = ANY(%s) AND state <> %s ORDER BY id", [ids, to.value]
    )
    for _, _, state in found:
        if not rules.may_move(HoldingState(state), to):
            raise errors.MoveRefused(state=state, to=to.value)
    db.execute(
        """
        WITH moved AS (UPDATE things_holding SET state = %(to)s WHERE id = ANY(%(ids)s) RETURNING id)
        INSERT INTO things_provenance (holding_id, state, cause, happened_at)
        SELECT id, %(to)s, 'MOVED', %(now)s FROM moved ORDER BY id
        """,
        {"to": to.value, "ids": [one for one, *_ in found], "now": now},
    )
    publish(
        *(events.HoldingChanged(one, actor.person_id, thing_id, was, to.value, now) for one, thing_id, was in found)
    )
    return len(found)


@db.requires_transaction
def label_holdings(
    *, actor: Actor, holding_ids: Sequence[int], add: Sequence[str] = (), remove: Sequence[str] = ()
) -> None:
    """Put labels on all of these copies, and take others off; all of them or none.

    Raises: `HoldingNotFound` (one is enough), `TextMalformed`, `TooMany`. Locks: the copies, by id.
    """
    names = sorted({rules.clean_line(name, "label", rules.MAX_LABEL) for name in add})
    gone = sorted({rules.clean_line(name, "label", rules.MAX_LABEL) for name in remove})
    ids = copies.lock_own(actor, holding_ids)
    db.execute("DELETE FROM things_holding_label WHERE holding_id = ANY(%s) AND name = ANY(%s)", [ids, gone])
    db.execute(
        """
        INSERT INTO things_holding_label (holding_id, owner_id, name)
        SELECT h, %s, n FROM unnest(%s::bigint[]) AS h, unnest(%s::text[]) AS n
        ON CONFLICT (holding_id, name) DO NOTHING
        """,
        [actor.person_id, ids, names],
    )
    if names and db.rows(
        "SELECT 1 FROM things_holding_label WHERE holding_id = ANY(%s) GROUP BY holding_id HAVING count(*) > %s",
        [ids, rules.MAX_LABELS],
    ):
        raise errors.TooMany(limit=rules.MAX_LABELS)


@db.requires_transaction
def set_audience(*, actor: Actor, holding_ids: Sequence[int], rule: AudienceRule, now: datetime) -> None:
    """Open all of these copies to whom the rule names, and to nobody else; all of them or none.

    It holds for every read after the transaction; an arrival is no longer new. What is withheld stays so.
    Publishes: `HoldingChanged` for each. Locks: the copies, by id, then the open case of each that is held.
    Raises: `HoldingNotFound` (one is enough), `TooMany`, what `social.check_rule` refuses, and, of those that were
    their owner's alone, what `moderation.screen` refuses.
    """
    me = actor.person_id
    social.check_rule(me, rule)
    ids = copies.lock_own(actor, holding_ids)
    found = db.rows("SELECT id, thing_id, state FROM things_holding WHERE id = ANY(%s) ORDER BY id", [ids])
    private = [one for (one,) in db.rows(
        "SELECT id FROM things_holding WHERE id = ANY(%s) AND cardinality(sight_opens) = 1", [ids]
    )]  # fmt: skip
    opens, closes = copies.compiled(me, rule, [thing_id for _, thing_id, _ in found])
    db.execute(
        """
        UPDATE things_holding h SET sight_opens = %s::bigint[], is_new = false, sight_closes = c.closes::bigint[]
               || ARRAY(SELECT closing FROM unnest(h.sight_closes) AS closing WHERE closing = %s)
        FROM unnest(%s::bigint[], %s::text[]) AS c (id, closes) WHERE h.id = c.id
        """,
        [opens, token(Kind.WITHHELD), [row[0] for row in found], [closes[thing_id] for _, thing_id, _ in found]],
    )
    judging.screen_copies(actor, private, now)
    publish(*(events.HoldingChanged(one, me, thing_id, state, state, now) for one, thing_id, state in found))


@db.requires_transaction
def settle_arrivals(*, actor: Actor, holding_ids: Sequence[int]) -> None:
    """Leave copies that came by themselves as private as they are, and ask about them no more; twice is once.

    Raises: `HoldingNotFound` (one is enough), `TooMany`. Locks: the copies, by id.
    """
    ids = copies.lock_own(actor, holding_ids)
    db.execute("UPDATE things_holding SET is_new = false WHERE id = ANY(%s) AND is_new", [ids])


@db.requires_transaction
def remove_holdings(*, actor: Actor, holding_ids: Sequence[int], now: datetime) -> None:
    """Take all of these copies off the record, with their histories and photos; all of them or none.

    What came by an order does not come again. Publishes: `HoldingRemoved` for each. Locks: the copies, by id.
    Raises: `HoldingNotFound` (one is enough), `TooMany`.
    """
    ids = copies.lock_own(actor, holding_ids)
    copies.drop_photos(ids)
    gone = db.rows(
        """
        WITH labels AS (DELETE FROM things_holding_label WHERE holding_id = ANY(%(ids)s)),
             lines AS (DELETE FROM things_provenance WHERE holding_id = ANY(%(ids)s)),
             arrivals AS (UPDATE things_arrival SET holding_id = NULL WHERE holding_id = ANY(%(ids)s)),
             gone AS (DELETE FROM things_holding WHERE id = ANY(%(ids)s) RETURNING id, thing_id, state)
        SELECT id, thing_id, state FROM gone ORDER BY id
        """,
        {"ids": ids},
    )
    publish(*(events.HoldingRemoved(one, actor.person_id, thing, state, now) for one, thing, state in gone))


def _pairs(words: types.Words) -> str:
    return json.dumps(words.fields, ensure_ascii=False)


def _require_person(person_id: int | None) -> None:
    if person_id is not None and not identity.persons_by_id([person_id]):
        raise identity_errors.PersonNotFound()
