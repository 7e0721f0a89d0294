"""The page of a person: who they are to the reader, what both have, and their shelves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wuyou.domains.identity.types import Person, RealNameLevel
from wuyou.domains.social.types import FriendRequest, Relation, Tie
from wuyou.domains.things.types import Shelf
from wuyou.surfaces.storefront.viewmodels import people, ties
from wuyou.surfaces.storefront.viewmodels.faces import Said
from wuyou.surfaces.storefront.viewmodels.tiles import Tile
from wuyou.surfaces.ui import parts

COMMON_SHOWN = 12
MOST_COMMON = 100
"""More in common than that is told as «100+»."""
_PROOFS = {
    RealNameLevel.DOCUMENT: gettext_lazy("Real name: document checked"),
    RealNameLevel.PERSON: gettext_lazy("Real name: person checked"),
}


@dataclass(frozen=True, slots=True)
class Common:
    """What the reader has in common with the person, rarest first."""

    text: str
    tiles: tuple[Tile, ...]
    rest: int


@dataclass(frozen=True, slots=True)
class Between:
    """What stands between the reader and the person, as far as the reader knows."""

    relation: Relation
    chips: tuple[parts.Chip, ...]
    note: str
    labels: tuple[str, ...]
    asks: FriendRequest | None
    """Their request, which waits for the reader."""


@dataclass(frozen=True, slots=True)
class About:
    """What somebody says of themselves to the reader."""

    words: str
    roles: tuple[parts.Chip, ...]
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """Who it is."""

    id: int
    handle: str
    face: parts.Person
    href: str
    is_me: bool
    proof: parts.Chip | None
    """How far it is proven who they are."""


def header(person: Person, reader_id: int | None) -> Header:
    """Who it is, to this reader."""
    return Header(
        person.id,
        person.handle,
        people.face(person),
        people.href_of(person),
        person.id == reader_id,
        parts.Chip(str(_PROOFS[person.real_name]), "jade", "shield-check") if person.real_name else None,
    )


def common(tiles: Sequence[Tile]) -> Common | None:
    """What both have; None where nothing is."""
    if not tiles:
        return None
    count = len(tiles)
    if count >= MOST_COMMON:
        text = _("You have more than %(n)s things in common") % {"n": MOST_COMMON - 1}
    else:
        text = ngettext("You have %(n)s thing in common", "You have %(n)s things in common", count) % {"n": count}
    return Common(text, tuple(tiles[:COMMON_SHOWN]), max(0, count - COMMON_SHOWN))


def between(
    relation: Relation, *, tie: Tie | None, note: str, labels: Sequence[str], asks: FriendRequest | None
) -> Between:
    """What stands between, in chips."""
    chips = []
    if relation.are_friends:
        chips.append(parts.Chip(_("Friends"), "jade", "heart-handshake"))
    elif relation.asks:
        chips.append(parts.Chip(_("You asked to be friends"), "plain", "clock"))
    if relation.is_followed:
        chips.append(parts.Chip(_("Follows you"), "plain", "users"))
    if relation.mutes:
        chips.append(parts.Chip(_("You hear nothing of them"), "plain", "bell-off"))
    if tie is not None and tie.strength and ties.level_of(tie):
        chips.append(parts.Chip(ties.band_of(tie), "accent", "heart"))
    return Between(relation, tuple(chips), note, tuple(labels), asks)


def shelf_tabs(header: Header, shelves: Sequence[Shelf], chosen: str, as_whom: str) -> tuple[parts.Tab, ...]:
    """What of theirs to look at: all, wishes, what they once had, and each shelf."""

    def href(shelf: str) -> str:
        query = {name: value for name, value in (("shelf", shelf), ("as", as_whom)) if value}
        return f"{header.href}?{urlencode(query)}#shelf" if query else f"{header.href}#shelf"

    return (
        parts.Tab(_("What they have") if not header.is_me else _("What you have"), href(""), chosen == ""),
        *(
            parts.Tab(shelf.name, href(str(shelf.id)), chosen == str(shelf.id), shelf.count)
            for shelf in shelves
            if shelf.count
        ),
        parts.Tab(_("Wishes"), href("wishes"), chosen == "wishes"),
        parts.Tab(_("Once had"), href("had"), chosen == "had"),
    )
