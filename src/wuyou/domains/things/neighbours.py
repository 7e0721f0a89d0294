"""Who has the same things, kept in memory by a process that answers people: `engines.same_things`, fed from the tables.

Built by a thread at first need, and then kept up by it: it follows the log of events and reads what is true now of
every copy that an event names, so that an event may come twice, or late, or after others. Nothing is decided here:
what it finds is read once more by whoever shows it (`common_ground.seen_now`), so that being some tenths of a second
late can cost a person in a list, and never show one.

It is not a subscriber: what a process remembers dies with it, and the next one begins with the tables. A process that
has not begun, or is not ready yet, counts in SQL.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
import structlog
from django.db import connection
from numpy.typing import NDArray

from wuyou.domains.identity.events import PersonErased
from wuyou.domains.things import events
from wuyou.domains.things.common_ground import (
    BRAND,
    CLOSED_TO,
    COUNTS,
    FAMILY,
    IS_OPEN,
    TREE,
    UNIT,
    Ground,
    InSql,
    Key,
    Near,
)
from wuyou.domains.things.serving import is_serving
from wuyou.domains.things.types import Nearness
from wuyou.engines.same_things import Audience, Holdings, RestrictedColumns, RestrictedHolding, SameThings
from wuyou.engines.same_things import Viewer as EngineViewer
from wuyou.infra import db
from wuyou.infra import events as log_of_events
from wuyou.infra.events import DomainEvent, Position
from wuyou.kernel.sight import Kind, Viewer, blocked_by, token

log = structlog.get_logger(__name__)

FOLLOWED: tuple[type[DomainEvent], ...] = (
    events.HoldingAdded,
    events.HoldingChanged,
    events.HoldingRemoved,
    events.HoldingsImported,
    events.ThingMerged,
    events.FindingChanged,
    PersonErased,
)
PAUSE_S = 0.25
"""Between two looks at the log when there was nothing new."""
PATIENCE_S = 3.0
"""So long who asks first waits for the index; then SQL answers."""
_TROUBLE_S = 5.0
_BATCH = 5_000
_CHUNK_ROWS = 1 << 18
_ROW = np.dtype([("fields", ">i2"), ("size_1", ">i4"), ("person", ">i8"), ("size_2", ">i4"), ("thing", ">i8")])
"""A row of two whole numbers in PostgreSQL's binary COPY."""
_HEAD_BYTES = 19

Pair = tuple[int, int]
"""A person and the thing that a copy of theirs counts as."""


