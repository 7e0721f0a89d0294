"""Common ground in SQL: whose copies are looked through, who is near by counting everybody, and who may still be seen.

`nearest` is exact and needs nothing but the tables; its cost grows with how common the things are. A process that
answers many keeps the same in memory (`neighbours`). Either way `seen_now` has the last word: one query that reads
what is true at this moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from wuyou.domains.things import rules
from wuyou.domains.things.types import Nearness
from wuyou.infra import db, sight
from wuyou.kernel.sight import Kind, Viewer, keys_of, token

Key = int | str
"""A thing or a family by its id, a brand by its name, folded."""

UNIT = "CASE WHEN t.kind = 'VARIANT' THEN t.parent_id ELSE t.id END"
"""What a copy of thing `t` counts as: a colour or a size does not make another thing."""
TREE = """
    things_thing t LEFT JOIN things_thing m ON m.id = t.parent_id
    LEFT JOIN things_thing f ON f.id = m.parent_id
"""
"""A thing with what is above it, for `FAMILY` and `BRAND`."""
FAMILY = "CASE t.kind WHEN 'FAMILY' THEN t.id WHEN 'MODEL' THEN t.parent_id ELSE m.parent_id END"
BRAND = """
    lower(trim(CASE t.kind WHEN 'VARIANT' THEN coalesce(nullif(m.brand, ''), f.brand, '')
                           ELSE coalesce(nullif(t.brand, ''), m.brand, '') END))
"""
STATES = tuple(sorted(state.value for state in rules.SHARED))
_IN_STATES = ", ".join(f"'{state}'" for state in STATES)
_ABOUT = ", ".join(str(int(kind)) for kind in (Kind.BLOCKED, Kind.BLOCKED_THING, Kind.BLOCKED_BRAND))
COUNTS = f"h.state IN ({_IN_STATES}) AND NOT EXISTS (SELECT FROM things_unfound u WHERE u.person_id = h.owner_id)"
"""Copies that are common ground at all, of people who allow being found by them."""
CLOSED_TO = f"ARRAY(SELECT c FROM unnest(h.sight_closes) c WHERE c >> 56 NOT IN ({_ABOUT}) ORDER BY c)"  # noqa: S608  (as above)
"""To whom a copy is closed beside those whom every copy is closed to: a block, or what it is about."""
IS_OPEN = f"""
    (h.sight_opens @> ARRAY[{token(Kind.EVERYONE)}]
     AND NOT EXISTS (SELECT FROM unnest(h.sight_closes) c WHERE c >> 56 NOT IN ({_ABOUT})))
"""
_KEYS = {Nearness.THING: UNIT, Nearness.FAMILY: FAMILY, Nearness.BRAND: f"nullif({BRAND}, '')"}
_KINDS = {Nearness.THING: "bigint", Nearness.FAMILY: "bigint", Nearness.BRAND: "text"}


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody with common ground: how much it says, and what it is, rarest first."""

    person_id: int
    nearness: Nearness
    rarity_millibits: int
    shared: tuple[Key, ...]

    @property
    def order(self) -> tuple[int, int, int]:
        """Best first."""
        return -self.rarity_millibits, -len(self.shared), self.person_id


@dataclass(frozen=True, slots=True)
class Ground:
    """What somebody asks with, by level."""

    keys: dict[Nearness, tuple[Key, ...]]
    is_whole: bool = True
    """Whether the viewer wants to see something about all that was asked."""


def ground_of(viewer: Viewer) -> Ground:
    """What the viewer has or had, less what they want to see nothing about. Cost: one query; none without a person."""
    if viewer.person_id is None or viewer.within is not None:
        return Ground(dict.fromkeys(Nearness, ()))
    return _ground(
        "t.id IN (SELECT h.thing_id FROM things_holding h WHERE h.owner_id = %(me)s AND h.state = ANY(%(states)s))",
        {"me": viewer.person_id, "states": list(STATES)},
        viewer,
    )


