"""Gifts as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wuyou.domains.identity.types import Person
from wuyou.domains.social.types import AppreciatedKind, Appreciation, Gift, GiftKind, GiftsFrom, GiftState
from wuyou.surfaces.storefront.viewmodels import people
from wuyou.surfaces.ui import parts

_KINDS: Mapping[GiftKind, tuple[object, object, str]] = {
    GiftKind.KNOWLEDGE: (gettext_lazy("Knowledge"), gettext_lazy("something you can show or explain"), "bulb"),
    GiftKind.FAVOUR: (gettext_lazy("A favour"), gettext_lazy("lend a hand"), "heart-handshake"),
    GiftKind.TIME: (gettext_lazy("Time"), gettext_lazy("an afternoon together"), "clock"),
    GiftKind.INTRODUCTION: (gettext_lazy("An introduction"), gettext_lazy("to somebody worth knowing"), "users"),
    GiftKind.THING: (gettext_lazy("A thing of mine"), gettext_lazy("a copy from your shelves"), "gift"),
}
_STATES: Mapping[GiftState, tuple[object, parts.Tone]] = {
    GiftState.OFFERED: (gettext_lazy("Waits for an answer"), "amber"),
    GiftState.ACCEPTED: (gettext_lazy("Accepted"), "accent"),
    GiftState.DECLINED: (gettext_lazy("Declined"), "plain"),
    GiftState.WITHDRAWN: (gettext_lazy("Taken back"), "plain"),
    GiftState.GIVEN: (gettext_lazy("Arrived"), "jade"),
}
_THANKED_FOR: Mapping[AppreciatedKind, object] = {
    AppreciatedKind.GIFT: gettext_lazy("thanks you for a gift"),
    AppreciatedKind.REVIEW: gettext_lazy("thanks you for what you said of a thing"),
    AppreciatedKind.ANNOTATION: gettext_lazy("thanks you for a note on a thing"),
    AppreciatedKind.ANSWER: gettext_lazy("thanks you for an answer"),
    AppreciatedKind.STORY: gettext_lazy("thanks you for a story"),
    AppreciatedKind.SHARE: gettext_lazy("thanks you for passing something on"),
    AppreciatedKind.POST: gettext_lazy("thanks you for a post"),
}
_PLACES: Mapping[AppreciatedKind, str] = {
    AppreciatedKind.GIFT: "storefront:gift",
    AppreciatedKind.REVIEW: "storefront:edit-review",
    AppreciatedKind.ANNOTATION: "storefront:annotation",
    AppreciatedKind.POST: "storefront:post",
}
_SOURCES: Mapping[GiftsFrom, object] = {
    GiftsFrom.FRIENDS: gettext_lazy("Friends"),
    GiftsFrom.KNOWN: gettext_lazy("Friends and people I follow"),
    GiftsFrom.ANYONE: gettext_lazy("Whoever can reach me"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that can be given."""

    value: str
    label: str
    note: str
    icon: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Thanks:
    """Somebody's thanks, and where what they are for stands."""

    face: parts.Person
    words: str
    given_at: datetime
    href: str


@dataclass(frozen=True, slots=True)
class Card:
    """One gift, with what the reader can do about it."""

    id: int
    face: parts.Person
    kind: str
    icon: str
    chip: parts.Chip
    what: str
    words: str
    offered_at: datetime
    can_answer: bool
    can_give: bool
    can_withdraw: bool
    can_thank: bool
    is_thanked: bool


def kinds(chosen: str) -> tuple[Kind, ...]:
    """What can be given, one of it chosen."""
    return tuple(
        Kind(kind.value, str(label), str(note), icon, kind.value == chosen)
        for kind, (label, note, icon) in _KINDS.items()
    )


def cards(gifts: Sequence[Gift], persons: Mapping[int, Person], me: int) -> tuple[Card, ...]:
    """Gifts of people whom the reader may meet, with who is at the other end."""
    return tuple(
        _card(gift, persons[other], me)
        for gift in gifts
        if (other := gift.receiver_id if gift.giver_id == me else gift.giver_id) in persons
    )


def thanks(received: Sequence[Appreciation], persons: Mapping[int, Person]) -> tuple[Thanks, ...]:
    """Thanks of people whom the reader may meet."""
    return tuple(
        Thanks(
            people.face(persons[each.giver_id], note=str(_THANKED_FOR[each.kind])),
            each.words,
            each.given_at,
            _href(each),
        )
        for each in received
        if each.giver_id in persons
    )


def sources(chosen: GiftsFrom) -> tuple[parts.Choice, ...]:
    """Of whom gifts may be taken, one of it chosen."""
    return tuple(parts.Choice(each.value, str(text), chosen=each is chosen) for each, text in _SOURCES.items())


def _href(thanks: Appreciation) -> str:
    name = _PLACES.get(thanks.kind)
    return reverse(name, args=[thanks.source_id]) if name else ""


def _card(gift: Gift, other: Person, me: int) -> Card:
    label, _note, icon = _KINDS[gift.kind]
    said, tone = _STATES[gift.state]
    is_mine, state = gift.giver_id == me, gift.state
    return Card(
        id=gift.id,
        face=people.face(other, note=_("gets it from you") if is_mine else _("gives it to you")),
        kind=str(label),
        icon=icon,
        chip=parts.Chip(str(said), tone),
        what=gift.what,
        words=gift.words,
        offered_at=gift.offered_at,
        can_answer=not is_mine and state is GiftState.OFFERED,
        can_give=is_mine and state is GiftState.ACCEPTED,
        can_withdraw=is_mine and state in {GiftState.OFFERED, GiftState.ACCEPTED},
        can_thank=not is_mine and state is GiftState.GIVEN and not gift.is_thanked,
        is_thanked=gift.is_thanked,
    )
