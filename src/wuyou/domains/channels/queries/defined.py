"""Channels as editors defined them, and who those are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from wuyou.domains.channels import errors, types
from wuyou.domains.channels.stored import rule_in
from wuyou.infra import db
from wuyou.infra.person_data import Records

_CHANNELS = """
    SELECT c.id, c.slug, c.name, c.name_en, c.about, c.about_en, c.picture, c.position, c.is_open, c.version, r.rule
    FROM channels_channel c JOIN channels_rule r ON r.channel_id = c.id AND r.version = c.version
"""
_IN_ORDER = "ORDER BY c.position, c.id"


def list_open() -> tuple[types.Channel, ...]:
    """The channels that readers find, in their order. Cost: one query."""
    return _channels(f"WHERE c.is_open {_IN_ORDER}")


def list_all() -> tuple[types.Channel, ...]:
    """All channels, for editors. Cost: one query."""
    return _channels(_IN_ORDER)


def get_open(slug: str) -> types.Channel:
    """A channel that readers find. Raises `ChannelNotFound`. Cost: one query."""
    return _one("WHERE c.slug = %s AND c.is_open", slug)


def get_channel(channel_id: int) -> types.Channel:
    """A channel, for editors. Raises `ChannelNotFound`. Cost: one query."""
    return _one("WHERE c.id = %s", channel_id)


def list_rules(channel_id: int) -> tuple[types.RuleVersion, ...]:
    """Every rule that a channel had, the latest first, for editors. Cost: one query."""
    found = db.rows(
        "SELECT version, rule, saved_by_id, saved_at FROM channels_rule WHERE channel_id = %s ORDER BY version DESC",
        [channel_id],
    )
    return tuple(types.RuleVersion(version, rule_in(rule), *saved) for version, rule, *saved in found)


def list_editors() -> tuple[int, ...]:
    """Who was made an editor, for staff. Cost: one query."""
    return tuple(
        person for (person,) in db.rows("SELECT person_id FROM channels_editor ORDER BY appointed_at, person_id")
    )


def export_person(person_id: int) -> Iterator[Records]:
    """That a person is an editor, and in which channels their posts have a place, and why."""
    yield "channel_editors", db.records("SELECT appointed_at FROM channels_editor WHERE person_id = %s", [person_id])
    yield (
        "channel_placements",
        db.records(
            """
            SELECT p.post_id AS post, c.slug AS channel, p.by_rule, p.reasons, p.judged_at FROM channels_judged j
            JOIN channels_placement p ON p.post_id = j.post_id JOIN channels_channel c ON c.id = p.channel_id
            WHERE j.owner_id = %s AND c.is_open ORDER BY p.post_id, c.id
            """,
            [person_id],
        ),
    )


def _channels(condition: str, params: Collection[Any] = ()) -> tuple[types.Channel, ...]:
    return tuple(map(_channel, db.rows(f"{_CHANNELS} {condition}", list(params))))


def _one(condition: str, key: object) -> types.Channel:
    found = _channels(condition, [key])
    if not found:
        raise errors.ChannelNotFound()
    return found[0]


def _channel(columns: Sequence[Any]) -> types.Channel:
    channel_id, *text, is_open, version, rule = columns
    return types.Channel(channel_id, types.ChannelText(*text), is_open, version, rule_in(rule))
