"""Addresses behind their first words are the addresses that they were."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, URLPattern, URLResolver, path
from django.urls.resolvers import RegexPattern

from wuyou.surfaces.storefront import urls
from wuyou.surfaces.ui.routing import by_first_word


def page(request: HttpRequest) -> HttpResponse:
    raise AssertionError(request)


def resolver(pages: Sequence[URLPattern | URLResolver]) -> URLResolver:
    return URLResolver(RegexPattern(r"^"), pages)


def test_address_leads_where_it_led() -> None:
    flat, grouped = resolver(urls.pages), resolver(urls.urlpatterns)
    assert len(urls.urlpatterns) < len(urls.pages) / 2
    for each in urls.pages:
        asked = str(each.pattern)
        for part, said in {"<bigid:": "7", "<slug:": "abc", "<int:": "3", "<str:": "露营"}.items():
            while part in asked:
                before, _, after = asked.partition(part)
                asked = before + said + after.partition(">")[2]
        found, expected = grouped.resolve(asked), flat.resolve(asked)
        assert (found.func, found.kwargs, found.route) == (expected.func, expected.kwargs, expected.route), asked


def test_what_is_no_address_is_none() -> None:
    grouped = resolver(by_first_word([path("a", page, name="a"), path("a/<int:one>", page), path("b/c", page)]))
    assert grouped.resolve("a").url_name == "a"
    assert grouped.resolve("b/c").route == "b/c"
    for asked in ("a/", "a/x", "b", "b/", "c"):
        with pytest.raises(Resolver404):
            grouped.resolve(asked)


def test_address_that_begins_with_a_converter_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with a converter"):
        by_first_word([path("<slug:any>/a", page)])