def ground_on(viewer: Viewer, thing_ids: Iterable[int]) -> Ground:
    """The same of these things. Cost: one query."""
    return _ground("t.id = ANY(%(things)s)", {"things": sorted(set(thing_ids))}, viewer)


class InSql:
    """Counting everybody. The same questions, and to the letter the same answers, as `neighbours.Neighbours`."""

    def nearest(
        self,
        viewer: Viewer,
        ground: Ground,
        *,
        at_least: int,
        limit: int,
        levels: Sequence[Nearness] = (Nearness.THING,),
        among: Collection[int] | None = None,
    ) -> list[Near]:
        """The best `limit` who share so much with this ground, level by level. Cost: two queries a level."""
        found: list[Near] = []
        for level in levels:
            if len(found) >= limit:
                break
            met = {near.person_id for near in found}
            near = self._at(viewer, level, ground.keys[level], at_least, among)
            found += sorted((one for one in near if one.person_id not in met), key=lambda one: one.order)[
                : limit - len(found)
            ]
        return found

    def holders(
        self, viewer: Viewer, level: Nearness, keys: Collection[Key], *, among: Collection[int] | None = None
    ) -> list[int]:
        """Who has all of these, ascending. Cost: one query."""
        counts: dict[int, int] = defaultdict(int)
        for person_id, _ in self._held(viewer, level, keys, among):
            counts[person_id] += 1
        return sorted(person_id for person_id, count in counts.items() if count == len(set(keys)))

    def _at(
        self, viewer: Viewer, level: Nearness, keys: Collection[Key], at_least: int, among: Collection[int] | None
    ) -> list[Near]:
        # Here, because whatever starts reads this module, and should not wait for NumPy.
        import numpy as np

        from wuyou.engines.same_things import rarity_millibits

        held: dict[int, list[Key]] = defaultdict(list)
        for person_id, key in self._held(viewer, level, keys, among):
            held[person_id].append(key)
        open_holders = dict(
            db.rows(
                f"""
                SELECT {_KEYS[level]}, count(DISTINCT h.owner_id) FROM things_holding h
                JOIN {TREE} ON t.id = h.thing_id WHERE {COUNTS} AND {IS_OPEN} GROUP BY 1
                UNION ALL SELECT NULL, count(DISTINCT h.owner_id) FROM things_holding h
                JOIN {TREE} ON t.id = h.thing_id WHERE {COUNTS} AND {IS_OPEN} AND {_KEYS[level]} IS NOT NULL
                """  # noqa: S608  (literals of this module)
            )
            if held
            else ()
        )
        people = open_holders.pop(None, 0)
        ordered = sorted(set(keys), key=lambda key: (open_holders.get(key, 0), key))
        weights = rarity_millibits(people, np.array([open_holders.get(key, 0) for key in ordered], np.int64))
        weight = dict(zip(ordered, weights.tolist(), strict=True))
        place = {key: at for at, key in enumerate(ordered)}
        return [
            Near(person_id, level, sum(weight[key] for key in shared), tuple(sorted(shared, key=place.__getitem__)))
            for person_id, shared in held.items()
            if len(shared) >= at_least
        ]

    def _held(
        self, viewer: Viewer, level: Nearness, keys: Collection[Key], among: Collection[int] | None
    ) -> list[tuple[int, Key]]:
        if not keys:
            return []
        found = db.rows(
            f"""
            SELECT DISTINCT h.owner_id, {_KEYS[level]} FROM things_holding h JOIN {TREE} ON t.id = h.thing_id
            WHERE {_KEYS[level]} = ANY(%(keys)s::{_KINDS[level]}[]) AND h.owner_id <> %(me)s AND {COUNTS}
              AND (%(among)s::bigint[] IS NULL OR h.owner_id = ANY(%(among)s::bigint[]))
              AND {sight.visible_sql(viewer, "h")}
            """,  # noqa: S608  (literals of this module)
            {
                "keys": list(keys),
                "me": viewer.person_id or 0,
                "among": None if among is None else sorted(among),
            },
        )
        return [(person_id, key) for person_id, key in found]


