"""People search: who has the same things, or those things, and whatever else is asked of them.

The list is made by `neighbours.finder`, in memory or in SQL, and every reason for every person in it is read once more
(`common_ground.seen_now`) before it leaves: nobody is shown for something that the viewer may not see at this moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from wuyou.domains.social import queries as social
from wuyou.domains.social.types import NOT_ALIKE, Role, TraitQuery
from wuyou.domains.things import common_ground, errors, neighbours, queries, types
from wuyou.domains.things.common_ground import InSql, Key, Near
from wuyou.domains.things.neighbours import Neighbours
from wuyou.domains.things.types import Nearness, PeopleQuery
from wuyou.kernel.paging import MAX_PAGE
from wuyou.kernel.sight import Viewer, is_blocked

MAX_AT_LEAST, MAX_THINGS, MAX_BRAND = 1_000, 20, 200
MAX_HOBBIES, MAX_HOBBY, MAX_PLACE = 12, 30, 100
MOST_FOUND = 600
"""So far down a list goes: who comes later has little in common."""
SHOWN = 6
"""So many of the things in common are told of each person; the rest is a number."""
_LEVELS = tuple(Nearness)
_PERSON_BITS, _COUNT_BITS, _HOBBY_BITS, _WEIGHT_BITS = 63, 18, 4, 40

Place = tuple[int, int, int, int, int]
"""Where somebody stands: level; rarity, hobbies and count falling; person. Who shares no thing comes last."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A query, with what of it is known already."""

    viewer: Viewer
    query: PeopleQuery
    asked: tuple[Key, ...]
    """What the things that are asked for count as."""
    brand: str
    family: tuple[Key, ...]
    among: frozenset[int] | None
    """The only people of whom the rest of the query holds; None for everyone."""
    hobbies: Mapping[int, int] = field(default_factory=dict)
    """How many hobbies they share with the viewer, where what people say of themselves is asked."""

    def claims(self, person_id: int) -> set[tuple[int, Nearness, Key]]:
        """What somebody must have, beside what they share."""
        return {
            *((person_id, Nearness.THING, key) for key in self.asked),
            *((person_id, Nearness.FAMILY, key) for key in self.family),
            *((person_id, Nearness.BRAND, key) for key in ([self.brand] if self.brand else [])),
        }

    def place_of(self, near: Near) -> Place:
        """Where somebody stands in the answer."""
        hobbies = -self.hobbies.get(near.person_id, 0)
        if not near.shared:
            return len(_LEVELS), 0, hobbies, 0, -near.person_id
        return _LEVELS.index(near.nearness), -near.rarity_millibits, hobbies, -len(near.shared), near.person_id


def find_people(viewer: Viewer, query: PeopleQuery, *, cursor: int | None = None, limit: int = 20) -> types.FoundPeople:
    """The people of whom everything holds that the query says, best first: who shares what is rarest with the viewer.

    Where fewer share `at_least` things than fit, those follow who share that many families, and then brands. When
    nothing in common is asked for, who shares nothing comes last. Where it is asked what people say of themselves, of
    those whose things are as rare who shares more hobbies comes first. Nobody who is blocked either way, does not want
    to be found, or would be named for something that the viewer may not see. Where nothing is asked, nobody is found.

    Raises: `QuestionMalformed`, `ThingNotFound`. Cost: up to seven queries, two more where it is asked what people say
    of themselves, and one more for each page of people of whom something is no longer true.
    """
    _check(viewer, query)
    limit = max(1, min(limit, MAX_PAGE))
    finder = neighbours.finder()
    question = _question(viewer, query, finder)
    if query.is_empty or question.among == frozenset():
        return types.FoundPeople((), None)
    candidates = _listed(question, finder, None if cursor is None else _place_at(cursor), limit)
    found = list(islice(_confirmed(question, candidates, limit + 1), limit + 1))
    return types.FoundPeople(
        _told(question, found[:limit]),
        _cursor_at(question.place_of(found[limit - 1])) if len(found) > limit else None,
    )


def _check(viewer: Viewer, query: PeopleQuery) -> None:
    if not 0 <= query.at_least <= MAX_AT_LEAST:
        raise errors.QuestionMalformed(field="at_least")
    if len(query.thing_ids) > MAX_THINGS:
        raise errors.QuestionMalformed(field="things")
    if len(query.brand) > MAX_BRAND:
        raise errors.QuestionMalformed(field="brand")
    _check_said(query.said)
    named = {*query.thing_ids, *(() if query.family_of is None else (query.family_of,))}
    if named and len(queries.known_by_id(viewer, named)) < len(named):
        raise errors.ThingNotFound()


def _check_said(said: TraitQuery) -> None:
    if len(said.hobbies) > MAX_HOBBIES or not all(0 < len(hobby.strip()) <= MAX_HOBBY for hobby in said.hobbies):
        raise errors.QuestionMalformed(field="hobby")
    if len(said.place) > MAX_PLACE:
        raise errors.QuestionMalformed(field="place")
    if said.role is Role.MEMBER:
        raise errors.QuestionMalformed(field="role")


