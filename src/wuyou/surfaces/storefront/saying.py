"""What people said of things, gathered for a page: threads with their answers, thanks, and what they point at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import Standing, SubjectKind
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import queries
from wuyou.domains.things.types import Annotation, Purpose, Reply, Thing
from wuyou.kernel.sight import PUBLIC, Viewer
from wuyou.surfaces.storefront import audience
from wuyou.surfaces.storefront.viewmodels import thing_page
from wuyou.surfaces.ui.parts import Choice


def threads(viewer: Viewer, said: Sequence[Annotation]) -> tuple[thing_page.Thread, ...]:
    """Threads with all that is shown of them. Cost: up to ten queries, none where nothing was said."""
    if not said:
        return ()
    answers = queries.replies_by_annotation(viewer, [each.id for each in said])
    writers = {each.owner_id for each in said} | {each.owner_id for replies in answers.values() for each in replies}
    return threads_of(viewer, said, answers, identity.persons_by_id(writers))


def threads_of(
    viewer: Viewer,
    said: Sequence[Annotation],
    answers: Mapping[int, Sequence[Reply]],
    persons: Mapping[int, Person],
) -> tuple[thing_page.Thread, ...]:
    """The same for a page that has read the answers and who wrote. Cost: up to eight queries."""
    if not said:
        return ()
    me = viewer.person_id
    ids = {
        AppreciatedKind.ANNOTATION: [each.id for each in said],
        AppreciatedKind.ANSWER: [reply.id for replies in answers.values() for reply in replies],
    }
    part_ids = [each.part_id for each in said if each.part_id is not None]
    figure_ids = [each.figure_id for each in said if each.figure_id is not None]
    return thing_page.threads(
        said,
        answers,
        persons=persons,
        thanks={kind: social.appreciation_by_source(viewer, kind, each) for kind, each in ids.items()},
        thanked={kind: social.appreciated_by(me, kind, each) if me else frozenset() for kind, each in ids.items()},
        parts_by_id=queries.parts_by_id(viewer, part_ids) if part_ids else {},
        figures_by_id=queries.figures_by_id(viewer, figure_ids) if figure_ids else {},
        standings={
            AppreciatedKind.ANNOTATION: _standings(me, SubjectKind.ANNOTATION, said),
            AppreciatedKind.ANSWER: _standings(
                me, SubjectKind.ANSWER, [reply for replies in answers.values() for reply in replies]
            ),
        },
        viewer_id=me,
    )


def _standings(me: int | None, kind: SubjectKind, said: Sequence[Annotation | Reply]) -> dict[int, Standing]:
    """How what is one's own among these stands. Cost: one query; none where nothing is."""
    return moderation.standings(me, kind, [each.id for each in said if each.owner_id == me]) if me else {}


def form_of(viewer: Viewer, things_offered: Sequence[Thing] = ()) -> dict[str, object]:
    """What the form that says something needs, for who is signed in. Cost: one query."""
    if viewer.person_id is None:
        return {}
    return {
        "purposes": [
            Choice(each.value, text(), chosen=each is Purpose.ASK) for each, text in thing_page.PURPOSES.items()
        ],
        "audience": audience.field_of(viewer.person_id, PUBLIC, things_offered=things_offered),
    }
