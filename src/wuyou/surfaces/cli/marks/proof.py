"""Whether what came in bulk is what the ordinary path would have written: compared on a sample, and undone.

Of each row of the sample the ordinary operation writes the same fact once more, in a transaction that is rolled back;
every column but ids, places and times must be the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wuyou.domains.identity import operations as identity
from wuyou.domains.social import operations as social
from wuyou.domains.social import queries as relations
from wuyou.domains.things import operations as things
from wuyou.domains.things.types import HoldingDraft, HoldingState
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, Kind
from wuyou.surfaces.cli.marks.importing import SOURCE, Imported, handle_of
from wuyou.surfaces.cli.marks.reading import Marks

_PEOPLE, _COPIES, _FRIENDSHIPS = 20, 100, 50
_OWN = (
    "id",
    "position",
    "source",
    "import_key",
    "arrived_at",
    "since",
    "joined_at",
    "handle",
    "display_name",
    "password",
)
"""What differs by its nature."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How much was compared, and what is not as it should be, one line each."""

    people: int
    copies: int
    friendships: int
    faults: tuple[str, ...]


def prove(marks: Marks, imported: Imported, *, now: datetime) -> Proof:
    """Compare a sample with the ordinary path, and count over all that what must hold does. Entry point."""
    draws = random.Random(7)  # noqa: S311  (a sample, not a secret)
    people = draws.sample(sorted(imported.people), min(_PEOPLE, len(imported.people)))
    copies = draws.sample(range(len(marks.people)), min(_COPIES, len(marks.people)))
    pairs = draws.sample(range(len(marks.friends)), min(_FRIENDSHIPS, len(marks.friends)))
    faults = list(_broken_everywhere())
    faults += [fault for number in people if (fault := _person(imported.people[number], number, now))]
    for at in copies:
        owner, book = int(marks.people[at]), int(marks.books[at])
        if owner in imported.people and (fault := _copy(imported.people[owner], imported.things[book], now)):
            faults.append(fault)
    for at in pairs:
        one, other = (imported.people.get(int(number)) for number in marks.friends[at])
        if one and other and (fault := _friendship(one, other, now)):
            faults.append(fault)
    return Proof(len(people), len(copies), len(pairs), tuple(faults))


def _broken_everywhere() -> list[str]:
    """What the database's own constraints do not say, over every imported row."""
    checks = {
        "copies whose history does not end where they stand": """
            SELECT count(*) FROM things_holding h WHERE starts_with(h.import_key, %(source)s)
            AND h.state IS DISTINCT FROM
            (SELECT p.state FROM things_provenance p WHERE p.holding_id = h.id ORDER BY p.id DESC LIMIT 1)
        """,
        "copies of a thing that was merged away": """
            SELECT count(*) FROM things_holding h JOIN things_thing t ON t.id = h.thing_id
            WHERE t.merged_into_id IS NOT NULL AND starts_with(h.import_key, %(source)s)
        """,
        "copies that are not about their thing": f"""
            SELECT count(*) FROM things_holding h WHERE starts_with(h.import_key, %(source)s)
            AND NOT h.sight_closes @> ARRAY[{sight.token_sql(str(int(Kind.BLOCKED_THING)), "h.thing_id")}]
        """,  # noqa: S608  (a token's arithmetic)
        "friendships across a block": """
            SELECT count(*) FROM social_friendship f JOIN social_block b
            ON (b.blocker_id, b.blocked_id) IN ((f.low_id, f.high_id), (f.high_id, f.low_id))
        """,
    }
    found = [(name, db.row(sql, {"source": f"{SOURCE}:"})) for name, sql in checks.items()]
    return [f"{row[0]:,} {name}" for name, row in found if row and row[0]]


def _person(person_id: int, number: int, now: datetime) -> str:
    def ordinary() -> int:
        return identity.register(handle=f"probe_{handle_of(number)}", display_name="probe", now=now).id

    return _compare(f"person {person_id}", "identity_user", person_id, ordinary)


def _copy(owner_id: int, thing_id: int, now: datetime) -> str:
    found = db.row(
        """
        SELECT id, state, rating FROM things_holding
        WHERE owner_id = %s AND thing_id = %s AND starts_with(import_key, %s)
        """,
        [owner_id, thing_id, f"{SOURCE}:"],
    )
    if found is None:
        return f"person {owner_id} has no copy of thing {thing_id}"
    holding_id, state, rating = found

    def ordinary() -> int:
        draft = HoldingDraft(thing_id, HoldingState(state), rating=rating, audience=PUBLIC)
        return things.add_holding(actor=Actor(owner_id), draft=draft, now=now).id

    return _compare(f"copy {holding_id}", "things_holding", holding_id, ordinary)


def _friendship(one: int, other: int, now: datetime) -> str:
    low, high = sorted((one, other))
    found = db.row("SELECT id FROM social_friendship WHERE low_id = %s AND high_id = %s", [low, high])
    if found is None:
        return f"{low} and {high} are no friends"

    def ordinary() -> int:
        social.unfriend(actor=Actor(low), person_id=high, now=now)
        social.request_friend(actor=Actor(low), person_id=high, reason="probe", now=now)
        (request_id,) = (each.id for each in relations.list_requests_to(high) if each.sender_id == low)
        social.accept_request(actor=Actor(high), request_id=request_id, now=now)
        made = db.row("SELECT id FROM social_friendship WHERE low_id = %s AND high_id = %s", [low, high])
        assert made is not None  # noqa: S101  (it was just agreed to)
        return int(made[0])

    return _compare(f"friendship {found[0]}", "social_friendship", found[0], ordinary)


class _Undo(Exception):
    pass


def _compare(what: str, table: str, row_id: int, ordinary: Callable[[], int]) -> str:
    """What differs between a row and the one that the ordinary operation writes; empty for nothing."""
    here = _row(table, row_id)
    there: dict[str, Any] = {}
    try:
        with db.transaction():
            there = _row(table, ordinary())
            raise _Undo
    except _Undo:
        pass
    differ = sorted(name for name in here if name not in _OWN and here[name] != there[name])
    return f"{what} differs from the ordinary path in {', '.join(differ)}" if differ else ""


def _row(table: str, row_id: int) -> dict[str, Any]:
    (found,) = db.records(f"SELECT * FROM {table} WHERE id = %s", [row_id])  # noqa: S608  (names of this module)
    return found
