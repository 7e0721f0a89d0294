"""What a rule may say, what quality is made of, and how a channel is laid out: pure."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wuyou.domains.channels import errors, rules
from wuyou.domains.channels.types import (
    Candidate,
    ChannelText,
    Figures,
    HandKind,
    Language,
    Rule,
)
from wuyou.domains.channels.valuing import quality_of
from wuyou.domains.content.types import PostKind

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
COUNTS = st.integers(0, 10_000)
FIGURES = st.builds(
    Figures,
    reads=st.integers(0, 10**6),
    reactions=COUNTS,
    comments=COUNTS,
    reposts=COUNTS,
    saves=COUNTS,
    thanks=COUNTS,
    has_title=st.booleans(),
    signs=st.integers(0, 20_000),
    pictures=st.integers(0, 21),
    tags=st.integers(0, 20),
    topics=st.integers(0, 10),
    standing=st.integers(0, 9),
    points=st.integers(0, 20),
)
BETTER = ("reactions", "comments", "reposts", "saves", "thanks", "signs", "pictures", "tags", "topics", "standing")


# ---------------------------------------------------------------------- quality


def test_quality_is_what_its_page_says() -> None:
    figures = Figures(
        reads=200, reactions=10, comments=8, thanks=2, has_title=True, signs=200, pictures=2, tags=1, standing=1
    )

    found = quality_of(figures)

    assert (found.response, found.thanks, found.saves, found.completeness, found.record) == (29, 50, 0, 160, 50)
    assert (found.strikes, found.total) == (0, 289)
    assert quality_of(replace(figures, points=2)).total == 289 - 289 * 2 // 8


@given(FIGURES)
def test_quality_lies_between_nothing_and_a_thousand_and_is_the_sum_of_its_parts(figures: Figures) -> None:
    found = quality_of(figures)

    parts = (found.response, found.thanks, found.saves, found.completeness, found.record)
    assert all(part >= 0 for part in parts)
    assert found.strikes <= 0
    assert sum(parts) + found.strikes == found.total
    assert 0 <= found.total <= 1_000


@given(FIGURES, st.sampled_from(BETTER), st.integers(1, 500))
def test_more_answers_and_more_substance_never_make_a_post_worse(figures: Figures, name: str, more: int) -> None:
    grown = replace(figures, **{name: getattr(figures, name) + more})

    assert quality_of(grown).total >= quality_of(figures).total


@given(FIGURES, st.integers(1, 20), st.integers(1, 10**5))
def test_strikes_and_readers_who_do_not_answer_never_make_a_post_better(
    figures: Figures, points: int, readers: int
) -> None:
    assert quality_of(replace(figures, points=figures.points + points)).total <= quality_of(figures).total
    assert quality_of(replace(figures, reads=figures.reads + readers)).total <= quality_of(figures).total


def test_one_answer_of_one_reader_is_no_miracle() -> None:
    lucky = quality_of(Figures(reads=1, reactions=1)).response
    proven = quality_of(Figures(reads=1_000, reactions=300)).response

    assert lucky < proven


@given(st.integers(1, 1_000), st.integers(1, 1_000), st.integers(0, 400), st.integers(0, 400), st.integers(1, 60))
def test_rank_orders_by_quality_that_halves_in_its_time(a: int, b: int, old_a: int, old_b: int, half: int) -> None:
    first = a * 2 ** (-old_a / half)
    second = b * 2 ** (-old_b / half)

    difference = rules.rank_of(a, NOW - timedelta(days=old_a), half) - rules.rank_of(
        b, NOW - timedelta(days=old_b), half
    )

    assert isclose(first, second, rel_tol=1e-6) or (difference > 0) == (first > second)


def test_a_post_of_half_the_quality_stands_as_one_a_half_life_older() -> None:
    old = rules.rank_of(800, NOW - timedelta(days=7), 7)

    assert isclose(old, rules.rank_of(400, NOW, 7), rel_tol=1e-12)


# ---------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        (Rule(), errors.RuleEmpty),
        (Rule(half_life_days=3, per_author=None, ad_every=None, most=9), errors.RuleEmpty),
        (Rule(topics_any=("",)), errors.RuleMalformed),
        (Rule(topics_any=("a" * 31,)), errors.RuleMalformed),
        (Rule(topics_any=("露\x00营",)), errors.RuleMalformed),
        (Rule(topics_any=tuple(str(n) for n in range(31))), errors.RuleMalformed),
        (Rule(topics_any=("露营",), topics_none=("＃露营".strip("＃"),)), errors.RuleContradicts),
        (Rule(topics_all=("Camping",), topics_none=("ＣＡＭＰＩＮＧ",)), errors.RuleContradicts),
        (Rule(least_quality=1_001), errors.RuleMalformed),
        (Rule(least_quality=-1), errors.RuleMalformed),
        (Rule(least_quality=1, half_life_days=0), errors.RuleMalformed),
        (Rule(least_quality=1, most_age_days=0), errors.RuleMalformed),
        (Rule(least_quality=1, ad_every=1), errors.RuleMalformed),
        (Rule(least_quality=1, per_author=0), errors.RuleMalformed),
        (Rule(least_quality=1, most=501), errors.RuleMalformed),
    ],
)
def test_bad_rules_are_refused(rule: Rule, error: type[Exception]) -> None:
    with pytest.raises(error):
        rules.clean_rule(rule)


def test_a_rule_is_cleaned_and_says_each_word_once() -> None:
    rule = rules.clean_rule(Rule(topics_any=(" #露营 ", "Camp", "camp"), things=(3, 3), kinds=(PostKind.VIDEO,) * 2))

    assert (rule.topics_any, rule.things, rule.kinds) == (("露营", "Camp"), (3,), (PostKind.VIDEO,))


@pytest.mark.parametrize(
    "slug",
    ["", "a", "A1", "1a", "a" * 17, "a b", "a/b", "a_b", "好货", "a-", "embed", "feed", "new", "widget", "a\n", "a.j"],
)  # fmt: skip
def test_an_address_cannot_be_anything(slug: str) -> None:
    with pytest.raises(errors.SlugMalformed):
        rules.clean_text(ChannelText(slug, "好货", "Finds"))


@pytest.mark.parametrize(
    "text",
    [
        ChannelText("haohuo", "", "Finds"),
        ChannelText("haohuo", "好货", " "),
        ChannelText("haohuo", "好" * 21, "Finds"),
        ChannelText("haohuo", "好\x07", "Finds"),
        ChannelText("haohuo", "好货", "Finds", "a" * 121),
    ],
)
def test_names_are_lines_that_can_be_shown(text: ChannelText) -> None:
    with pytest.raises(errors.TextMalformed):
        rules.clean_text(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("周末去露营", Language.ZH),
        ("A keyboard for people who write letters", Language.EN),
        ("我的 MacBook Pro 和 iPad 一起用了三年", Language.ZH),
        ("Letters about 茶 and the people of a small town by the river", Language.EN),
        ("123 — !", None),
        ("", None),
    ],
)
def test_language_is_told_by_signs(text: str, language: Language | None) -> None:
    assert rules.language_of(text) is language


# ---------------------------------------------------------------------- layout


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        post_id=st.integers(1, 10**6),
        owner_id=st.integers(1, 5),
        is_ad=st.booleans(),
        hand=st.sampled_from([None, None, None, HandKind.IN, HandKind.PIN]),
        place=st.integers(1, 12),
    ),
    max_size=40,
    unique_by=lambda one: one.post_id,
).map(lambda found: [one if one.hand is HandKind.PIN else replace(one, place=None) for one in found])
LAYOUTS = st.builds(
    Rule,
    by_hand=st.just(True),
    per_author=st.none() | st.integers(1, 4),
    ad_every=st.none() | st.integers(2, 6),
    most=st.integers(1, 30),
)


@given(LAYOUTS, CANDIDATES)
def test_layout_keeps_its_promises(rule: Rule, candidates: list[Candidate]) -> None:
    by_id = {one.post_id: one for one in candidates}
    laid = rules.arrange(rule, candidates)

    ids = [one.post_id for one in laid]
    assert len(ids) == len(set(ids))
    assert set(ids) <= by_id.keys()
    pinned = [one.post_id for one in laid if one.is_pinned]
    assert set(pinned) == {one.post_id for one in candidates if one.hand is HandKind.PIN}
    others = [by_id[one.post_id] for one in laid if not one.is_pinned]
    assert len(others) <= rule.most
    by_rule = [one for one in others if one.hand is None]
    if rule.per_author is not None:
        assert all(sum(one.owner_id == owner for one in by_rule) <= rule.per_author for owner in range(6))
    if rule.ad_every is not None:
        since = 0
        for one in others:
            if one.is_ad and one.hand is None:
                assert since >= rule.ad_every - 1
            since = 0 if one.is_ad else since + 1
    order = [one.post_id for one in candidates]
    for is_ad in (False, True):
        # Within each kind nobody overtakes anybody.
        places = [order.index(one.post_id) for one in by_rule if one.is_ad is is_ad]
        assert places == sorted(places)


@given(LAYOUTS, CANDIDATES)
def test_what_is_pinned_stands_at_its_place_or_at_the_end(rule: Rule, candidates: list[Candidate]) -> None:
    pins = sorted((one for one in candidates if one.hand is HandKind.PIN), key=lambda one: (one.place, one.post_id))
    ids = [one.post_id for one in rules.arrange(rule, candidates)]
    places = [one.place for one in pins]
    for number, pin in enumerate(pins):
        if len(set(places)) == len(places) and len(ids) >= (pin.place or 0) + len(pins):
            assert ids.index(pin.post_id) == (pin.place or 0) - 1, number


def test_advertising_that_comes_too_early_waits_for_its_turn() -> None:
    rule = Rule(by_hand=True, ad_every=3, per_author=None)
    candidates = [Candidate(n, n, is_ad=n in (1, 2, 5)) for n in range(1, 8)]

    assert [one.post_id for one in rules.arrange(rule, candidates)] == [3, 4, 1, 6, 7, 2]


def test_every_bound_is_of_a_field() -> None:
    assert rules._BOUNDS.keys() <= {field.name for field in fields(Rule)}