def _question(viewer: Viewer, query: PeopleQuery, finder: Neighbours | InSql) -> _Question:
    """Who is left when everything but common ground is asked."""
    among: frozenset[int] | None = None
    brand = query.brand.strip().lower()
    asked: tuple[Key, ...] = ()
    family: tuple[Key, ...] = ()
    hobbies: dict[int, int] = {}
    if query.circle_id is not None:
        among = frozenset()  # no domain has circles yet
    if query.friends_of_friends:
        among = social.friends_of_friends(viewer.person_id) if viewer.person_id is not None else frozenset()
    if not query.said.is_empty:
        hobbies = social.people_who_say(viewer, query.said, among=among)
        among = frozenset(hobbies)
    if query.thing_ids:
        things = queries.things_by_id(query.thing_ids)
        ground = common_ground.ground_on(viewer, (thing.id for thing in things.values()))
        asked = ground.keys[Nearness.THING]
        among = frozenset(finder.holders(viewer, Nearness.THING, asked, among=among) if ground.is_whole else ())
    if query.family_of is not None:
        above = queries.things_by_id([query.family_of])
        family = common_ground.ground_on(viewer, (thing.id for thing in above.values())).keys[Nearness.FAMILY]
        among = frozenset(finder.holders(viewer, Nearness.FAMILY, family, among=among) if family else ())
    if brand:
        among = frozenset(finder.holders(viewer, Nearness.BRAND, [brand], among=among))
    return _Question(viewer, query, asked, brand, family, among, hobbies)


def _listed(question: _Question, finder: Neighbours | InSql, after: Place | None, limit: int) -> Iterator[Near]:
    """Candidates in order from a place on; deeper down the list only as far as they are asked for."""
    viewer, query = question.viewer, question.query
    ground = common_ground.ground_of(viewer)
    at_least, levels = (query.at_least, _LEVELS) if query.at_least else (1, _LEVELS[:1])
    given = 0
    near: list[Near] = []
    # Hobbies decide between those whose things are as rare, of whom some may stand just below the first few.
    for depth in (MOST_FOUND,) if question.hobbies else (3 * limit, MOST_FOUND):
        near = finder.nearest(viewer, ground, at_least=at_least, limit=depth, levels=levels, among=question.among)
        near.sort(key=question.place_of)
        behind = [one for one in near if after is None or question.place_of(one) > after]
        yield from behind[given:]
        given = len(behind)
        if len(near) < depth:
            break
    if query.at_least or question.among is None:
        return
    met = {one.person_id for one in near}
    rest = [Near(one, Nearness.THING, 0, ()) for one in question.among - met - {viewer.person_id or 0}]
    for one in sorted(rest, key=question.place_of):
        if after is None or question.place_of(one) > after:
            yield one


def _confirmed(question: _Question, candidates: Iterator[Near], size: int) -> Iterator[Near]:
    """Those of whom it is true now, with what they share now."""
    viewer, query = question.viewer, question.query
    while chunk := list(islice(candidates, size)):
        wanted = {near.person_id: question.claims(near.person_id) for near in chunk}
        claims = {(near.person_id, near.nearness, key) for near in chunk for key in near.shared}
        seen = common_ground.seen_now(viewer, claims.union(*wanted.values()))
        hidden = common_ground.unfound(near.person_id for near in chunk)
        for near in chunk:
            shared = tuple(key for key in near.shared if (near.person_id, near.nearness, key) in seen)
            if (
                len(shared) >= query.at_least
                and wanted[near.person_id] <= seen
                and near.person_id not in hidden
                and not is_blocked(viewer, near.person_id)
            ):
                yield near if len(shared) == len(near.shared) else replace(near, shared=shared)


def _told(question: _Question, found: Sequence[Near]) -> tuple[types.FoundPerson, ...]:
    """With the things by name, and with what people say in their own words."""
    alike = social.alike_by_person(question.viewer, question.query.said, (near.person_id for near in found))
    ids = {key for near in found for key in near.shared[:SHOWN] if isinstance(key, int)}
    things = queries.things_by_id(ids) if ids else {}
    return tuple(
        types.FoundPerson(
            near.person_id,
            near.nearness,
            len(near.shared),
            tuple(things[key] for key in near.shared[:SHOWN] if isinstance(key, int) and key in things),
            tuple(key for key in near.shared[:SHOWN] if isinstance(key, str)),
            alike.get(near.person_id, NOT_ALIKE),
        )
        for near in found
    )


def _cursor_at(place: Place) -> int:
    level, weight, hobbies, count, person = place
    cursor = (level << _WEIGHT_BITS | -weight) << _HOBBY_BITS | -hobbies
    return (cursor << _COUNT_BITS | -count) << _PERSON_BITS | abs(person)


def _place_at(cursor: int) -> Place:
    """The place that a cursor stands for; any number is one."""
    parts = []
    for bits in (_PERSON_BITS, _COUNT_BITS, _HOBBY_BITS, _WEIGHT_BITS):
        parts.append(cursor & ((1 << bits) - 1))
        cursor >>= bits
    person, count, hobbies, weight = parts
    return cursor, -weight, -hobbies, -count, -person if cursor == len(_LEVELS) else person
