"""The channels of the demo world: defined as `homes/channels.toml` says, filled by rules, and a little by hand."""

from __future__ import annotations

import tomllib
from datetime import datetime
from importlib.resources import files
from typing import Any

from wuyou.domains.channels import operations
from wuyou.domains.channels.types import ChannelText, HandKind, Rule
from wuyou.domains.content import queries as content
from wuyou.domains.content.types import PostKind
from wuyou.domains.social.types import Role
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import make_viewer

_LATEST = 100


@db.requires_transaction
def define_channels(*, actor: Actor, now: datetime) -> int:
    """Define and open every channel of the world, and place by hand what is written down; returns how many."""
    told = {post.title or post.plain: post.id for post in content.list_newest(make_viewer(None), limit=_LATEST).items}
    written = read_channels()
    for position, channel in enumerate(written, 1):
        text = ChannelText(
            channel["slug"], channel["name"], channel["name_en"], channel["about"], channel["about_en"],
            channel["picture"], position,
        )  # fmt: skip
        made = operations.make_channel(actor=actor, text=text, rule=rule_of(channel["rule"]), now=now)
        operations.open_channel(actor=actor, channel_id=made)
        for what, begins, place, reason in channel.get("by_hand", ()):
            post_id = next(post for title, post in told.items() if title.startswith(begins))
            if HandKind(what) is HandKind.PIN:
                operations.pin_post(actor=actor, channel_id=made, post_id=post_id, place=place, reason=reason, now=now)
            else:
                operations.put_in(actor=actor, channel_id=made, post_id=post_id, reason=reason, now=now)
    return len(written)


def read_channels() -> list[dict[str, Any]]:
    """The channels as they are written down."""
    text = files(__package__).joinpath("homes", "channels.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["channel"]
    return found


def rule_of(written: dict[str, Any]) -> Rule:
    """A rule as it is written down."""
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in written.items()
    }
    for name, kind in (("roles", Role), ("kinds", PostKind)):
        if name in fields:
            fields[name] = tuple(kind(one) for one in fields[name])
    return Rule(**fields)
