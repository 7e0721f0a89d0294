"""Awards as the storefront shows them: never a figure, and nobody whom the reader may not meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wuyou.domains.awards import queries
from wuyou.domains.awards.types import Award, Honour
from wuyou.domains.content import queries as content
from wuyou.domains.content.types import Post
from wuyou.kernel.sight import Viewer
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
    """The awards of a month, first those of which the viewer reads who won. Cost: four queries."""
    honours = queries.honours_shown(viewer, month)
    posts = content.pictured_by_person(viewer, {honour.person_id for honour, _ in honours})
    given = (
        Given(
            held.id,
            words.title_of(held.award),
            words.rule_of(held.award),
            words.explained(held.award),
            tuple(
                Winner(
                    people.face(face.person, words.place_text(honour)),
                    words.place_text(honour),
                    _cover(posts.get(honour.person_id)),
                )
                for honour, face in honours
                if honour.round.id == held.id
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


def _cover(post: Post | None) -> covers.Cover | None:
    if post is None:
        return None
    picture = post.photos[0] if post.photos else post.video.poster if post.video else None
    return covers.of_post_photo(picture, post.title) if picture else None
