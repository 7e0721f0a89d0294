"""Where a copy shows, or what was said, to who asks: every surface, and whose sight the oracle asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from django.test import Client
from django.urls import reverse

from tests.properties.sight_world import World, oracle
from wuyou.domains.identity.types import Person
from wuyou.domains.things import finding, queries
from wuyou.domains.things.types import Holding, PeopleQuery
from wuyou.infra import person_data, sight
from wuyou.kernel.sight import PUBLIC, AudienceRule, Kind, Subject, Viewer, make_viewer, split
from wuyou.surfaces.storefront.viewmodels import people


@dataclass(frozen=True)
class Answer:
    """An answer to a question that is open to everyone, and by whom."""

    id: int
    by: int


@dataclass(frozen=True)
class Kept:
    """A copy with its photo, what its owner said of another thing, and what the test knows of both.

    The copy and the review go by one rule. The annotation keeps the rule that the copy had first.
    """

    holding: Holding
    photo_id: int
    shelf_id: int
    owner: int
    rule: AudienceRule
    first_rule: AudienceRule
    about: frozenset[Subject]
    talked_id: int
    """Of this thing everyone has a copy of their own, and somebody else an open one."""
    talked_about: frozenset[Subject]
    review_id: int
    annotation_id: int
    question_id: int
    answers: tuple[Answer, ...]

    @property
    def mark(self) -> str:
        return f"story-{self.holding.id}-end"

    @property
    def said(self) -> str:
        return f"said-{self.holding.id}-end"

    @property
    def name(self) -> str:
        return self.holding.thing.name


@dataclass(frozen=True)
class Asked:
    """Who asks, as a browser and by id; None is not signed in. What an address answered is asked for once."""

    browser: Client
    id: int | None
    got: dict[str, tuple[int, str]] = field(default_factory=dict)

    def get(self, address: str, by: Client | None = None, *, as_sheet: bool = False) -> tuple[int, str]:
        """The status and the text. Args: by: another browser, for what is asked on somebody's behalf."""
        key = f"{address} as a sheet" if as_sheet else address
        if key not in self.got:
            response = (by or self.browser).get(address, headers={"X-Sheet": "1"} if as_sheet else None)
            is_text = response.headers.get("Content-Type", "").startswith(("text/", "application/"))
            self.got[key] = (response.status_code, response.content.decode() if is_text else "")
            response.close()
        status, text = self.got[key]
        assert status in (200, 404), (address, status)
        return status, text if status == 200 else ""


class Lived(Protocol):
    """People, what is true between them, and their browsers."""

    world: World
    people: list[Person]
    ids: list[int]
    browsers: dict[int, Client]


Surface = Callable[[Lived, Asked, Kept], bool | None]
"""Whether the surface shows it to who asks; None where it has nothing to answer."""
AnswerSurface = Callable[[Lived, Asked, Kept, Answer], bool | None]


# ------------------------------------------------------------------ what the oracle says


def the_copy(lived: Lived, kept: Kept, viewer: int | None) -> bool:
    return oracle(lived.world, lived.ids[kept.owner], kept.rule, kept.about, viewer)


def the_copy_as_its_owner_knows(lived: Lived, kept: Kept, viewer: int | None) -> bool:
    """What somebody wants to see nothing about is theirs to know: their eyes are lent without it."""
    world = replace(lived.world, averse={each for each in lived.world.averse if each[0] != viewer})
    return oracle(world, lived.ids[kept.owner], kept.rule, kept.about, viewer)


def the_review(lived: Lived, kept: Kept, viewer: int | None) -> bool:
    return oracle(lived.world, lived.ids[kept.owner], kept.rule, kept.talked_about, viewer)


def the_annotation(lived: Lived, kept: Kept, viewer: int | None) -> bool:
    return oracle(lived.world, lived.ids[kept.owner], kept.first_rule, kept.talked_about, viewer)


def the_owner_alone(lived: Lived, kept: Kept, viewer: int | None) -> bool:
    return viewer == lived.ids[kept.owner]


def the_person(lived: Lived, kept: Kept, viewer: int | None) -> bool:
    return oracle(lived.world, lived.ids[kept.owner], PUBLIC, frozenset(), viewer)


