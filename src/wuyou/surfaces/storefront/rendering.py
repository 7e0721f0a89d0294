"""Rendering a page inside the storefront's shell."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wuyou.domains.orders import queries as orders
from wuyou.kernel import tokens
from wuyou.surfaces.storefront.access import KEY_FIELD, viewer_id
from wuyou.surfaces.storefront.viewmodels import people
from wuyou.surfaces.ui import live
from wuyou.surfaces.ui.context import asks_for_sheet
from wuyou.surfaces.ui.hrefs import href
from wuyou.surfaces.ui.parts import NavItem


def show(
    request: HttpRequest, template: str, context: dict[str, object], *, place: str = "", status: int = 200
) -> HttpResponse:
    """A page; `place` is the navigation's key. Cost: one query for who is signed in, none for a sheet.

    What one person sees is kept by nobody on the way, and asked for again after signing out.
    """
    shell = {**_shell(request, place), "surface": template.removesuffix(".html")}
    response = render(request, f"storefront/{template}", {**shell, **context}, status=status)
    response["Cache-Control"] = "private, no-cache"
    return response


def _shell(request: HttpRequest, place: str) -> dict[str, object]:
    here: dict[str, object] = {"idempotency_key": tokens.new_token(), "key_field": KEY_FIELD}
    if asks_for_sheet(request):
        return here
    user_id = viewer_id(request)
    return {
        **here,
        "nav": _nav(),
        "nav_current": place,
        "search_href": href("storefront:search"),
        "search_hint": _("Search posts, goods, things, people"),
        "home_href": href("storefront:home"),
        "cart_count": orders.count_cart(user_id) if user_id else 0,
        "live": live.of(request) if user_id else None,
        "beacon": live.beacon_of(request),
        "me": people.from_user(request.user) if request.user.is_authenticated else None,
    }


def _nav() -> tuple[NavItem, ...]:
    return (
        NavItem("home", _("Home"), href("storefront:home"), "home"),
        NavItem("things", _("Things"), href("storefront:my-things"), "packages"),
        NavItem("write", _("Write"), href("storefront:new-post"), "plus", lead=True),
        NavItem("talk", _("Talk"), href("storefront:talk"), "messages"),
        NavItem("me", _("Me"), href("storefront:me"), "user-circle"),
    )
