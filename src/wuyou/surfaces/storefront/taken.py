"""A picture that was taken in and waits for what it is a picture of, as a form carries it from page to page."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing

from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.surfaces.storefront import errors

_SALT = "storefront.adding.picture"
_WAITS_S = 12 * 3600
"""So long it waits for its form; its file would be swept after a day."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture, and the token that names it in addresses and forms."""

    picture: Picture
    token: str


def carry(picture: Picture, actor: Actor) -> Taken:
    """A picture that was taken in, for its owner's next page; nobody else's form is believed."""
    values = [picture.key, picture.width, picture.height, picture.size_bytes, picture.blurhash, picture.phash]
    return Taken(picture, signing.dumps([actor.person_id, values], salt=_SALT, compress=True))


def carried(token: str, actor: Actor) -> Taken:
    """What a form or an address brings along. Raises `FormMalformed` for another's, and for what waited too long."""
    try:
        owner_id, values = signing.loads(token, salt=_SALT, max_age=_WAITS_S)
    except signing.BadSignature as error:
        raise errors.FormMalformed() from error
    if owner_id != actor.person_id:
        raise errors.FormMalformed()
    return Taken(Picture(*values), token)
