"""What the forms of channels send and show: a rule as fields, and fields as a rule."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from wuyou.domains.channels import errors
from wuyou.domains.channels.types import MAX_SLUG, MOST, ChannelText, Language, Rule
from wuyou.domains.content.types import PostKind
from wuyou.domains.social.types import Role
from wuyou.surfaces.ui import channels as words
from wuyou.surfaces.ui import pictures

_NUMBER = re.compile(r"[0-9]{1,9}")
_KEY = re.compile(r"(?:.*/)?([0-9]{1,18})(?:[/?#].*)?")
_MALFORMED = -1
"""What no bound of a rule allows: the rule refuses it by name."""


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a line or of several."""

    name: str
    label: str
    value: str
    help: str = ""
    is_number: bool = False
    lines: int = 1
    most: int = 0
    """So many signs at most; zero: as many as one likes."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of several that can be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Options:
    """A field with values to choose from: one, or as many as one likes."""

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class RuleFields:
    """A rule as a form shows it."""

    by_hand: bool
    asks: tuple[Input, ...]
    ticks: tuple[Options, ...]
    selects: tuple[Options, ...]
    least: tuple[Input, ...]
    layout: tuple[Input, ...]


# ---------------------------------------------------------------- what was sent


def text_from(sent: QueryDict) -> ChannelText:
    """What a channel is called."""
    return ChannelText(
        sent.get("slug", "").strip(),
        sent.get("name", ""),
        sent.get("name_en", ""),
        sent.get("about", ""),
        sent.get("about_en", ""),
        sent.get("picture", ""),
        _number(sent, "position") or 0,
    )


def rule_from(sent: QueryDict) -> Rule:
    """A rule as it was sent; what is out of bounds the domain refuses. Raises `ThingUnknown` for what is no number."""
    default = Rule()
    sells = sent.get("sells", "")
    return Rule(
        by_hand="by_hand" in sent,
        kinds=tuple(kind for kind in PostKind if kind.value in sent.getlist("kinds")),
        topics_any=_words(sent, "topics_any"),
        topics_all=_words(sent, "topics_all"),
        topics_none=_words(sent, "topics_none"),
        things=tuple(_things(sent.get("things", ""))),
        brands=tuple(filter(None, (line.strip() for line in sent.get("brands", "").splitlines()))),
        roles=tuple(role for role in Role if role.value in sent.getlist("roles")),
        language=next((each for each in Language if each.value == sent.get("language", "")), None),
        sells={"yes": True, "no": False}.get(sells),
        least_signs=_number(sent, "least_signs") or 0,
        most_age_days=_number(sent, "most_age_days"),
        least_quality=_number(sent, "least_quality") or 0,
        least_reads=_number(sent, "least_reads") or 0,
        least_reactions=_number(sent, "least_reactions") or 0,
        least_saves=_number(sent, "least_saves") or 0,
        least_thanks=_number(sent, "least_thanks") or 0,
        half_life_days=_or_default(_number(sent, "half_life_days"), default.half_life_days),
        per_author=_number(sent, "per_author"),
        ad_every=_number(sent, "ad_every"),
        most=_or_default(_number(sent, "most"), default.most),
    )


def post_from(text: str) -> int:
    """The number of a post, of which somebody pasted the address or the number. Raises `PostNotFound`."""
    found = _KEY.fullmatch(text.strip())
    if found is None:
        raise errors.PostNotFound()
    return int(found[1])


def until_from(sent: QueryDict, now: datetime) -> datetime | None:
    """So many days from now; None for none. Raises `NotInFuture`."""
    days = _number(sent, "days")
    if days is None:
        return None
    if not 0 < days <= 366:
        raise errors.NotInFuture()
    return now + timedelta(days=days)


def place_from(sent: QueryDict) -> int:
    """Where a post is pinned."""
    return _or_default(_number(sent, "place"), 1)


def version_from(sent: QueryDict) -> int:
    """The version of the rule that the editor saw."""
    return _or_default(_number(sent, "version"), 0)


# ---------------------------------------------------------------- what is shown


def text_fields(text: ChannelText) -> tuple[Input, ...]:
    """What a channel is called, as fields."""
    return (
        Input("name", _("Name in Chinese"), text.name, most=20),
        Input("name_en", _("Name in English"), text.name_en, most=40),
        Input(
            "slug",
            _("Name in the address"),
            text.slug,
            _("Small letters, digits and hyphens."),
            most=MAX_SLUG,
        ),
        Input("position", _("Place among the channels"), str(text.position), _("The smallest comes first."), True),
        Input("about", _("Description in Chinese"), text.about, most=120),
        Input("about_en", _("Description in English"), text.about_en, most=240),
    )


def picture_options(chosen: str) -> tuple[Option, ...]:
    """The shipped pictures to choose from."""
    return (
        Option("", _("No picture"), not chosen),
        *(Option(name, name, name == chosen) for name in pictures.THINGS),
    )


def fields_of(rule: Rule) -> RuleFields:
    """A rule as fields."""
    return RuleFields(
        rule.by_hand,
        (
            Input("topics_any", _("One of these topics"), " ".join(rule.topics_any), _("With spaces between.")),
            Input("topics_all", _("All of these topics"), " ".join(rule.topics_all)),
            Input("topics_none", _("None of these topics"), " ".join(rule.topics_none)),
            Input(
                "things",
                _("Points at one of these things"),
                "\n".join(map(str, rule.things)),
                _("Address or number of a thing, one a line; a family stands for all of its models."),
                lines=2,
            ),
            Input("brands", _("Of one of these brands"), "\n".join(rule.brands), _("One a line."), lines=2),
        ),
        (
            _ticks("kinds", _("Kind"), words.KINDS.items(), rule.kinds),
            _ticks("roles", _("Its author is"), words.ROLES.items(), rule.roles),
        ),
        (
            Options(
                "language",
                _("Language"),
                (
                    Option("", _("Any"), rule.language is None),
                    *(Option(each.value, str(label), each is rule.language) for each, label in words.LANGUAGES.items()),
                ),
            ),
            Options(
                "sells",
                _("Leads to a purchase"),
                (
                    Option("", _("Either"), rule.sells is None),
                    Option("yes", _("yes"), rule.sells is True),
                    Option("no", _("no"), rule.sells is False),
                ),
            ),
        ),
        (
            _least("least_quality", _("Quality at least"), rule.least_quality, _("Of a thousand.")),
            Input("most_age_days", _("Not older than, in days"), _shown(rule.most_age_days), is_number=True),
            _least("least_signs", _("Signs of text at least"), rule.least_signs),
            _least("least_reactions", _("Reactions at least"), rule.least_reactions),
            _least("least_thanks", _("Thanks at least"), rule.least_thanks),
            _least("least_saves", _("Saves at least"), rule.least_saves, _("Fewer than twenty count as none.")),
            _least("least_reads", _("Times on a screen at least"), rule.least_reads),
        ),
        (
            Input(
                "half_life_days",
                _("Sinks to half in days"),
                str(rule.half_life_days),
                _("A post that is so many days older stands as one of half the quality."),
                True,
            ),
            Input("per_author", _("Posts of one author at most"), _shown(rule.per_author), is_number=True),
            Input("ad_every", _("Advertising at most every"), _shown(rule.ad_every), _("Empty: any number."), True),
            Input("most", _("Posts at most"), str(rule.most), _("At most %(most)s.") % {"most": MOST}, True),
        ),
    )


def _ticks(
    name: str, label: str, among: Iterable[tuple[PostKind | Role, object]], chosen: tuple[object, ...]
) -> Options:
    return Options(name, label, tuple(Option(each.value, str(text), each in chosen) for each, text in among))


def _least(name: str, label: str, value: int, said: str = "") -> Input:
    return Input(name, label, str(value) if value else "", said, is_number=True)


def _shown(value: int | None) -> str:
    return "" if value is None else str(value)


def _number(sent: QueryDict, name: str) -> int | None:
    text = sent.get(name, "").strip()
    if not text:
        return None
    return int(text) if _NUMBER.fullmatch(text) else _MALFORMED


def _or_default(value: int | None, default: int) -> int:
    return default if value is None else value


def _words(sent: QueryDict, name: str) -> tuple[str, ...]:
    return tuple(filter(None, re.split(r"[\s,，、]+", sent.get(name, ""))))


def _things(text: str) -> Iterable[int]:
    for line in filter(None, (line.strip() for line in text.splitlines())):
        found = _KEY.fullmatch(line)
        if found is None:
            raise errors.ThingUnknown(thing=line[:60])
        yield int(found[1])