class Numbers:
    """The dense numbers by which the engine knows ids. One writer adds to them while others read."""

    def __init__(self, ids: Iterable[int]) -> None:
        self._known = np.unique(np.fromiter(ids, np.int64))
        self._later: dict[int, int] = {}
        self._later_ids: list[int] = []

    def __len__(self) -> int:
        return len(self._known) + len(self._later_ids)

    def find(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of each id its number, -1 for one that has none."""
        at = self._known.searchsorted(ids)
        at[at == len(self._known)] = 0
        found = np.where(self._known[at] == ids, at, -1) if len(self._known) else np.full(len(ids), -1, np.int64)
        if self._later:
            for place in np.flatnonzero(found < 0):
                found[place] = self._later.get(int(ids[place]), -1)
        return found.astype(np.int64)

    def number(self, one: int) -> int:
        """Its number, a new one when it is new."""
        found = int(self.find(np.array([one], np.int64))[0])
        if found < 0:
            found = len(self)
            self._later_ids.append(one)
            self._later[one] = found
        return found

    def ids(self, numbers: Iterable[int]) -> list[int]:
        """The ids that these numbers stand for."""
        base = len(self._known)
        return [int(self._known[at]) if at < base else self._later_ids[at - base] for at in numbers]


class Names:
    """The same for names."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []

    def number(self, name: str) -> int:
        """Its number, a new one when it is new; -1 for none."""
        if not name:
            return -1
        if name not in self._numbers:
            self._names.append(name)
            self._numbers[name] = len(self._names) - 1
        return self._numbers[name]

    def find(self, names: Iterable[str]) -> list[int]:
        """Of each name its number, -1 for one that has none."""
        return [self._numbers.get(name, -1) for name in names]

    def names(self, numbers: Iterable[int]) -> list[str]:
        """The names that these numbers stand for."""
        return [self._names[at] for at in numbers]


class Neighbours:
    """The index of one process. `build` and `follow` are one thread's; any number ask."""

    def __init__(self) -> None:
        self._people = Numbers(())
        self._things = Numbers(())
        self._brands = Names()
        self._index: SameThings
        self._position: Position
        self.is_ready = threading.Event()

    # ------------------------------------------------------------------ questions

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
        """The best `limit` who share so much with this ground, level by level: things first, then what is wider."""
        assert levels[0] is Nearness.THING  # noqa: S101  (the engine begins there)
        found = self._index.search(
            self._numbers(Nearness.THING, ground.keys[Nearness.THING]),
            self._viewer(viewer),
            at_least=at_least,
            limit=limit,
            fallback=[level.value for level in levels[1:]],
            among=None if among is None else self._among(among),
        )
        people = self._people.ids(match.person for match in found)
        near = [
            Near(person_id, level, match.rarity_millibits, self._keys(level, match.shared))
            for person_id, match in zip(people, found, strict=True)
            for level in [Nearness(match.level)]
        ]
        # The engine's numbers are in the order of ids but for who came since the index was built.
        return sorted(near, key=lambda one: (levels.index(one.nearness), one.order))

    def holders(
        self, viewer: Viewer, level: Nearness, keys: Collection[Key], *, among: Collection[int] | None = None
    ) -> list[int]:
        """Who has all of these, ascending."""
        numbers = self._numbers(level, keys)
        if len(numbers) < len(set(keys)):
            return []
        found = self._index.have_all(
            numbers,
            self._viewer(viewer),
            level=level.value,
            among=None if among is None else self._among(among),
        )
        return sorted(self._people.ids(found))

    # ------------------------------------------------------------------ what it stands on

    def build(self) -> None:
        """Read everything, of one moment. Entry point: opens a transaction of its own.

        Cost: a scan of the copies, some two seconds a million; memory as the engine says, and 8 bytes a copy meanwhile.
        """
        began = time.monotonic()
        with db.transaction():
            db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            position = log_of_events.position()
            people = Numbers(person_id for (person_id,) in db.rows("SELECT DISTINCT owner_id FROM things_holding"))
            tree = db.rows(
                f"SELECT t.id, {FAMILY}, {BRAND} FROM {TREE} WHERE t.kind <> 'VARIANT' AND t.merged_into_id IS NULL"  # noqa: S608
            )
            things, brands = Numbers(row[0] for row in tree), Names()
            columns = [np.empty((2, 0), np.int32)]
            columns += [
                np.stack((people.find(owners), things.find(units))).astype(np.int32) for owners, units in _open_copies()
            ]
            restricted = _restricted_copies(people, things)
        openly = np.concatenate(columns, axis=1)
        del columns
        families, of_brand = (np.full(len(things), -1, np.int32) for _ in range(2))
        at = things.find(np.fromiter((row[0] for row in tree), np.int64))
        families[at] = things.find(np.fromiter((row[1] or 0 for row in tree), np.int64))
        of_brand[at] = [brands.number(row[2]) for row in tree]
        self._people, self._things, self._brands, self._position = people, things, brands, position
        self._index = SameThings(
            Holdings(openly[0], openly[1]),
            restricted=restricted,
            levels={Nearness.FAMILY.value: families, Nearness.BRAND.value: of_brand},
        )
        self.is_ready.set()
        log.info(
            "same_things_built",
            seconds=round(time.monotonic() - began, 2),
            people=self._index.people_count,
            holdings=self._index.holdings_count,
            restricted=len(restricted.people),
            mib=round(self._index.size_bytes / 2**20, 1),
        )

    def follow(self) -> int:
        """Take in the next events; returns how many there were. Cost: one query, and three when there are any."""
        news, position = log_of_events.read_on(FOLLOWED, self._position, _BATCH)
        if news:
            copies = {(e.owner_id, e.thing_id) for e in news if isinstance(e, _OF_A_COPY)}
            pairs = set(_counted_as(copies))
            for event in news:
                if isinstance(event, events.ThingMerged):
                    pairs |= self._merged(event)
            pairs |= self._all_of(
                {e.person_id for e in news if isinstance(e, events.FindingChanged | PersonErased)}
                | {e.owner_id for e in news if isinstance(e, events.HoldingsImported)}
            )
            ordered = sorted(pairs)
            for first in range(0, len(ordered), _BATCH):
                self._renew(ordered[first : first + _BATCH])
        self._position = position
        return len(news)

    def _renew(self, pairs: Sequence[Pair]) -> None:
        """Make what the index says of these pairs what the tables say now."""
        rows = db.rows(
            f"""
            WITH asked AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS a (owner_id, unit_id)),
            forms AS (
                SELECT unit_id, unit_id AS thing_id FROM (SELECT DISTINCT unit_id FROM asked) AS units
                UNION ALL
                SELECT v.parent_id, v.id FROM (SELECT DISTINCT unit_id FROM asked) AS units
                JOIN things_thing v ON v.parent_id = units.unit_id AND v.kind = 'VARIANT')
            SELECT a.owner_id, a.unit_id, {IS_OPEN}, h.sight_opens, {CLOSED_TO}
            FROM asked a JOIN forms USING (unit_id)
            JOIN things_holding h ON h.owner_id = a.owner_id AND h.thing_id = forms.thing_id WHERE {COUNTS}
            """,  # noqa: S608  (literals of common_ground)
            [[person for person, _ in pairs], [unit for _, unit in pairs]],
        )
        groups = self._groups({unit for _, unit in pairs})
        openly: list[Pair] = []
        restricted: list[RestrictedHolding] = []
        for owner_id, unit_id, is_open, opens, closes in rows:
            person, thing = self._people.number(owner_id), self._things.number(unit_id)
            if is_open:
                openly.append((person, thing))
            elif audience := _audience(owner_id, opens, closes):
                restricted.append(RestrictedHolding(person, thing, audience))
        self._index.apply(
            Holdings.of(openly),
            restrict=restricted,
            forget=Holdings.of((self._people.number(person), self._things.number(unit)) for person, unit in pairs),
            groups=groups,
        )

    def _groups(self, unit_ids: Collection[int]) -> dict[str, dict[int, int]]:
        """Families and brands of the things among these that are new."""
        asked = np.array(sorted(unit_ids), np.int64)
        new = asked[self._things.find(asked) < 0].tolist()
        return self._grouped("t.id = ANY(%s)", [new]) if new else {}

    def _grouped(self, condition: str, params: list[object]) -> dict[str, dict[int, int]]:
        families: dict[int, int] = {}
        of_brand: dict[int, int] = {}
        for unit_id, family_id, brand in db.rows(
            f"SELECT t.id, {FAMILY}, {BRAND} FROM {TREE} WHERE t.kind <> 'VARIANT' AND {condition}",  # noqa: S608
            params,
        ):
            thing = self._things.number(unit_id)
            families[thing] = -1 if family_id is None else self._things.number(family_id)
            of_brand[thing] = self._brands.number(brand)
        return {Nearness.FAMILY.value: families, Nearness.BRAND.value: of_brand}

    def _merged(self, event: events.ThingMerged) -> set[Pair]:
        """What belongs elsewhere now: groups at once, and the pairs to renew."""
        units = [
            unit
            for (unit,) in db.rows(
                f"SELECT {UNIT} FROM things_thing t WHERE t.id = ANY(%s)",  # noqa: S608
                [[event.thing_id, event.into_id]],
            )
        ]
        groups = self._grouped("(t.id = ANY(%s) OR t.parent_id = ANY(%s))", [units, units])
        self._index.apply(groups=groups)
        numbers = self._things.find(np.array(units, np.int64))
        people = self._people.ids(person for person, _ in self._index.pairs_with(numbers[numbers >= 0].tolist()))
        people += [
            person
            for (person,) in db.rows(
                """
                SELECT DISTINCT h.owner_id FROM things_holding h JOIN things_thing t ON t.id = h.thing_id
                WHERE t.id = ANY(%(units)s) OR t.parent_id = ANY(%(units)s) AND t.kind = 'VARIANT'
                """,
                {"units": units},
            )
        ]
        return {(person, unit) for person in people for unit in units}

    def _all_of(self, person_ids: Collection[int]) -> set[Pair]:
        """Everything that these people have, or have here."""
        if not person_ids:
            return set()
        held: list[Pair] = db.rows(
            f"""
            SELECT h.owner_id, {UNIT} FROM things_holding h JOIN things_thing t ON t.id = h.thing_id
            WHERE h.owner_id = ANY(%s)
            """,  # noqa: S608  (literals of common_ground)
            [sorted(person_ids)],
        )
        known = [pair for one in person_ids for pair in self._index.pairs_of(self._people.number(one))]
        people, units = self._people.ids(one for one, _ in known), self._things.ids(unit for _, unit in known)
        return {*held, *zip(people, units, strict=True)}

    # ------------------------------------------------------------------ numbers

    def _numbers(self, level: Nearness, keys: Iterable[Key]) -> NDArray[np.int64]:
        if level is Nearness.BRAND:
            found = np.array(self._brands.find(str(key) for key in keys), np.int64)
        else:
            found = self._things.find(np.fromiter((int(key) for key in keys), np.int64))
        return np.unique(found[found >= 0])

    def _keys(self, level: Nearness, numbers: Sequence[int]) -> tuple[Key, ...]:
        return tuple(self._brands.names(numbers) if level is Nearness.BRAND else self._things.ids(numbers))

    def _among(self, person_ids: Collection[int]) -> NDArray[np.int64]:
        found = self._people.find(np.fromiter(person_ids, np.int64))
        return found[found >= 0]

    def _viewer(self, viewer: Viewer) -> EngineViewer:
        blocked = self._among(blocked_by(viewer))
        me = -1 if viewer.person_id is None else int(self._people.find(np.array([viewer.person_id], np.int64))[0])
        return EngineViewer(me if me >= 0 else None, viewer.tokens, frozenset(blocked.tolist()))


_OF_A_COPY = events.HoldingAdded | events.HoldingChanged | events.HoldingRemoved


def _counted_as(copies: Collection[Pair]) -> Iterator[Pair]:
    """The things that copies of these things count as now, redirects followed."""
    unit_of = dict(
        db.rows(
            f"""
            SELECT asked.id, {UNIT} FROM things_thing asked
            JOIN things_thing t ON t.id = coalesce(asked.merged_into_id, asked.id) WHERE asked.id = ANY(%s)
            """,  # noqa: S608  (literals of common_ground)
            [sorted({thing for _, thing in copies})],
        )
        if copies
        else ()
    )
    return ((person, unit_of[thing]) for person, thing in copies if thing in unit_of)


def _open_copies() -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Chunks of columns of owners and things of what everyone may see."""
    statement = f"""
        COPY (SELECT h.owner_id, {UNIT} FROM things_holding h JOIN things_thing t ON t.id = h.thing_id
              WHERE {COUNTS} AND {IS_OPEN}) TO STDOUT (FORMAT binary)
    """  # noqa: S608  (literals of common_ground)
    buffer = bytearray()
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        head = _HEAD_BYTES
        for block in copy:
            buffer += block
            if len(buffer) >= _CHUNK_ROWS * _ROW.itemsize:
                whole = head + (len(buffer) - head) // _ROW.itemsize * _ROW.itemsize
                yield _columns(bytes(buffer[head:whole]))
                del buffer[:whole]
                head = 0
        # The file ends with two bytes that say so.
        yield _columns(bytes(buffer[head : len(buffer) - 2]))


def _columns(content: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows = np.frombuffer(content, _ROW)
    return rows["person"].astype(np.int64), rows["thing"].astype(np.int64)


def _restricted_copies(people: Numbers, things: Numbers) -> RestrictedColumns:
    """What only some may see, with whom it is open to; private copies are left out."""
    owners: list[int] = []
    units: list[int] = []
    which: list[int] = []
    numbers: dict[tuple[str, str], int] = {}
    audiences: list[Audience] = []
    statement = f"""
        COPY (SELECT h.owner_id, {UNIT}, h.sight_opens, {CLOSED_TO}
              FROM things_holding h JOIN things_thing t ON t.id = h.thing_id
              WHERE {COUNTS} AND NOT {IS_OPEN} AND cardinality(h.sight_opens) > 1) TO STDOUT
    """  # noqa: S608  (literals of common_ground)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["int8", "int8", "text", "text"])
        for owner_id, unit_id, opens, closes in copy.rows():
            number = numbers.get((opens, closes))
            if number is None:
                audience = _audience(owner_id, _numbers_in(opens), _numbers_in(closes))
                number = numbers[opens, closes] = len(audiences) if audience else -1
                audiences += [audience] if audience else []
            if number >= 0:
                owners.append(owner_id)
                units.append(unit_id)
                which.append(number)
    return RestrictedColumns(
        people.find(np.array(owners, np.int64)).astype(np.int32),
        things.find(np.array(units, np.int64)).astype(np.int32),
        np.array(which, np.int32),
        audiences,
    )


def _audience(owner_id: int, opens: Iterable[int], closes: Iterable[int]) -> Audience | None:
    """Whom a copy is open to beside its owner; None for nobody."""
    allow = frozenset(opens) - {token(Kind.PERSON, owner_id)}
    return Audience(allow, frozenset(closes)) if allow else None


def _numbers_in(array: str) -> list[int]:
    return [int(number) for number in array.strip("{}").split(",") if number]


# ---------------------------------------------------------------------- of this process

_starting = threading.Lock()
_kept: Neighbours | None = None


def finder() -> Neighbours | InSql:
    """Who answers now: the index of this process when it serves and is ready, else SQL."""
    global _kept
    if not is_serving.is_set():
        return InSql()
    with _starting:
        if _kept is None:
            _kept = Neighbours()
            threading.Thread(target=_keep, args=(_kept,), name="same-things", daemon=True).start()
    return _kept if _kept.is_ready.wait(PATIENCE_S) else InSql()


def _keep(neighbours: Neighbours) -> None:
    """Build, and follow for as long as the process lives; whatever fails is tried again."""
    while True:
        try:
            if not neighbours.is_ready.is_set():
                neighbours.build()
            if not neighbours.follow():
                time.sleep(PAUSE_S)
        except Exception:
            log.exception("same_things_behind")
            connection.close()
            time.sleep(_TROUBLE_S)
