"""What every page shell knows about its request."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest

THEME_COOKIE: Final = "theme"
THEMES: Final = ("auto", "light", "dark")

_LANGUAGE_NAMES: Final = {"zh-hans": "中文", "en": "EN"}


def theme_of(request: HttpRequest) -> str:
    """The reader's chosen theme; `auto` follows the device."""
    chosen = request.COOKIES.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"


def asks_for_sheet(request: HttpRequest) -> bool:
    """Whether the page was asked for to stand in a sheet over another page."""
    return request.headers.get("X-Sheet") == "1"


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor: `theme`, `sheet_shell` (what a sheet page extends) and `page_languages`."""
    return {
        "theme": theme_of(request),
        "sheet_shell": "ui/sheet_fragment.html" if asks_for_sheet(request) else "ui/sheet_page.html",
        "page_languages": [(code, _LANGUAGE_NAMES.get(code, name)) for code, name in settings.LANGUAGES],
    }
