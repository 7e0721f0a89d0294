"""Choosing among the languages that content is written in."""

from __future__ import annotations

from django.utils.translation import get_language


def in_language(chinese: str, english: str) -> str:
    """The text for the reader; Chinese where there is no English one."""
    return english if english and not (get_language() or "").startswith("zh") else chinese
