"""Links that work for who is not signed in: they are signed, and can do one thing."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from wuyou.surfaces.storefront import errors

_SALT = "wuyou.stop-mail"


def absolute(path: str) -> str:
    """A path of ours as it is written in a mail."""
    return f"{settings.CSRF_TRUSTED_ORIGINS[0]}{path}"


def stop_mail(person_id: int) -> str:
    """Where this person's mail is stopped."""
    return absolute(reverse("storefront:stop-mail", args=[signing.dumps(person_id, salt=_SALT)]))


def whose(token: str) -> int:
    """Whose mail a link stops. It never gets too old: an old mail must be as easy to end. Raises `FormMalformed`."""
    try:
        return int(signing.loads(token, salt=_SALT))
    except signing.BadSignature as error:
        raise errors.FormMalformed() from error