def the_answer(lived: Lived, kept: Kept, answer: Answer, viewer: int | None) -> bool:
    return all(
        oracle(lived.world, lived.ids[who], PUBLIC, kept.talked_about, viewer) for who in (kept.owner, answer.by)
    )


# ------------------------------------------------------------------ pages and reads


def _gets(asked: Asked, address: str) -> bool:
    return asked.get(address)[0] == 200


def _text(asked: Asked, address: str) -> str:
    return asked.get(address)[1]


def on_its_page(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return _gets(asked, reverse("storefront:copy", args=[kept.holding.id]))


def by_its_photo(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return _gets(asked, reverse("storefront:photo", args=[kept.photo_id, 320]))


def on_the_owners_page(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return kept.name in _text(asked, reverse("storefront:person", args=[lived.people[kept.owner].handle]))


def on_the_things_page(lived: Lived, asked: Asked, kept: Kept) -> bool | None:
    if asked.id == lived.ids[kept.owner]:
        return None
    page = _text(asked, reverse("storefront:thing", args=[kept.holding.thing.id]))
    return f'href="/u/{lived.people[kept.owner].handle}"' in page


def with_anothers_eyes(lived: Lived, asked: Asked, kept: Kept) -> bool | None:
    """The owner's page as its owner sees it with the eyes of who asks; across a block they are nobody."""
    owner = lived.people[kept.owner]
    if asked.id == owner.id:
        return None
    whom = people.STRANGER if asked.id is None else next(each.handle for each in lived.people if each.id == asked.id)
    address = f"{reverse('storefront:person', args=[owner.handle])}?as={whom}"
    return kept.name in asked.get(address, lived.browsers[owner.id])[1]


def among_the_newest(lived: Lived, asked: Asked, kept: Kept) -> bool | None:
    """What others have opened; one's own is not news."""
    if asked.id == lived.ids[kept.owner]:
        return None
    viewer = sight.get_viewer(asked.id)
    return kept.holding.id in {copy.id for copy in queries.list_newest(viewer, limit=100).items}


def among_those_who_have_it(lived: Lived, asked: Asked, kept: Kept) -> bool:
    viewer = sight.get_viewer(asked.id)
    return lived.ids[kept.owner] in {
        copy.owner_id for copy in queries.list_holders(viewer, kept.holding.thing.id, limit=100).items
    }


def in_their_number(lived: Lived, asked: Asked, kept: Kept) -> bool:
    """Who asks has a copy of everything, and sees that one."""
    own = asked.id is not None and asked.id != lived.ids[kept.owner]
    return queries.count_holders(sight.get_viewer(asked.id), kept.holding.thing.id) - own == 1


def in_common(lived: Lived, asked: Asked, kept: Kept) -> bool | None:
    if asked.id in (None, lived.ids[kept.owner]):
        return None
    shared = queries.things_in_common(sight.get_viewer(asked.id), lived.ids[kept.owner])
    return kept.holding.thing.id in {thing.id for thing in shared}


def in_people_search(lived: Lived, asked: Asked, kept: Kept) -> bool | None:
    if asked.id in (None, lived.ids[kept.owner]):
        return None
    query = PeopleQuery(thing_ids=(kept.holding.thing.id,))
    found = finding.find_people(sight.get_viewer(asked.id), query).people
    return lived.ids[kept.owner] in {person.person_id for person in found}


def in_the_export(lived: Lived, asked: Asked, kept: Kept) -> bool | None:
    """What somebody takes along is their own; nothing of another's, however open it is."""
    if asked.id is None:
        return None
    if "export" not in asked.got:
        records = [list(each) for source in person_data.sources() for _, each in source.export(asked.id)]
        asked.got["export"] = (200, json.dumps(records, default=str, ensure_ascii=False))
    return kept.mark in _text(asked, "export")


def review_on_the_things_page(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return f"review of {kept.said}" in _text(asked, reverse("storefront:thing", args=[kept.talked_id]))


def annotation_on_the_things_page(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return f"annotation at {kept.said}" in _text(asked, reverse("storefront:thing", args=[kept.talked_id]))


def annotation_as_json_ld(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return _gets(asked, reverse("storefront:annotation", args=[kept.annotation_id]))


def persons_page(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return _gets(asked, reverse("storefront:person", args=[lived.people[kept.owner].handle]))


def person_called_by_name(lived: Lived, asked: Asked, kept: Kept) -> bool | None:
    """Whom one names in a picker."""
    if asked.id in (None, lived.ids[kept.owner]):
        return None
    handle = lived.people[kept.owner].handle
    page = _text(asked, f"{reverse('storefront:audience-people')}?name=audience_to&names={handle}")
    return f'value="person:{lived.ids[kept.owner]}"' in page


# ------------------------------------------------------------------ the API


def _json(asked: Asked, path: str) -> dict[str, Any] | None:
    """What the API answers; None for what is not there."""
    status, text = asked.get(f"/api/v1{path}")
    return json.loads(text) if status == 200 else None


def _ids(asked: Asked, path: str) -> set[int]:
    body = _json(asked, f"{path}?limit=100")
    return {item["id"] for item in body["items"]} if body else set()


def api_copy(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return _json(asked, f"/copies/{kept.holding.id}") is not None


def api_copies_of_a_person(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return kept.holding.id in _ids(asked, f"/people/{lived.ids[kept.owner]}/copies")


def api_copies_of_a_thing(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return kept.holding.id in _ids(asked, f"/things/{kept.holding.thing.id}/copies")


def api_copies_on_a_shelf(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return kept.holding.id in _ids(asked, f"/shelves/{kept.shelf_id}/copies")


def api_shelf_with_its_number(lived: Lived, asked: Asked, kept: Kept) -> bool:
    """Each copy stands on a shelf of its own."""
    body = _json(asked, f"/people/{lived.ids[kept.owner]}/shelves")
    return bool(body) and {"id": kept.shelf_id, "count": 1}.items() <= _shelf(body, kept.shelf_id).items()


def _shelf(body: dict[str, Any] | None, shelf_id: int) -> dict[str, Any]:
    return next((shelf for shelf in (body or {"items": ()})["items"] if shelf["id"] == shelf_id), {})


def api_number_of_holders(lived: Lived, asked: Asked, kept: Kept) -> bool:
    own = asked.id is not None and asked.id != lived.ids[kept.owner]
    body = _json(asked, f"/things/{kept.holding.thing.id}")
    return (body["holder_count"] if body else 0) - own == 1


def api_in_common(lived: Lived, asked: Asked, kept: Kept) -> bool | None:
    if asked.id in (None, lived.ids[kept.owner]):
        return None
    return kept.holding.thing.id in _ids(asked, f"/people/{lived.ids[kept.owner]}/common")


def api_people_search(lived: Lived, asked: Asked, kept: Kept) -> bool | None:
    if asked.id in (None, lived.ids[kept.owner]):
        return None
    body = _json(asked, f"/people/found?thing_ids={kept.holding.thing.id}&limit=100")
    return body is not None and lived.ids[kept.owner] in {line["person"]["id"] for line in body["items"]}


def api_review(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return _json(asked, f"/reviews/{kept.review_id}") is not None


def api_reviews_of_a_thing(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return kept.review_id in _ids(asked, f"/things/{kept.talked_id}/reviews")


def api_stars_of_a_thing(lived: Lived, asked: Asked, kept: Kept) -> bool:
    body = _json(asked, f"/things/{kept.talked_id}")
    assert body is not None
    return bool(body["ratings"]["count"] == 1)


def api_annotation(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return _json(asked, f"/annotations/{kept.annotation_id}") is not None


def api_annotations_of_a_thing(lived: Lived, asked: Asked, kept: Kept) -> bool:
    return kept.annotation_id in _ids(asked, f"/things/{kept.talked_id}/annotations")


def api_person(lived: Lived, asked: Asked, kept: Kept) -> bool | None:
    return None if asked.id is None else _json(asked, f"/people/{lived.ids[kept.owner]}") is not None


def answer_on_the_things_page(lived: Lived, asked: Asked, kept: Kept, answer: Answer) -> bool:
    return f"answer {answer.by} to {kept.said}" in _text(asked, reverse("storefront:thing", args=[kept.talked_id]))


def api_answer_in_its_thread(lived: Lived, asked: Asked, kept: Kept, answer: Answer) -> bool:
    body = _json(asked, f"/annotations/{kept.question_id}")
    return body is not None and answer.id in {each["id"] for each in body["answers"]}


def _told(asked: Asked) -> list[tuple[str, int]]:
    """What was told and may still be heard of: kind and object of each fact. Answers to one question are one line."""
    body = _json(asked, "/notifications?limit=100")
    assert body is not None
    assert body["next_cursor"] is None
    return [(line["kind"], one) for line in body["items"] for one in line["ids"]]


def api_notifications(lived: Lived, asked: Asked, kept: Kept, answer: Answer) -> bool | None:
    """Who asked is told of the answer, by whom it is."""
    if asked.id != lived.ids[kept.owner]:
        return None
    body = _json(asked, "/notifications?limit=100")
    assert body is not None
    actors = {
        actor["id"]
        for line in body["items"]
        if line["kind"] == "THREAD_REPLIED" and line["facts"] == {"thing": kept.talked_id}
        for actor in line["actors"]
    }
    return lived.ids[answer.by] in actors


def api_number_of_notifications(lived: Lived, asked: Asked, kept: Kept, answer: Answer) -> bool | None:
    """Nothing is counted that is not listed, and nothing listed is left out of the count."""
    if asked.id != lived.ids[kept.owner]:
        return None
    count = _json(asked, "/notifications/unread")
    assert count is not None
    others = len(_told(asked)) - (api_notifications(lived, asked, kept, answer) or False)
    return bool(count["count"] - others == 1)


# ------------------------------------------------------------------ for the controls


def without_blocks(person_id: int | None) -> Viewer:
    """Somebody whose blocks were forgotten."""
    viewer = sight.get_viewer(person_id)
    return replace(viewer, tokens=frozenset(t for t in viewer.tokens if split(t)[0] is not Kind.BLOCKED))


def without_relations(person_id: int | None) -> Viewer:
    """Somebody of whom nothing is known but who they are."""
    return make_viewer(person_id)


SURFACES: Mapping[str, tuple[Surface, Callable[[Lived, Kept, int | None], bool]]] = {
    "its page": (on_its_page, the_copy),
    "its photo's address": (by_its_photo, the_copy),
    "its owner's page": (on_the_owners_page, the_copy),
    "its owner's page, viewed as": (with_anothers_eyes, the_copy_as_its_owner_knows),
    "the thing's page: who has it": (on_the_things_page, the_copy),
    "the list of the newest": (among_the_newest, the_copy),
    "the list of who has the thing": (among_those_who_have_it, the_copy),
    "the count of who has the thing": (in_their_number, the_copy),
    "what two have in common": (in_common, the_copy),
    "people search": (in_people_search, the_copy),
    "export": (in_the_export, the_owner_alone),
    "API: the copy": (api_copy, the_copy),
    "API: copies of a person": (api_copies_of_a_person, the_copy),
    "API: copies of a thing": (api_copies_of_a_thing, the_copy),
    "API: copies on a shelf": (api_copies_on_a_shelf, the_copy),
    "API: shelves of a person, with numbers": (api_shelf_with_its_number, the_copy),
    "API: the number of who has the thing": (api_number_of_holders, the_copy),
    "API: what two have in common": (api_in_common, the_copy),
    "API: people search": (api_people_search, the_copy),
    "the thing's page: a review": (review_on_the_things_page, the_review),
    "API: the review": (api_review, the_review),
    "API: reviews of a thing": (api_reviews_of_a_thing, the_review),
    "API: stars of a thing": (api_stars_of_a_thing, the_review),
    "the thing's page: an annotation": (annotation_on_the_things_page, the_annotation),
    "annotation as JSON-LD": (annotation_as_json_ld, the_annotation),
    "API: the annotation": (api_annotation, the_annotation),
    "API: annotations of a thing": (api_annotations_of_a_thing, the_annotation),
    "a person's page": (persons_page, the_person),
    "people by name": (person_called_by_name, the_person),
    "API: the person": (api_person, the_person),
}
ANSWERS: Mapping[str, AnswerSurface] = {
    "the thing's page: an answer": answer_on_the_things_page,
    "API: an answer in its thread": api_answer_in_its_thread,
    "API: notifications, of an answer": api_notifications,
    "API: the number of notifications": api_number_of_notifications,
}
