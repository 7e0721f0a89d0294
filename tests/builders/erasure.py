"""A person's traces: words of theirs that nobody else has, and where one of them still stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from wuyou.infra import db, person_data


def erase(now: datetime, person_id: int, *texts: str) -> None:
    """Take a person out of everything, as the due task does."""
    db.in_transaction(lambda: person_data.erase_everywhere(person_id=person_id, texts=texts, now=now))


def places_of(markers: Iterable[str]) -> dict[str, set[str]]:
    """By marker, the tables and files in which it stands: every table of the database as text, every stored file."""
    wanted = {marker: (marker.encode(), marker.encode("unicode_escape")) for marker in markers}
    found: dict[str, set[str]] = {marker: set() for marker in wanted}
    for place, content in _contents():
        for marker, forms in wanted.items():
            if any(form in content for form in forms):
                found[marker].add(place)
    return found


def _contents() -> Iterable[tuple[str, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT text)") as copy:  # type: ignore[attr-defined]
                yield table, b"".join(bytes(block) for block in copy)
    for path in sorted(Path(settings.MEDIA_ROOT).rglob("*")):
        if path.is_file():
            yield str(path.relative_to(settings.MEDIA_ROOT)), path.name.encode() + path.read_bytes()
