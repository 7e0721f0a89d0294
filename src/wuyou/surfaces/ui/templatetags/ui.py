"""Tags and filters of the design system: `{% load ui %}`."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from zlib import crc32

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent, get_decimal_symbol
from django import template
from django.conf import settings
from django.template.context import Context
from django.template.loader import get_template, render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from wuyou.kernel.money import Money
from wuyou.surfaces.ui import parts, pictures
from wuyou.surfaces.ui.templatetags import often
from wuyou.surfaces.ui.templatetags.often import language_of

register = template.Library()

FIELD_COUNT = 12
"""Soft gradients `.field-1` … `.field-12` that stand behind pictures."""

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


@lru_cache
def _locale_named(language: str) -> Locale:
    return Locale.parse(to_locale(language))


def _locale() -> Locale:
    return _locale_named(get_language() or settings.LANGUAGE_CODE)


# ---------------------------------------------------------------- numbers


@register.filter
def money(amount: Money | None, style: str = "exact") -> str:
    """An amount in the reader's language: `¥39.90`, `-$1,200.00`, `¥980` for yen; empty for None.

    Style `short` leaves a zero fraction out, for prices on cards and buttons: `¥39.90` but `¥39`.
    """
    return "" if amount is None else _money_told(amount, style, get_language())


@lru_cache(maxsize=4096)
def _money_told(amount: Money, style: str, language: str | None) -> str:
    exponent, locale = amount.currency.exponent, _locale()
    value = Decimal(amount.amount_minor).scaleb(-exponent)
    is_whole = style == "short" and amount.amount_minor % 10**exponent == 0
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "") if is_whole else None
    text: str = format_currency(value, amount.currency.code, pattern, locale, currency_digits=not is_whole)
    return text.replace("CN¥", "¥").replace("JP¥", "¥")


@register.filter
def money_rich(amount: Money | None) -> SafeString:
    """The short amount with its symbol and fraction in spans, for prices that are set large."""
    return _money_set(money(amount, "short"), get_language())


@lru_cache(maxsize=4096)
def _money_set(text: str, language: str | None) -> SafeString:
    point = re.escape(get_decimal_symbol(_locale()))
    match = re.fullmatch(rf"(\D*)([\d.,\s]*?\d)({point}\d+)?(\D*)", text)
    if match is None:
        return format_html('<span class="money">{}</span>', text)
    before, whole, fraction, after = match.groups(default="")
    return format_html(
        '<span class="money"><span class="money__symbol">{}</span>{}<span class="money__fraction">{}{}</span></span>',
        before,
        whole,
        fraction,
        after,
    )


@register.filter
def number(value: int | Decimal) -> str:
    """A count with the reader's digit grouping: `12,480`."""
    text: str = format_decimal(value, locale=_locale())
    return text


@register.filter
def rate(rate_bps: int) -> str:
    """Basis points as a percentage: 1,550 → `15.5%`."""
    text: str = format_percent(Decimal(rate_bps).scaleb(-4), format="#,##0.##%", locale=_locale())
    return text


# ---------------------------------------------------------------- time


@register.filter
def moment(at: datetime | date | None, style: str = "short") -> SafeString:
    """A `<time>` in the reader's language and zone.

    Styles: `short` (Nov 21, 20:00), `long` (with the year), `day` (Nov 21, 2026), `date` (Nov 21), `time` (20:00).
    Empty for None.
    """
    if at is None:
        return mark_safe("")
    if not isinstance(at, datetime):
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), format_date(at, locale=_locale()))
    return _moment_told(at, at.tzinfo, timezone.get_current_timezone(), get_language(), style)


@lru_cache(maxsize=8192)
def _moment_told(at: datetime, of: tzinfo | None, zone: tzinfo, language: str | None, style: str) -> SafeString:
    """A moment, which is dated on every page that shows what was written then.

    Args: of: its own zone, for one moment is equal to itself in another; zone, language: what it is told in.
    """
    local, locale = timezone.localtime(at, zone), _locale()
    clock = format_skeleton("Hm", local, locale=locale)
    texts = {
        "short": lambda: f"{format_skeleton('MMMd', local, locale=locale)} {clock}",
        "long": lambda: f"{format_date(local, locale=locale)} {clock}",
        "day": lambda: format_date(local, locale=locale),
        "date": lambda: format_skeleton("MMMd", local, locale=locale),
        "time": lambda: clock,
    }
    full = format_datetime(local, "long", locale=locale)
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), full, texts[style]())


