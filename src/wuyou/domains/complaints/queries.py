"""Every read of complaints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.complaints import errors, policies, types
from wuyou.domains.complaints.types import ComplaintState, Side
from wuyou.infra import db
from wuyou.infra.person_data import Obstacle, Records
from wuyou.kernel.actor import Actor
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import Viewer

_COMPLAINTS = """
    SELECT c.id, c.order_id, o.order_no, c.buyer_id, c.shop_id, c.reason, c.state, c.made_at, c.answer_by, c.closes_at,
           c.ended_at
    FROM complaints_complaint c JOIN orders_order o ON o.id = c.order_id
"""


def get_complaint_for(actor: Actor, complaint_id: int) -> tuple[types.Complaint, Side]:
    """A complaint, and on which side of it somebody stands: its buyer, its seller, staff.

    Raises: `ComplaintNotFound` for everybody else. Cost: two queries.
    """
    found = db.row(f"{_COMPLAINTS} WHERE c.id = %s", [complaint_id])
    complaint = _complaint(found) if found else None
    side = policies.side_of(actor, complaint, catalog.get_shop(complaint.shop_id)) if complaint else None
    if complaint is None or side is None:
        raise errors.ComplaintNotFound()
    return complaint, side


def complaints_among(viewer: Viewer, ids: Collection[int]) -> Collection[int]:
    """Those of these complaints on which the viewer has a side as buyer or at the shop: clerks until they leave.

    Cost: two queries.
    """
    found = db.rows("SELECT id, buyer_id, shop_id FROM complaints_complaint WHERE id = ANY(%s)", [list(ids)])
    shops = catalog.shops_by_id({shop_id for _id, _buyer_id, shop_id in found})
    return {
        complaint_id
        for complaint_id, buyer_id, shop_id in found
        if viewer.person_id == buyer_id or Permission.ORDERS in shops[shop_id].permissions_of(viewer.person_id)
    }


def find_of_order(order_id: int) -> types.Complaint | None:
    """The last complaint about an order, for who may see the order. Cost: one query."""
    found = db.row(f"{_COMPLAINTS} WHERE c.order_id = %s ORDER BY c.id DESC LIMIT 1", [order_id])
    return _complaint(found) if found else None


def list_of_buyer(buyer_id: int, *, cursor: int | None = None, limit: int = 20) -> Page[types.Complaint]:
    """What somebody complained about, newest first. Cost: one query."""
    return _page("c.buyer_id = %s", [buyer_id], cursor, limit)


def list_of_shop(shop_id: int, *, cursor: int | None = None, limit: int = 20) -> Page[types.Complaint]:
    """Complaints about what a shop sold, newest first, for who runs it. Cost: one query."""
    return _page("c.shop_id = %s", [shop_id], cursor, limit)


def count_of_shop(shop_id: int) -> dict[ComplaintState, int]:
    """How many complaints about a shop's sales are in each state, for who runs it. Cost: one query."""
    found = dict(db.rows("SELECT state, count(*) FROM complaints_complaint WHERE shop_id = %s GROUP BY 1", [shop_id]))
    return {state: found.get(state.value, 0) for state in ComplaintState}


def list_complaints(
    *, state: ComplaintState | None = None, order_no: str = "", cursor: int | None = None, limit: int = 50
) -> Page[types.Complaint]:
    """All complaints, newest first, for staff. Cost: one query."""
    return _page(
        "(%s::text IS NULL OR c.state = %s) AND (%s = '' OR o.order_no = %s)",
        [state and state.value, state and state.value, order_no, order_no],
        cursor,
        limit,
    )


def count_by_state() -> dict[ComplaintState, int]:
    """How many complaints are in each state, for staff. Cost: one query."""
    found = dict(db.rows("SELECT state, count(*) FROM complaints_complaint GROUP BY 1"))
    return {state: found.get(state.value, 0) for state in ComplaintState}


