"""People as pages show them."""

from __future__ import annotations

from typing import Protocol

from django.urls import reverse
from django.utils.translation import gettext as _

from wuyou.domains.catalog.types import Shop
from wuyou.domains.identity.types import Person
from wuyou.surfaces.storefront.viewmodels.texts import in_language
from wuyou.surfaces.ui import parts, pictures


class SignedIn(Protocol):
    """What a request knows of who sent it."""

    pk: int
    handle: str
    display_name: str
    avatar: str


def from_user(user: SignedIn) -> parts.Person:
    """Who sent the request, without another query."""
    return parts.Person(user.pk, user.display_name, href_of(user), picture=_face(user.avatar))


def face(person: Person, note: str = "", href: str = "") -> parts.Person:
    """A person with their face and what is said of them here, leading to their page unless elsewhere.

    Who is gone leads nowhere.
    """
    if person.is_erased:
        return parts.Person(person.id, name_of(person), note=note)
    return parts.Person(person.id, person.display_name, href or href_of(person), _face(person.avatar), note)


def href_of(person: Person | SignedIn) -> str:
    """The page of a person."""
    return reverse("storefront:person", args=[person.handle])


def name_of(person: Person) -> str:
    """What a person is called; a word for who is gone."""
    return _("Erased person") if person.is_erased else person.display_name


def shop_sign(shop: Shop) -> parts.Person:
    """A shop where pages show who sells."""
    return parts.Person(shop.id, in_language(shop.name, shop.name_en))


def _face(avatar: str) -> str:
    return avatar if avatar in pictures.PICTURES else ""
