"""Somebody leaves: their shops close."""

from __future__ import annotations

from datetime import datetime

from wuyou.infra import db


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Close the person's shops: nothing is for sale there any more, nobody works there, and their names and
    photographs are gone. Where the person worked for others they do no longer.

    The rows stay, because orders and the books of others point at them. The photographs' files are discarded by who
    asks for all of a person's pictures first.
    """
    db.execute(
        """
        WITH closed AS (UPDATE catalog_shop SET name = '', name_en = '' WHERE owner_id = %s RETURNING id),
             clerks AS (DELETE FROM catalog_clerk WHERE person_id = %s OR shop_id IN (SELECT id FROM closed)),
             photos AS (DELETE FROM catalog_photo WHERE shop_id IN (SELECT id FROM closed))
        UPDATE catalog_product SET is_listed = false, is_withheld = false WHERE shop_id IN (SELECT id FROM closed)
        """,
        [person_id, person_id],
    )
