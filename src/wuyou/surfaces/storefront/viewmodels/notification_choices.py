"""From whom and by what way somebody wants to be told: as the page shows it, and as it is sent back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from wuyou.domains.notifications.types import Channel, Decision, Origin, Pace, Preference, Topic
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.ui.parts import Choice

_ORIGINS: Mapping[Origin, tuple[object, object, str]] = {
    Origin.FRIEND: (_("Friends"), _("You agreed to be friends."), "heart-handshake"),
    Origin.FOLLOWED: (_("People whom you follow"), _("And who are no friends of yours."), "star"),
    Origin.KNOWN: (
        _("People whom you know"),
        _("You have written to them, or a gift went between you."),
        "message-circle",
    ),
    Origin.STRANGER: (_("Strangers"), _("Everybody else."), "user-question"),
    Origin.PLATFORM: (_("Shops and Wuyou"), _("Orders, teams, refunds, arrivals."), "building-store"),
}
_DECISIONS: Mapping[Decision, object] = {
    Decision.ACCEPT: _("Tell me"),
    Decision.FILTER: _("Filter"),
    Decision.DROP: _("Not at all"),
}
_TOPICS: Mapping[Topic, tuple[object, object]] = {
    Topic.PEOPLE: (_("People"), _("Follows, requests, friendships, reminders")),
    Topic.TALK: (_("Talk"), _("Messages, greetings, answers in threads")),
    Topic.GIFTS: (_("Gifts and thanks"), _("Offered, accepted, given; thanks")),
    Topic.THINGS: (_("Things"), _("What you bought has come to your shelves")),
    Topic.ORDERS: (_("Orders"), _("Teams, parcels, refunds")),
    Topic.EARNINGS: (_("Promoting"), _("Plans, invitations, commissions, payouts")),
    Topic.ACCOUNT: (_("Your account"), _("Sign-ins, ways in, the copy of your data")),
}
_CHANNELS: Mapping[Channel, tuple[object, str]] = {
    Channel.PAGE: (_("Page"), "bell"),
    Channel.PUSH: (_("Push"), "device-mobile"),
    Channel.MAIL: (_("Mail"), "mail"),
}
_PACES: Mapping[Pace, tuple[object, object]] = {
    Pace.INSTANT: (_("At once"), _("two minutes after")),
    Pace.HOURLY: (_("Hourly"), _("at most one an hour")),
    Pace.DAILY: (_("Daily"), _("in the morning")),
    Pace.NEVER: (_("Never"), ""),
}


@dataclass(frozen=True, slots=True)
class From:
    """One kind of people, and what becomes of what comes from them."""

    name: str
    label: object
    note: object
    icon: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One box to tick: by this way of this topic."""

    name: str
    label: object
    is_on: bool
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class About:
    """One topic, with its ways."""

    label: object
    note: object
    ways: tuple[Way, ...]


def of(preference: Preference, channels: Sequence[Channel]) -> dict[str, object]:
    """What the page of settings shows, for the ways that this installation has."""
    return {
        "channels": [_CHANNELS[channel] for channel in channels],
        "has_mail": Channel.MAIL in channels,
        "shows_content": preference.shows_content,
        "origins": [
            From(
                f"from.{origin.value}",
                label,
                note,
                icon,
                tuple(
                    Choice(
                        decision.value,
                        str(text),
                        chosen=preference.decisions.get(origin, Decision.ACCEPT) is decision,
                    )
                    for decision, text in _DECISIONS.items()
                ),
            )
            for origin, (label, note, icon) in _ORIGINS.items()
        ],
        "topics": [
            About(label, note, tuple(_way(preference, topic, channel) for channel in channels))
            for topic, (label, note) in _TOPICS.items()
        ],
        "paces": [
            Choice(pace.value, str(label), note=str(note), chosen=preference.pace is pace)
            for pace, (label, note) in _PACES.items()
        ],
    }


def preference_of(sent: QueryDict, before: Preference, channels: Sequence[Channel], language: str) -> Preference:
    """What the page sent; what it did not show stays as it was. Raises `FormMalformed` when a choice is none."""
    try:
        decisions = {origin: Decision(sent.get(f"from.{origin.value}", "")) for origin in Origin}
        pace = Pace(sent.get("pace", "")) if Channel.MAIL in channels else before.pace
    except ValueError as error:
        raise errors.FormMalformed() from error
    silenced = frozenset(
        (topic, channel)
        for topic in Topic
        for channel in channels
        if not _is_fixed(topic, channel) and not sent.get(_name(topic, channel))
    )
    kept = frozenset((topic, channel) for topic, channel in before.silenced if channel not in channels)
    accepted = {origin: decision for origin, decision in decisions.items() if decision is not Decision.ACCEPT}
    return Preference(accepted, silenced | kept, pace, language, shows_content=bool(sent.get("shows_content")))


def _way(preference: Preference, topic: Topic, channel: Channel) -> Way:
    is_fixed = _is_fixed(topic, channel)
    return Way(
        _name(topic, channel),
        _CHANNELS[channel][0],
        is_fixed or (topic, channel) not in preference.silenced,
        is_fixed,
    )


def _is_fixed(topic: Topic, channel: Channel) -> bool:
    return topic is Topic.ACCOUNT and channel is Channel.PAGE


def _name(topic: Topic, channel: Channel) -> str:
    return f"on.{topic.value}.{channel.value}"