def seen_now(viewer: Viewer, claims: Iterable[tuple[int, Nearness, Key]]) -> set[tuple[int, Nearness, Key]]:
    """Which of these claims, that a person has a thing, or one of a family or brand, the viewer may see at this moment.

    What is kept in memory may be seconds old. Nothing of it reaches anybody but through this, so that what was closed,
    moved, taken off the record or erased, and whoever blocked somebody or will not be found, is gone at once.
    Cost: one query, by indexes; a claim of a family or a brand reads all that the person has.
    """
    exact = [(person, key) for person, level, key in claims if level is Nearness.THING]
    wide = [(person, level, str(key)) for person, level, key in claims if level is not Nearness.THING]
    visible = sight.visible_sql(viewer, "h")
    found = db.rows(
        f"""
        WITH exact AS (SELECT * FROM unnest(%(owners)s::bigint[], %(units)s::bigint[]) AS e (owner_id, unit_id)),
        forms AS (
            SELECT id AS unit_id, id AS thing_id FROM (SELECT DISTINCT unit_id AS id FROM exact) AS asked
            UNION ALL
            SELECT v.parent_id, v.id FROM (SELECT DISTINCT unit_id AS id FROM exact) AS asked
            JOIN things_thing v ON v.parent_id = asked.id AND v.kind = 'VARIANT'),
        wide AS (SELECT * FROM unnest(%(people)s::bigint[], %(levels)s::text[], %(keys)s::text[])
                               AS w (owner_id, level, key))
        SELECT DISTINCT e.owner_id, 'thing', e.unit_id::text
        FROM exact e JOIN forms USING (unit_id)
        JOIN things_holding h ON h.owner_id = e.owner_id AND h.thing_id = forms.thing_id
        WHERE {COUNTS} AND {visible}
        UNION ALL
        SELECT DISTINCT w.owner_id, w.level, w.key
        FROM (SELECT DISTINCT owner_id FROM wide) AS one
        JOIN things_holding h ON h.owner_id = one.owner_id
        JOIN {TREE} ON t.id = h.thing_id
        JOIN wide w ON w.owner_id = h.owner_id
             AND w.key = CASE w.level WHEN 'family' THEN ({FAMILY})::text ELSE {BRAND} END
        WHERE {COUNTS} AND {visible}
        """,  # noqa: S608  (literals of this module)
        {
            "owners": [person for person, _ in exact],
            "units": [key for _, key in exact],
            "people": [person for person, _, _ in wide],
            "levels": [level.value for _, level, _ in wide],
            "keys": [key for _, _, key in wide],
        },
    )
    return {
        (person, Nearness(level), key if level == Nearness.BRAND.value else int(key)) for person, level, key in found
    }


def unfound(person_ids: Iterable[int]) -> frozenset[int]:
    """Who of these does not want to be found. Cost: one query."""
    found = db.rows("SELECT person_id FROM things_unfound WHERE person_id = ANY(%s)", [sorted(set(person_ids))])
    return frozenset(person_id for (person_id,) in found)


def _ground(condition: str, params: dict[str, object], viewer: Viewer) -> Ground:
    avoided = sorted(keys_of(viewer, Kind.BLOCKED_THING))
    found = db.rows(
        f"""
        SELECT {UNIT}, {FAMILY}, nullif({BRAND}, ''),
               coalesce(ARRAY[t.id, t.parent_id, m.parent_id] && %(avoided)s::bigint[], false)
        FROM {TREE} WHERE {condition}
        """,  # noqa: S608  (literals of this module)
        {**params, "avoided": avoided},
    )
    met = [keys for *keys, is_avoided in found if not is_avoided]
    columns = zip(*met, strict=True) if met else ((), (), ())
    return Ground(
        {
            level: tuple(sorted({key for key in column if key is not None}))
            for level, column in zip((Nearness.THING, Nearness.FAMILY, Nearness.BRAND), columns, strict=True)
        },
        is_whole=len(met) == len(found),
    )
