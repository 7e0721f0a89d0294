"""Addresses of pages: a page of cards asks for hundreds, most of them for numbers that it has not asked for before."""

from __future__ import annotations

from functools import lru_cache

from django.urls import NoReverseMatch, reverse

_STANDS_IN = 987_654_321_012_345_600
"""For the first number of an address, the next one for the second: nothing else in one looks like them."""
_MOST = 10**18
"""Ids in addresses are whole numbers from 1 to below this (`parsing.IdConverter`)."""


@lru_cache(maxsize=16_384)
def href(name: str, *args: int | str) -> str:
    """Where a page is: `href("storefront:post", 7) == "/posts/7"`. Raises `NoReverseMatch`."""
    numbers = [str(arg) for arg in args if _is_number(arg)]
    around = _around(name, tuple(None if _is_number(arg) else arg for arg in args))
    if around is None:
        return reverse(name, args=args)
    first, *others = around
    return first + "".join([number + other for number, other in zip(numbers, others, strict=True)])


def _is_number(arg: int | str) -> bool:
    return type(arg) is int and 0 < arg < _MOST


@lru_cache(maxsize=16_384)
def _around(name: str, args: tuple[int | str | None, ...]) -> tuple[str, ...] | None:
    """What stands around the numbers of an address, found once for all of them; None: it takes no number as large."""
    asked = [_STANDS_IN + place if arg is None else arg for place, arg in enumerate(args)]
    try:
        rest = reverse(name, args=asked)
    except NoReverseMatch:
        return None
    around = []
    for place, arg in enumerate(args):
        if arg is None:
            before, _, rest = rest.partition(str(_STANDS_IN + place))
            around.append(before)
    return (*around, rest)
