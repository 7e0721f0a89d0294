"""The algebra of sight: tokens, compiling and back, and the check of one object."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wuyou.kernel.sight import (
    FOLLOWERS,
    FRIENDS,
    MAX_KEY,
    ONLY_ME,
    PUBLIC,
    Audience,
    AudienceRule,
    Kind,
    Sight,
    Subject,
    SubjectKind,
    compile_rule,
    is_blocked,
    is_withheld,
    make_viewer,
    may_see,
    rule_of,
    split,
    subjects_of,
    token,
)

OWNER, OTHER = 7, 8
THING = Subject(SubjectKind.THING, 40)

keys = st.integers(1, MAX_KEY)
sets = st.frozensets(keys, max_size=3)
audiences = st.builds(
    Audience,
    everyone=st.booleans(),
    followers=st.booleans(),
    friends=st.booleans(),
    persons=sets,
    labels=sets,
    holders=sets,
    circles=sets,
)
rules = st.builds(AudienceRule, audiences, audiences)
subjects = st.frozensets(st.builds(Subject, st.sampled_from(SubjectKind), keys), max_size=3)


def test_kinds_keep_their_numbers_because_rows_hold_them() -> None:
    assert {kind.name: kind.value for kind in Kind} == {
        "EVERYONE": 1,
        "PERSON": 2,
        "FOLLOWERS": 3,
        "FRIENDS": 4,
        "LABEL": 5,
        "RETIRED_LABEL": 6,
        "HOLDERS": 7,
        "CIRCLE": 8,
        "BLOCKED": 9,
        "BLOCKED_THING": 10,
        "BLOCKED_BRAND": 11,
        "WITHHELD": 12,
    }
    assert {kind.name: int(kind) for kind in SubjectKind} == {"THING": 10, "BRAND": 11}


def test_token_has_its_kind_in_the_high_bits() -> None:
    assert token(Kind.PERSON, 7) == (2 << 56) + 7
    assert token(Kind.EVERYONE) == 1 << 56
    assert MAX_KEY == 2**56 - 1


@given(st.sampled_from(Kind), st.integers(0, MAX_KEY))
def test_token_is_a_positive_bigint_and_splits_again(kind: Kind, key: int) -> None:
    assert 0 < token(kind, key) < 2**63
    assert split(token(kind, key)) == (kind, key)


@pytest.mark.parametrize("key", [-1, MAX_KEY + 1])
def test_what_is_no_id_makes_no_token(key: int) -> None:
    with pytest.raises(ValueError, match="not an id"):
        token(Kind.PERSON, key)
    with pytest.raises(ValueError, match="not an id"):
        Subject(SubjectKind.THING, key)


@given(keys, rules, subjects)
def test_compiled_rule_can_be_read_back(owner: int, rule: AudienceRule, about: frozenset[Subject]) -> None:
    sight = compile_rule(owner, rule, about)

    def without_owner(audience: Audience) -> Audience:
        return Audience(
            **{
                **{name: getattr(audience, name) for name in Audience.__dataclass_fields__},
                "persons": audience.persons - {owner},
            }
        )

    assert rule_of(sight) == AudienceRule(without_owner(rule.to), without_owner(rule.minus))
    assert subjects_of(sight) == about
    assert sight.opens == tuple(sorted(set(sight.opens)))
    assert sight.closes == tuple(sorted(set(sight.closes)))


def test_rules_by_name() -> None:
    assert compile_rule(OWNER, PUBLIC).opens == (token(Kind.EVERYONE), token(Kind.PERSON, OWNER))
    assert compile_rule(OWNER, FOLLOWERS).opens == (token(Kind.PERSON, OWNER), token(Kind.FOLLOWERS, OWNER))
    assert compile_rule(OWNER, FRIENDS).opens == (token(Kind.PERSON, OWNER), token(Kind.FRIENDS, OWNER))
    assert compile_rule(OWNER, ONLY_ME) == Sight(OWNER, (token(Kind.PERSON, OWNER),), (token(Kind.BLOCKED, OWNER),))


def test_excluded_label_goes_on_excluding_when_it_is_given_up_and_an_including_one_opens_no_more() -> None:
    open_to_label = compile_rule(OWNER, AudienceRule(Audience(labels=frozenset({3}))))
    closed_to_label = compile_rule(OWNER, AudienceRule(Audience(everyone=True), Audience(labels=frozenset({3}))))
    wearer, former = (make_viewer(OTHER, [token(kind, 3)]) for kind in (Kind.LABEL, Kind.RETIRED_LABEL))

    assert (may_see(wearer, open_to_label), may_see(former, open_to_label)) == (True, False)
    assert (may_see(wearer, closed_to_label), may_see(former, closed_to_label)) == (False, False)


def test_size_counts_what_is_named() -> None:
    named = Audience(True, True, True, frozenset({1}), frozenset({1, 2}), frozenset({1, 2, 3}), frozenset(range(4)))

    assert (named.size, Audience(everyone=True).size) == (10, 0)


def test_viewer_holds_everyones_token_and_their_own() -> None:
    everyones = {token(Kind.EVERYONE), token(Kind.WITHHELD)}
    assert make_viewer(None).tokens == everyones
    assert make_viewer(OTHER, [5]).tokens == {*everyones, token(Kind.PERSON, OTHER), 5}
    assert (make_viewer(OTHER).person_id, make_viewer(OTHER).within, make_viewer(OTHER, within=3).within) == (
        OTHER,
        None,
        3,
    )


def test_owner_is_closed_out_by_nothing() -> None:
    rule = AudienceRule(Audience(), Audience(everyone=True, persons=frozenset({OWNER}), holders=frozenset({40})))
    owner = make_viewer(OWNER, [token(Kind.HOLDERS, 40), token(Kind.BLOCKED_THING, 40)])

    assert may_see(owner, compile_rule(OWNER, rule, [THING]))


def test_block_closes_everything_of_a_person() -> None:
    viewer = make_viewer(OTHER, [token(Kind.BLOCKED, OWNER), token(Kind.FRIENDS, OWNER)])

    assert is_blocked(viewer, OWNER)
    assert not is_blocked(viewer, OTHER)
    assert not may_see(viewer, compile_rule(OWNER, PUBLIC))
    assert not may_see(viewer, compile_rule(OWNER, AudienceRule(Audience(friends=True, persons=frozenset({OTHER})))))
    assert may_see(viewer, compile_rule(OTHER + 1, PUBLIC))


def test_blocked_thing_closes_what_is_about_it_and_a_brand_of_the_same_number_does_not() -> None:
    viewer = make_viewer(OTHER, [token(Kind.BLOCKED_THING, THING.id)])

    assert not may_see(viewer, compile_rule(OWNER, PUBLIC, [THING]))
    assert may_see(viewer, compile_rule(OWNER, PUBLIC, [Subject(SubjectKind.BRAND, THING.id)]))


def test_what_is_withheld_is_its_owners_alone_and_keeps_its_rule() -> None:
    withheld, released = (compile_rule(OWNER, PUBLIC, [THING], is_withheld=each) for each in (True, False))

    assert [may_see(make_viewer(who), withheld) for who in (OWNER, OTHER, None)] == [True, False, False]
    assert [may_see(make_viewer(who), released) for who in (OWNER, OTHER, None)] == [True, True, True]
    assert (rule_of(withheld), subjects_of(withheld)) == (PUBLIC, frozenset({THING}))
    assert (is_withheld(withheld), is_withheld(released)) == (True, False)


def test_exclusion_wins() -> None:
    viewer = make_viewer(OTHER, [token(Kind.FRIENDS, OWNER), token(Kind.FOLLOWERS, OWNER)])

    assert may_see(viewer, compile_rule(OWNER, FRIENDS))
    assert not may_see(viewer, compile_rule(OWNER, AudienceRule(FRIENDS.to, Audience(followers=True))))
    assert not may_see(viewer, compile_rule(OWNER, AudienceRule(FRIENDS.to, Audience(persons=frozenset({OTHER})))))


def test_looking_within_shows_one_persons_things_alone() -> None:
    viewer = make_viewer(OTHER, within=OWNER)

    assert may_see(viewer, compile_rule(OWNER, PUBLIC))
    assert not may_see(viewer, compile_rule(OTHER, PUBLIC))
    assert not may_see(viewer, compile_rule(OTHER + 1, PUBLIC))
