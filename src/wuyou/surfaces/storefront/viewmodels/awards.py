"""Awards as the storefront shows them: never a figure, and nobody whom the reader may not meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wuyou.domains.awards import queries
from wuyou.domains.awards.types import Award, Honour
from wuyou.domains.content import queries as content
from wuyou.domains.content.types import Post
from wuyou.kernel.paging import MAX_PAGE
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.meeting import persons_met
from wuyou.surfaces.storefront.viewmodels import covers, people
from wuyou.surfaces.ui import awards as words
from wuyou.surfaces.ui import hrefs, parts


@dataclass(frozen=True, slots=True)
class Winner:
    """Who won, with the latest picture of theirs that the reader may see."""

    person: parts.Person
    place: str
    cover: covers.Cover | None


@dataclass(frozen=True, slots=True)
class Given:
    """An award of a month with those winners who show it."""

    id: int
    title: str
    rule: str
    explained: str
    winners: tuple[Winner, ...]


@dataclass(frozen=True, slots=True)
class Won:
    """An award on its winner's page."""

    text: str
    note: str
    href: str


def given_in(viewer: Viewer, month: date) -> tuple[Given, ...]:
    """The awards of a month, first those of which the viewer reads who won. Cost: five queries."""
    honours = queries.honours_shown(viewer, month)
    met = persons_met(viewer, {honour.person_id for honour in honours})
    covers_by_person = _covers(content.list_by_people(viewer, met.keys(), limit=MAX_PAGE).items) if met else {}
    given = (
        Given(
            held.id,
            words.title_of(held.award),
            words.rule_of(held.award),
            words.explained(held.award),
            tuple(
                Winner(
                    people.face(met[honour.person_id], words.place_text(honour)),
                    words.place_text(honour),
                    covers_by_person.get(honour.person_id),
                )
                for honour in honours
                if honour.round.id == held.id and honour.person_id in met
            ),
        )
        for held in queries.list_rounds(month)
    )
    return tuple(sorted(given, key=lambda one: not one.winners))


def running(awards: Sequence[Award], month: date) -> tuple[Given, ...]:
    """What is honoured in a month that is not over. Cost: none."""
    return tuple(
        Given(award.id, words.title_of(award), words.rule_of(award), words.explained(award), ())
        for award in awards
        if award.first_month <= month <= (award.last_month or month)
    )


def won_by(viewer: Viewer, person_id: int) -> tuple[Won, ...]:
    """What somebody shows of what they won. Cost: two queries at most."""
    return tuple(_won(honour) for honour in queries.honours_of_person(viewer, person_id))


def _won(honour: Honour) -> Won:
    month = words.month_text(honour.round.month)
    return Won(words.title_of(honour.round.award), month, f"{hrefs.href('storefront:awards')}?month={month}")


def _covers(posts: Sequence[Post]) -> dict[int, covers.Cover]:
    found: dict[int, covers.Cover] = {}
    for post in posts:
        picture = post.photos[0] if post.photos else post.video.poster if post.video else None
        if picture is not None and post.owner_id not in found:
            found[post.owner_id] = covers.of_post_photo(picture, post.title)
    return found
