"""Rows of relations, by noun."""

from wuyou.domains.social.models.faces import Face, Trait
from wuyou.domains.social.models.relations import (
    Appreciation,
    Block,
    Follow,
    FriendRequest,
    Friendship,
    Gift,
    Label,
    LabelMember,
    Mute,
    Note,
    Preference,
    Reminder,
    SubjectBlock,
    Tie,
    TieCorrection,
    TieFact,
    TieMonth,
)

__all__ = [
    "Appreciation",
    "Block",
    "Face",
    "Follow",
    "FriendRequest",
    "Friendship",
    "Gift",
    "Label",
    "LabelMember",
    "Mute",
    "Note",
    "Preference",
    "Reminder",
    "SubjectBlock",
    "Tie",
    "TieCorrection",
    "TieFact",
    "TieMonth",
    "Trait",
]
