"""Every read of relations. What is private to a person is read with that person's id alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.notifications.types import Origin
from wuyou.domains.social import errors, policies, types
from wuyou.infra import db
from wuyou.infra.sight import token_sql
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import AudienceRule, Kind, Subject, SubjectKind, Viewer, blocked_by, is_blocked, token

_REQUESTS = "SELECT id, sender_id, receiver_id, reason, state, asked_at FROM social_friend_request"

_THROUGH_FRIENDS = """
    WITH mine AS MATERIALIZED (
        SELECT high_id AS id FROM social_friendship WHERE low_id = %(me)s
        UNION ALL SELECT low_id FROM social_friendship WHERE high_id = %(me)s)
    SELECT mine.id AS friend, there.followed_id AS other FROM mine
    JOIN social_follow there ON there.follower_id = mine.id
    JOIN social_follow back ON back.follower_id = there.followed_id AND back.followed_id = mine.id
    WHERE there.followed_id <> %(me)s AND there.followed_id NOT IN (SELECT id FROM mine)
"""


def sight_tokens_sql(known_to: Viewer | None = None) -> str:
    """Tokens that a person holds by relations: a source of `wuyou.infra.sight`, read by indexes alone.

    `known_to` a viewer are those of what stands between the two, and of the viewer's own labels.
    """
    followers, friends, label, retired, blocked = map(
        int, (Kind.FOLLOWERS, Kind.FRIENDS, Kind.LABEL, Kind.RETIRED_LABEL, Kind.BLOCKED)
    )
    known = "true" if known_to is None else f"other = {known_to.person_id or 0:d}"
    return f"""
        SELECT {token_sql("kind", "key")} FROM (
            SELECT {followers}::bigint, followed_id, followed_id FROM social_follow WHERE follower_id = %(me)s
            UNION ALL SELECT {friends}, high_id, high_id FROM social_friendship WHERE low_id = %(me)s
            UNION ALL SELECT {friends}, low_id, low_id FROM social_friendship WHERE high_id = %(me)s
            UNION ALL SELECT CASE WHEN l.retired_at IS NULL THEN {label} ELSE {retired} END, l.id, l.owner_id
                      FROM social_label_member m JOIN social_label l ON l.id = m.label_id WHERE m.person_id = %(me)s
            UNION ALL SELECT {blocked}, blocked_id, blocked_id FROM social_block WHERE blocker_id = %(me)s
            UNION ALL SELECT {blocked}, blocker_id, blocker_id FROM social_block WHERE blocked_id = %(me)s
            UNION ALL SELECT kind, subject_id, owner_id FROM social_subject_block WHERE owner_id = %(me)s
        ) held (kind, key, other) WHERE {known}
    """  # noqa: S608  (numbers of kinds, and of a person)


def origins_of(viewer: Viewer, actor_ids: Collection[int]) -> dict[int, Origin]:
    """Those of these people of whom the viewer hears, and how the viewer knows them. Cost: one query.

    No block stands between, and no mute. Who is known: the viewer has written to them, or a gift went between the two;
    being written to makes nobody known.
    """
    found = db.rows(
        """
        SELECT other, EXISTS (SELECT FROM social_follow WHERE follower_id = %(me)s AND followed_id = other),
               EXISTS (SELECT FROM social_gift WHERE state = 'GIVEN'
                       AND (giver_id, receiver_id) IN ((%(me)s, other), (other, %(me)s)))
               OR EXISTS (SELECT FROM social_tie t JOIN social_tie_month m ON m.tie_id = t.id
                          WHERE t.low_id = LEAST(%(me)s, other) AND t.high_id = GREATEST(%(me)s, other)
                          AND m.kind = 'EXCHANGE'
                          AND CASE WHEN %(me)s < other THEN m.from_low ELSE m.from_high END > 0)
        FROM unnest(%(others)s::bigint[]) AS a (other)
        WHERE NOT EXISTS (SELECT FROM social_mute WHERE owner_id = %(me)s AND muted_id = other)
        """,
        {"me": viewer.person_id, "others": sorted(actor_ids)},
    )
    return {
        other: _origin(viewer, other, follows=follows, knows=knows)
        for other, follows, knows in found
        if not is_blocked(viewer, other)
    }


def _origin(viewer: Viewer, other_id: int, *, follows: bool, knows: bool) -> Origin:
    if token(Kind.FRIENDS, other_id) in viewer.tokens:
        return Origin.FRIEND
    return Origin.FOLLOWED if follows else Origin.KNOWN if knows else Origin.STRANGER


def followers_among(viewer: Viewer, person_ids: Collection[int]) -> set[int]:
    """Those of these people who follow the viewer. Cost: one query."""
    found = db.rows(
        "SELECT follower_id FROM social_follow WHERE followed_id = %s AND follower_id = ANY(%s)",
        [viewer.person_id, sorted(person_ids)],
    )
    return {person for (person,) in found}


def friends_among(viewer: Viewer, person_ids: Collection[int]) -> set[int]:
    """Those of these people who are friends of the viewer; read from what the viewer holds."""
    return {person for person in person_ids if token(Kind.FRIENDS, person) in viewer.tokens}


def follower_ids(viewer: Viewer, *, before: datetime, limit: int) -> list[int]:
    """Who has followed the viewer since before a moment, the latest first: nobody across a block, nobody who is gone.

    For who counts them. Cost: one query.
    """
    found = db.rows(
        """
        SELECT f.follower_id FROM social_follow f JOIN identity_user u ON u.id = f.follower_id AND u.is_active
        WHERE f.followed_id = %s AND f.since < %s ORDER BY f.id DESC LIMIT %s
        """,
        [viewer.person_id, before, limit],
    )
    return [person_id for (person_id,) in found if not is_blocked(viewer, person_id)]


def follows(viewer: Viewer, person_id: int) -> bool:
    """Whether the viewer follows a person; read from what the viewer holds."""
    return token(Kind.FOLLOWERS, person_id) in viewer.tokens


def pending_among(viewer: Viewer, request_ids: Collection[int]) -> set[int]:
    """Those of these friend requests that wait for the viewer's answer. Cost: one query."""
    found = db.rows(
        "SELECT id FROM social_friend_request WHERE receiver_id = %s AND state = 'PENDING' AND id = ANY(%s)",
        [viewer.person_id, sorted(request_ids)],
    )
    return {request for (request,) in found}


