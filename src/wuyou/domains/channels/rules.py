"""Pure decisions of channels: what a rule may say, what it says of a post, and how a channel is laid out."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import log2

from wuyou.domains.channels import errors
from wuyou.domains.channels.types import (
    MAX_SLUG,
    MOST,
    Candidate,
    ChannelText,
    Check,
    Criterion,
    Facts,
    HandKind,
    Language,
    Placed,
    Rule,
    Verdict,
)
from wuyou.domains.channels.valuing import quality_of
from wuyou.kernel import text as texts

MAX_NAME, MAX_ABOUT, MAX_REASON, MAX_WORD, MAX_WORDS, MAX_POSITION = 20, 120, 200, 30, 30, 999
MOST_CHANNELS = 100
LONGEST = timedelta(days=366)
"""So far ahead a hand placement may end."""
_DAY_S = 86_400

_SLUG = re.compile(rf"[a-z][a-z0-9-]{{1,{MAX_SLUG - 1}}}")
_RESERVED = frozenset({"embed", "feed", "new", "widget"})
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_BOUNDS = {
    "least_signs": (0, 5_000),
    "most_age_days": (1, 3_650),
    "least_quality": (0, 1_000),
    "least_reads": (0, 10**9),
    "least_reactions": (0, 10**6),
    "least_saves": (0, 10**6),
    "least_thanks": (0, 10**6),
    "half_life_days": (1, 365),
    "per_author": (1, 100),
    "ad_every": (2, 100),
    "most": (1, MOST),
}
"""Of the numbers of a rule, both ends included."""
_LISTS = ("topics_any", "topics_all", "topics_none", "things", "brands", "kinds", "roles")


# ---------------------------------------------------------------------- what may be said


def clean_text(text: ChannelText) -> ChannelText:
    """What a channel is called, as it may be shown. Raises `SlugMalformed`, `TextMalformed`, `PositionMalformed`."""
    if not _SLUG.fullmatch(text.slug) or text.slug.endswith("-") or text.slug in _RESERVED:
        raise errors.SlugMalformed()
    if not 0 <= text.position <= MAX_POSITION:
        raise errors.PositionMalformed(most=MAX_POSITION)
    return replace(
        text,
        name=_line(text.name, "name", MAX_NAME),
        name_en=_line(text.name_en, "name_en", 2 * MAX_NAME),
        about=_line(text.about, "about", MAX_ABOUT, may_be_empty=True),
        about_en=_line(text.about_en, "about_en", 2 * MAX_ABOUT, may_be_empty=True),
        picture=_line(text.picture, "picture", MAX_WORD, may_be_empty=True),
    )


def clean_reason(reason: str) -> str:
    """Why an editor does something. Raises `TextMalformed`."""
    return _line(reason, "reason", MAX_REASON)


def clean_rule(rule: Rule) -> Rule:
    """A rule as it may be saved. Raises `RuleMalformed`, `RuleContradicts`, `RuleEmpty`."""
    for name, (least, most) in _BOUNDS.items():
        value = getattr(rule, name)
        if value is not None and not least <= value <= most:
            raise errors.RuleMalformed(field=name, least=least, most=most)
    for name in _LISTS:
        if len(getattr(rule, name)) > MAX_WORDS:
            raise errors.RuleMalformed(field=name, least=0, most=MAX_WORDS)
    cleaned = replace(
        rule,
        topics_any=_words(rule.topics_any, "topics_any"),
        topics_all=_words(rule.topics_all, "topics_all"),
        topics_none=_words(rule.topics_none, "topics_none"),
        brands=_words(rule.brands, "brands"),
        things=tuple(dict.fromkeys(rule.things)),
        kinds=tuple(dict.fromkeys(rule.kinds)),
        roles=tuple(dict.fromkeys(rule.roles)),
    )
    shut_out = {texts.fold(topic) for topic in cleaned.topics_none}
    for topic in (*cleaned.topics_any, *cleaned.topics_all):
        if texts.fold(topic) in shut_out:
            raise errors.RuleContradicts(topic=topic)
    if not _asks(cleaned):
        raise errors.RuleEmpty()
    return cleaned


def check_moment(until: datetime | None, now: datetime) -> None:
    """That a hand placement may end then. Raises `NotInFuture`."""
    if until is not None and not now < until <= now + LONGEST:
        raise errors.NotInFuture()


def check_place(place: int) -> None:
    """That a post may be pinned there. Raises `PositionMalformed`."""
    if not 1 <= place <= MOST:
        raise errors.PositionMalformed(most=MOST)


def _asks(rule: Rule) -> bool:
    """Whether anything at all is asked of a post, beside how the channel is laid out."""
    layout = {name: getattr(rule, name) for name in ("half_life_days", "per_author", "ad_every", "most")}
    return rule != Rule(**layout)


def _words(words: Sequence[str], field: str) -> tuple[str, ...]:
    """Each once, however it is written."""
    known: dict[str, str] = {}
    for word in words:
        try:
            cleaned = texts.clean_line(word.strip().strip("#"), MAX_WORD)
        except ValueError as error:
            raise errors.RuleMalformed(field=field, least=1, most=MAX_WORD) from error
        known.setdefault(texts.fold(cleaned), cleaned)
    return tuple(known.values())


def _line(text: str, field: str, most: int, *, may_be_empty: bool = False) -> str:
    try:
        return texts.clean_line(text, most, may_be_empty=may_be_empty)
    except ValueError as error:
        raise errors.TextMalformed(field=field) from error


# ---------------------------------------------------------------------- what a rule says of a post


def judge(rule: Rule, facts: Facts, now: datetime) -> Verdict:
    """What a rule says of a post: every condition that it sets, in a fixed order, with what decides it."""
    quality = quality_of(facts.figures)
    checks = tuple(_checks(rule, facts, quality.total, now))
    return Verdict(
        facts.post_id, all(check.holds for check in checks), checks, quality, facts.figures, facts.published_at
    )


def rank_of(quality: int, published_at: datetime, half_life_days: int) -> float:
    """Where a post stands in a channel: quality that halves in so many days, as a number that never changes.

    Of two posts the one with more of `quality * 2 ** (-age / half_life)` has the larger rank, whenever one asks: the
    logarithm of that is `log2(quality) + published / half_life` less something that all share.
    Worked: 800 now and 400 half a life later are the same.
    """
    return log2(max(quality, 1)) + published_at.timestamp() / (half_life_days * _DAY_S)


def ends_at(rule: Rule, published_at: datetime) -> datetime | None:
    """When a post becomes too old for a channel."""
    return None if rule.most_age_days is None else published_at + timedelta(days=rule.most_age_days)


def language_of(text: str) -> Language | None:
    """In what a text is written: Chinese from one Han sign for each six letters on; None without either."""
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    if not han and not latin:
        return None
    return Language.ZH if 6 * han >= latin else Language.EN


def _checks(rule: Rule, facts: Facts, quality: int, now: datetime) -> Iterable[Check]:
    if rule.by_hand:
        yield Check(Criterion.BY_HAND, False, ())
    if rule.kinds:
        yield Check(Criterion.KINDS, facts.kind in rule.kinds, (facts.kind.value,))
    yield from _topics(rule, facts)
    if rule.things:
        found = tuple(thing for thing in rule.things if thing in facts.things)
        yield Check(Criterion.THINGS, bool(found), found)
    if rule.brands:
        has = {texts.fold(brand) for brand in facts.brands}
        brands = tuple(brand for brand in rule.brands if texts.fold(brand) in has)
        yield Check(Criterion.BRANDS, bool(brands), brands)
    if rule.roles:
        roles = tuple(role.value for role in rule.roles if role in facts.roles)
        yield Check(Criterion.ROLES, bool(roles), roles)
    if rule.language is not None:
        said = (facts.language.value,) if facts.language else ()
        yield Check(Criterion.LANGUAGE, facts.language is rule.language, said)
    if rule.sells is not None:
        yield Check(Criterion.SELLS, facts.sells is rule.sells, (int(facts.sells),))
    ends = ends_at(rule, facts.published_at)
    if ends is not None:
        age = max((now - facts.published_at) // timedelta(days=1), 0)
        yield Check(Criterion.AGE, now < ends, (age, rule.most_age_days or 0))
    yield from _figures(rule, facts, quality)


def _topics(rule: Rule, facts: Facts) -> Iterable[Check]:
    has = {texts.fold(topic) for topic in facts.topics}
    if rule.topics_any:
        found = tuple(topic for topic in rule.topics_any if texts.fold(topic) in has)
        yield Check(Criterion.TOPICS_ANY, bool(found), found)
    if rule.topics_all:
        missing = tuple(topic for topic in rule.topics_all if texts.fold(topic) not in has)
        yield Check(Criterion.TOPICS_ALL, not missing, missing or rule.topics_all)
    if rule.topics_none:
        against = tuple(topic for topic in rule.topics_none if texts.fold(topic) in has)
        yield Check(Criterion.TOPICS_NONE, not against, against)


def _figures(rule: Rule, facts: Facts, quality: int) -> Iterable[Check]:
    figures = facts.figures
    for condition, value, least in (
        (Criterion.SIGNS, figures.signs, rule.least_signs),
        (Criterion.QUALITY, quality, rule.least_quality),
        (Criterion.READS, figures.reads, rule.least_reads),
        (Criterion.REACTIONS, figures.reactions, rule.least_reactions),
        (Criterion.SAVES, figures.saves, rule.least_saves),
        (Criterion.THANKS, figures.thanks, rule.least_thanks),
    ):
        if least:
            yield Check(condition, value >= least, (value, least))


# ---------------------------------------------------------------------- how a channel is laid out


def arrange(rule: Rule, candidates: Sequence[Candidate]) -> tuple[Placed, ...]:
    """The posts of a channel in their order. Args: candidates: those that its reader may see, by rank.

    Nobody has more than `per_author`; between two that are advertising stand others, and what comes too early waits for
    its turn or is left out; the channel is not longer than `most`. What an editor put in is counted by none of these.
    What is pinned stands at its place, or at the end of what there is.
    """
    pins = sorted((one for one in candidates if one.hand is HandKind.PIN), key=lambda one: (one.place, one.post_id))
    others = [one for one in candidates if one.hand is not HandKind.PIN]
    shown = _apart(_few_of_each(others, rule.per_author), rule.ad_every)[: rule.most]
    order = [Placed(one.post_id, False) for one in shown]
    for pin in pins:
        order.insert((pin.place or 1) - 1, Placed(pin.post_id, True))
    return tuple(order)


def _few_of_each(candidates: Iterable[Candidate], most: int | None) -> list[Candidate]:
    count: Counter[int] = Counter()
    kept = []
    for one in candidates:
        if one.hand is None:
            count[one.owner_id] += 1
        if one.hand is not None or most is None or count[one.owner_id] <= most:
            kept.append(one)
    return kept


def _apart(candidates: Iterable[Candidate], every: int | None) -> list[Candidate]:
    if every is None:
        return list(candidates)
    laid: list[Candidate] = []
    waiting: deque[Candidate] = deque()
    since = 0
    for one in candidates:
        if one.is_ad and one.hand is None:
            waiting.append(one)
        else:
            laid.append(one)
            since = 0 if one.is_ad else since + 1
        if waiting and since >= every - 1:
            laid.append(waiting.popleft())
            since = 0
    return laid
