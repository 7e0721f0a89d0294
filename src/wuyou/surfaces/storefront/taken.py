"""A picture or film that was taken in and waits for what it belongs to, as a form carries it from page to page."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any

from django.core import signing

from wuyou.infra.films import Film
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.surfaces.storefront import errors

_SALT, _FILM_SALT = "storefront.adding.picture", "storefront.writing.film"
_WAITS_S = 12 * 3600
"""So long it waits for its form; its file would be swept after a day."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture, and the token that names it in addresses and forms."""

    picture: Picture
    token: str


@dataclass(frozen=True, slots=True)
class TakenFilm:
    """A film, and the token that names it."""

    film: Film
    token: str


def carry(picture: Picture, actor: Actor) -> Taken:
    """A picture that was taken in, for its owner's next page; nobody else's form is believed."""
    return Taken(picture, _signed(picture, actor, _SALT))


def carried(token: str, actor: Actor) -> Taken:
    """What a form or an address brings along. Raises `FormMalformed` for another's, and for what waited too long."""
    return Taken(Picture(*_values(token, actor, _SALT)), token)


def carry_film(film: Film, actor: Actor) -> TakenFilm:
    """As `carry`, of a film."""
    return TakenFilm(film, _signed(film, actor, _FILM_SALT))


def carried_film(token: str, actor: Actor) -> TakenFilm:
    """As `carried`, of a film."""
    return TakenFilm(Film(*_values(token, actor, _FILM_SALT)), token)


def _signed(what: Film | Picture, actor: Actor, salt: str) -> str:
    return signing.dumps([actor.person_id, astuple(what)], salt=salt, compress=True)


def _values(token: str, actor: Actor, salt: str) -> list[Any]:
    try:
        owner_id, values = signing.loads(token, salt=salt, max_age=_WAITS_S)
    except signing.BadSignature as error:
        raise errors.FormMalformed() from error
    if owner_id != actor.person_id:
        raise errors.FormMalformed()
    return list(values)
