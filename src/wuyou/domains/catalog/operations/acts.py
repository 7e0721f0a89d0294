"""Who did what in a shop."""

from __future__ import annotations

from datetime import datetime

from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def note_act(*, actor: Actor, shop_id: int, what: str, about: int | str, now: datetime) -> None:
    """Write down what somebody did in a shop. Each operation that changes something of a shop on somebody's behalf
    does so itself, once it has changed: what is refused, or changes nothing, leaves no act.

    Of a larger act it is that which is written, about nothing in particular; what somebody does at one moment about the
    same thing is one act. The platform and its staff leave none in a shop where they do not work.

    Args: what: as the log names it; about: of which order, product or person, as addresses name them.
    Cost: one statement.
    """
    if actor.user_id is None:
        return
    db.execute(
        """
        INSERT INTO catalog_act (shop_id, person_id, what, about, at)
        SELECT n.* FROM (SELECT %(shop)s::bigint AS shop_id, %(person)s::bigint AS person_id, %(what)s::text AS what,
                                %(about)s::text AS about, %(now)s::timestamptz AS at) n
        WHERE NOT EXISTS (SELECT FROM (SELECT * FROM catalog_act a WHERE a.shop_id = n.shop_id
                                       ORDER BY a.id DESC LIMIT 1) l
                          WHERE (l.person_id, l.what, l.about, l.at) = (n.person_id, n.what, n.about, n.at))
          AND (NOT %(staff)s::boolean
               OR EXISTS (SELECT FROM catalog_shop s WHERE s.id = n.shop_id AND s.owner_id = n.person_id)
               OR EXISTS (SELECT FROM catalog_clerk c WHERE c.shop_id = n.shop_id AND c.person_id = n.person_id
                          AND c.joined_at IS NOT NULL AND c.ended_at IS NULL))
        """,
        {
            "shop": shop_id,
            "person": actor.user_id,
            "staff": actor.is_staff,
            "what": (actor.doing or what)[:40],
            "about": "" if actor.doing else str(about)[:60],
            "now": now,
        },
    )