def check_rule(owner_id: int, rule: AudienceRule) -> None:
    """Whether a person may open something by this rule: it names people there are, labels of their own, not too much.

    Raises: `PersonNotFound`, `LabelNotFound`, `AudienceTooLarge`. Cost: one query when it names people, one for labels.
    """
    policies.require_bounded(rule)
    persons = rule.to.persons | rule.minus.persons
    if persons and len(identity.persons_by_id(persons)) != len(persons):
        raise PersonNotFound()
    labels = sorted(rule.to.labels | rule.minus.labels)
    if labels and db.row(
        "SELECT count(*) FROM social_label WHERE owner_id = %s AND id = ANY(%s)", [owner_id, labels]
    ) != (len(labels),):
        raise errors.LabelNotFound()


def get_relation(person_id: int, other_id: int) -> types.Relation:
    """What stands between a person and another. Cost: one query."""
    found = db.row(
        """
        SELECT EXISTS (SELECT FROM social_follow WHERE follower_id = %(me)s AND followed_id = %(other)s),
               EXISTS (SELECT FROM social_follow WHERE follower_id = %(other)s AND followed_id = %(me)s),
               EXISTS (SELECT FROM social_friendship
                       WHERE low_id = LEAST(%(me)s, %(other)s) AND high_id = GREATEST(%(me)s, %(other)s)),
               EXISTS (SELECT FROM social_friend_request
                       WHERE sender_id = %(me)s AND receiver_id = %(other)s AND state = 'PENDING'),
               EXISTS (SELECT FROM social_friend_request
                       WHERE sender_id = %(other)s AND receiver_id = %(me)s AND state = 'PENDING'),
               EXISTS (SELECT FROM social_mute WHERE owner_id = %(me)s AND muted_id = %(other)s),
               EXISTS (SELECT FROM social_block WHERE blocker_id = %(me)s AND blocked_id = %(other)s),
               EXISTS (SELECT FROM social_block WHERE blocker_id = %(other)s AND blocked_id = %(me)s)
        """,
        {"me": person_id, "other": other_id},
    )
    return types.Relation(*found) if found else types.Relation()


