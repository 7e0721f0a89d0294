"""What several operations share: how what was said of things is told, and how it is taken off the record."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.social import operations as relations
from wuyou.domains.things.threads import drop_threads
from wuyou.infra import db, storage


def tell_reply(reply_id: int, now: datetime) -> None:
    """Who began the thread is told of an answer, and the two come closer; twice is once."""
    replier_id, owner_id, annotation_id, thing_id = db.rows(
        """
        SELECT p.owner_id, a.owner_id, a.id, p.thing_id FROM things_reply p
        JOIN things_annotation a ON a.id = p.annotation_id WHERE p.id = %s
        """,
        [reply_id],
    )[0]
    relations.record_exchange(from_id=replier_id, to_ids=[owner_id], key=f"reply:{reply_id}", now=now)
    notifications.notify(
        person_id=owner_id,
        kind=Kind.THREAD_REPLIED,
        actor_id=replier_id,
        object_id=reply_id,
        group_key=f"annotation:{annotation_id}",
        facts={"thing": thing_id},
        now=now,
    )


def take_review_off(review_id: int) -> None:
    """Delete a review that is locked, with its pictures and what points into them."""
    drop_threads(
        [picture for (picture,) in db.rows("SELECT id FROM things_review_picture WHERE review_id = %s", [review_id])]
    )
    storage.discard(
        [key for (key,) in db.rows("DELETE FROM things_review_picture WHERE review_id = %s RETURNING key", [review_id])]
    )
    db.execute("DELETE FROM things_review WHERE id = %s", [review_id])


def take_annotation_off(annotation_id: int) -> None:
    """Delete an annotation that is locked, with its thread."""
    db.execute("DELETE FROM things_reply WHERE annotation_id = %s", [annotation_id])
    db.execute("DELETE FROM things_annotation WHERE id = %s", [annotation_id])


def take_reply_off(reply_id: int) -> None:
    """Delete an answer that is locked."""
    db.execute("DELETE FROM things_reply WHERE id = %s", [reply_id])
