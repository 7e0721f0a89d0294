"""Copies among people, labels and blocks: every surface shows to each viewer what the oracle allows, and all of it.

`python tools/sight_table.py` writes what was compared into docs/reference/sight.md.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from pytest_django import Settings

from tests.builders.pictures import make_photo
from tests.builders.things import make_holding, make_thing
from tests.conftest import NOW, empty_tables
from tests.properties.sight_world import PEOPLE, Relations, World, labels, oracle, people
from tests.surfaces.storefront.conftest import browser
from wuyou.domains.things import finding, operations, queries
from wuyou.domains.things.types import Holding, PeopleQuery, Words
from wuyou.infra import db, person_data, pictures, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import Audience, AudienceRule, Subject, SubjectKind

TABLE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "sight.md"
COPIES = 4

audiences = st.builds(
    Audience,
    everyone=st.sampled_from([False, False, True]),
    followers=st.booleans(),
    friends=st.booleans(),
    persons=st.frozensets(people, max_size=2),
    labels=st.frozensets(labels, max_size=2),
)
few = st.builds(Audience, persons=st.frozensets(people, max_size=1), labels=st.frozensets(labels, max_size=1))
rules = st.builds(AudienceRule, audiences, few)


@dataclass(frozen=True)
class Kept:
    """A copy with its photo, and what the test knows of it. Its story is the mark that is looked for."""

    holding: Holding
    photo_id: int
    owner: int
    rule: AudienceRule
    about: frozenset[Subject]

    @property
    def mark(self) -> str:
        return f"story-{self.holding.id}-end"

    @property
    def name(self) -> str:
        return self.holding.thing.name


@dataclass(frozen=True)
class Asked:
    """Who asks, as a browser and by id; None is not signed in."""

    browser: Client
    id: int | None


Surface = Callable[["CopiesMachine", Asked, Kept], bool | None]
"""Whether the surface shows the copy to who asks; None where it has nothing to answer."""


def _gets(asked: Asked, address: str) -> bool:
    status = asked.browser.get(address).status_code
    assert status in (200, 404), (address, status)
    return status == 200


def on_its_page(machine: CopiesMachine, asked: Asked, kept: Kept) -> bool:
    return _gets(asked, reverse("storefront:copy", args=[kept.holding.id]))


def by_its_photo(machine: CopiesMachine, asked: Asked, kept: Kept) -> bool:
    return _gets(asked, reverse("storefront:photo", args=[kept.photo_id, 320]))


def on_the_owners_page(machine: CopiesMachine, asked: Asked, kept: Kept) -> bool:
    page = asked.browser.get(reverse("storefront:person", args=[machine.people[kept.owner].handle]))
    return page.status_code == 200 and kept.name in page.content.decode()


def on_the_things_page(machine: CopiesMachine, asked: Asked, kept: Kept) -> bool | None:
    if asked.id == machine.ids[kept.owner]:
        return None
    page = asked.browser.get(reverse("storefront:thing", args=[kept.holding.thing.id])).content.decode()
    return f'href="/u/{machine.people[kept.owner].handle}"' in page


def with_anothers_eyes(machine: CopiesMachine, asked: Asked, kept: Kept) -> bool | None:
    """The owner's page as its owner sees it with the eyes of who asks; across a block they are nobody."""
    owner = machine.people[kept.owner]
    if asked.id == owner.id:
        return None
    whom = "stranger" if asked.id is None else next(each.handle for each in machine.people if each.id == asked.id)
    page = machine.browsers[owner.id].get(reverse("storefront:person", args=[owner.handle]), {"as": whom})
    return page.status_code == 200 and kept.name in page.content.decode()


def among_the_newest(machine: CopiesMachine, asked: Asked, kept: Kept) -> bool | None:
    """What others have opened; one's own is not news."""
    if asked.id == machine.ids[kept.owner]:
        return None
    viewer = sight.get_viewer(asked.id)
    return kept.holding.id in {copy.id for copy in queries.list_newest(viewer, limit=100).items}


def among_those_who_have_it(machine: CopiesMachine, asked: Asked, kept: Kept) -> bool:
    viewer = sight.get_viewer(asked.id)
    return machine.ids[kept.owner] in {
        copy.owner_id for copy in queries.list_holders(viewer, kept.holding.thing.id, limit=100).items
    }


def in_their_number(machine: CopiesMachine, asked: Asked, kept: Kept) -> bool:
    """Who asks has a copy of everything, and sees that one."""
    own = asked.id is not None and asked.id != machine.ids[kept.owner]
    return queries.count_holders(sight.get_viewer(asked.id), kept.holding.thing.id) - own == 1


def in_common(machine: CopiesMachine, asked: Asked, kept: Kept) -> bool | None:
    if asked.id in (None, machine.ids[kept.owner]):
        return None
    shared = queries.things_in_common(sight.get_viewer(asked.id), machine.ids[kept.owner])
    return kept.holding.thing.id in {thing.id for thing in shared}


def in_people_search(machine: CopiesMachine, asked: Asked, kept: Kept) -> bool | None:
    if asked.id in (None, machine.ids[kept.owner]):
        return None
    query = PeopleQuery(thing_ids=(kept.holding.thing.id,))
    found = finding.find_people(sight.get_viewer(asked.id), query).people
    return machine.ids[kept.owner] in {person.person_id for person in found}


