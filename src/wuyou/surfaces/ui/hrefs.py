"""Addresses of pages, found once: a page of cards asks for the same few hundred again and again."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=16_384)
def href(name: str, *args: int | str) -> str:
    """Where a page is: `href("storefront:post", 7) == "/posts/7"`. Raises `NoReverseMatch`."""
    return reverse(name, args=args)
