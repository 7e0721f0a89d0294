"""What the platform holds of one person: gathered for them, and erased, domain by domain.

Only a domain knows its tables. It says in `PersonColumns` what becomes of every column that refers to a person, gathers
its rows for them (`Export`) and erases them (`Erase`); `config/wiring.py` lists the domains from the top of the ladder
downwards, so that rows go before what they point at. The row of the person itself stays, without a name: orders and the
books point at it (docs/adr/0012).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from wuyou.infra import db, idempotency, storage
from wuyou.infra.events import DomainEvent
from wuyou.infra.sight import Sighted
from wuyou.kernel.sight import Kind, token

Records = tuple[str, list[dict[str, Any]]]
"""A kind of records, which names a file of the export, and the records: plain values and moments.

Under a key that ends with `person_id` stands another person, whom the export names only if its reader may meet them.
"""

Export = Callable[[int], Iterator[Records]]
"""All that a domain holds of a person and the person may see; nothing that others keep to themselves."""


class Erase(Protocol):
    """Deletes or pseudonymises every row of a domain that holds the person, inside the caller's transaction."""

    def __call__(self, *, person_id: int, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a person cannot be erased yet: so many open orders, so much money that is still to be moved."""

    code: str
    count: int = 1
    until: datetime | None = None
    """When it will be gone by itself, where that is known."""


@dataclass(frozen=True, slots=True)
class PersonColumns:
    """What becomes of every column and event of a domain that refers to a person."""

    erased: tuple[str, ...] = ()
    """`table.column`: rows are deleted, or the column is emptied."""
    kept: Mapping[str, str] = field(default_factory=dict)
    """`table.column` and why it goes on pointing at the nameless row."""
    erased_events: Mapping[type[DomainEvent], tuple[str, ...]] = field(default_factory=dict)
    """Events to take out of the log, and their fields that refer to a person."""
    kept_events: tuple[type[DomainEvent], ...] = ()
    """Events about money and goods, which stay like the rows that they tell of."""


def _nothing(person_id: int) -> Iterator[Records]:
    return iter(())


def _no_op(*, person_id: int, now: datetime) -> None:
    return


def _none(person_id: int) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class PersonData:
    """One domain's part."""

    domain: str
    columns: PersonColumns
    export: Export = _nothing
    erase: Erase = _no_op
    pictures: Callable[[int], tuple[str, ...]] = _none
    """Keys of the person's own pictures in `infra.storage`."""
    films: Callable[[int], tuple[str, ...]] = _none
    """And of their films."""
    obstacles: Callable[[int], tuple[Obstacle, ...]] = _none


def sources() -> Sequence[PersonData]:
    """Who holds something of people in this installation, as `settings.PERSON_DATA` names them."""
    installed: Sequence[PersonData] = import_string(settings.PERSON_DATA)
    return installed


def obstacles_of(person_id: int) -> tuple[Obstacle, ...]:
    """Everything that stands between a person and their erasure. Cost: a few queries for each domain that knows any."""
    return tuple(obstacle for source in sources() for obstacle in source.obstacles(person_id))


@db.requires_transaction
def erase_everywhere(*, person_id: int, texts: Sequence[str], now: datetime) -> None:
    """Take the person out of every domain, of others' rules, of kept answers and of the log.

    Args: texts: what names the person (handle, display name); answers that were kept for others lose them.
    Cost: a scan of every table with sight for rules that name the person; it happens once in a person's life.
    """
    files = [key for source in sources() for key in (*source.pictures(person_id), *source.films(person_id))]
    for source in sources():
        source.erase(person_id=person_id, now=now)
    storage.discard(files)
    _forget_in_rules(person_id)
    idempotency.forget_person(person_id=person_id, texts=texts)
    _forget_events(person_id)


def _forget_in_rules(person_id: int) -> None:
    """Others may have opened something to this very person, or closed it to them: their rules name them no longer."""
    named = token(Kind.PERSON, person_id)
    for model in apps.get_models():
        if issubclass(model, Sighted):
            db.execute(
                f"""
                UPDATE {model._meta.db_table} SET sight_opens = array_remove(sight_opens, %(named)s),
                                                  sight_closes = array_remove(sight_closes, %(named)s)
                WHERE owner_id <> %(person)s AND (sight_opens @> ARRAY[%(named)s] OR sight_closes @> ARRAY[%(named)s])
                """,  # noqa: S608  (a table's name; Django's documented _meta)
                {"named": named, "person": person_id},
            )


def _forget_events(person_id: int) -> None:
    """Events that name the person go; where they are one of many in a list, they are taken out of it."""
    for source in sources():
        for kind, fields in source.columns.erased_events.items():
            for name in fields:
                # A number contains itself, and a list the numbers in it.
                names_them = "name = %(kind)s AND payload->%(name)s @> to_jsonb(%(person)s::bigint)"
                params = {"kind": kind.name, "name": name, "person": person_id}
                for statement in (
                    f"""
                    UPDATE event SET payload = jsonb_set(payload, ARRAY[%(name)s], (
                        SELECT coalesce(jsonb_agg(id ORDER BY place), '[]')
                        FROM jsonb_array_elements(payload->%(name)s) WITH ORDINALITY AS listed (id, place)
                        WHERE id <> to_jsonb(%(person)s::bigint)))
                    WHERE {names_them} AND jsonb_typeof(payload->%(name)s) = 'array'
                    """,  # noqa: S608
                    f"DELETE FROM event_dead_letter WHERE event_id IN (SELECT seq FROM event WHERE {names_them})",  # noqa: S608
                    f"DELETE FROM event WHERE {names_them}",  # noqa: S608
                ):
                    db.execute(statement, params)
