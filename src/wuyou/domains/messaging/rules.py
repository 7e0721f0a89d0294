"""What may be said: texts, client ids, names; and the limits of conversations."""

from __future__ import annotations

import re
from datetime import timedelta

from wuyou.domains.messaging import errors
from wuyou.domains.messaging.types import Draft, MessageKind

MAX_TEXT = 4_000
MAX_GREETING = 200
MAX_PHOTOS = 9
MAX_GROUP = 50
MAX_CALLED_THINGS = 12
REVISE_WITHIN = timedelta(minutes=2)
"""How long a message may be edited or withdrawn."""
ASK_AGAIN_AFTER = timedelta(days=30)
"""How long a declined call or first message keeps its sender from the next one."""
KEEP_CHANGES = timedelta(days=7)
"""How long a screen may be away and go on from its cursor."""

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def clean_text(text: str, most: int = MAX_TEXT) -> str:
    """A text as it is kept: line ends alike, nothing around it. Raises `MessageTooLong`, `MessageMalformed`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > most:
        raise errors.MessageTooLong(most=most)
    if any(not (sign.isprintable() or sign in "\n\t\u200d\u200b\u3000\u00a0\ufe0f") for sign in text):
        raise errors.MessageMalformed()
    return text


def check_client_id(client_id: str) -> None:
    """Raises `ClientIdMalformed`."""
    if not _CLIENT_ID.fullmatch(client_id):
        raise errors.ClientIdMalformed()


def clean_name(name: str) -> str:
    """A group's name. Raises `GroupNameMalformed`."""
    name = name.strip()
    if not 0 < len(name) <= 40 or not name.isprintable():
        raise errors.GroupNameMalformed()
    return name


def kind_of(draft: Draft, text: str) -> MessageKind:
    """What a draft is. Raises `MessageEmpty`, `MessageMalformed`, `TooManyPhotos`."""
    if len(draft.photos) > MAX_PHOTOS:
        raise errors.TooManyPhotos(most=MAX_PHOTOS)
    is_thing = draft.thing_id is not None or draft.holding_id is not None
    if bool(draft.photos) + is_thing + (draft.product_id is not None) > 1:
        raise errors.MessageMalformed()
    if draft.photos:
        return MessageKind.PHOTOS
    if is_thing:
        return MessageKind.THING
    if draft.product_id is not None:
        return MessageKind.PRODUCT
    if not text:
        raise errors.MessageEmpty()
    return MessageKind.TEXT
