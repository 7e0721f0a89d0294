"""Messages, as moderation has them judged: by what its reader saw of one, and by nothing else of a conversation."""

from __future__ import annotations

from collections.abc import Collection

from wuyou.domains.messaging.queries.messages import messages_by_id
from wuyou.domains.moderation.types import Outcome, Shown, Source, Subject, SubjectKind
from wuyou.kernel.sight import Viewer


def _find(viewer: Viewer, message_id: int) -> Shown | None:
    message = messages_by_id(viewer, [message_id]).get(message_id)
    if message is None or message.is_gone or message.line is not None:
        return None
    words = (message.text,) if message.text else ()
    return Shown(Subject(SubjectKind.MESSAGE, message_id), message.author_id, words, place_id=message.conversation_id)


def _look_up(message_ids: Collection[int]) -> dict[int, Shown]:
    """Nobody reads others' messages: what is judged is what its reporter kept of it."""
    return {}


MESSAGES = Source(_find, _look_up, frozenset({Outcome.KEEP, Outcome.WARN}))
"""A message is with whom it was sent to; who sends such gets a strike."""
