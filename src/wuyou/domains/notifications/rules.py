"""When what waits may leave the page. Values in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from types import MappingProxyType

from wuyou.domains.notifications.types import Channel, Kind, Pace
from wuyou.kernel.clock import BUSINESS_ZONE

WAITS: Mapping[Channel, timedelta] = MappingProxyType(
    {Channel.MAIL: timedelta(minutes=2), Channel.PUSH: timedelta(seconds=5)}
)
"""So long something waits unread before it leaves the page: who is there reads it meanwhile."""

AGAIN_AFTER_S: Mapping[Channel, tuple[int, ...]] = MappingProxyType(
    {
        Channel.MAIL: (900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400),
        Channel.PUSH: (300, 900, 3_600, 14_400),
    }
)
"""When a turn may be taken again that was not ended, by its tries. The first is longer than a whole run may take."""

MAILED_AT_ONCE = frozenset({Kind.SIGNED_IN_ANEW, Kind.WAYS_IN_CHANGED})
"""Of these, identity writes in the moment in which they happen."""

MORNING = time(8)
"""When a daily mail goes, in the business zone."""


def has_failed(channel: Channel, tries: int) -> bool:
    """Whether it was tried so often that it is given up."""
    return tries > len(AGAIN_AFTER_S[channel])


def mail_from(pace: Pace, oldest_at: datetime, told_at: datetime | None) -> datetime:
    """From when on a mail may go about what has waited since `oldest_at`; the last one went at `told_at`.

    Daily, of what happened at 9:00 in Shanghai: at 8:00 the next day.
    """
    if pace is Pace.HOURLY and told_at is not None:
        return max(oldest_at, told_at + timedelta(hours=1))
    if pace is Pace.DAILY:
        local = oldest_at.astimezone(BUSINESS_ZONE)
        morning = datetime.combine(local.date(), MORNING, BUSINESS_ZONE)
        return morning if local <= morning else morning + timedelta(days=1)
    return oldest_at


MOST_DEVICES = 8
"""The browsers that last said so get pushes; an older one is forgotten."""

HERE_FOR = timedelta(seconds=90)
"""So long after a page has said that somebody reads it, nothing is pushed to them."""
