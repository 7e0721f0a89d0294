"""What a person leaves behind: nothing of theirs, and no word of them in others' histories."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.things import copies
from wuyou.domains.things.threads import drop_threads
from wuyou.infra import db, storage


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Take all copies, photos, shelves, labels and reviews of a person off the record, and their name out of histories.

    Things stay, because others may have them too. Nothing is published for each copy: `identity.person_erased` says it
    of all of them.
    """
    drop_threads([picture for (picture,) in db.rows(
        """
        SELECT f.id FROM things_review_picture f JOIN things_review r ON r.id = f.review_id WHERE r.owner_id = %s
        """,
        [person_id],
    )])  # fmt: skip
    storage.discard(
        [key for (key,) in db.rows(
            """
            DELETE FROM things_review_picture f USING things_review r WHERE r.id = f.review_id AND r.owner_id = %s
            RETURNING key
            """,
            [person_id],
        )]
    )  # fmt: skip
    held = [one for (one,) in db.rows("SELECT id FROM things_holding WHERE owner_id = %s", [person_id])]
    copies.drop_photos(held)
    mine = "(SELECT id FROM things_holding WHERE owner_id = %(me)s)"
    for statement in (
        "UPDATE things_provenance SET other_id = NULL WHERE other_id = %(me)s",
        "DELETE FROM things_holding_label WHERE owner_id = %(me)s",
        f"DELETE FROM things_provenance WHERE holding_id IN {mine}",  # noqa: S608  (a literal of this function)
        f"UPDATE things_arrival SET holding_id = NULL WHERE holding_id IN {mine}",  # noqa: S608
        "DELETE FROM things_holding WHERE owner_id = %(me)s",
        "DELETE FROM things_shelf WHERE owner_id = %(me)s",
        """
        DELETE FROM things_reply WHERE owner_id = %(me)s
        OR annotation_id IN (SELECT id FROM things_annotation WHERE owner_id = %(me)s)
        """,
        "DELETE FROM things_annotation WHERE owner_id = %(me)s",
        "DELETE FROM things_review WHERE owner_id = %(me)s",
        "DELETE FROM things_unfound WHERE person_id = %(me)s",
    ):
        db.execute(statement, {"me": person_id})
