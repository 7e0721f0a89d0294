"""What is pushed to a browser: sealed for it alone (RFC 8291), signed by us (RFC 8292), with hardly anything in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode
from pywebpush import WebPusher

from wuyou.domains.identity.types import Person
from wuyou.domains.notifications.types import Subscription, Waiting
from wuyou.surfaces.storefront.outgoing import wire
from wuyou.surfaces.storefront.viewmodels.notifications import tell

KEPT_S = 24 * 3600
"""So long a push service keeps it for a browser that is off; the next takes its place there."""
_SIGNED_FOR = timedelta(hours=12)
_MOST_IDS = 10


def public_key() -> str:
    """By what a browser's push service will know us, base64url."""
    point = _key(settings.PUSH_KEY).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return str(b64urlencode(point))


def compose(waiting: Waiting, count: int, people: Mapping[int, Person]) -> bytes:
    """How many wait and their ids; who did what only where the person wants it on their screens."""
    with translation.override(waiting.preference.language or settings.LANGUAGE_CODE):
        text = ngettext("There is %(n)s new thing for you.", "There are %(n)s new things for you.", count)
        said, href = text % {"n": count}, reverse("storefront:notifications")
        if waiting.preference.shows_content:
            told = [tell(group, people) for group in waiting.groups]
            said = told[0].text
            href = told[0].href if len(told) == 1 else href
    ids = [each.id for group in waiting.groups for each in group.notifications][:_MOST_IDS]
    return json.dumps({"count": count, "ids": ids, "text": said, "href": href}, ensure_ascii=False).encode()


def send(to: Subscription, payload: bytes, now: datetime) -> wire.Answer:
    """Hand it to the browser's push service. Raises `wire.Unreachable`."""
    keys = {"p256dh": to.p256dh, "auth": to.auth}
    sealed = WebPusher({"endpoint": to.endpoint, "keys": keys}).encode(payload)["body"]
    parts = urlsplit(to.endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + _SIGNED_FOR).timestamp()),
        "sub": f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
    }
    headers = {
        **_key(settings.PUSH_KEY).sign(claims),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_S),
        "Topic": "wuyou",
        "Urgency": "normal",
    }
    return wire.post(to.endpoint, sealed, headers)


@cache
def _key(private: str) -> Vapid02:
    return Vapid02.from_raw(private.encode())