def in_the_export(machine: CopiesMachine, asked: Asked, kept: Kept) -> bool | None:
    """What somebody takes along is their own; nothing of another's, however open it is."""
    if asked.id is None:
        return None
    taken = json.dumps(
        [list(records) for source in person_data.sources() for _, records in source.export(asked.id)],
        default=str, ensure_ascii=False,
    )  # fmt: skip
    is_in = kept.mark in taken
    if asked.id == machine.ids[kept.owner]:
        return is_in
    assert not is_in
    return None


SURFACES: dict[str, Surface] = {
    "its page": on_its_page,
    "its photo's address": by_its_photo,
    "its owner's page": on_the_owners_page,
    "its owner's page, viewed as": with_anothers_eyes,
    "the thing's page: who has it": on_the_things_page,
    "the list of the newest": among_the_newest,
    "the list of who has the thing": among_those_who_have_it,
    "the count of who has the thing": in_their_number,
    "what two have in common": in_common,
    "people search": in_people_search,
    "export": in_the_export,
}

compared: Counter[str] = Counter()


class CopiesMachine(Relations):
    """Copies with rules among people and their relations, asked for on every surface when all is done."""

    @initialize(rule=rules)
    def begin(self, rule: AudienceRule) -> None:
        empty_tables()
        self.meet(World())
        self.browsers = {person.id: browser(person, "zh-hans") for person in self.people}
        self.copies: list[Kept] = []
        self.put(0, rule)

    @precondition(lambda self: len(self.copies) < COPIES)
    @rule(owner=people, rule=rules)
    def put(self, owner: int, rule: AudienceRule) -> None:
        named = self.for_owner(owner, rule)
        thing = make_thing(NOW, f"Ding{len(self.copies)}zz")
        holding = make_holding(NOW, self.people[owner], thing, audience=named)
        picture = pictures.take_in(_photo(len(self.copies)))
        actor = Actor(self.ids[owner])
        (photo_id,) = db.in_transaction(
            lambda: operations.add_photos(actor=actor, holding_id=holding.id, pictures=[picture], now=NOW)
        )
        kept = Kept(holding, photo_id, owner, named, frozenset(queries.subjects_by_thing([thing.id])[thing.id]))
        words = Words(story=kept.mark)
        db.in_transaction(lambda: operations.describe_holding(actor=actor, holding_id=holding.id, words=words))
        for other in range(PEOPLE):
            if other != owner:
                make_holding(NOW, self.people[other], thing)
        self.copies.append(kept)

    @rule(which=st.integers(0, 99), rule=rules)
    def edit(self, which: int, rule: AudienceRule) -> None:
        at = which % len(self.copies)
        kept = replace(self.copies[at], rule=self.for_owner(self.copies[at].owner, rule))
        db.in_transaction(
            lambda: operations.set_audience(
                actor=Actor(self.ids[kept.owner]), holding_ids=[kept.holding.id], rule=kept.rule, now=NOW
            )
        )
        self.copies[at] = kept

    def for_owner(self, owner: int, rule: AudienceRule) -> AudienceRule:
        """The rule with ids, of labels that its owner has: another's are refused."""
        mine = {
            label
            for label, whose in zip(self.labels, self.label_owner, strict=True)
            if whose == self.people[owner] and label not in self.world.retired
        }
        named = self.with_ids(rule)
        return AudienceRule(*(replace(side, labels=side.labels & mine) for side in (named.to, named.minus)))

    @rule(one=people, which=st.integers(0, 99), averse=st.booleans())
    def block_subject(self, one: int, which: int, averse: bool) -> None:
        """Want to see nothing about the thing of one of the copies, instead of about numbers that nothing has."""
        subject = Subject(SubjectKind.THING, self.copies[which % len(self.copies)].holding.thing.id)
        self.turn(one, subject, averse)

    def teardown(self) -> None:
        """At the end of what was lived, everyone asks for everything everywhere."""
        nobody = Asked(Client(), None)
        for kept in self.copies:
            for asked in (nobody, *(Asked(client, key) for key, client in self.browsers.items())):
                expected = oracle(self.world, self.ids[kept.owner], kept.rule, kept.about, asked.id)
                for name, surface in SURFACES.items():
                    answer = surface(self, asked, kept)
                    if answer is not None:
                        compared[name] += 1
                        assert answer == expected, (name, asked.id, kept)


@cache
def _photo(seed: int) -> bytes:
    return make_photo(320, 240, seed)


@pytest.mark.usefixtures("world", "plain_static_files")
def test_every_surface_shows_what_the_oracle_allows(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    compared.clear()
    run_state_machine_as_test(
        CopiesMachine,
        settings=hypothesis_settings(
            max_examples=int(os.environ.get("WUYOU_SIGHT_WORLDS", "5")),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate),
            derandomize=True,
        ),
    )

    assert set(compared) == set(SURFACES)
    if target := os.environ.get("WUYOU_SIGHT_TABLE"):
        Path(target).write_text(json.dumps(compared))
    assert [name for name in SURFACES if f"| {name} |" not in TABLE.read_text()] == []
