"""Every read of claims."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from wuyou.domains.aftersales import errors, policies, types
from wuyou.domains.aftersales.types import ClaimSide, ClaimState
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.infra import db
from wuyou.infra.person_data import Obstacle, Records
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import Currency
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import Viewer

_CLAIMS = """
    SELECT c.id, c.order_id, o.order_no, c.buyer_id, c.shop_id, c.kind, c.reason, c.amount_minor, c.currency, c.state,
           c.carrier, c.parcel_no, c.refund_no, c.made_at, c.due_at, c.ended_at,
           (SELECT json_agg(json_build_array(l.order_line_id, l.quantity) ORDER BY l.id)
            FROM aftersales_claim_line l WHERE l.claim_id = c.id)
    FROM aftersales_claim c JOIN orders_order o ON o.id = c.order_id
"""


def get_claim_for(actor: Actor, claim_id: int) -> tuple[types.Claim, ClaimSide]:
    """A claim, and on which side of it somebody stands: its buyer, its seller, staff.

    Raises: `ClaimNotFound` for everybody else. Cost: two queries.
    """
    found = db.row(f"{_CLAIMS} WHERE c.id = %s", [claim_id])
    claim = _claim(found) if found else None
    side = policies.side_of(actor, claim, catalog.get_shop(claim.shop_id)) if claim else None
    if claim is None or side is None:
        raise errors.ClaimNotFound()
    return claim, side


def find_claim(claim_id: int) -> types.Claim | None:
    """A claim, for the platform itself. Cost: one query."""
    found = db.row(f"{_CLAIMS} WHERE c.id = %s", [claim_id])
    return _claim(found) if found else None


def claims_among(viewer: Viewer, ids: Collection[int]) -> Collection[int]:
    """Those of these claims on which the viewer has a side as buyer or at the shop: clerks until they leave.

    Cost: two queries.
    """
    found = db.rows("SELECT id, buyer_id, shop_id FROM aftersales_claim WHERE id = ANY(%s)", [list(ids)])
    shops = catalog.shops_by_id({shop_id for _id, _buyer_id, shop_id in found})
    return {
        claim_id
        for claim_id, buyer_id, shop_id in found
        if viewer.person_id == buyer_id or Permission.ORDERS in shops[shop_id].permissions_of(viewer.person_id)
    }


def find_of_order(order_id: int) -> types.Claim | None:
    """The last claim about an order, for who may see the order. Cost: one query."""
    found = db.row(f"{_CLAIMS} WHERE c.order_id = %s ORDER BY c.id DESC LIMIT 1", [order_id])
    return _claim(found) if found else None


def returned_pieces(order_id: int) -> dict[int, int]:
    """How many pieces of each line of an order were given back by claims, for who may see it. Cost: one query."""
    return dict(
        db.rows(
            """
            SELECT l.order_line_id, sum(l.quantity)::int FROM aftersales_claim_line l
            JOIN aftersales_claim c ON c.id = l.claim_id WHERE c.order_id = %s AND c.state = 'REFUNDED' GROUP BY 1
            """,
            [order_id],
        )
    )


def list_of_buyer(buyer_id: int, *, cursor: int | None = None, limit: int = 20) -> Page[types.Claim]:
    """What somebody asked for, newest first. Cost: one query."""
    return _page("c.buyer_id = %s", [buyer_id], cursor, limit)


def list_of_shop(
    shop_id: int, *, states: Collection[ClaimState] = (), order_no: str = "", cursor: int | None = None, limit: int = 20
) -> Page[types.Claim]:
    """Claims about what a shop sold, newest first, for who runs it; all states when none is given. Cost: one query."""
    wanted = [state.value for state in states or ClaimState]
    return _page(
        "c.shop_id = %s AND c.state = ANY(%s) AND (%s = '' OR o.order_no = %s)",
        [shop_id, wanted, order_no, order_no],
        cursor,
        limit,
    )


def count_of_shop(shop_id: int) -> dict[ClaimState, int]:
    """How many claims about a shop's sales are in each state, for who runs it. Cost: one query."""
    found = dict(db.rows("SELECT state, count(*) FROM aftersales_claim WHERE shop_id = %s GROUP BY 1", [shop_id]))
    return {state: found.get(state.value, 0) for state in ClaimState}


def list_claims(
    *, state: ClaimState | None = None, order_no: str = "", cursor: int | None = None, limit: int = 50
) -> Page[types.Claim]:
    """All claims, newest first, for staff. Cost: one query."""
    return _page(
        "(%s::text IS NULL OR c.state = %s) AND (%s = '' OR o.order_no = %s)",
        [state and state.value, state and state.value, order_no, order_no],
        cursor,
        limit,
    )


