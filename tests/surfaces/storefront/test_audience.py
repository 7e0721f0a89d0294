"""The picker of an audience: what it sends becomes a rule or a refusal, and a rule becomes the picker and its words."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.http import QueryDict
from django.utils import translation

from tests.builders import social, things
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import browser, footprint
from wuyou.domains.identity.types import Person
from wuyou.domains.things.errors import ThingNotFound
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FOLLOWERS, FRIENDS, ONLY_ME, PUBLIC, Audience, AudienceRule
from wuyou.surfaces.storefront import audience, errors


@pytest.fixture
def mei(db: None, now: datetime) -> Person:
    return make_person(now, "Mei", handle="mei")


@pytest.fixture
def lin(db: None, now: datetime) -> Person:
    return make_person(now, "Lin", handle="lin")


def sent(**fields: str | list[str]) -> QueryDict:
    """What a picker sends."""
    query = QueryDict(mutable=True)
    for name, values in fields.items():
        query.setlist(name, [values] if isinstance(values, str) else values)
    return query


@pytest.mark.parametrize(
    ("who", "rule"), [("everyone", PUBLIC), ("followers", FOLLOWERS), ("friends", FRIENDS), ("me", ONLY_ME)]
)
def test_simple_choice_is_its_rule(who: str, rule: AudienceRule) -> None:
    assert audience.rule_from(sent(audience=who), 1) == rule


def test_what_was_chosen_before_another_choice_opens_nothing() -> None:
    kept = sent(audience="friends", audience_to=["label:7", "followers"])
    assert audience.rule_from(kept, 1) == FRIENDS


def test_only_me_is_for_nobody_whatever_else_was_sent() -> None:
    kept = sent(audience="me", audience_to=["followers"], audience_minus=["friends"])
    assert audience.rule_from(kept, 1) == ONLY_ME


def test_chosen_people_come_by_label_by_name_by_number_and_by_what_they_have(
    now: datetime, mei: Person, lin: Person
) -> None:
    thing = things.make_thing(now)
    wu = make_person(now, "Wu", handle="wu_wu")
    chosen = sent(
        audience="chosen",
        audience_to=["friends", "label:7", f"person:{lin.id}", f"holders:{thing.id}"],
        audience_to_people="＠WU_wu， @lin;mei",
        audience_minus=["followers"],
        audience_minus_people="lin",
    )
    assert audience.rule_from(chosen, mei.id) == AudienceRule(
        Audience(
            friends=True,
            persons=frozenset({lin.id, wu.id}),
            labels=frozenset({7}),
            holders=frozenset({thing.id}),
        ),
        Audience(followers=True, persons=frozenset({lin.id})),
    )


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({}, errors.FormMalformed),
        ({"audience": "all"}, errors.FormMalformed),
        ({"audience": "chosen"}, errors.AudienceEmpty),
        ({"audience": "chosen", "audience_to_people": " , "}, errors.AudienceEmpty),
        ({"audience": "chosen", "audience_to": "everyone"}, errors.FormMalformed),
        ({"audience": "chosen", "audience_to": "person:0"}, errors.FormMalformed),
        ({"audience": "chosen", "audience_to": "person:99999999999999999"}, errors.FormMalformed),
        ({"audience": "chosen", "audience_to": "circle:3"}, errors.FormMalformed),
        ({"audience": "chosen", "audience_to": "label:-1"}, errors.FormMalformed),
        ({"audience": "chosen", "audience_to": "holders:8888"}, ThingNotFound),
        ({"audience": "everyone", "audience_minus": "holders:8888"}, ThingNotFound),
        ({"audience": "chosen", "audience_to_people": "nobody_here"}, errors.NobodyCalled),
        ({"audience": "everyone", "audience_minus_people": "\x00"}, errors.FormMalformed),
        ({"audience": "everyone", "audience_minus_people": " ".join(map(str, range(101)))}, errors.FormMalformed),
    ],
)
def test_anything_else_is_refused(mei: Person, fields: dict[str, str | list[str]], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        audience.rule_from(sent(**fields), mei.id)


@pytest.mark.parametrize("blocker", ["mei", "lin"])
def test_who_is_on_the_other_side_of_a_block_is_called_nothing(
    now: datetime, mei: Person, lin: Person, blocker: str
) -> None:
    social.block(now, *((mei, lin) if blocker == "mei" else (lin, mei)))
    assert audience.people_called(mei.id, "@lin @none") == {"lin": None, "none": None}
    with pytest.raises(errors.NobodyCalled) as refused:
        audience.rule_from(sent(audience="chosen", audience_to_people="lin"), mei.id)
    assert refused.value.facts == {"handle": "lin"}


def test_picker_sends_back_the_rule_that_it_was_given(now: datetime, mei: Person, lin: Person) -> None:
    label, thing = social.make_label(now, mei, "同学", lin), things.make_thing(now)
    gone = make_person(now, "Gone")
    social.block(now, gone, mei)
    composed = AudienceRule(
        Audience(
            friends=True,
            persons=frozenset({lin.id}),
            labels=frozenset({label.id}),
            holders=frozenset({thing.id}),
        ),
        Audience(followers=True, persons=frozenset({gone.id})),
    )
    for rule in (PUBLIC, FOLLOWERS, FRIENDS, ONLY_ME, AudienceRule(PUBLIC.to, composed.minus), composed):
        field = audience.field_of(mei.id, rule)
        back = sent(
            audience=[option.value for option in field.first if option.chosen],
            audience_to=[*(option.value for option in field.to.options if option.chosen), *field.to.kept],
            audience_minus=[*(option.value for option in field.minus.options if option.chosen), *field.minus.kept],
        )
        assert audience.rule_from(back, mei.id) == rule
        assert field.leaves_out is (rule.minus != Audience())


def test_picker_names_no_thing_of_closed_copies_and_keeps_it_in_the_rule(
    now: datetime, mei: Person, lin: Person
) -> None:
    secret, shown = (things.make_holding(now, lin, audience=rule).thing for rule in (ONLY_ME, PUBLIC))
    rule = AudienceRule(PUBLIC.to, Audience(holders=frozenset({secret.id, shown.id})))

    field = audience.field_of(mei.id, rule)

    assert field.minus.kept == (f"holders:{secret.id}",)
    assert f"holders:{shown.id}" in [option.value for option in field.minus.options if option.chosen]
    assert secret.name not in " ".join(option.label for option in (*field.to.options, *field.minus.options))


def test_label_that_was_given_up_stays_in_the_rule_and_is_not_offered(now: datetime, mei: Person, lin: Person) -> None:
    label = social.make_label(now, mei, "同学", lin)
    social.retire_label(now, mei, label.id)
    field = audience.field_of(mei.id, AudienceRule(PUBLIC.to, Audience(labels=frozenset({label.id}))))
    assert field.minus.kept == (f"label:{label.id}",)
    assert "同学" not in [option.label for option in field.minus.options]


@pytest.mark.parametrize(
    ("rule", "text", "icon"),
    [
        (PUBLIC, "Everyone", "world"),
        (ONLY_ME, "Only me", "lock"),
        (AudienceRule(FRIENDS.to, Audience(persons=frozenset({7}))), "Friends, without 1 person", "heart-handshake"),
        (
            AudienceRule(Audience(followers=True, labels=frozenset({1, 2, 3, 4}), holders=frozenset({5}))),
            "Followers, 同学, 老乡, 2 labels, and who has the same",
            "users-group",
        ),
        (AudienceRule(Audience(circles=frozenset({1, 2}))), "2 circles", "users-group"),
    ],
)
def test_chip_says_a_rule_in_a_few_words(rule: AudienceRule, text: str, icon: str) -> None:
    with translation.override("en"):
        chip = audience.chip_of(rule, {1: "老乡", 2: "同学"})
    assert (chip.text, chip.icon, chip.is_private) == (text, icon, rule == ONLY_ME)


def test_typed_names_become_rows_to_tick(now: datetime, mei: Person, lin: Person) -> None:
    client = browser(mei)  # signing in is noted on the person
    before = footprint()
    page = client.get("/audience/people", {"name": "audience_to", "names": "@lin @nobody"}).content.decode()
    assert f'name="audience_to" value="person:{lin.id}" checked' in page
    assert "Lin" in page
    assert "data-unknown>@nobody<" in page
    assert footprint() == before


@pytest.mark.parametrize("query", [{}, {"name": "<b>"}, {"name": "a" * 41}])
def test_rows_for_a_field_that_is_none_are_refused(mei: Person, query: dict[str, str]) -> None:
    assert browser(mei).get("/audience/people", query).status_code == 422


def test_stranger_finds_nobody_by_name(mei: Person) -> None:
    assert browser().get("/audience/people", {"name": "audience_to", "names": "mei"}).status_code == 403
