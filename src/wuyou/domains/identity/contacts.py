"""What people write when they are asked for an e-mail address or a phone number, made canonical."""

from __future__ import annotations

import re

import phonenumbers

from wuyou.domains.identity import errors
from wuyou.domains.identity.types import Contact, ContactKind

DEFAULT_REGION = "CN"
"""Where a number without a country code is from."""

MAX_LENGTH = 254

_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_](?:[\w-]{0,61}[^\W_])")


def contact_of(text: str) -> Contact:
    """The one form in which an address (lower case) or a number (E.164) is kept and compared.

    Raises: `ContactMalformed`. Source: ITU-T E.164.
    """
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise errors.ContactMalformed()
    if "@" in text:
        address = text.lower()
        if not _EMAIL.fullmatch(address) or ".." in address or not address.isprintable():
            raise errors.ContactMalformed()
        return Contact(ContactKind.EMAIL, address)
    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException as refused:
        raise errors.ContactMalformed() from refused
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise errors.ContactMalformed()
    return Contact(ContactKind.PHONE, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def looks_like_contact(name: str) -> bool:
    """Whether somebody signs in by contact: a handle begins with a letter and has no `@`."""
    return "@" in name or not name[:1].isalpha()