def count_by_state() -> dict[ClaimState, int]:
    """How many claims are in each state, for staff. Cost: one query."""
    found = dict(db.rows("SELECT state, count(*) FROM aftersales_claim GROUP BY 1"))
    return {state: found.get(state.value, 0) for state in ClaimState}


def list_steps(claim_id: int) -> tuple[types.Step, ...]:
    """The timeline of a claim that the reader may see; both sides read the same. Cost: two queries."""
    steps = db.rows("SELECT id, kind, side, text, at FROM aftersales_step WHERE claim_id = %s ORDER BY id", [claim_id])
    photos: dict[int, list[types.Photo]] = defaultdict(list)
    for step_id, *columns in db.rows(
        """
        SELECT f.step_id, f.id, f.key, f.width, f.height, f.blurhash
        FROM aftersales_photo f JOIN aftersales_step s ON s.id = f.step_id
        WHERE s.claim_id = %s ORDER BY f.step_id, f.position
        """,
        [claim_id],
    ):
        photos[step_id].append(types.Photo(*columns))
    return tuple(
        types.Step(step_id, types.ClaimStepKind(kind), ClaimSide(side), text, at, tuple(photos.get(step_id, ())))
        for step_id, kind, side, text, at in steps
    )


def get_photo_for(actor: Actor, photo_id: int) -> types.Photo:
    """A picture in a claim that somebody may see. Raises `PhotoNotFound`. Cost: three queries."""
    found = db.row(
        """
        SELECT s.claim_id, f.id, f.key, f.width, f.height, f.blurhash
        FROM aftersales_photo f JOIN aftersales_step s ON s.id = f.step_id WHERE f.id = %s
        """,
        [photo_id],
    )
    if found is None:
        raise errors.PhotoNotFound()
    try:
        get_claim_for(actor, found[0])
    except errors.ClaimNotFound as error:
        raise errors.PhotoNotFound() from error
    return types.Photo(*found[1:])


def obstacles_of(person_id: int) -> tuple[Obstacle, ...]:
    """Claims that a person made, or that are about a shop of theirs, and that have not ended. Cost: one query."""
    found = db.row(
        """
        SELECT count(*) FROM aftersales_claim c JOIN catalog_shop s ON s.id = c.shop_id
        WHERE c.ended_at IS NULL AND %s IN (c.buyer_id, s.owner_id)
        """,
        [person_id],
    )
    return (Obstacle("running_claims", found[0]),) if found and found[0] else ()


def export_person(person_id: int) -> Iterator[Records]:
    """What a person asked for, and what they said in claims."""
    yield (
        "claims",
        db.records(
            """
            SELECT o.order_no, c.kind, c.reason, c.amount_minor, c.currency, c.state, c.carrier, c.parcel_no, c.made_at,
                   c.ended_at
            FROM aftersales_claim c JOIN orders_order o ON o.id = c.order_id WHERE c.buyer_id = %s ORDER BY c.id
            """,
            [person_id],
        ),
    )
    yield (
        "claim_words",
        db.records(
            """
            SELECT o.order_no, s.kind, s.text, s.at,
                   ARRAY(SELECT f.key FROM aftersales_photo f WHERE f.step_id = s.id ORDER BY f.position) AS photos
            FROM aftersales_step s JOIN aftersales_claim c ON c.id = s.claim_id
            JOIN orders_order o ON o.id = c.order_id WHERE s.author_id = %s AND s.side <> 'STAFF' ORDER BY s.id
            """,
            [person_id],
        ),
    )


def pictures_of_person(person_id: int) -> tuple[str, ...]:
    """The keys of the pictures that a person sent. Cost: one query."""
    found = db.rows(
        "SELECT f.key FROM aftersales_photo f JOIN aftersales_step s ON s.id = f.step_id WHERE s.author_id = %s",
        [person_id],
    )
    return tuple(key for (key,) in found)


def _page(condition: str, params: Sequence[object], cursor: int | None, limit: int) -> Page[types.Claim]:
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"{_CLAIMS} WHERE {condition} AND (%s::bigint IS NULL OR c.id < %s::bigint) ORDER BY c.id DESC LIMIT %s",
        [*params, cursor, cursor, limit + 1],
    )
    return cut_page([_claim(columns) for columns in found], limit, lambda claim: claim.id)


def _claim(columns: Sequence[Any]) -> types.Claim:
    claim_id, order_id, order_no, buyer_id, shop_id, kind, reason, amount, code, state, *rest, lines = columns
    decoded = json.loads(lines) if isinstance(lines, str) else lines
    fields = [
        claim_id, order_id, order_no, buyer_id, shop_id, types.ClaimKind(kind), types.ClaimReason(reason), amount,
        Currency(code), ClaimState(state), *rest, tuple(types.LineDraft(*line) for line in decoded or ()),
    ]  # fmt: skip
    return types.Claim(*fields)
