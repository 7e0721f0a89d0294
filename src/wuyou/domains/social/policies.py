"""Who may begin something with whom, and which rules may be made."""

from __future__ import annotations

from datetime import datetime, timedelta

from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import errors, events
from wuyou.domains.social.types import GiftsFrom, Preference, Relation
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.sight import AudienceRule

ASK_AGAIN_AFTER = timedelta(days=30)
"""How long a declined request keeps its sender from asking again."""
MAX_NAMED = 500
"""How many persons, labels, things and circles one rule may name on its two sides."""
MAX_OPEN_GIFTS = 50
"""How many gifts of one giver may wait for an answer."""
MAX_THANKS_A_DAY = 50
"""How often somebody may thank in 24 hours."""
MAX_FACES, MAX_HOBBIES, MAX_PLACES = 8, 12, 3
"""How many faces beside the main one somebody has, and how many hobbies and places they tell."""


def require_reachable(relation: Relation) -> None:
    """Nothing begins across a block. Raises `PersonNotFound` to who is blocked, `UnblockFirst` to who blocks."""
    if relation.is_blocked:
        raise PersonNotFound()
    if relation.blocks:
        raise errors.UnblockFirst()


def require_may_ask_again(declined_at: datetime | None, now: datetime) -> None:
    """Who was declined waits before asking the same person again. Raises `AskedRecently`."""
    if declined_at is not None and now < declined_at + ASK_AGAIN_AFTER:
        raise errors.AskedRecently(days=(declined_at + ASK_AGAIN_AFTER - now).days + 1)


def require_bounded(rule: AudienceRule) -> None:
    """A rule is read with every row that it opens. Raises `AudienceTooLarge`."""
    if rule.to.size + rule.minus.size > MAX_NAMED:
        raise errors.AudienceTooLarge(most=MAX_NAMED)


def require_takes_gifts(relation: Relation, preference: Preference) -> None:
    """Whether the other takes a gift of me, as they have said. Raises `GiftNotWanted`."""
    is_known = relation.are_friends or (relation.is_followed and preference.gifts_from is not GiftsFrom.FRIENDS)
    if preference.gifts_from is not GiftsFrom.ANYONE and not is_known:
        raise errors.GiftNotWanted()


def clean_gift(what: str, words: str) -> tuple[str, str]:
    """What a gift is, in a line, and what is said with it. Raises `GiftMalformed`."""
    what = what.strip()
    if not 0 < len(what) <= 120 or not what.isprintable():
        raise errors.GiftMalformed()
    try:
        return what, clean_words(words)
    except errors.WordsMalformed as refused:
        raise errors.GiftMalformed() from refused


def clean_words(words: str) -> str:
    """Lines of at most 500 characters. Raises `WordsMalformed`."""
    words = words.replace("\r\n", "\n").strip()
    if len(words) > 500 or not words.replace("\n", "").isprintable():
        raise errors.WordsMalformed()
    return words


PERSON_COLUMNS = PersonColumns(
    erased=(
        "social_follow.follower_id",
        "social_follow.followed_id",
        "social_friend_request.sender_id",
        "social_friend_request.receiver_id",
        "social_friendship.low_id",
        "social_friendship.high_id",
        "social_block.blocker_id",
        "social_block.blocked_id",
        "social_mute.owner_id",
        "social_mute.muted_id",
        "social_subject_block.owner_id",
        "social_label.owner_id",
        "social_label_member.person_id",
        "social_note.owner_id",
        "social_note.about_id",
        "social_tie.low_id",
        "social_tie.high_id",
        "social_tie_correction.owner_id",
        "social_tie_correction.about_id",
        "social_preference.owner_id",
        "social_face.owner_id",
        "social_trait.owner_id",
        "social_reminder.owner_id",
        "social_reminder.about_id",
        "social_gift.giver_id",
        "social_gift.receiver_id",
        "social_appreciation.giver_id",
        "social_appreciation.receiver_id",
    ),
    erased_events={
        events.PersonFollowed: ("follower_id", "followed_id"),
        events.PersonUnfollowed: ("follower_id", "followed_id"),
        events.FriendRequested: ("sender_id", "receiver_id"),
        events.FriendshipBegan: ("asked_by_id", "agreed_by_id"),
        events.FriendshipEnded: ("ended_by_id", "other_id"),
        events.PersonBlocked: ("blocker_id", "blocked_id"),
        events.PersonUnblocked: ("blocker_id", "blocked_id"),
        events.GiftOffered: ("giver_id", "receiver_id"),
        events.GiftAnswered: ("giver_id", "receiver_id"),
        events.GiftGiven: ("giver_id", "receiver_id"),
        events.PersonAppreciated: ("giver_id", "receiver_id"),
    },
)
