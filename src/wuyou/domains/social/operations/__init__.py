"""Every write of relations, gifts, thanks and ties; all of them may be sent twice.

Locks, in this order: the pair, the gift's row, ties by pair.
"""

from wuyou.domains.social.operations.appreciation import appreciate, thank_for_gift, withdraw_appreciation
from wuyou.domains.social.operations.bulk import MAX_PAIRS, befriend_in_bulk
from wuyou.domains.social.operations.erasure import erase_person
from wuyou.domains.social.operations.gifts import accept_gift, decline_gift, give_gift, offer_gift, withdraw_gift
from wuyou.domains.social.operations.relations import (
    accept_request,
    add_to_label,
    block,
    block_subject,
    decline_request,
    follow,
    make_label,
    meet,
    mute,
    remove_from_label,
    rename_label,
    request_friend,
    retire_label,
    set_note,
    unblock,
    unblock_subject,
    unfollow,
    unfriend,
    unmute,
    withdraw_request,
)
from wuyou.domains.social.operations.ties import (
    close_reminder,
    correct_tie,
    record_click,
    record_exchange,
    record_experience,
    remind_of_ties,
    set_preference,
)

__all__ = [
    "MAX_PAIRS",
    "accept_gift",
    "accept_request",
    "add_to_label",
    "appreciate",
    "befriend_in_bulk",
    "block",
    "block_subject",
    "close_reminder",
    "correct_tie",
    "decline_gift",
    "decline_request",
    "erase_person",
    "follow",
    "give_gift",
    "make_label",
    "meet",
    "mute",
    "offer_gift",
    "record_click",
    "record_exchange",
    "record_experience",
    "remind_of_ties",
    "remove_from_label",
    "rename_label",
    "request_friend",
    "retire_label",
    "set_note",
    "set_preference",
    "thank_for_gift",
    "unblock",
    "unblock_subject",
    "unfollow",
    "unfriend",
    "unmute",
    "withdraw_appreciation",
    "withdraw_gift",
    "withdraw_request",
]
