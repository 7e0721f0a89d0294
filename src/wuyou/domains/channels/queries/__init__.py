"""Every read of channels. What is read on somebody's behalf is read as a `Viewer`."""

from wuyou.domains.channels.queries.defined import (
    export_person,
    get_channel,
    get_open,
    list_all,
    list_editors,
    list_open,
    list_rules,
)
from wuyou.domains.channels.queries.placed import (
    MOST_PREVIEWED,
    list_hands,
    list_log,
    placements_of,
    preview,
    where_is,
)
from wuyou.domains.channels.queries.reading import channels_by_post, list_posts, peek

__all__ = [
    "MOST_PREVIEWED",
    "channels_by_post",
    "export_person",
    "get_channel",
    "get_open",
    "list_all",
    "list_editors",
    "list_hands",
    "list_log",
    "list_open",
    "list_posts",
    "list_rules",
    "peek",
    "placements_of",
    "preview",
    "where_is",
]
