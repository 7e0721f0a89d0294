"""What was said of a thing, of whatever kind: to be thanked for, and to know its experts by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection

from wuyou.domains.social import queries as social
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import types
from wuyou.domains.things.queries.threads import annotations_sql, replies_sql
from wuyou.domains.things.queries.tree import TREE
from wuyou.infra import db, sight
from wuyou.kernel.sight import Viewer

_MOST = 2_000
"""So many of the newest words of each kind make the experts of a thing."""


def find_words(viewer: Viewer, kind: AppreciatedKind, source_id: int) -> types.Said | None:
    """Something that was said of a thing, if the viewer may see it. Cost: one query, none for other kinds."""
    sources = _sources(viewer)
    if kind not in sources:
        return None
    found = db.row(f"SELECT owner_id, thing_id FROM ({sources[kind]}) s WHERE id = %s", [source_id])  # noqa: S608
    return types.Said(*found) if found else None


def thanks_among(viewer: Viewer, appreciation_ids: Collection[int]) -> set[int]:
    """Those of these thanks to the viewer that stand, and for what is still there. Cost: two queries at most.

    A gift that was given stays; what was said of a thing may be taken off the record.
    """
    stand = social.thanks_among(viewer, appreciation_ids)
    sources = _sources(viewer)
    said: dict[AppreciatedKind, list[int]] = defaultdict(list)
    for kind, source_id in stand.values():
        if kind in sources:
            said[kind].append(source_id)
    wanted = " UNION ALL ".join(
        f"SELECT '{kind.value}', s.id FROM ({sources[kind]}) s WHERE s.id = ANY(%({kind.value})s)"  # noqa: S608
        for kind in said
    )
    params = {kind.value: ids for kind, ids in said.items()}
    there = {(AppreciatedKind(kind), source_id) for kind, source_id in db.rows(wanted, params)} if said else set()
    return {
        thanks
        for thanks, (kind, source_id) in stand.items()
        if kind is AppreciatedKind.GIFT or (kind, source_id) in there
    }


def list_experts(viewer: Viewer, thing_id: int, *, limit: int = 8) -> tuple[types.Expert, ...]:
    """Who was thanked by most people for what they said of a thing, or of one below it, and the viewer sees.

    Nobody is an expert by words that the viewer does not see, nor without thanks. Cost: two queries.
    """
    sources = _sources(viewer)
    newest = " UNION ALL ".join(
        f"""(SELECT '{kind.value}', s.id, s.owner_id FROM ({sql}) s WHERE s.thing_id IN (SELECT id FROM tree)
             ORDER BY s.id DESC LIMIT {_MOST})"""  # noqa: S608  (literals of this module)
        for kind, sql in sources.items()
    )
    said: dict[AppreciatedKind, list[int]] = defaultdict(list)
    words: Counter[int] = Counter()
    for kind, source_id, owner_id in db.rows(f"{TREE} {newest}", {"thing": thing_id}):
        said[AppreciatedKind(kind)].append(source_id)
        words[owner_id] += 1
    thanked = social.appreciators_by_person(said) if said else {}
    ranked = sorted(thanked.keys() & words.keys(), key=lambda person: (-thanked[person], -words[person], person))
    return tuple(types.Expert(person, thanked[person]) for person in ranked[:limit])


def _sources(viewer: Viewer) -> dict[AppreciatedKind, str]:
    """What of each kind the viewer sees: id, owner, thing."""
    return {
        AppreciatedKind.REVIEW: f"""
            SELECT r.id, r.owner_id, r.thing_id FROM things_review r WHERE {sight.visible_sql(viewer, "r")}
        """,  # noqa: S608  (whole numbers alone)
        AppreciatedKind.ANNOTATION: annotations_sql(viewer),
        AppreciatedKind.ANSWER: replies_sql(viewer),
    }
