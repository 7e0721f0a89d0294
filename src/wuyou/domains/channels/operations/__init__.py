"""Every write of channels, by noun."""

from wuyou.domains.channels.operations.defining import (
    appoint_editor,
    close_channel,
    describe_channel,
    dismiss_editor,
    make_channel,
    open_channel,
    save_rule,
)
from wuyou.domains.channels.operations.placing import keep_out, let_go, pin_post, put_in
from wuyou.domains.channels.operations.routing import (
    erase_person,
    forget_post,
    note_answer,
    route_due,
    route_post,
    walk_channel,
)

__all__ = [
    "appoint_editor",
    "close_channel",
    "describe_channel",
    "dismiss_editor",
    "erase_person",
    "forget_post",
    "keep_out",
    "let_go",
    "make_channel",
    "note_answer",
    "open_channel",
    "pin_post",
    "put_in",
    "route_due",
    "route_post",
    "save_rule",
    "walk_channel",
]
