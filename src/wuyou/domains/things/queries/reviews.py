"""Reads of reviews, as far as the viewer may see them; averages too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from wuyou.domains.things import errors, rules, types
from wuyou.domains.things.queries.tree import COLUMNS, TREE, thing_of
from wuyou.domains.things.types import Proof
from wuyou.infra import db, sight
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import AudienceRule, Sight, Viewer, rule_of

_STATES = ", ".join(f"'{state.value}'" for state in sorted(rules.SHARED, key=lambda state: state.value))
# What proves it is a copy of the thing that the review is about, or of a form of it. It is looked at again each time.
_PROOF = f"""
    CASE WHEN r.shows_proof THEN (
        SELECT CASE WHEN bool_or(h.source = 'ORDER' AND NOT EXISTS (
                        SELECT FROM things_provenance p WHERE p.holding_id = h.id AND p.cause = 'RETURNED'))
                    THEN 'BOUGHT' WHEN count(*) > 0 THEN 'OWNER' ELSE '' END
        FROM things_holding h
        WHERE h.owner_id = r.owner_id AND h.state IN ({_STATES}) AND h.thing_id IN (
            SELECT r.thing_id UNION ALL SELECT b.id FROM things_thing b WHERE b.parent_id = r.thing_id
            UNION ALL SELECT c.id FROM things_thing b JOIN things_thing c ON c.parent_id = b.id
                      WHERE b.parent_id = r.thing_id))
    ELSE '' END
"""  # noqa: S608  (literals of this module)
_REVIEWS = f"""
    SELECT r.id, r.owner_id, r.text, r.rating, r.written_at, r.edited_at, r.shows_proof, {_PROOF},
           (SELECT json_agg(json_build_array(f.id, f.key, f.width, f.height, f.blurhash) ORDER BY f.position)
            FROM things_review_picture f WHERE f.review_id = r.id), {COLUMNS}
    FROM things_review r JOIN things_thing t ON t.id = r.thing_id
"""  # noqa: S608  (literals of this module)


def get_review_for(viewer: Viewer, review_id: int) -> types.Review:
    """A review that the viewer may see. Raises `ReviewNotFound` for everyone else. Cost: one query."""
    found = db.row(f"{_REVIEWS} WHERE r.id = %s AND {sight.visible_sql(viewer, 'r')}", [review_id])
    if found is None:
        raise errors.ReviewNotFound()
    return _review(found)


def list_reviews(viewer: Viewer, thing_id: int, *, cursor: int | None = None, limit: int = 12) -> Page[types.Review]:
    """What is said of a thing, and of all below it, newest first. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        {TREE} {_REVIEWS} WHERE r.thing_id IN (SELECT id FROM tree)
        AND (%(cursor)s::bigint IS NULL OR r.id < %(cursor)s::bigint) AND {sight.visible_sql(viewer, "r")}
        ORDER BY r.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (literals of this module)
        {"thing": thing_id, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_review(columns) for columns in found], limit, lambda review: review.id)


def list_reviews_by(viewer: Viewer, thing_id: int, owner_ids: Iterable[int]) -> tuple[types.Review, ...]:
    """What these people say of a thing, and of all below it, newest first, as far as it is open. Cost: one query."""
    found = db.rows(
        f"""
        {TREE} {_REVIEWS} WHERE r.thing_id IN (SELECT id FROM tree) AND r.owner_id = ANY(%(owners)s)
        AND {sight.visible_sql(viewer, "r")} ORDER BY r.id DESC LIMIT {MAX_PAGE}
        """,  # noqa: S608  (literals of this module)
        {"thing": thing_id, "owners": sorted(set(owner_ids))},
    )
    return tuple(_review(columns) for columns in found)


def ratings_of(viewer: Viewer, thing_id: int) -> types.Ratings:
    """The latest stars of each person for a thing or one below it, as the viewer sees them. Cost: one query."""
    found = dict(
        db.rows(
            f"""
            {TREE} SELECT rating, count(*) FROM (
                SELECT DISTINCT ON (r.owner_id) r.rating FROM things_review r
                WHERE r.thing_id IN (SELECT id FROM tree) AND r.rating IS NOT NULL AND {sight.visible_sql(viewer, "r")}
                ORDER BY r.owner_id, r.id DESC) latest GROUP BY rating
            """,  # noqa: S608  (literals of this module)
            {"thing": thing_id},
        )
    )
    one, two, three, four, five = (found.get(stars, 0) for stars in range(1, 6))
    return types.Ratings((one, two, three, four, five))


def get_review_rule(owner_id: int, review_id: int) -> AudienceRule:
    """Whom one's own review is open to. Raises `ReviewNotFound`. Cost: one query."""
    rule = review_rules_by_id(owner_id, [review_id]).get(review_id)
    if rule is None:
        raise errors.ReviewNotFound()
    return rule


def review_rules_by_id(owner_id: int, review_ids: Iterable[int]) -> dict[int, AudienceRule]:
    """Whom those of these reviews that are one's own are open to. Cost: one query."""
    found = db.rows(
        "SELECT id, owner_id, sight_opens, sight_closes FROM things_review WHERE id = ANY(%s) AND owner_id = %s",
        [sorted(set(review_ids)), owner_id],
    )
    return {review_id: rule_of(Sight(owner, tuple(opens), tuple(closes))) for review_id, owner, opens, closes in found}


def get_review_picture(viewer: Viewer, picture_id: int) -> types.StoredPicture:
    """A picture of a review that the viewer may see. Raises `PictureNotFound` for everyone else. Cost: one query."""
    found = db.row(
        f"""
        SELECT f.id, f.key, f.width, f.height, f.blurhash
        FROM things_review_picture f JOIN things_review r ON r.id = f.review_id
        WHERE f.id = %s AND {sight.visible_sql(viewer, "r")}
        """,  # noqa: S608  (whole numbers alone)
        [picture_id],
    )
    if found is None:
        raise errors.PictureNotFound()
    return types.StoredPicture(*found)


def _review(columns: Sequence[Any]) -> types.Review:
    review_id, owner_id, text, rating, written_at, edited_at, shows_proof, proof, pictures, *thing = columns
    held = json.loads(pictures) if isinstance(pictures, str) else pictures or []
    return types.Review(
        review_id,
        owner_id,
        thing_of(thing),
        text,
        rating,
        shows_proof,
        Proof(proof),
        tuple(types.StoredPicture(*picture) for picture in held),
        written_at,
        edited_at,
    )
