"""People as pages show them."""

from __future__ import annotations

from typing import Protocol

from wuyou.domains.catalog.types import Shop
from wuyou.domains.identity.types import Person
from wuyou.surfaces.ui import hrefs, parts, pictures
from wuyou.surfaces.ui.names import name_of
from wuyou.surfaces.ui.texts import in_language

STRANGER = "-"
"""Whose eyes `as` of one's own page names for who is not signed in; nobody signs in by such a name."""


class SignedIn(Protocol):
    """What a request knows of who sent it."""

    pk: int
    handle: str
    display_name: str
    avatar: str


def from_user(user: SignedIn) -> parts.Person:
    """Who sent the request, without another query."""
    return parts.Person(user.pk, user.display_name, href_of(user), picture=pictures.shipped(user.avatar))


def face(person: Person, note: str = "", href: str = "") -> parts.Person:
    """A person with their face and what is said of them here, leading to their page unless elsewhere.

    Who is gone leads nowhere.
    """
    if person.is_erased:
        return parts.Person(person.id, name_of(person), note=note)
    return parts.Person(person.id, person.display_name, href or href_of(person), pictures.shipped(person.avatar), note)


def href_of(person: Person | SignedIn) -> str:
    """The page of a person."""
    return hrefs.href("storefront:person", person.handle)


def shop_sign(shop: Shop) -> parts.Person:
    """A shop where pages show who sells."""
    return parts.Person(shop.id, in_language(shop.name, shop.name_en))
