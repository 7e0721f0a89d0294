"""What a stream says, in the words of server-sent events."""

from __future__ import annotations

import json

from wuyou.domains.messaging.types import Change, ChangeKind

HEARTBEAT = b": \n\n"


def of_change(change: Change) -> bytes:
    """A change, under its number: the client goes on from there."""
    data: dict[str, object] = {"conversation": change.conversation_id}
    if change.message is not None:
        message = change.message
        data["message"] = {
            "id": message.id,
            "seq": message.seq,
            "author": message.author_id,
            "kind": message.kind.value,
            "text": message.text,
            "client_id": message.client_id,
            "sent_at": message.sent_at.isoformat(),
            "is_edited": message.is_edited,
            "is_gone": message.is_gone,
        }
    if change.kind is ChangeKind.SEEN:
        data |= {"by": change.seen_by_id, "seen_up_to": change.seen_up_to}
    return event(change.kind.value.lower(), data, change.number)


def event(name: str, data: object, number: int | None = None) -> bytes:
    """One event; without a number the client's place stays where it is."""
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def place(number: int) -> bytes:
    """Moves the client's place and says nothing else."""
    return f"id: {number}\n\n".encode()


def retry(after_ms: int) -> bytes:
    """How long the client waits before it comes again."""
    return f"retry: {after_ms}\n\n".encode()
