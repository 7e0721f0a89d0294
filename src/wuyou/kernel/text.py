"""What people write: cleaned the same way everywhere. Plain Python."""

from __future__ import annotations

import unicodedata


def clean_line(text: str, most: int, *, may_be_empty: bool = False) -> str:
    """One line without its margins, NFC, of at most so many characters. Raises `ValueError`."""
    text = unicodedata.normalize("NFC", text).strip()
    if not (text or may_be_empty) or len(text) > most or not text.isprintable():
        raise ValueError("not a line that can be shown")
    return text


def clean_lines(text: str, most: int, *, may_be_empty: bool = False) -> str:
    """Lines without their margins, NFC, of at most so many characters. Raises `ValueError`."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    is_printable = text.replace("\n", "").replace("\t", "").isprintable()
    if not (text or may_be_empty) or len(text) > most or not is_printable:
        raise ValueError("not lines that can be shown")
    return text


def fold(text: str) -> str:
    """What differs in letter case, width or margins alone is the same: `fold(" ＡbC ") == "abc"`."""
    return unicodedata.normalize("NFKC", text).casefold().strip()
