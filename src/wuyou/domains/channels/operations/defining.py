"""Channels: made, described, opened and closed, given another rule; and who may do so.

Locks, in this order: the channel; the posts that are judged, by number downwards.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from wuyou.domains.channels import errors, policies, rules
from wuyou.domains.channels.judging import STRANGER
from wuyou.domains.channels.operations.routing import walk_channel
from wuyou.domains.channels.stored import rule_out
from wuyou.domains.channels.types import ChannelText, Rule
from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.things import queries as things
from wuyou.infra import db
from wuyou.kernel.actor import Actor

_ALL = 2**63 - 1
"""Above every post's number."""


@db.requires_transaction
def make_channel(*, actor: Actor, text: ChannelText, rule: Rule, now: datetime) -> int:
    """Define a channel with its first rule, closed until it is opened; returns its id. The latest posts are judged.

    Raises: `EditorsOnly`, `SlugMalformed`, `SlugTaken`, `TextMalformed`, `PositionMalformed`, `TooManyChannels`, and
    what `save_rule` refuses.
    """
    editor_id, text, rule = policies.require_editor(actor), rules.clean_text(text), _clean(rule)
    made = db.row(
        """
        INSERT INTO channels_channel (slug, name, name_en, about, about_en, picture, position, is_open, version,
                                      walk_below, made_by_id, made_at)
        SELECT %s, %s, %s, %s, %s, %s, %s, false, 1, %s, %s, %s
        WHERE (SELECT count(*) FROM channels_channel) < %s ON CONFLICT (slug) DO NOTHING RETURNING id
        """,
        [
            text.slug, text.name, text.name_en, text.about, text.about_en, text.picture, text.position, _ALL,
            editor_id, now, rules.MOST_CHANNELS,
        ],
    )  # fmt: skip
    if made is None:
        if db.rows("SELECT FROM channels_channel WHERE slug = %s", [text.slug]):
            raise errors.SlugTaken()
        raise errors.TooManyChannels(most=rules.MOST_CHANNELS)
    channel_id = int(made[0])
    _keep_rule(channel_id, 1, rule, editor_id, now)
    walk_channel(channel_id=channel_id, now=now)
    return channel_id


@db.requires_transaction
def describe_channel(*, actor: Actor, channel_id: int, text: ChannelText) -> None:
    """Call it otherwise, or put it elsewhere among the others. Raises as `make_channel`, and `ChannelNotFound`."""
    policies.require_editor(actor)
    text = rules.clean_text(text)
    try:
        with db.savepoint():
            changed = db.execute(
                """
                UPDATE channels_channel SET slug = %s, name = %s, name_en = %s, about = %s, about_en = %s, picture = %s,
                                            position = %s WHERE id = %s
                """,
                [
                    text.slug,
                    text.name,
                    text.name_en,
                    text.about,
                    text.about_en,
                    text.picture,
                    text.position,
                    channel_id,
                ],
            )
    except IntegrityError as error:
        raise errors.SlugTaken() from error
    if not changed:
        raise errors.ChannelNotFound()


@db.requires_transaction
def open_channel(*, actor: Actor, channel_id: int) -> None:
    """Readers find it from now on. Raises `EditorsOnly`, `ChannelNotFound`."""
    _set_open(actor, channel_id, is_open=True)


@db.requires_transaction
def close_channel(*, actor: Actor, channel_id: int) -> None:
    """Nobody finds it any more; its posts stay where else they are. Raises `EditorsOnly`, `ChannelNotFound`."""
    _set_open(actor, channel_id, is_open=False)


@db.requires_transaction
def save_rule(*, actor: Actor, channel_id: int, rule: Rule, version: int, now: datetime) -> int:
    """Give a channel another rule; the one before stays on record. Returns the version.

    The latest posts are judged by it at once, the others in batches (`walk_channel`); what an earlier rule placed is
    shown no longer. Args: version: of the rule that the editor saw.
    Raises: `EditorsOnly`, `ChannelNotFound`, `RuleChanged` when somebody else saved one meanwhile, `RuleMalformed`,
    `RuleEmpty`, `RuleContradicts`, `ThingUnknown`.
    """
    editor_id, rule = policies.require_editor(actor), _clean(rule)
    changed = db.row(
        """
        UPDATE channels_channel SET version = version + 1, walk_below = %s WHERE id = %s AND version = %s
        RETURNING version
        """,
        [_ALL, channel_id, version],
    )
    if changed is None:
        if db.rows("SELECT FROM channels_channel WHERE id = %s", [channel_id]):
            raise errors.RuleChanged()
        raise errors.ChannelNotFound()
    _keep_rule(channel_id, changed[0], rule, editor_id, now)
    walk_channel(channel_id=channel_id, now=now)
    return int(changed[0])


@db.requires_transaction
def appoint_editor(*, actor: Actor, person_id: int, now: datetime) -> None:
    """Staff make somebody an editor; twice is once. Raises `StaffOnly`, `identity.PersonNotFound`."""
    staff_id = policies.require_staff(actor)
    person = identity.persons_by_id([person_id]).get(person_id)
    if person is None or person.is_erased:
        raise PersonNotFound()
    db.execute(
        """
        INSERT INTO channels_editor (person_id, appointed_by_id, appointed_at) VALUES (%s, %s, %s)
        ON CONFLICT (person_id) DO NOTHING
        """,
        [person_id, staff_id, now],
    )


@db.requires_transaction
def dismiss_editor(*, actor: Actor, person_id: int) -> None:
    """Somebody is an editor no longer; twice is once. Raises `StaffOnly`."""
    policies.require_staff(actor)
    db.execute("DELETE FROM channels_editor WHERE person_id = %s", [person_id])


def _clean(rule: Rule) -> Rule:
    """A rule that may be saved: its things are those that everybody may know of."""
    rule = rules.clean_rule(rule)
    known = things.known_by_id(STRANGER, rule.things) if rule.things else {}
    for thing in rule.things:
        if thing not in known:
            raise errors.ThingUnknown(thing=thing)
    return rule


def _keep_rule(channel_id: int, version: int, rule: Rule, editor_id: int, now: datetime) -> None:
    db.execute(
        """
        INSERT INTO channels_rule (channel_id, version, rule, saved_by_id, saved_at) VALUES (%s, %s, %s::jsonb, %s, %s)
        """,
        [channel_id, version, rule_out(rule), editor_id, now],
    )


def _set_open(actor: Actor, channel_id: int, *, is_open: bool) -> None:
    policies.require_editor(actor)
    if not db.execute("UPDATE channels_channel SET is_open = %s WHERE id = %s", [is_open, channel_id]):
        raise errors.ChannelNotFound()
