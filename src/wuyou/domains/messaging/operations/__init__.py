"""Every write of conversations. A conversation's row is locked before its messages and people change."""

from wuyou.domains.messaging.operations.conversations import (
    mark_seen,
    mute_conversation,
    open_conversation,
    set_doors,
    tell_typing,
)
from wuyou.domains.messaging.operations.erasure import erase_person, forget_old_changes
from wuyou.domains.messaging.operations.groups import (
    add_member,
    leave_group,
    make_admin,
    make_group,
    remove_member,
    rename_group,
)
from wuyou.domains.messaging.operations.messages import edit_message, send_message, take_share, withdraw_message
from wuyou.domains.messaging.operations.requests import accept, call_out, decline

__all__ = [
    "accept",
    "add_member",
    "call_out",
    "decline",
    "edit_message",
    "erase_person",
    "forget_old_changes",
    "leave_group",
    "make_admin",
    "make_group",
    "mark_seen",
    "mute_conversation",
    "open_conversation",
    "remove_member",
    "rename_group",
    "send_message",
    "set_doors",
    "take_share",
    "tell_typing",
    "withdraw_message",
]
