"""What complaints say: to buyers and sellers on their pages, to staff in the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy

from wuyou.domains.complaints.types import ComplaintState, Reason, Side, Step, StepKind
from wuyou.surfaces.ui import parts

REASONS: Mapping[Reason, object] = {
    Reason.NOT_RECEIVED: gettext_lazy("It has not arrived"),
    Reason.DAMAGED: gettext_lazy("It is damaged"),
    Reason.NOT_AS_DESCRIBED: gettext_lazy("It is not what was described"),
    Reason.POOR_QUALITY: gettext_lazy("It is of poor quality"),
    Reason.OLD_STOCK: gettext_lazy("It is old stock or out of date"),
    Reason.OTHER: gettext_lazy("Something else"),
}
STATES: Mapping[ComplaintState, tuple[object, parts.Tone, str]] = {
    ComplaintState.OPEN: (gettext_lazy("The seller has to answer"), "amber", "clock"),
    ComplaintState.ANSWERED: (gettext_lazy("Answered: is it solved?"), "accent", "message-circle"),
    ComplaintState.WITH_STAFF: (gettext_lazy("Our staff decide"), "accent", "shield-check"),
    ComplaintState.SOLVED: (gettext_lazy("Solved"), "jade", "check"),
    ComplaintState.REFUNDED: (gettext_lazy("Decided: money back"), "jade", "arrow-back-up"),
    ComplaintState.REJECTED: (gettext_lazy("Decided: no refund"), "plain", "check"),
}
STEPS: Mapping[StepKind, object] = {
    StepKind.MADE: gettext_lazy("The buyer complained"),
    StepKind.ANSWERED: gettext_lazy("The seller answered"),
    StepKind.PASSED_ON: gettext_lazy("The buyer asked staff to decide"),
    StepKind.OVERDUE: gettext_lazy("No answer within 48 hours: staff decide"),
    StepKind.SOLVED: gettext_lazy("The buyer says that it is solved"),
    StepKind.LAPSED: gettext_lazy("Nobody objected within a week: solved"),
    StepKind.REFUNDED: gettext_lazy("Staff decided: money goes back"),
    StepKind.REJECTED: gettext_lazy("Staff decided: no refund"),
}
_SAID: Mapping[Side, object] = {
    Side.BUYER: gettext_lazy("The buyer said"),
    Side.SELLER: gettext_lazy("The seller said"),
    Side.STAFF: gettext_lazy("Staff said"),
    Side.TIME: "",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of what is wrong."""

    href: str
    source: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline."""

    label: str
    text: str
    at: datetime
    is_mine: bool
    photos: tuple[Shown, ...]


def line_of(step: Step, side: Side | None) -> Line:
    """A line of the timeline as one side reads it."""
    return Line(
        label=str(STEPS.get(step.kind) or _SAID[step.side]),
        text=step.text,
        at=step.at,
        is_mine=step.side is side,
        photos=tuple(
            Shown(
                reverse("storefront:complaint-photo", args=[photo.id, 1600]),
                reverse("storefront:complaint-photo", args=[photo.id, 320]),
            )
            for photo in step.photos
        ),
    )


def chip(state: ComplaintState) -> parts.Chip:
    """How a complaint stands."""
    text, tone, icon = STATES[state]
    return parts.Chip(str(text), tone, icon)
