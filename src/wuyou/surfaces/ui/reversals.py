"""What refunds take back, in people's words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from wuyou.domains.alliance.reversal_types import Reversal, ReversalState
from wuyou.kernel.money import Money
from wuyou.surfaces.ui import parts

STATES: Mapping[ReversalState, tuple[object, parts.Tone, str]] = {
    ReversalState.OPEN: (gettext_lazy("Asked back"), "amber", "clock"),
    ReversalState.DROPPED: (gettext_lazy("Dropped"), "plain", ""),
    ReversalState.REDUCED: (gettext_lazy("Less will be paid"), "plain", ""),
    ReversalState.COLLECTING: (gettext_lazy("Waits for earnings"), "amber", "clock"),
    ReversalState.COLLECTED: (gettext_lazy("Taken back"), "jade", "check"),
    ReversalState.FORGIVEN: (gettext_lazy("Written off"), "plain", ""),
}


def chip(state: ReversalState) -> parts.Chip:
    """Where it is."""
    label, tone, icon = STATES[state]
    return parts.Chip(str(label), tone, icon)


def taken(reversal: Reversal) -> Money | str:
    """What was taken of the accounts that the reader sees; nothing where nothing was booked."""
    return sum((part.amount for part in reversal.parts[1:]), reversal.parts[0].amount) if reversal.parts else ""


def waiting(reversal: Reversal) -> Money | str:
    """What of it later earnings have to come up for."""
    waits = sum((part.waits for part in reversal.parts[1:]), reversal.parts[0].waits) if reversal.parts else None
    return waits if waits is not None and waits.amount_minor else ""
