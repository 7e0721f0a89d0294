"""Series: made, named otherwise, taken apart. Locks: the series."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from wuyou.domains.content import errors, rules
from wuyou.domains.moderation import operations as moderation
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def make_series(*, actor: Actor, title: str, now: datetime) -> int:
    """Begin a series; returns its id.

    Raises `TextMalformed`, `moderation.WordsRefused`, `SeriesNameTaken`, `TooMany`.
    """
    title = rules.clean_series(title)
    moderation.check_name(texts=[title], now=now)
    made = db.row(
        """
        INSERT INTO content_series (owner_id, title, made_at)
        SELECT %(me)s, %(title)s, %(now)s WHERE (SELECT count(*) FROM content_series WHERE owner_id = %(me)s) < %(most)s
        ON CONFLICT DO NOTHING RETURNING id
        """,
        {"me": actor.person_id, "title": title, "now": now, "most": rules.MAX_SERIES},
    )
    if made is None:
        if db.rows("SELECT 1 FROM content_series WHERE owner_id = %s AND title = %s", [actor.person_id, title]):
            raise errors.SeriesNameTaken()
        raise errors.TooMany(what="series", most=rules.MAX_SERIES)
    return int(made[0])


@db.requires_transaction
def rename_series(*, actor: Actor, series_id: int, title: str, now: datetime) -> None:
    """Name it otherwise. Raises `TextMalformed`, `moderation.WordsRefused`, `SeriesNameTaken`, `SeriesNotFound`."""
    title = rules.clean_series(title)
    moderation.check_name(texts=[title], now=now)
    try:
        with db.savepoint():
            changed = db.execute(
                "UPDATE content_series SET title = %s WHERE id = %s AND owner_id = %s",
                [title, series_id, actor.person_id],
            )
    except IntegrityError as error:
        raise errors.SeriesNameTaken() from error
    if not changed:
        raise errors.SeriesNotFound()


@db.requires_transaction
def remove_series(*, actor: Actor, series_id: int) -> None:
    """Take a series apart; its posts stand by themselves from now on. Raises `SeriesNotFound`. Locks: the series."""
    if not db.rows(
        "SELECT 1 FROM content_series WHERE id = %s AND owner_id = %s FOR UPDATE", [series_id, actor.person_id]
    ):
        raise errors.SeriesNotFound()
    db.execute("UPDATE content_post SET series_id = NULL WHERE series_id = %s", [series_id])
    db.execute("DELETE FROM content_series WHERE id = %s", [series_id])
