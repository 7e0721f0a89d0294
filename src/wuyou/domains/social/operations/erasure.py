"""Who leaves stands in nobody's relations any more."""

from __future__ import annotations

from datetime import datetime

from wuyou.infra import db

_RELATIONS = {
    "social_follow": ("follower_id", "followed_id"),
    "social_friend_request": ("sender_id", "receiver_id"),
    "social_friendship": ("low_id", "high_id"),
    "social_block": ("blocker_id", "blocked_id"),
    "social_mute": ("owner_id", "muted_id"),
    "social_subject_block": ("owner_id",),
    "social_label_member": ("person_id", "(SELECT owner_id FROM social_label l WHERE l.id = label_id)"),
    "social_label": ("owner_id",),
    "social_note": ("owner_id", "about_id"),
    "social_reminder": ("owner_id", "about_id"),
    "social_tie_correction": ("owner_id", "about_id"),
    "social_preference": ("owner_id",),
    "social_face": ("owner_id",),
    "social_trait": ("owner_id",),
    "social_appreciation": ("giver_id", "receiver_id"),
}
"""Tables in the order of their going, and where a person stands in them."""


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """End every relation of a person, and forget what others noted of them and under which labels they stood.

    Nothing is published for each: `identity.person_erased` says it of all of them.
    """
    for table, columns in _RELATIONS.items():
        condition = " OR ".join(f"{column} = %(person)s" for column in columns)
        db.execute(f"DELETE FROM {table} WHERE {condition}", {"person": person_id})  # noqa: S608  (names of ours)
    of_theirs = "%(person)s IN (low_id, high_id)"
    for table in ("social_tie_fact", "social_tie_month"):
        db.execute(
            f"DELETE FROM {table} WHERE tie_id IN (SELECT id FROM social_tie WHERE {of_theirs})",  # noqa: S608
            {"person": person_id},
        )
    db.execute(f"DELETE FROM social_tie WHERE {of_theirs}", {"person": person_id})  # noqa: S608
    db.execute(
        """
        WITH gone AS (SELECT id FROM social_gift WHERE %(person)s IN (giver_id, receiver_id)),
             freed AS (UPDATE social_gift SET in_return_for_id = NULL
                       WHERE in_return_for_id IN (SELECT id FROM gone) AND id NOT IN (SELECT id FROM gone))
        DELETE FROM social_gift WHERE id IN (SELECT id FROM gone)
        """,
        {"person": person_id},
    )
