"""What people of the demo world publish, and what others say of it, through the public operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from wuyou.domains.content import operations as content
from wuyou.domains.content.types import PostDraft, PostKind, ReactionKind, TagDraft
from wuyou.domains.feed import tasks as feed
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC
from wuyou.surfaces.cli.demo.filming import take_film
from wuyou.surfaces.cli.demo.homes import Homes, WrittenPost
from wuyou.surfaces.cli.demo.picturing import take_photos
from wuyou.surfaces.cli.demo.town import Settled
from wuyou.surfaces.cli.demo.world import variant_of

_LATER = timedelta(minutes=40)
"""Between a post and each thing that is said under it."""


def publish_posts(homes: Homes, settled: Settled, thing_ids: Mapping[str, int], *, now: datetime) -> None:
    """Each post in the order of time, in a transaction of its own; then the recommender learns from all of it."""
    for post in sorted(homes.posts, key=lambda post: -post.days_ago):
        seed = f"{post.person} posts {post.title or post.text[:8]}"
        taken = take_photos(post.photos, seed)
        filmed = take_film(post.film, seed) if post.film else None
        at = now - timedelta(days=post.days_ago)
        draft = PostDraft(
            PostKind(post.kind),
            post.text,
            post.title,
            (
                *(_tag(name, settled, thing_ids, photo=photo, x=x, y=y) for name, photo, x, y in post.tags),
                *(
                    _tag(name, settled, thing_ids, from_ms=from_ms, until_ms=until_ms)
                    for name, from_ms, until_ms in post.moments
                ),
            ),
            post.topics,
            audience=PUBLIC,
        )
        actor = Actor(settled.people[post.person])
        begin = partial(content.start_post, actor=actor, draft=draft, now=at, pictures=taken, filmed=filmed)
        post_id = db.in_transaction(begin)
        db.in_transaction(partial(content.publish_post, actor=actor, post_id=post_id, now=at))
        db.in_transaction(partial(_answer, post, post_id, settled, at))
    feed.learn_recommendations(now)


def _answer(post: WrittenPost, post_id: int, settled: Settled, at: datetime) -> None:
    said: list[int] = []
    for place, (handle, text, *answers) in enumerate(post.says, 1):
        said.append(
            content.write_comment(
                actor=Actor(settled.people[str(handle)]),
                post_id=post_id,
                text=str(text),
                answers_id=said[int(answers[0])] if answers else None,
                now=at + place * _LATER,
            )
        )
    for place, handle in enumerate(post.likes, 1):
        who = Actor(settled.people[handle])
        content.react(actor=who, post_id=post_id, kind=ReactionKind.LIKE, now=at + place * _LATER)
        if place % 3 == 0:
            content.save_post(actor=who, post_id=post_id, now=at + place * _LATER)
    for place, handle in enumerate(post.thanks, 1):
        who = Actor(settled.people[handle])
        content.thank_for_post(actor=who, post_id=post_id, now=at + place * _LATER)


def _tag(name: str, settled: Settled, thing_ids: Mapping[str, int], **where: int) -> TagDraft:
    picture, _ = variant_of(name)
    if picture in settled.products:
        return replace(TagDraft(product_id=settled.products[picture].id), **where)  # type: ignore[arg-type]
    return replace(TagDraft(thing_id=thing_ids[name]), **where)  # type: ignore[arg-type]
