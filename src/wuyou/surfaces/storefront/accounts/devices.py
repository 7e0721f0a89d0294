"""Browsers that people sign in with: their names for people, and whether somebody has been seen in one before."""

from __future__ import annotations

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from wuyou.kernel import tokens

log = structlog.get_logger("wuyou.accounts")

COOKIE = "known_by"
"""Signed digests of the people who have signed in with this browser. It says nothing to anybody else."""

_YEAR_S = 365 * 24 * 3600
_MOST = 8

_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("MicroMessenger", "微信 WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("MiuiBrowser", "Mi Browser"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""In this order, because most of them also name those below."""


def name_of(user_agent: str) -> str:
    """What people call a browser: «Firefox, Windows»."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return ", ".join(part for part in (browser, system) if part) or _("An unknown device")


def is_phone(user_agent: str) -> bool:
    """Whether it is held in one hand."""
    return "Mobile" in user_agent or "iPhone" in user_agent


def is_in_wechat(user_agent: str) -> bool:
    """Whether it is WeChat's own browser; neither a mini program nor WeCom can pay as that does."""
    return "MicroMessenger" in user_agent and "wxwork" not in user_agent and "miniProgram" not in user_agent


def meet(request: HttpRequest, response: HttpResponse, user_id: int) -> bool:
    """Keep that somebody has been here, and say whether it is for the first time."""
    known = request.get_signed_cookie(COOKIE, default="", max_age=_YEAR_S) or ""
    marks = [mark for mark in known.split(".") if mark]
    mark = tokens.digest(f"known {user_id}")[:16]
    is_new = mark not in marks
    marks = [mark, *(other for other in marks if other != mark)][:_MOST]
    response.set_signed_cookie(
        COOKIE, ".".join(marks), max_age=_YEAR_S, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return is_new
