"""Ties: how close people are as one sees it oneself, why, and what one says to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from ninja import Router
from pydantic import Field

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import errors, operations, queries
from wuyou.domains.social.types import Band, Channel, Correction, GiftsFrom, Preference, Tie
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.lines import Someone, meet, someone
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import Draft, Id

router = Router(tags=["relations"])

_MOST_LISTED = 100


class CorrectionDraft(Draft):
    """How close somebody really is."""

    said: Annotated[Correction, Field(strict=False)]


class PreferenceDraft(Draft):
    """Of whom you take gifts, and whether you are reminded of who grows silent."""

    gifts_from: Annotated[GiftsFrom, Field(strict=False)]
    is_reminded: bool


@dataclass(frozen=True, slots=True)
class TiePartLine:
    """What one channel adds to a tie, and out of how many acts."""

    __pydantic_config__ = DOCUMENTED

    channel: Channel
    strength: int
    """In thousandths of a point."""
    from_me: int
    from_them: int


@dataclass(frozen=True, slots=True)
class TieMonthLine:
    """How strong a tie was at the end of a month."""

    month: date
    strength: int


@dataclass(frozen=True, slots=True)
class TieLine:
    """How close somebody is as you see it; they see their own side."""

    __pydantic_config__ = DOCUMENTED

    person: Someone
    strength: int
    """In thousandths of a point."""
    band: Band
    are_friends: bool
    correction: Correction | None
    last_on: date | None
    """When there was last something between you that more than a click made."""


@dataclass(frozen=True, slots=True)
class TieList:
    """Who is close to you, the closest first, without whom you have hidden."""

    items: tuple[TieLine, ...]


@dataclass(frozen=True, slots=True)
class TiePage:
    """A tie with why it is so, and its last twelve months."""

    __pydantic_config__ = DOCUMENTED

    person: Someone
    strength: int
    """In thousandths of a point."""
    band: Band
    are_friends: bool
    correction: Correction | None
    last_on: date | None
    """When there was last something between you that more than a click made."""
    counted: int
    """Without your correction."""
    parts: tuple[TiePartLine, ...]
    history: tuple[TieMonthLine, ...]


@dataclass(frozen=True, slots=True)
class PreferencePage:
    """What you have set about gifts and reminders."""

    gifts_from: GiftsFrom
    is_reminded: bool


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """Somebody who was close and has grown silent."""

    id: int
    person: Someone
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ReminderList:
    """Of whom you are reminded."""

    items: tuple[ReminderLine, ...]


@operation(router, "GET", "/ties", entry=Entry.READ)
def list_ties(call: Call) -> TieList:
    """List who is close to you, at most a hundred."""
    me = call.actor.person_id
    ties = queries.list_ties(me, now=call.now, limit=_MOST_LISTED)
    persons = identity.persons_met(get_viewer(me), [tie.person_id for tie in ties])
    return TieList(tuple(_line(tie, someone(persons[tie.person_id])) for tie in ties if tie.person_id in persons))


@operation(router, "GET", "/people/{person_id}/tie", entry=Entry.READ, refuses=[PersonNotFound])
def show_tie(call: Call, person_id: Id) -> TiePage:
    """Show how close a person is to you, out of what, and its last twelve months."""
    person = meet(get_viewer(call.actor.person_id), person_id)
    story = queries.get_tie_story(call.actor.person_id, person_id, now=call.now)
    tie = story.tie
    return TiePage(
        someone(person),
        tie.strength,
        tie.band,
        tie.are_friends,
        tie.correction,
        tie.last_on,
        story.counted,
        tuple(TiePartLine(part.channel, part.strength, part.from_me, part.from_them) for part in story.parts),
        tuple(TieMonthLine(point.month, point.strength) for point in story.history),
    )


@operation(
    router,
    "PUT",
    "/people/{person_id}/tie/correction",
    entry=Entry.WRITE,
    status=204,
    refuses=[PersonNotFound, errors.NotYourself],
)
def correct_tie(call: Call, person_id: Id, body: CorrectionDraft) -> None:
    """Say how close somebody really is, for your own eyes."""
    meet(get_viewer(call.actor.person_id), person_id)
    operations.correct_tie(actor=call.actor, person_id=person_id, said=body.said, now=call.now)


@operation(router, "DELETE", "/people/{person_id}/tie/correction", entry=Entry.WRITE, status=204)
def take_correction_back(call: Call, person_id: Id) -> None:
    """Take your correction back."""
    operations.correct_tie(actor=call.actor, person_id=person_id, said=None, now=call.now)


@operation(router, "GET", "/me/preference", entry=Entry.READ)
def show_preference(call: Call) -> PreferencePage:
    """Show of whom you take gifts, and whether you are reminded."""
    return _preference(queries.get_preference(call.actor.person_id))


@operation(router, "PUT", "/me/preference", entry=Entry.WRITE)
def set_preference(call: Call, body: PreferenceDraft) -> PreferencePage:
    """Say of whom you take gifts, and whether you want to be reminded."""
    operations.set_preference(actor=call.actor, gifts_from=body.gifts_from, is_reminded=body.is_reminded)
    return _preference(Preference(body.gifts_from, body.is_reminded))


@operation(router, "GET", "/reminders", entry=Entry.READ)
def list_reminders(call: Call) -> ReminderList:
    """List of whom you are reminded because you have not heard of them for long."""
    me = call.actor.person_id
    reminders = queries.list_reminders(me)
    persons = identity.persons_met(get_viewer(me), [reminder.person_id for reminder in reminders])
    return ReminderList(
        tuple(
            ReminderLine(reminder.id, someone(persons[reminder.person_id]), reminder.made_at)
            for reminder in reminders
            if reminder.person_id in persons
        )
    )


@operation(
    router, "DELETE", "/reminders/{reminder_id}", entry=Entry.WRITE, status=204, refuses=[errors.ReminderNotFound]
)
def close_reminder(call: Call, reminder_id: Id) -> None:
    """Put a reminder away."""
    operations.close_reminder(actor=call.actor, reminder_id=reminder_id, now=call.now)


def _line(tie: Tie, person: Someone) -> TieLine:
    return TieLine(person, tie.strength, tie.band, tie.are_friends, tie.correction, tie.last_on)


def _preference(preference: Preference) -> PreferencePage:
    return PreferencePage(preference.gifts_from, preference.is_reminded)