def list_steps(complaint_id: int) -> tuple[types.Step, ...]:
    """The timeline of a complaint that the reader may see; both sides read the same. Cost: two queries."""
    steps = db.rows(
        "SELECT id, kind, side, text, refund_no, at FROM complaints_step WHERE complaint_id = %s ORDER BY id",
        [complaint_id],
    )
    photos: dict[int, list[types.Photo]] = defaultdict(list)
    for step_id, *columns in db.rows(
        """
        SELECT f.step_id, f.id, f.key, f.width, f.height, f.blurhash
        FROM complaints_photo f JOIN complaints_step s ON s.id = f.step_id
        WHERE s.complaint_id = %s ORDER BY f.step_id, f.position
        """,
        [complaint_id],
    ):
        photos[step_id].append(types.Photo(*columns))
    return tuple(
        types.Step(step_id, types.StepKind(kind), Side(side), text, refund_no, at, tuple(photos.get(step_id, ())))
        for step_id, kind, side, text, refund_no, at in steps
    )


def get_photo_for(actor: Actor, photo_id: int) -> types.Photo:
    """A picture in a complaint that somebody may see. Raises `PhotoNotFound`. Cost: three queries."""
    found = db.row(
        """
        SELECT s.complaint_id, f.id, f.key, f.width, f.height, f.blurhash
        FROM complaints_photo f JOIN complaints_step s ON s.id = f.step_id WHERE f.id = %s
        """,
        [photo_id],
    )
    if found is None:
        raise errors.PhotoNotFound()
    try:
        get_complaint_for(actor, found[0])
    except errors.ComplaintNotFound as error:
        raise errors.PhotoNotFound() from error
    return types.Photo(*found[1:])


def obstacles_of(person_id: int) -> tuple[Obstacle, ...]:
    """Complaints that a person made, or that are about a shop of theirs, and that nobody ended. Cost: one query."""
    found = db.row(
        """
        SELECT count(*), max(c.closes_at) FILTER (WHERE c.state = 'ANSWERED'), bool_and(c.state = 'ANSWERED')
        FROM complaints_complaint c JOIN catalog_shop s ON s.id = c.shop_id
        WHERE c.ended_at IS NULL AND %s IN (c.buyer_id, s.owner_id)
        """,
        [person_id],
    )
    count, until, ends_by_itself = found or (0, None, False)
    return (Obstacle("running_complaints", count, until if ends_by_itself else None),) if count else ()


def export_person(person_id: int) -> Iterator[Records]:
    """What a person complained about, and what they said in complaints."""
    yield (
        "complaints",
        db.records(
            """
            SELECT o.order_no, c.reason, c.state, c.made_at, c.ended_at
            FROM complaints_complaint c JOIN orders_order o ON o.id = c.order_id WHERE c.buyer_id = %s ORDER BY c.id
            """,
            [person_id],
        ),
    )
    yield (
        "complaint_words",
        db.records(
            """
            SELECT o.order_no, s.kind, s.text, s.at,
                   ARRAY(SELECT f.key FROM complaints_photo f WHERE f.step_id = s.id ORDER BY f.position) AS photos
            FROM complaints_step s JOIN complaints_complaint c ON c.id = s.complaint_id
            JOIN orders_order o ON o.id = c.order_id WHERE s.author_id = %s AND s.side <> 'STAFF' ORDER BY s.id
            """,
            [person_id],
        ),
    )


def pictures_of_person(person_id: int) -> tuple[str, ...]:
    """The keys of the pictures that a person sent. Cost: one query."""
    found = db.rows(
        "SELECT f.key FROM complaints_photo f JOIN complaints_step s ON s.id = f.step_id WHERE s.author_id = %s",
        [person_id],
    )
    return tuple(key for (key,) in found)


def _page(condition: str, params: Sequence[object], cursor: int | None, limit: int) -> Page[types.Complaint]:
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"{_COMPLAINTS} WHERE {condition} AND (%s::bigint IS NULL OR c.id < %s::bigint) ORDER BY c.id DESC LIMIT %s",
        [*params, cursor, cursor, limit + 1],
    )
    return cut_page([_complaint(columns) for columns in found], limit, lambda complaint: complaint.id)


def _complaint(columns: Sequence[Any]) -> types.Complaint:
    complaint_id, order_id, order_no, buyer_id, shop_id, reason, state, *moments = columns
    return types.Complaint(
        complaint_id, order_id, order_no, buyer_id, shop_id, types.Reason(reason), ComplaintState(state), *moments
    )
