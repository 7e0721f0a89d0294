"""Very many things and copies at once, from a place that knows them by codes: some minutes for a million.

What the ordinary operations promise of one copy holds of each of these: the checks are the same functions, sight is
the same compile, histories begin alike. `wuyou import` holds a sample of them to the ordinary path.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from wuyou.domains.identity import errors as identity_errors
from wuyou.domains.identity import queries as identity
from wuyou.domains.things import copies, errors, events, queries, rules, types
from wuyou.domains.things.naming import words_of
from wuyou.domains.things.types import HoldingSource, ThingKind
from wuyou.infra import db, sight
from wuyou.infra.events import publish
from wuyou.kernel.sight import AudienceRule

_THINGS_AT_ONCE = 20_000


@db.requires_transaction
def ensure_coded(*, things: Iterable[types.CodedThing], now: datetime) -> dict[str, int]:
    """The things that these codes stand for, made where there are none; returns ids by code, redirects followed.

    A family that is named must be among them. What is there already stays as it is. Two that make the same at once make
    it once. Raises: `TextMalformed`, `TreeMalformed`. Cost: three statements for every 20,000 of a level.
    """
    drafts = sorted(things, key=lambda thing: thing.code)
    kinds = {thing.code: thing.kind for thing in drafts}
    for thing in drafts:
        above = kinds.get(thing.above) if thing.above else None
        if above not in rules.PARENT_OF[thing.kind] or (thing.above and above is None):
            raise errors.TreeMalformed()
    ids: dict[str, int] = {}
    for kind in ThingKind:
        level = [thing for thing in drafts if thing.kind is kind]
        for begin in range(0, len(level), _THINGS_AT_ONCE):
            ids |= _ensure(level[begin : begin + _THINGS_AT_ONCE], ids, now)
    return ids


def _ensure(level: Sequence[types.CodedThing], above: dict[str, int], now: datetime) -> dict[str, int]:
    parents = copies.keep_things({above[thing.above] for thing in level if thing.above})
    codes = [rules.clean_line(thing.code, "code", rules.MAX_CODE) for thing in level]
    db.execute(
        """
        INSERT INTO things_thing (kind, parent_id, name, name_en, brand, words, code, added_at)
        SELECT r.kind, r.parent_id, r.name, r.name_en, r.brand, r.words::tsvector, r.code, %s::timestamptz
        FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
             AS r (code, kind, parent_id, name, name_en, brand, words)
        ON CONFLICT (code) DO NOTHING
        """,
        [
            now,
            codes,
            [thing.kind.value for thing in level],
            [parents[above[thing.above]] if thing.above else None for thing in level],
            [rules.clean_line(thing.name, "name", rules.MAX_NAME) for thing in level],
            [rules.clean_line(thing.name_en, "name_en", rules.MAX_NAME, may_be_empty=True) for thing in level],
            [rules.clean_line(thing.brand, "brand", rules.MAX_NAME, may_be_empty=True) for thing in level],
            [words_of(thing.name, thing.name_en, thing.brand) for thing in level],
        ],
    )
    found = db.rows("SELECT code, coalesce(merged_into_id, id), kind FROM things_thing WHERE code = ANY(%s)", [codes])
    if any(kind != level[0].kind.value for _, _, kind in found):
        raise errors.TreeMalformed()
    return {code: thing_id for code, thing_id, _ in found}


@db.requires_transaction
def import_in_bulk(*, holdings: Sequence[types.BulkCopy], rule: AudienceRule, now: datetime) -> int:
    """Put very many copies of many people on record, all open to whom the rule names; returns how many are new.

    A copy that an earlier import of its owner brought under its key stays as it is. Whole shelves of people belong into
    one transaction, of some tens of thousands of copies.

    Args: rule: names no persons, labels, things or circles, which would be somebody's own.
    Publishes: `HoldingsImported` for each owner with new copies. Locks: the things, shared.
    Raises: `RatingOutOfRange`, `ThingNotFound`, `identity.PersonNotFound`. Cost: eight statements.
    """
    if rule.to.size or rule.minus.size:
        raise ValueError("a rule for many owners names nobody's own")
    owners = {copy.owner_id for copy in holdings}
    if len(identity.persons_by_id(owners)) != len(owners):
        raise identity_errors.PersonNotFound()
    kept = copies.keep_things({copy.thing_id for copy in holdings})
    about = queries.subjects_by_thing(kept.values())
    db.execute(
        """
        CREATE TEMPORARY TABLE things_incoming (owner_id bigint, thing_id bigint, key text, state text, rating smallint,
                                                sight_opens bigint[], sight_closes bigint[]) ON COMMIT DROP
        """
    )
    with connection.cursor() as cursor, cursor.copy("COPY things_incoming FROM STDIN") as copy_in:
        for copy in holdings:
            thing_id = kept[copy.thing_id]
            columns = sight.columns(copy.owner_id, rule, about[thing_id])
            copy_in.write_row(
                (
                    copy.owner_id,
                    thing_id,
                    rules.clean_line(copy.key, "key", rules.MAX_CODE),
                    copy.state.value,
                    rules.check_rating(copy.rating),
                    columns["sight_opens"],
                    columns["sight_closes"],
                )
            )
    made = db.rows(
        """
        WITH made AS (
            INSERT INTO things_holding (owner_id, thing_id, state, source, condition, story, rating, fields, position,
                                        import_key, arrived_at, sight_opens, sight_closes)
            SELECT owner_id, thing_id, state, %(source)s, '', '', rating, '[]'::jsonb, nextval('things_position'), key,
                   %(now)s::timestamptz, sight_opens, sight_closes
            FROM things_incoming ORDER BY owner_id, key
            ON CONFLICT (owner_id, import_key) DO NOTHING RETURNING id, owner_id, state),
        history AS (
            INSERT INTO things_provenance (holding_id, state, cause, happened_at)
            SELECT id, state, 'IMPORTED', %(now)s::timestamptz FROM made)
        SELECT owner_id, count(*) FROM made GROUP BY owner_id ORDER BY owner_id
        """,
        {"source": HoldingSource.IMPORT.value, "now": now},
    )
    # Two in one transaction, as in a test that is rolled back, are not in each other's way.
    db.execute("DROP TABLE things_incoming")
    publish(*(events.HoldingsImported(owner_id, count, now) for owner_id, count in made))
    return sum(count for _, count in made)
