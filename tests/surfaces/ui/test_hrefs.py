"""Addresses are those of Django, for numbers that were never asked for before too."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, reverse

from wuyou.surfaces.ui.hrefs import href


@pytest.mark.parametrize("number", [1, 7, 987_654_321_012_345_600, 10**18 - 1])
def test_address_of_a_number_is_django_s(number: int) -> None:
    for name, args in (
        ("storefront:post", (number,)),
        ("storefront:post-photo", (number, 320)),
        ("storefront:post-photo", (number, 0)),
        ("storefront:report", ("post", number)),
        ("storefront:topic", ("山 里 987654321012345600?",)),
        ("storefront:home", ()),
    ):
        expected = reverse(name, args=args)
        assert [href(name, *args) for _ in range(2)] == [expected] * 2


def test_one_address_is_asked_of_django_for_all_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    href("storefront:post", 1)
    monkeypatch.setattr("wuyou.surfaces.ui.hrefs.reverse", None)
    assert href("storefront:post", 770_077) == "/posts/770077"


def test_whatever_has_no_address_is_refused() -> None:
    for name, args in (
        ("storefront:post", (-1,)),
        ("storefront:post", (0,)),
        ("storefront:post", (10**18,)),
        ("storefront:post", ()),
        ("storefront:nowhere", (1,)),
    ):
        with pytest.raises(NoReverseMatch):
            href(name, *args)
