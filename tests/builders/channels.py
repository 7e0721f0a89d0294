"""Channels and hand placements for tests, made through operations only; each call is an entry point."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from tests.builders.people import actor_for, make_person
from wuyou.domains.channels import operations, queries
from wuyou.domains.channels.types import Channel, ChannelText, Rule
from wuyou.domains.identity.types import Person
from wuyou.infra import db, events, sight
from wuyou.kernel.actor import Actor

CAMPING = Rule(topics_any=("露营",))

_numbers = count(1)


def make_editor(now: datetime) -> Person:
    """Somebody who works here, and so defines channels."""
    return make_person(now, "编辑", is_staff=True)


def make_channel(
    now: datetime,
    rule: Rule = CAMPING,
    *,
    slug: str = "",
    name: str = "有好货",
    name_en: str = "Good finds",
    editor: Person | None = None,
    is_open: bool = True,
    position: int = 0,
    picture: str = "",
) -> Channel:
    """A channel that readers find, unless said otherwise."""
    actor = actor_for(editor or make_editor(now))
    text = ChannelText(slug or f"channel-{next(_numbers)}", name, name_en, "挑过的", "Chosen", picture, position)

    def entry() -> int:
        channel_id = operations.make_channel(actor=actor, text=text, rule=rule, now=now)
        if is_open:
            operations.open_channel(actor=actor, channel_id=channel_id)
        return channel_id

    return queries.get_channel(db.in_transaction(entry))


def save_rule(now: datetime, channel: Channel, rule: Rule, editor: Person | None = None) -> Channel:
    """Give it another rule; returns the channel as it stands then."""
    actor = actor_for(editor or make_editor(now))
    db.in_transaction(
        lambda: operations.save_rule(actor=actor, channel_id=channel.id, rule=rule, version=channel.version, now=now)
    )
    return queries.get_channel(channel.id)


def route(now: datetime, post_id: int, owner: Person) -> None:
    """Judge a post, as the handler does when it is published."""
    db.in_transaction(lambda: operations.route_post(post_id=post_id, owner_id=owner.id, now=now))


def settle(now: datetime) -> None:
    """Let every subscriber hear all that was said."""
    events.drain(events.subscribers(), now)


def pin(now: datetime, channel: Channel, post_id: int, place: int = 1, until: datetime | None = None) -> None:
    """An editor lets a post stand at a place."""
    actor = actor_for(make_editor(now))
    db.in_transaction(
        lambda: operations.pin_post(
            actor=actor, channel_id=channel.id, post_id=post_id, place=place, reason="值得一看", now=now, until=until
        )
    )


def put_in(now: datetime, channel: Channel, post_id: int) -> None:
    """An editor lets a post in."""
    actor = actor_for(make_editor(now))
    db.in_transaction(
        lambda: operations.put_in(actor=actor, channel_id=channel.id, post_id=post_id, reason="漏了", now=now)
    )


def keep_out(now: datetime, channel: Channel, post_id: int) -> None:
    """An editor keeps a post out."""
    actor = actor_for(make_editor(now))
    db.in_transaction(
        lambda: operations.keep_out(actor=actor, channel_id=channel.id, post_id=post_id, reason="跑题", now=now)
    )


def shown(now: datetime, channel: Channel, viewer: Person | None = None) -> list[int]:
    """The posts that somebody finds in a channel, in their order."""
    eyes = sight.get_viewer(viewer.id if viewer else None)
    return [one.post_id for one in queries.list_posts(eyes, channel, now=now, limit=100).items]


def staff_actor(now: datetime) -> Actor:
    """An editor, acting."""
    return actor_for(make_editor(now))
