"""Many addresses, found by their first word before any of them is tried."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import URLPattern, URLResolver, include, path


def by_first_word(pages: Iterable[URLPattern]) -> list[URLPattern | URLResolver]:
    """The same addresses, those that begin alike behind one that is tried first; none may begin with a converter.

    What resolves an address tries one pattern after the other: a page among two hundred pays for all before it.
    """
    words: dict[str, list[URLPattern]] = {}
    for page in pages:
        word, _, _ = str(page.pattern).partition("/")
        if "<" in word:
            raise ValueError(f"{page.pattern} begins with a converter")
        words.setdefault(word, []).append(page)
    found: list[URLPattern | URLResolver] = []
    for word, alike in words.items():
        if len(alike) == 1:
            found += alike
            continue
        found += [page for page in alike if str(page.pattern) == word]
        deeper = [page for page in alike if str(page.pattern) != word]
        found.append(path(f"{word}/", include([_without(f"{word}/", page) for page in deeper])))
    return found


def _without(prefix: str, page: URLPattern) -> URLPattern:
    return path(str(page.pattern).removeprefix(prefix), page.callback, page.default_args, page.name)