def blocked_pairs(person_ids: Iterable[int]) -> frozenset[tuple[int, int]]:
    """Who does not exist for whom, as (one of these people, the other), whoever made the block. Cost: one query."""
    people = sorted(set(person_ids))
    return frozenset(
        db.rows(
            """
            SELECT blocker_id, blocked_id FROM social_block WHERE blocker_id = ANY(%(people)s)
            UNION SELECT blocked_id, blocker_id FROM social_block WHERE blocked_id = ANY(%(people)s)
            """,
            {"people": people},
        )
    )


def list_followers(viewer: Viewer, person_id: int, *, cursor: int | None = None, limit: int = 24) -> Page[types.Tied]:
    """Who follows a person, latest first, as far as the viewer may meet them.

    Raises: `PersonNotFound` across a block. Cost: one query.
    """
    return _list_follows("followed_id", "follower_id", viewer, person_id, cursor, limit)


def list_followed(viewer: Viewer, person_id: int, *, cursor: int | None = None, limit: int = 24) -> Page[types.Tied]:
    """Whom a person follows, latest first, as far as the viewer may meet them.

    Raises: `PersonNotFound` across a block. Cost: one query.
    """
    return _list_follows("follower_id", "followed_id", viewer, person_id, cursor, limit)


def list_friends(person_id: int, *, cursor: int | None = None, limit: int = 24) -> Page[types.Tied]:
    """One's own friends, latest first. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        """
        SELECT id, CASE WHEN low_id = %(me)s THEN high_id ELSE low_id END, since FROM social_friendship
        WHERE (low_id = %(me)s OR high_id = %(me)s) AND (%(cursor)s::bigint IS NULL OR id < %(cursor)s)
        ORDER BY id DESC LIMIT %(limit)s
        """,
        {"me": person_id, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([types.Tied(*columns) for columns in found], limit, lambda tied: tied.id)


def friends_by_person(person_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """The friends of many people, for figures about all of them; who has none is left out. Cost: one query."""
    found = db.rows(
        """
        WITH tie AS (SELECT low_id AS one, high_id AS other FROM social_friendship
                     UNION ALL SELECT high_id, low_id FROM social_friendship)
        SELECT one, array_agg(other) FROM tie WHERE one = ANY(%s) GROUP BY one
        """,
        [sorted(set(person_ids))],
    )
    return {person_id: frozenset(friends) for person_id, friends in found}


def list_known_pairs() -> list[tuple[int, int]]:
    """Everybody and whom they follow or are friends with, for ranking: each is known to the first of a pair.

    Cost: one query over all of them.
    """
    found = db.rows(
        """
        SELECT follower_id, followed_id FROM social_follow
        UNION SELECT low_id, high_id FROM social_friendship UNION SELECT high_id, low_id FROM social_friendship
        """
    )
    return [(person, other) for person, other in found]


def friends_of_friends(person_id: int) -> frozenset[int]:
    """Whom a friend of one's own follows and is followed by, and who is no friend of one's own. Cost: one query.

    Who is friends with whom is told to nobody but the two. Who follows whom may be read by all: it says no more.
    """
    found = db.rows(f"SELECT DISTINCT other FROM ({_THROUGH_FRIENDS}) known", {"me": person_id})  # noqa: S608
    return frozenset(other for (other,) in found)


def friends_between(person_id: int, other_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Through which friends one is near to these people, as `friends_of_friends` has it. Cost: one query."""
    found = db.rows(
        f"SELECT other, array_agg(friend ORDER BY friend) FROM ({_THROUGH_FRIENDS}) known"  # noqa: S608
        " WHERE other = ANY(%(others)s) GROUP BY other",
        {"me": person_id, "others": sorted(set(other_ids))},
    )
    return {other: tuple(friends) for other, friends in found}


def list_blocked(person_id: int) -> tuple[types.Tied, ...]:
    """Whom one blocks oneself, latest first. Cost: one query."""
    found = db.rows(
        "SELECT id, blocked_id, since FROM social_block WHERE blocker_id = %s ORDER BY id DESC", [person_id]
    )
    return tuple(types.Tied(*columns) for columns in found)


def list_blocked_subjects(person_id: int) -> frozenset[Subject]:
    """The things and brands about which one wants to see nothing. Cost: one query."""
    found = db.rows("SELECT kind, subject_id FROM social_subject_block WHERE owner_id = %s", [person_id])
    return frozenset(Subject(SubjectKind(kind), subject_id) for kind, subject_id in found)


