"""People as pages show them."""

from __future__ import annotations

from typing import Protocol

from wuyou.domains.catalog.types import Shop
from wuyou.domains.identity.types import Person
from wuyou.surfaces.storefront.viewmodels.texts import in_language
from wuyou.surfaces.ui import parts, pictures


class SignedIn(Protocol):
    """What a request knows of who sent it."""

    pk: int
    display_name: str
    avatar: str


def from_user(user: SignedIn) -> parts.Person:
    """Who sent the request, without another query."""
    return parts.Person(user.pk, user.display_name, picture=_face(user.avatar))


def face(person: Person, note: str = "") -> parts.Person:
    """A person with their face, and what is said of them here."""
    return parts.Person(person.id, person.display_name, picture=_face(person.avatar), note=note)


def shop_sign(shop: Shop) -> parts.Person:
    """A shop where pages show who sells."""
    return parts.Person(shop.id, in_language(shop.name, shop.name_en))


def _face(avatar: str) -> str:
    return avatar if avatar in pictures.PICTURES else ""
