"""All that relations hold of one person and that person may see."""

from __future__ import annotations

from collections.abc import Iterator

from wuyou.infra import db
from wuyou.infra.person_data import Records


def export_person(person_id: int) -> Iterator[Records]:
    """A person's relations as they see them: nothing tells who declined, blocks, labels, notes or corrects them."""
    me = [person_id]
    yield (
        "follows",
        db.records("SELECT followed_id AS person_id, since FROM social_follow WHERE follower_id = %s ORDER BY id", me),
    )
    yield (
        "followers",
        db.records("SELECT follower_id AS person_id, since FROM social_follow WHERE followed_id = %s ORDER BY id", me),
    )
    yield (
        "friends",
        db.records(
            """
            SELECT CASE WHEN low_id = %(me)s THEN high_id ELSE low_id END AS person_id, since FROM social_friendship
            WHERE %(me)s IN (low_id, high_id) ORDER BY id
            """,
            {"me": person_id},
        ),
    )
    yield (
        "friend_requests_sent",
        db.records(
            """
            SELECT receiver_id AS person_id, reason, asked_at,
                   CASE WHEN state = 'DECLINED' THEN 'PENDING' ELSE state END AS state
            FROM social_friend_request WHERE sender_id = %s ORDER BY id
            """,
            me,
        ),
    )
    yield (
        "friend_requests_received",
        db.records(
            """
            SELECT sender_id AS person_id, reason, asked_at, state FROM social_friend_request
            WHERE receiver_id = %s AND state <> 'WITHDRAWN' ORDER BY id
            """,
            me,
        ),
    )
    yield (
        "blocks",
        db.records("SELECT blocked_id AS person_id, since FROM social_block WHERE blocker_id = %s ORDER BY id", me),
    )
    yield (
        "blocked_things_and_brands",
        db.records("SELECT kind, subject_id, since FROM social_subject_block WHERE owner_id = %s ORDER BY id", me),
    )
    yield (
        "mutes",
        db.records("SELECT muted_id AS person_id, since FROM social_mute WHERE owner_id = %s ORDER BY id", me),
    )
    yield (
        "labels",
        db.records(
            """
            SELECT l.name, m.person_id, m.added_at
            FROM social_label l LEFT JOIN social_label_member m ON m.label_id = l.id
            WHERE l.owner_id = %s AND l.retired_at IS NULL ORDER BY l.id, m.id
            """,
            me,
        ),
    )
    yield (
        "notes",
        db.records(
            "SELECT about_id AS person_id, text, written_at FROM social_note WHERE owner_id = %s ORDER BY id", me
        ),
    )
    yield from _gifts(person_id)
    yield from _ties(person_id)
    yield from _faces(person_id)


def _gifts(person_id: int) -> Iterator[Records]:
    for name, mine, theirs in (
        ("gifts_given", "giver_id", "receiver_id"),
        ("gifts_received", "receiver_id", "giver_id"),
    ):
        yield (
            name,
            db.records(
                f"""
                SELECT {theirs} AS person_id, kind, state, what, words, offered_at, answered_at, given_at
                FROM social_gift WHERE {mine} = %s ORDER BY id
                """,  # noqa: S608  (columns of ours)
                [person_id],
            ),
        )
    for name, mine, theirs in (
        ("thanks_given", "giver_id", "receiver_id"),
        ("thanks_received", "receiver_id", "giver_id"),
    ):
        yield (
            name,
            db.records(
                f"""
                SELECT {theirs} AS person_id, kind, source_id, words, given_at
                FROM social_appreciation WHERE {mine} = %s ORDER BY id
                """,  # noqa: S608  (columns of ours)
                [person_id],
            ),
        )


def _ties(person_id: int) -> Iterator[Records]:
    yield (
        "tie_facts",
        db.records(
            """
            SELECT CASE WHEN t.low_id = %(me)s THEN t.high_id ELSE t.low_id END AS person_id, f.kind, f.happened_on,
                   (f.side & CASE WHEN t.low_id = %(me)s THEN 1 ELSE 2 END) <> 0 AS by_me
            FROM social_tie t JOIN social_tie_fact f ON f.tie_id = t.id
            WHERE %(me)s IN (t.low_id, t.high_id) ORDER BY f.id
            """,
            {"me": person_id},
        ),
    )
    yield (
        "tie_corrections",
        db.records(
            """
            SELECT about_id AS person_id, said, said_at FROM social_tie_correction WHERE owner_id = %s ORDER BY id
            """,
            [person_id],
        ),
    )
    yield (
        "reminders",
        db.records(
            """
            SELECT about_id AS person_id, made_at, closed_at FROM social_reminder WHERE owner_id = %s ORDER BY id
            """,
            [person_id],
        ),
    )
    yield (
        "preferences",
        db.records("SELECT gifts_from, is_reminded FROM social_preference WHERE owner_id = %s", [person_id]),
    )


def _faces(person_id: int) -> Iterator[Records]:
    yield (
        "faces",
        db.records(
            """
            SELECT is_main, name, avatar, words, roles FROM social_face WHERE owner_id = %s
            ORDER BY is_main DESC, position
            """,
            [person_id],
        ),
    )
    yield (
        "said_of_myself",
        db.records(
            "SELECT kind, words, first_year, years FROM social_trait WHERE owner_id = %s ORDER BY kind, id", [person_id]
        ),
    )
