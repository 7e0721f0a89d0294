"""Posts and what is said under them, made through operations only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tests.builders.films import take_film
from tests.builders.pictures import make_photo
from wuyou.domains.content import operations
from wuyou.domains.content.types import Filmed, PostDraft, PostKind, ReactionKind, TagDraft
from wuyou.domains.identity.types import Person
from wuyou.infra import db, pictures
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, AudienceRule


def take_photos(count: int = 1) -> list[Picture]:
    """So many different pictures, taken in."""
    return [pictures.take_in(make_photo(seed=seed)) for seed in range(1, count + 1)]


def take_filmed(seconds: float = 2.0, seed: int = 1) -> Filmed:
    """A film with the picture that stands for it, taken in."""
    return Filmed(pictures.take_in(make_photo(seed=seed)), take_film(seconds, seed))


def draft_post(
    now: datetime,
    author: Person,
    *,
    text: str = "周末去露营,带了新的水壶。",
    title: str = "",
    kind: PostKind = PostKind.PHOTOS,
    tags: Sequence[TagDraft] = (),
    topics: Sequence[str] = (),
    photos: int = 0,
    audience: AudienceRule = PUBLIC,
    earns: bool = True,
    series_id: int | None = None,
    filmed: Filmed | None = None,
) -> int:
    """A draft; returns its id."""
    taken = take_photos(photos)
    draft = PostDraft(kind, text, title, tuple(tags), tuple(topics), series_id, earns, audience)
    return db.in_transaction(
        lambda: operations.start_post(actor=Actor(author.id), draft=draft, now=now, pictures=taken, filmed=filmed)
    )


def make_video(now: datetime, author: Person, *, seconds: float = 2.0, **how: object) -> int:
    """A video that has readers; returns its id. Takes what `draft_post` does."""
    return make_post(now, author, kind=PostKind.VIDEO, filmed=take_filmed(seconds), **how)


def make_post(now: datetime, author: Person, **how: object) -> int:
    """A post that has readers; returns its id. Takes what `draft_post` does."""
    post_id = draft_post(now, author, **how)  # type: ignore[arg-type]
    publish(now, author, post_id)
    return post_id


def publish(now: datetime, author: Person, post_id: int, at: datetime | None = None) -> None:
    """Publish a draft."""
    db.in_transaction(lambda: operations.publish_post(actor=Actor(author.id), post_id=post_id, now=now, at=at))


def repost(now: datetime, person: Person, post_id: int, *, text: str = "", audience: AudienceRule = PUBLIC) -> int:
    """Pass a post on; returns the repost's id."""
    return db.in_transaction(
        lambda: operations.repost(actor=Actor(person.id), post_id=post_id, audience=audience, now=now, text=text)
    )


def comment(
    now: datetime, person: Person, post_id: int, text: str = "在哪里买的?", *, answers_id: int | None = None
) -> int:
    """Say something under a post; returns the comment's id."""
    return db.in_transaction(
        lambda: operations.write_comment(
            actor=Actor(person.id), post_id=post_id, text=text, now=now, answers_id=answers_id
        )
    )


def react(now: datetime, person: Person, post_id: int, kind: ReactionKind = ReactionKind.LIKE) -> None:
    """Say with a tap what one thinks of a post."""
    db.in_transaction(lambda: operations.react(actor=Actor(person.id), post_id=post_id, kind=kind, now=now))


def thank(now: datetime, person: Person, post_id: int) -> None:
    """Thank the author of a post."""
    db.in_transaction(lambda: operations.thank_for_post(actor=Actor(person.id), post_id=post_id, now=now))


def save(now: datetime, person: Person, post_id: int) -> None:
    """Keep a post for oneself."""
    db.in_transaction(lambda: operations.save_post(actor=Actor(person.id), post_id=post_id, now=now))
