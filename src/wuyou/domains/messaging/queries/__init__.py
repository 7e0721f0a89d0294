"""Every read of conversations."""

from wuyou.domains.messaging.queries.changes import (
    changes_after,
    count_unread_by_person,
    last_number,
)
from wuyou.domains.messaging.queries.conversations import (
    MANY,
    count_unread,
    find_conversation_with,
    get_conversation,
    list_conversations,
    list_participants,
    list_requests,
)
from wuyou.domains.messaging.queries.doors import get_doors
from wuyou.domains.messaging.queries.export import export_person, pictures_of_person
from wuyou.domains.messaging.queries.judged import MESSAGES
from wuyou.domains.messaging.queries.messages import (
    get_message,
    list_messages,
    may_see_photo,
    messages_among,
    search_messages,
    unread_among,
)

__all__ = [
    "MANY",
    "MESSAGES",
    "changes_after",
    "count_unread",
    "count_unread_by_person",
    "export_person",
    "find_conversation_with",
    "get_conversation",
    "get_doors",
    "get_message",
    "last_number",
    "list_conversations",
    "list_messages",
    "list_participants",
    "list_requests",
    "may_see_photo",
    "messages_among",
    "pictures_of_person",
    "search_messages",
    "unread_among",
]
