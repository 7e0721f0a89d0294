"""Claims in words: what is asked for, how it stands, and the lines of the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext_lazy

from wuyou.domains.aftersales.types import ClaimKind, ClaimReason, ClaimSide, ClaimState, ClaimStepKind, Step
from wuyou.surfaces.ui import parts

KINDS: Final[Mapping[ClaimKind, object]] = {
    ClaimKind.REFUND: gettext_lazy("Money back only"),
    ClaimKind.RETURN: gettext_lazy("Send goods back, get money back"),
}
REASONS: Final[Mapping[ClaimReason, object]] = {
    ClaimReason.NOT_WANTED: gettext_lazy("I do not want it any more"),
    ClaimReason.NOT_RECEIVED: gettext_lazy("It never arrived"),
    ClaimReason.DAMAGED: gettext_lazy("It arrived damaged"),
    ClaimReason.NOT_AS_DESCRIBED: gettext_lazy("It is not as described"),
    ClaimReason.MISSING_PARTS: gettext_lazy("Something is missing"),
    ClaimReason.OTHER: gettext_lazy("Something else"),
}
STATES: Final[Mapping[ClaimState, tuple[object, parts.Tone, str]]] = {
    ClaimState.ASKED: (gettext_lazy("The shop has to answer"), "amber", "clock"),
    ClaimState.TO_SEND: (gettext_lazy("To be sent back"), "amber", "package"),
    ClaimState.SENT: (gettext_lazy("On its way back"), "amber", "truck-delivery"),
    ClaimState.REFUSED: (gettext_lazy("Refused by the shop"), "accent", "x"),
    ClaimState.WITH_STAFF: (gettext_lazy("With our staff"), "plain", "gavel"),
    ClaimState.REFUNDED: (gettext_lazy("Money goes back"), "jade", "check"),
    ClaimState.REJECTED: (gettext_lazy("Rejected"), "plain", "x"),
    ClaimState.WITHDRAWN: (gettext_lazy("Withdrawn"), "plain", "arrow-back-up"),
    ClaimState.LAPSED: (gettext_lazy("Lapsed"), "plain", "clock"),
}
AFTERWARDS: Final[Mapping[ClaimState, object]] = {
    ClaimState.ASKED: gettext_lazy("If the shop does not answer by then, it has agreed."),
    ClaimState.TO_SEND: gettext_lazy("If the goods are not sent by then, this lapses."),
    ClaimState.SENT: gettext_lazy("If the shop says nothing by then, the goods count as arrived."),
    ClaimState.REFUSED: gettext_lazy("If staff are not asked by then, this lapses."),
}
"""What time does at the end of each clock."""
_STEPS: Final[Mapping[ClaimStepKind, object]] = {
    ClaimStepKind.ASKED: gettext_lazy("The buyer asked for money back"),
    ClaimStepKind.AGREED: gettext_lazy("The shop agreed"),
    ClaimStepKind.AGREED_BY_TIME: gettext_lazy("No answer within 48 hours: agreed"),
    ClaimStepKind.REFUSED: gettext_lazy("The shop refused"),
    ClaimStepKind.SENT: gettext_lazy("The buyer sent the goods back"),
    ClaimStepKind.ARRIVED: gettext_lazy("The shop has the goods again"),
    ClaimStepKind.ARRIVED_BY_TIME: gettext_lazy("The shop said nothing for ten days: the goods count as arrived"),
    ClaimStepKind.OBJECTED: gettext_lazy("The shop says that what came back is not right"),
    ClaimStepKind.PASSED_ON: gettext_lazy("The buyer asked staff to decide"),
    ClaimStepKind.DECIDED: gettext_lazy("Staff decided: money goes back"),
    ClaimStepKind.REJECTED: gettext_lazy("Staff decided: no refund"),
    ClaimStepKind.WITHDRAWN: gettext_lazy("The buyer took it back"),
    ClaimStepKind.LAPSED: gettext_lazy("The time was over: lapsed"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture in a claim."""

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


def line_of(step: Step, side: ClaimSide | None) -> Line:
    """A line of the timeline as one side reads it."""
    return Line(
        label=str(_STEPS[step.kind]),
        text=step.text,
        at=step.at,
        is_mine=step.side is side,
        photos=tuple(
            Shown(
                reverse("storefront:claim-photo", args=[photo.id, 1600]),
                reverse("storefront:claim-photo", args=[photo.id, 320]),
            )
            for photo in step.photos
        ),
    )


def chip(state: ClaimState) -> parts.Chip:
    """How a claim stands."""
    text, tone, icon = STATES[state]
    return parts.Chip(str(text), tone, icon)
