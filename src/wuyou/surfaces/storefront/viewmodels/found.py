"""Somebody who was found, with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wuyou.domains.identity.types import Person
from wuyou.domains.things.types import FoundPerson, Nearness
from wuyou.surfaces.storefront.viewmodels import faces, people
from wuyou.surfaces.storefront.viewmodels.tiles import Tile
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.texts import listed

_NAMED = 2


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody who was found: who, and why."""

    face: parts.Person
    reason: str
    """How much both share."""
    names: str
    """The rarest of it."""
    through: str
    alike: tuple[tuple[str, str], ...]
    """What of that which was asked they say of themselves: an icon and words each."""
    tiles: tuple[Tile, ...]
    call_href: str
    """Empty where there is nothing to call out with."""


def card(one: FoundPerson, persons: Mapping[int, Person], through: Sequence[int], pictured: Mapping[int, Tile]) -> Card:
    """Who was found, and the reason as far as the reader may see it now."""
    person = persons[one.person_id]
    friends = [persons[key].display_name for key in through if key in persons][:_NAMED]
    tiles = tuple(pictured[thing.id] for thing in one.shared if thing.id in pictured)
    return Card(
        people.face(person),
        _reason(one),
        listed([tile.cover.title for tile in tiles][:_NAMED] or one.brands[:_NAMED]),
        _("Known to %(friends)s") % {"friends": listed(friends)} if friends else "",
        faces.alike(one.alike),
        tiles,
        reverse("storefront:call-out", args=[one.person_id]) if tiles and one.nearness is Nearness.THING else "",
    )


def _reason(one: FoundPerson) -> str:
    if not one.count:
        return ""
    match one.nearness:
        case Nearness.THING:
            return ngettext("%(n)s thing in common", "%(n)s things in common", one.count) % {"n": one.count}
        case Nearness.FAMILY:
            return ngettext("Of %(n)s family that you have too", "Of %(n)s families that you have too", one.count) % {
                "n": one.count
            }
        case Nearness.BRAND:
            return ngettext("%(n)s brand in common", "%(n)s brands in common", one.count) % {"n": one.count}
