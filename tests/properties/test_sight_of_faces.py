"""Faces and what people say of themselves among people, labels and blocks: shown and found as the oracle allows."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from tests.builders import faces
from tests.conftest import NOW, empty_tables
from tests.properties.sight_world import PEOPLE, Relations, World, oracle, people, rules
from wuyou.domains.social import operations, queries
from wuyou.domains.social.types import AgeBand, Alike, FaceDraft, Role, TraitKind, TraitQuery
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, AudienceRule, Viewer

HOBBIES, CITIES = ("摄影", "徒步"), ("杭州", "上海")
BANDS = (AgeBand(1990, 5), AgeBand(1990, 10), AgeBand(1995, 5))
ROLES = (Role.DESIGNER, Role.MAKER)
roles = st.sets(st.sampled_from(ROLES)).map(lambda chosen: tuple(role for role in ROLES if role in chosen))


@dataclass
class Shown:
    """What one person shows, and to whom: faces in their order, and traits by kind and word."""

    main: tuple[Role, ...] = ()
    faces: list[tuple[int, str, tuple[Role, ...], AudienceRule]] = field(default_factory=list)
    traits: dict[tuple[TraitKind, str], tuple[int, AudienceRule]] = field(default_factory=dict)
    band: AgeBand | None = None


class FacesMachine(Relations):
    """Each world is asked about after every few changes; everyone looks at everyone, and searches for everything."""

    @initialize()
    def begin(self) -> None:
        empty_tables()
        self.meet(World())
        self.shown = [Shown() for _ in range(PEOPLE)]

    @rule(owner=people, chosen=roles)
    def describe(self, owner: int, chosen: tuple[Role, ...]) -> None:
        faces.describe(self.people[owner], "", *chosen)
        self.shown[owner].main = chosen

    @rule(owner=people, chosen=roles, rule=rules)
    def make_face(self, owner: int, chosen: tuple[Role, ...], rule: AudienceRule) -> None:
        named, mine = self.for_owner(owner, rule), self.shown[owner].faces
        if len(mine) < 3:
            name = f"脸{owner}{len(mine)}"
            mine.append((faces.make_face(self.people[owner], name, audience=named, roles=chosen), name, chosen, named))

    @rule(owner=people, which=st.integers(0, 2), chosen=roles, rule=rules)
    def change_face(self, owner: int, which: int, chosen: tuple[Role, ...], rule: AudienceRule) -> None:
        mine, named = self.shown[owner].faces, self.for_owner(owner, rule)
        if which < len(mine):
            face_id, name, *_ = mine[which]
            faces.change_face(self.people[owner], face_id, FaceDraft(name, roles=chosen, audience=named))
            mine[which] = (face_id, name, chosen, named)

    @rule(owner=people)
    def turn_faces(self, owner: int) -> None:
        mine = self.shown[owner].faces
        mine.reverse()
        ids = [face_id for face_id, *_ in mine]
        db.in_transaction(lambda: operations.order_faces(actor=Actor(self.ids[owner]), face_ids=ids))

    @rule(owner=people, hobby=st.sampled_from(HOBBIES), rule=rules)
    def say_hobby(self, owner: int, hobby: str, rule: AudienceRule) -> None:
        named = self.for_owner(owner, rule)
        trait = faces.say_hobby(self.people[owner], hobby, named)
        self.shown[owner].traits[TraitKind.HOBBY, hobby] = (trait, named)

    @rule(owner=people, city=st.sampled_from(CITIES), rule=rules)
    def say_place(self, owner: int, city: str, rule: AudienceRule) -> None:
        named = self.for_owner(owner, rule)
        trait = faces.say_place(self.people[owner], "中国", "", f"{city}市", audience=named)
        self.shown[owner].traits[TraitKind.PLACE, city] = (trait, named)

    @rule(owner=people, band=st.sampled_from(BANDS), rule=rules)
    def say_age(self, owner: int, band: AgeBand, rule: AudienceRule) -> None:
        named = self.for_owner(owner, rule)
        trait = faces.say_age(NOW, self.people[owner], band, named)
        self.shown[owner].traits[TraitKind.AGE, ""] = (trait, named)
        self.shown[owner].band = band

    @rule(owner=people, which=st.integers(0, 9), rule=rules)
    def open_trait(self, owner: int, which: int, rule: AudienceRule) -> None:
        mine, named = self.shown[owner].traits, self.for_owner(owner, rule)
        for key in list(mine)[which : which + 1]:
            faces.open_trait(NOW, self.people[owner], mine[key][0], named)
            mine[key] = (mine[key][0], named)

    @rule(owner=people, which=st.integers(0, 9))
    def take_back(self, owner: int, which: int) -> None:
        mine, actor = self.shown[owner].traits, Actor(self.ids[owner])
        if which < len(mine):
            trait, _ = mine.pop(list(mine)[which])
            db.in_transaction(lambda: operations.take_trait_back(actor=actor, trait_id=trait))

    # ------------------------------------------------------------------ what must be

    def sees(self, viewer: int | None, owner: int, rule: AudienceRule) -> bool:
        return oracle(self.world, self.ids[owner], rule, frozenset(), None if viewer is None else self.ids[viewer])

    def face_for(self, viewer: int | None, owner: int) -> tuple[str, tuple[Role, ...]]:
        shown = self.shown[owner]
        if viewer != owner:
            for _, name, chosen, rule in shown.faces:
                if self.sees(viewer, owner, rule):
                    return name, chosen
        return self.people[owner].display_name, shown.main if self.sees(viewer, owner, PUBLIC) else ()

    def says(self, viewer: int | None, owner: int, kind: TraitKind, word: str = "") -> bool:
        held = self.shown[owner].traits.get((kind, word))
        return held is not None and self.sees(viewer, owner, held[1])

    def alike(self, viewer: int | None, owner: int, asked: TraitQuery) -> Alike | None:
        """Why this person is found; None where they are not."""
        mine = self.shown[viewer].traits if viewer is not None else {}
        hobbies = {h for h in HOBBIES if self.says(viewer, owner, TraitKind.HOBBY, h)}
        same = {h for h in hobbies if (TraitKind.HOBBY, h) in mine}
        at_home = [c for c in CITIES if c == asked.place and self.says(viewer, owner, TraitKind.PLACE, c)]
        is_same_age = False
        if (TraitKind.AGE, "") in mine and self.says(viewer, owner, TraitKind.AGE) and viewer is not None:
            one, other = self.shown[viewer].band, self.shown[owner].band
            assert one is not None
            assert other is not None
            is_same_age = one.first_year <= other.last_year and other.first_year <= one.last_year
        holds = (
            hobbies >= set(asked.hobbies)
            and (same or not asked.same_hobbies)
            and (is_same_age or not asked.same_age)
            and (at_home or not asked.place)
            and (asked.role is None or asked.role in self.face_for(viewer, owner)[1])
        )
        if viewer == owner or not holds:
            return None
        told = {*asked.hobbies, *(same if asked.same_hobbies else ())}
        places = tuple(f"中国 · {city}市" for city in at_home)
        return Alike(tuple(sorted(told)), places, asked.same_age, asked.role)

    QUESTIONS = (
        TraitQuery(hobbies=HOBBIES[:1]),
        TraitQuery(hobbies=HOBBIES),
        TraitQuery(same_hobbies=True),
        TraitQuery(same_age=True),
        TraitQuery(place="杭州"),
        TraitQuery(role=Role.MAKER),
        TraitQuery(same_hobbies=True, same_age=True),
        TraitQuery(hobbies=HOBBIES[:1], place="上海", role=Role.DESIGNER),
    )

    def teardown(self) -> None:
        """At the end of what was lived, everyone looks at everyone and asks for everything."""
        for viewer in (None, *range(PEOPLE)):
            eyes = sight.get_viewer(None if viewer is None else self.ids[viewer])
            seen = queries.faces_by_person(eyes, self.ids)
            for owner in range(PEOPLE):
                face = seen[self.ids[owner]]
                assert (face.person.display_name, face.roles) == self.face_for(viewer, owner)
                said = {(trait.kind, trait.words[-1:]) for trait in queries.list_traits(eyes, self.ids[owner])}
                assert said == {
                    (kind, (f"{word}市" if kind is TraitKind.PLACE else word,) if word else ())
                    for kind, word in self.shown[owner].traits
                    if self.says(viewer, owner, kind, word)
                }
            for asked in self.QUESTIONS:
                self.ask(viewer, eyes, asked)

    def ask(self, viewer: int | None, eyes: Viewer, asked: TraitQuery) -> None:
        expected = {
            self.ids[owner]: alike for owner in range(PEOPLE) if (alike := self.alike(viewer, owner, asked)) is not None
        }
        found = queries.people_who_say(eyes, asked)
        told = queries.alike_by_person(eyes, asked, found)
        assert found.keys() == expected.keys()
        assert {key: replace(one, hobbies=tuple(sorted(one.hobbies))) for key, one in told.items()} == expected
        compared.append(len(expected))


compared: list[int] = []


@pytest.mark.usefixtures("world")
def test_faces_and_traits_are_shown_and_found_as_the_oracle_allows() -> None:
    compared.clear()
    run_state_machine_as_test(
        FacesMachine,
        settings=hypothesis_settings(
            max_examples=int(os.environ.get("WUYOU_FACE_WORLDS", "12")),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate),
            derandomize=True,
        ),
    )

    assert sum(count > 0 for count in compared) > len(compared) // 50
