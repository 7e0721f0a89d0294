"""The behaviour log: what people and visitors saw, dwelt on and did, appended as it comes, and never changed.

It is for counting and learning, not for deciding: nothing that must be true hangs on it. A row is an event that
happened to an object at a place. What was acknowledged is committed; an event is known by the id that its sender made,
so that sending again is safe.
"""

from wuyou.infra.behaviour.appending import Deed, append, deed, note, note_deed
from wuyou.infra.behaviour.types import (
    AHEAD_MS,
    COLUMNS,
    RESEND_DAYS,
    Event,
    Kind,
    MalformedError,
    Mark,
    ObjectKind,
    Source,
    TooOldError,
    Whose,
    liner,
    ms_of,
    visitor_of_outlet,
)

__all__ = [
    "AHEAD_MS",
    "COLUMNS",
    "RESEND_DAYS",
    "Deed",
    "Event",
    "Kind",
    "MalformedError",
    "Mark",
    "ObjectKind",
    "Source",
    "TooOldError",
    "Whose",
    "append",
    "deed",
    "liner",
    "ms_of",
    "note",
    "note_deed",
    "visitor_of_outlet",
]
