"""States of the alliance in people's words."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from wuyou.domains.alliance.types import (
    SELECTION_SLOT,
    TALK_SLOT,
    Activity,
    Collaboration,
    EnrolmentState,
    ParticipantState,
    Plan,
    post_of_slot,
)
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.templatetags.ui import rate

HOME_SLOT: Final = "library"
"""Where links stand that were taken from the library without a place of their own."""


def place_name(slot_name: str) -> str:
    """What a place of links is called; places that taps made by what they are, without saying which post or list."""
    if post_of_slot(slot_name) is not None:
        return _("A post")
    if slot_name.startswith(SELECTION_SLOT):
        return _("A list of goods")
    return {"team": _("Team link"), TALK_SLOT: _("In conversations"), HOME_SLOT: _("No place of its own")}.get(
        slot_name, slot_name
    )


def plan_note(plan: Plan, now: datetime) -> str:
    """What is special about a plan, in a few words."""
    notes = []
    if plan.notice_until is not None and plan.notice_until > now:
        notes.append(_("who promotes you already: from %(day)s on") % {"day": f"{plan.notice_until:%Y-%m-%d}"})
    if plan.locked_until is not None and plan.locked_until > now:
        notes.append(_("locked until %(day)s") % {"day": f"{plan.locked_until:%Y-%m-%d}"})
    if plan.first is not None:
        notes.append(
            _("%(rate)s for the first %(count)s, %(sold)s sold")
            % {"rate": rate(plan.first.rate_bps), "count": plan.first.count, "sold": plan.first.sold}
        )
    return " · ".join(notes)


def collaboration_chip(collaboration: Collaboration) -> parts.Chip:
    """Whether people can come in."""
    if collaboration.closed_at is not None:
        return parts.Chip(_("Closed"), "plain")
    if collaboration.only_id is not None:
        return parts.Chip(_("For one alone"), "accent", "star")
    return parts.Chip(_("Open to applications") if collaboration.takes_applications else _("By invitation"), "jade")


def participant_chip(state: ParticipantState) -> parts.Chip:
    """Where somebody stands in a collaboration."""
    match state:
        case ParticipantState.APPLIED:
            return parts.Chip(_("Applied"), "amber", "clock")
        case ParticipantState.INVITED:
            return parts.Chip(_("Invited"), "amber", "mail")
        case ParticipantState.JOINED:
            return parts.Chip(_("Takes part"), "jade", "check")
        case ParticipantState.REFUSED:
            return parts.Chip(_("Refused"), "plain")
        case ParticipantState.ENDED:
            return parts.Chip(_("Ended"), "plain")


def enrolment_chip(state: EnrolmentState) -> parts.Chip:
    """What became of goods in an activity."""
    match state:
        case EnrolmentState.WAITING:
            return parts.Chip(_("To be decided"), "amber", "clock")
        case EnrolmentState.ACCEPTED:
            return parts.Chip(_("Accepted"), "jade", "check")
        case EnrolmentState.REFUSED:
            return parts.Chip(_("Refused"), "plain")
        case EnrolmentState.WITHDRAWN:
            return parts.Chip(_("Taken back"), "plain")


def activity_chip(activity: Activity, is_open: bool) -> parts.Chip:
    """Whether shops may still enrol."""
    return parts.Chip(_("Enrolling"), "jade", "check") if is_open else parts.Chip(_("Closed"), "plain")
