"""Seeing nothing of a thing or a brand any more. What is one's own stays in sight."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.social import operations as social
from wuyou.domains.things import errors, queries
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import Subject, SubjectKind


@db.requires_transaction
def block_thing(*, actor: Actor, thing_id: int, now: datetime) -> None:
    """See nothing about a thing, and of what it is a model or family of. Twice is once. Raises `ThingNotFound`.

    Only what one may know of: what is blocked is listed by its name.
    """
    thing = queries.get_thing_for(sight.get_viewer(actor.person_id), thing_id)
    social.block_subject(actor=actor, subject=Subject(SubjectKind.THING, thing.id), now=now)


@db.requires_transaction
def block_brand(*, actor: Actor, thing_id: int, now: datetime) -> None:
    """See nothing about things of the same brand as this one. Raises `ThingNotFound`, `BrandNotFound` without one."""
    thing = queries.get_thing_for(sight.get_viewer(actor.person_id), thing_id)
    brand = queries.brand_of(thing.id)
    if brand is None:
        raise errors.BrandNotFound()
    social.block_subject(actor=actor, subject=brand[0], now=now)
