"""Texts in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from babel.lists import format_list
from django.conf import settings
from django.utils.translation import get_language, to_locale


def in_language(chinese: str, english: str) -> str:
    """The text for the reader; Chinese where there is no English one."""
    return english if english and not (get_language() or "").startswith("zh") else chinese


def listed(names: Iterable[str]) -> str:
    """Names in a row, as the reader's language has it."""
    return format_list(list(names), locale=to_locale(get_language() or settings.LANGUAGE_CODE))


def shortened(text: str, most: int) -> str:
    """A text in one line of at most so many signs."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