def muted_by(person_id: int) -> frozenset[int]:
    """Of whom a person wants to hear nothing: for feeds and notifications; it changes nothing about sight."""
    return frozenset(row[0] for row in db.rows("SELECT muted_id FROM social_mute WHERE owner_id = %s", [person_id]))


def list_requests_to(person_id: int) -> tuple[types.FriendRequest, ...]:
    """Friend requests that wait for one's answer, latest first. Cost: one query."""
    found = db.rows(f"{_REQUESTS} WHERE receiver_id = %s AND state = 'PENDING' ORDER BY id DESC", [person_id])
    return tuple(_request(columns) for columns in found)


def list_requests_from(person_id: int) -> tuple[types.FriendRequest, ...]:
    """One's own friend requests that wait for an answer, latest first. Cost: one query."""
    found = db.rows(f"{_REQUESTS} WHERE sender_id = %s AND state = 'PENDING' ORDER BY id DESC", [person_id])
    return tuple(_request(columns) for columns in found)


def get_request(person_id: int, request_id: int) -> types.FriendRequest:
    """A friend request that the person sent or got. Raises `RequestNotFound`."""
    found = db.row(f"{_REQUESTS} WHERE id = %s AND %s IN (sender_id, receiver_id)", [request_id, person_id])
    if found is None:
        raise errors.RequestNotFound()
    return _request(found)


def list_labels(person_id: int) -> tuple[types.Label, ...]:
    """One's own labels that are in use, with how many people each is on. Cost: one query."""
    found = db.rows(
        """
        SELECT l.id, l.name, (SELECT count(*) FROM social_label_member m WHERE m.label_id = l.id)
        FROM social_label l WHERE l.owner_id = %s AND l.retired_at IS NULL ORDER BY l.name, l.id
        """,
        [person_id],
    )
    return tuple(types.Label(*columns) for columns in found)


def members_of_label(person_id: int, label_id: int) -> frozenset[int]:
    """On whom one has put a label. Raises `LabelNotFound`. Cost: two queries."""
    if db.row("SELECT 1 FROM social_label WHERE id = %s AND owner_id = %s", [label_id, person_id]) is None:
        raise errors.LabelNotFound()
    found = db.rows("SELECT person_id FROM social_label_member WHERE label_id = %s", [label_id])
    return frozenset(row[0] for row in found)


def labels_on(person_id: int, other_id: int) -> dict[int, str]:
    """One's own labels that are on a person, by name. Cost: one query."""
    found = db.rows(
        """
        SELECT l.id, l.name FROM social_label l JOIN social_label_member m ON m.label_id = l.id
        WHERE l.owner_id = %s AND m.person_id = %s AND l.retired_at IS NULL ORDER BY l.name, l.id
        """,
        [person_id, other_id],
    )
    return dict(found)


def notes_by_person(person_id: int, about_ids: Iterable[int]) -> dict[int, str]:
    """What one has noted about people. Cost: one query."""
    found = db.rows(
        "SELECT about_id, text FROM social_note WHERE owner_id = %s AND about_id = ANY(%s)",
        [person_id, sorted(set(about_ids))],
    )
    return dict(found)


def _list_follows(
    of: str, who: str, viewer: Viewer, person_id: int, cursor: int | None, limit: int
) -> Page[types.Tied]:
    if is_blocked(viewer, person_id):
        raise PersonNotFound()
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        SELECT id, {who}, since FROM social_follow
        WHERE {of} = %s AND {who} <> ALL(%s::bigint[]) AND (%s::bigint IS NULL OR id < %s::bigint)
        ORDER BY id DESC LIMIT %s
        """,  # noqa: S608  (two columns of ours)
        [person_id, sorted(blocked_by(viewer)), cursor, cursor, limit + 1],
    )
    return cut_page([types.Tied(*columns) for columns in found], limit, lambda tied: tied.id)


def _request(columns: tuple[object, ...]) -> types.FriendRequest:
    request_id, sender_id, receiver_id, reason, state, asked_at = columns
    return types.FriendRequest(request_id, sender_id, receiver_id, reason, types.RequestState(state), asked_at)  # type: ignore[arg-type]
