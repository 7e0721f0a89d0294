"""How what shops write down is cleaned, and how files are called. Plain Python."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from wuyou.domains.catalog import errors
from wuyou.kernel import text as texts

MAX_NAME, MAX_ALT = 80, 200
_STEM = 60


def clean_alt(text: str, field: str) -> str:
    """What is to be seen on a photograph; may be empty. Raises `TextMalformed`."""
    try:
        return texts.clean_line(text, MAX_ALT, may_be_empty=True)
    except ValueError as error:
        raise errors.TextMalformed(field=field) from error


def name_of_file(sent: str, taken: Collection[str]) -> str:
    """What a file is called among the others of a shop: as it was sent, without folders and what separates names.

    `name_of_file("C:\\\\mugs|1.jpg", {"mugs 1.jpg"}) == "mugs 1-2.jpg"`
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", sent))[-1]
    plain = "".join(each if each.isprintable() and each not in '|"' else " " for each in last)
    stem, dot, ending = " ".join(plain.split()).rpartition(".")
    if not dot or len(ending) > 8:
        stem, ending = " ".join(plain.split()), ""
    stem, ending = stem[:_STEM].strip() or "photo", f".{ending}" if ending else ""
    name, count = f"{stem}{ending}", 1
    while name in taken:
        count += 1
        name = f"{stem}-{count}{ending}"
    return name
