"""Faces, roles and what people say of themselves, as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wuyou.domains.identity.types import Person
from wuyou.domains.social.types import AgeBand, Alike, OwnFace, OwnTrait, Role, Trait, TraitKind
from wuyou.surfaces.storefront import audience
from wuyou.surfaces.storefront.viewmodels import people
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.parts import AudienceChip, Chip
from wuyou.surfaces.ui.texts import listed

ROLES: Mapping[Role, object] = {
    Role.MEMBER: pgettext_lazy("role", "Member"),
    Role.DESIGNER: pgettext_lazy("role", "Designer"),
    Role.ARTIST: pgettext_lazy("role", "Artist"),
    Role.MAKER: pgettext_lazy("role", "Maker"),
    Role.BRAND: pgettext_lazy("role", "Brand"),
    Role.CREATOR: pgettext_lazy("role", "Creator"),
    Role.MERCHANT: pgettext_lazy("role", "Merchant"),
    Role.CIRCLE_LEAD: pgettext_lazy("role", "Circle lead"),
    Role.TOOL_MAKER: pgettext_lazy("role", "Tool maker"),
}
CHOOSABLE = tuple(role for role in Role if role is not Role.MEMBER)
"""Everybody is a member, and need not say so."""
ICONS: Mapping[TraitKind, str] = {TraitKind.AGE: "calendar", TraitKind.HOBBY: "heart", TraitKind.PLACE: "map-pin"}
KINDS: Mapping[TraitKind, object] = {
    TraitKind.AGE: gettext_lazy("Age"),
    TraitKind.HOBBY: gettext_lazy("Hobbies"),
    TraitKind.PLACE: gettext_lazy("Places"),
}
_OLDEST, _YOUNGEST = 100, 14


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a person says of themselves."""

    text: str
    note: str
    """Who says so, where that is a question."""
    icon: str
    href: str
    """People of whom the same is true; empty where they are not looked for."""


@dataclass(frozen=True, slots=True)
class OwnSaid:
    """The same of one's own, with whom it is open to."""

    id: int
    said: Said
    chip: AudienceChip


@dataclass(frozen=True, slots=True)
class OwnKind:
    """All of one kind that one says of oneself, and whether there is room for more."""

    key: str
    title: str
    icon: str
    said: tuple[OwnSaid, ...]
    has_room: bool


@dataclass(frozen=True, slots=True)
class FaceRow:
    """One of one's own further faces."""

    id: int
    face: parts.Person
    words: str
    roles: tuple[Chip, ...]
    chip: AudienceChip


def role_name(role: Role) -> str:
    """What a role is called."""
    return str(ROLES[role])


def role_chips(roles: Sequence[Role], *, has_shop: bool = False) -> tuple[Chip, ...]:
    """Roles as somebody says them; a merchant who has a shop here is one that we know of."""
    return tuple(
        Chip(_("Merchant, with a shop here"), "jade", "building-store")
        if role is Role.MERCHANT and has_shop
        else Chip(role_name(role), "plain", "id-badge-2")
        for role in roles
    )


def role_choices(chosen: Sequence[Role]) -> tuple[parts.Choice, ...]:
    """Roles to tick."""
    return tuple(parts.Choice(role.value, role_name(role), chosen=role in chosen) for role in CHOOSABLE)


def said(trait: Trait, *, is_linked: bool = True) -> Said:
    """Something that a person says of themselves, leading to others who say the same."""
    match trait.kind:
        case TraitKind.HOBBY:
            href = _people(hobby=trait.words[0])
            return Said(trait.words[0], "", ICONS[trait.kind], href if is_linked else "")
        case TraitKind.PLACE:
            href = _people(place=" ".join(trait.words))
            return Said(" · ".join(trait.words), "", ICONS[trait.kind], href if is_linked else "")
        case TraitKind.AGE:
            note = _("by real-name proof") if trait.band is None else _("own statement")
            return Said(age_name(trait.band), note, ICONS[trait.kind], _people(age="1") if is_linked else "")


def age_name(band: AgeBand | None) -> str:
    """An age band in words; without one, what a real-name proof says."""
    if band is None:
        return _("An adult")
    return _("Born %(first)s–%(last)s") % {"first": band.first_year, "last": band.last_year}


def bands(today: date, years: int) -> tuple[AgeBand, ...]:
    """The bands of so many years that somebody may be of, youngest first."""
    first = (today.year - _YOUNGEST) // years * years
    return tuple(AgeBand(year, years) for year in range(first, today.year - _OLDEST, -years))


def own_kinds(own: Sequence[OwnTrait], labels: Mapping[int, str], most: Mapping[TraitKind, int]) -> tuple[OwnKind, ...]:
    """What one says of oneself, by kind; all kinds, also those of which one says nothing."""
    return tuple(
        OwnKind(
            kind.value.lower(),
            str(KINDS[kind]),
            ICONS[kind],
            mine := tuple(
                OwnSaid(each.trait.id, said(each.trait), audience.chip_of(each.audience, labels))
                for each in own
                if each.trait.kind is kind
            ),
            len(mine) < most[kind],
        )
        for kind in TraitKind
    )


def own_face(own: OwnFace, me: Person, labels: Mapping[int, str]) -> FaceRow:
    """One of one's own further faces, as those see it who see it."""
    draft = own.draft
    shown = people.face(
        replace(me, display_name=draft.name, avatar=draft.avatar or me.avatar),
        href=reverse("storefront:face", args=[own.id]),
    )
    return FaceRow(own.id, shown, draft.words, role_chips(draft.roles), audience.chip_of(draft.audience, labels))


def alike(one: Alike) -> tuple[tuple[str, str], ...]:
    """Why somebody was found by what they say: an icon and a sentence each."""
    reasons = []
    if one.role is not None:
        reasons.append(("id-badge-2", role_name(one.role)))
    if one.hobbies:
        reasons.append((ICONS[TraitKind.HOBBY], _("Likes %(hobbies)s") % {"hobbies": listed(one.hobbies)}))
    if one.places:
        reasons.append((ICONS[TraitKind.PLACE], listed(one.places)))
    if one.is_same_age:
        reasons.append((ICONS[TraitKind.AGE], _("About your age")))
    return tuple(reasons)


def _people(**asked: str) -> str:
    return f"{reverse('storefront:people')}?{urlencode(asked)}"