@register.filter
def countdown_to(deadline: datetime, now: datetime) -> str:
    """How long is left, in its two largest units: `2 d 3 h`, `3 h 12 min`, `12 min`; `ended` when it is past."""
    left_s = int((deadline - now).total_seconds())
    if left_s <= 0:
        return _("ended")
    days, rest = divmod(left_s, _DAY_S)
    hours, rest = divmod(rest, _HOUR_S)
    minutes = rest // _MINUTE_S
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)d min") % {"minutes": max(minutes, 1)}


# ---------------------------------------------------------------- pictures


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite, as large as the text beside it; without a label it is decoration.

    Raises `ValueError` for a name that the sprite does not hold (icons.json lists them).
    """
    if name not in pictures.ICONS:
        raise ValueError(f"no icon {name!r}; add it to icons.json")
    href = f"{static('ui/dist/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}" width="20" height="20"><use href="{}"></use></svg>',
            label,
            href,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false" width="20" height="20"><use href="{}"></use></svg>',
        href,
    )


@register.simple_tag
def picture(source: str, alt: str = "", size: int = 256, loading: str = "lazy") -> SafeString:
    """An `<img>` from a shipped picture's name or from a URL.

    Args:
        size: width and height in CSS pixels; reserves the space before the picture arrives.
        loading: `eager` for the one picture that a page is about.

    Raises `ValueError` for a name that is neither shipped nor a URL.
    """
    if source in pictures.PICTURES:
        kind, url = "art", often.address_of(pictures.picture_path(source))
    elif source.startswith(("/", "https://", "http://")):
        kind, url = "photo", source
    else:
        raise ValueError(f"no picture {source!r}; pictures.json lists the shipped ones")
    return format_html(
        '<img class="picture picture--{}" src="{}" alt="{}" width="{}" height="{}" loading="{}" decoding="async">',
        kind,
        url,
        alt,
        size,
        size,
        loading,
    )


@register.filter
def field_class(key: int | str) -> str:
    """The gradient that belongs to an id or token, always the same one."""
    value = key if isinstance(key, int) else crc32(str(key).encode())
    return f"field field-{value % FIELD_COUNT + 1}"


@register.filter
def initial(name: str) -> str:
    """The first letter of a name, for people without a picture."""
    return name.strip()[:1].upper()


# ---------------------------------------------------------------- parts that look the same wherever they stand


@register.simple_tag(takes_context=True)
def part(context: Context, template_name: str, **given: Hashable) -> SafeString:
    """A template of which all that it shows is `given`: `{% part "storefront/post_card.html" card=card %}`.

    It is rendered once for what it is given, and language and time zone; so it must not know the request: no forms, no
    `now`. A page of cards is then as dear as what is new on it. Raises `TypeError` for what can change (not hashable).
    """
    is_debug = context.template is not None and context.template.engine.debug
    render = _render_part.__wrapped__ if is_debug else _render_part
    zone = context.zone if hasattr(context, "zone") else timezone.get_current_timezone_name()
    return render(template_name, language_of(context), zone, tuple(given.items()))


def forget_parts() -> None:
    """Render all anew: addresses of static files stand in them, which only tests change while a process runs."""
    _render_part.cache_clear()
    icon.cache_clear()
    often.address_of.cache_clear()


@lru_cache(maxsize=8192)
def _render_part(
    template_name: str, language: str | None, zone: str, given: tuple[tuple[str, Hashable], ...]
) -> SafeString:
    return mark_safe(get_template(template_name).render(dict(given)))  # noqa: S308  (what a template renders)


# ---------------------------------------------------------------- values of unknown kind


@register.simple_tag
def cell(value: object) -> str | SafeString:
    """A value as tables and fact lists show it: money, moments, counts, links, chips and people each in their way."""
    match value:
        case None | "":
            return mark_safe('<span class="absent">–</span>')
        case Money():
            return format_html('<span class="money">{}</span>', money(value))
        case bool():
            return _("Yes") if value else _("No")
        case int() | Decimal():
            return number(value)
        case datetime() | date():
            return moment(value)
        case parts.Link():
            return format_html('<a href="{}">{}</a>', value.href, value.text)
        case parts.Chip():
            return render_to_string("ui/chip.html", {"text": value.text, "tone": value.tone, "icon": value.icon})
        case parts.Person():
            return render_to_string("ui/person.html", {"person": value, "size": "s"})
        case str():
            return conditional_escape(value)
        case _:
            return conditional_escape(str(value))


@register.filter
def up_to(count: int) -> range:
    """`{% for seat in team.missing|up_to %}`: a range to draw that many marks."""
    return range(max(count, 0))


@register.filter
def paired(columns: Sequence[parts.Column], cells: Sequence[object]) -> list[tuple[parts.Column, object]]:
    """Each column with its cell; a row that is too short or too long raises `ValueError`."""
    return list(zip(columns, cells, strict=True))
