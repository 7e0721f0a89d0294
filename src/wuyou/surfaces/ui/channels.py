"""What rules of channels ask, and why a post is in one, in words: the same for editors, authors and readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from wuyou.domains.channels.types import Channel, Check, Criterion, HandKind, Language, Quality
from wuyou.domains.content.types import PostKind
from wuyou.domains.social.types import Role

Text = str | Promise

KINDS: Final[Mapping[PostKind, Text]] = {
    PostKind.PHOTOS: pgettext_lazy("post", "Photos"),
    PostKind.ARTICLE: gettext_lazy("Article"),
    PostKind.VIDEO: gettext_lazy("Video"),
}
ROLES: Final[Mapping[Role, Text]] = {
    Role.DESIGNER: pgettext_lazy("role", "Designer"),
    Role.ARTIST: pgettext_lazy("role", "Artist"),
    Role.MAKER: pgettext_lazy("role", "Maker"),
    Role.BRAND: pgettext_lazy("role", "Brand"),
    Role.CREATOR: pgettext_lazy("role", "Creator"),
    Role.MERCHANT: pgettext_lazy("role", "Merchant"),
    Role.CIRCLE_LEAD: pgettext_lazy("role", "Circle lead"),
    Role.TOOL_MAKER: pgettext_lazy("role", "Tool maker"),
}
LANGUAGES: Final[Mapping[Language, Text]] = {
    Language.ZH: gettext_lazy("Chinese"),
    Language.EN: gettext_lazy("English"),
}
HANDS: Final[Mapping[HandKind, Text]] = {
    HandKind.PIN: gettext_lazy("Pinned"),
    HandKind.IN: gettext_lazy("Put in"),
    HandKind.OUT: gettext_lazy("Kept out"),
}
ASKED: Final[Mapping[Criterion, Text]] = {
    Criterion.BY_HAND: gettext_lazy("Filled by editors alone"),
    Criterion.KINDS: gettext_lazy("Kind"),
    Criterion.TOPICS_ANY: gettext_lazy("One of these topics"),
    Criterion.TOPICS_ALL: gettext_lazy("All of these topics"),
    Criterion.TOPICS_NONE: gettext_lazy("None of these topics"),
    Criterion.THINGS: gettext_lazy("Points at one of these things"),
    Criterion.BRANDS: gettext_lazy("Of one of these brands"),
    Criterion.ROLES: gettext_lazy("Its author is"),
    Criterion.LANGUAGE: gettext_lazy("Language"),
    Criterion.SELLS: gettext_lazy("Leads to a purchase"),
    Criterion.SIGNS: gettext_lazy("Length of the text"),
    Criterion.AGE: gettext_lazy("Age in days"),
    Criterion.QUALITY: gettext_lazy("Quality"),
    Criterion.READS: gettext_lazy("Times on a screen"),
    Criterion.REACTIONS: gettext_lazy("Reactions"),
    Criterion.SAVES: gettext_lazy("Saves"),
    Criterion.THANKS: gettext_lazy("Thanks"),
}
_TOPICS = frozenset({Criterion.TOPICS_ANY, Criterion.TOPICS_ALL, Criterion.TOPICS_NONE})
_BOUNDED = frozenset(
    {
        Criterion.AGE,
        Criterion.SIGNS,
        Criterion.QUALITY,
        Criterion.READS,
        Criterion.REACTIONS,
        Criterion.SAVES,
        Criterion.THANKS,
    }
)


def name_of(channel: Channel) -> str:
    """What a channel is called in the reader's language."""
    return _in_language(channel.text.name, channel.text.name_en)


def about_of(channel: Channel) -> str:
    """What a channel says of itself in the reader's language."""
    return _in_language(channel.text.about, channel.text.about_en)


def matched(check: Check, things: Mapping[int, str]) -> str:
    """By what a condition holds, or what stands against it. Args: things: names of those that a reader may know of."""
    by = check.by
    if check.condition in _BOUNDED:
        value, bound = by
        said = (
            _("%(value)s of at most %(bound)s")
            if check.condition is Criterion.AGE
            else _("%(value)s, at least %(bound)s")
        )
        return said % {"value": value, "bound": bound}
    if check.condition in _TOPICS:
        return " ".join(f"#{topic}" for topic in by)
    if check.condition is Criterion.THINGS:
        return ", ".join(things[thing] for thing in map(int, by) if thing in things)
    if check.condition is Criterion.SELLS:
        return _("yes") if by[0] else _("no")
    return ", ".join(str(_word(check.condition, str(one))) for one in by)


def things_named(checks: Iterable[Check]) -> set[int]:
    """The things of which these conditions speak."""
    return {int(one) for check in checks if check.condition is Criterion.THINGS for one in check.by}


def reasons(checks: Iterable[Check], things: Mapping[int, str]) -> tuple[str, ...]:
    """Conditions that hold, each in a few words: `One of these topics: #露营`."""
    said = []
    for check in checks:
        if check.holds:
            by = matched(check, things)
            said.append(f"{ASKED[check.condition]}: {by}" if by else str(ASKED[check.condition]))
    return tuple(said)


def parts_of(quality: Quality) -> tuple[tuple[str, int], ...]:
    """What quality is made of, in words, with what each part brings."""
    parts = (
        (_("Answers, for as many readers"), quality.response),
        (_("Thanks"), quality.thanks),
        (_("Saves"), quality.saves),
        (_("Title, text, pictures, tags, topics"), quality.completeness),
        (_("The author's standing"), quality.record),
    )
    return (*parts, (_("Strikes of the author"), quality.strikes)) if quality.strikes else parts


def _word(condition: Criterion, value: str) -> Text:
    if condition is Criterion.KINDS:
        return KINDS[PostKind(value)]
    if condition is Criterion.ROLES:
        return ROLES[Role(value)]
    if condition is Criterion.LANGUAGE:
        return LANGUAGES[Language(value)]
    return value


def _in_language(chinese: str, english: str) -> str:
    return english if english and not (get_language() or "").startswith("zh") else chinese
