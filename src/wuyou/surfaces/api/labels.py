"""What one keeps about people for oneself: labels, notes, mutes, blocks, and what one wants to see nothing about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from ninja import Router
from pydantic import Field, StringConstraints

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import errors, operations, queries
from wuyou.domains.social.types import Label
from wuyou.domains.things import operations as things
from wuyou.domains.things.errors import BrandNotFound, ThingNotFound
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import MAX_KEY
from wuyou.kernel.sight import Subject as Blocked
from wuyou.kernel.sight import SubjectKind as BlockedKind
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.lines import Someone, meet, someone
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import ONE_LINE, Draft, Id

router = Router(tags=["relations"])

_OTHER = (PersonNotFound, errors.NotYourself)
_What = Literal["thing", "brand"]
_SUBJECTS = {"thing": BlockedKind.THING, "brand": BlockedKind.BRAND}
SubjectId = Annotated[int, Field(ge=1, le=MAX_KEY, examples=[42])]


class LabelDraft(Draft):
    """What a label is called."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=ONE_LINE)]


class NoteDraft(Draft):
    """What you note about somebody."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]


@dataclass(frozen=True, slots=True)
class LabelLine:
    """A class of people that you made; nobody else knows of it."""

    id: int
    name: str
    member_count: int


@dataclass(frozen=True, slots=True)
class LabelList:
    """Your labels, by name."""

    items: tuple[LabelLine, ...]


@dataclass(frozen=True, slots=True)
class PersonList:
    """People."""

    items: tuple[Someone, ...]


@dataclass(frozen=True, slots=True)
class LabelName:
    """A label of yours."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class KeptPage:
    """What you keep about somebody; nobody else reads it."""

    __pydantic_config__ = DOCUMENTED

    note: str
    """Empty for none."""
    labels: tuple[LabelName, ...]
    """Of yours, that are on them."""


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """Something about which you want to see nothing."""

    kind: _What
    id: int


@dataclass(frozen=True, slots=True)
class SubjectList:
    """Things and brands about which you want to see nothing."""

    items: tuple[SubjectLine, ...]


@operation(router, "GET", "/labels", entry=Entry.READ)
def list_labels(call: Call) -> LabelList:
    """List your labels for people."""
    return LabelList(tuple(map(_label, queries.list_labels(call.actor.person_id))))


@operation(
    router, "POST", "/labels", entry=Entry.ONCE_IF_KEYED, status=201, refuses=[errors.LabelMalformed, errors.LabelTaken]
)
def make_label(call: Call, body: LabelDraft) -> LabelLine:
    """Make a label."""
    return _label(operations.make_label(actor=call.actor, name=body.name, now=call.now))


@operation(
    router,
    "PUT",
    "/labels/{label_id}",
    entry=Entry.WRITE,
    status=204,
    refuses=[errors.LabelNotFound, errors.LabelMalformed, errors.LabelTaken],
)
def rename_label(call: Call, label_id: Id, body: LabelDraft) -> None:
    """Call a label of yours otherwise; rules that name it stay."""
    operations.rename_label(actor=call.actor, label_id=label_id, name=body.name)


@operation(router, "DELETE", "/labels/{label_id}", entry=Entry.WRITE, status=204, refuses=[errors.LabelNotFound])
def retire_label(call: Call, label_id: Id) -> None:
    """Give a label up. At once it opens nothing any more; whom rules exclude by it, they go on excluding."""
    operations.retire_label(actor=call.actor, label_id=label_id, now=call.now)


@operation(router, "GET", "/labels/{label_id}/members", entry=Entry.READ, refuses=[errors.LabelNotFound])
def list_members(call: Call, label_id: Id) -> PersonList:
    """List on whom you have put a label."""
    return _people(call, queries.members_of_label(call.actor.person_id, label_id))


@operation(
    router,
    "PUT",
    "/labels/{label_id}/members/{person_id}",
    entry=Entry.WRITE,
    status=204,
    refuses=[errors.LabelNotFound, *_OTHER],
)
def add_to_label(call: Call, label_id: Id, person_id: Id) -> None:
    """Put a label on a person, who is not told; it holds at once for everything that names the label."""
    meet(get_viewer(call.actor.person_id), person_id)
    operations.add_to_label(actor=call.actor, label_id=label_id, person_id=person_id, now=call.now)


@operation(
    router,
    "DELETE",
    "/labels/{label_id}/members/{person_id}",
    entry=Entry.WRITE,
    status=204,
    refuses=[errors.LabelNotFound],
)
def remove_from_label(call: Call, label_id: Id, person_id: Id) -> None:
    """Take a label off a person, at once for everything that names it."""
    operations.remove_from_label(actor=call.actor, label_id=label_id, person_id=person_id)


@operation(router, "GET", "/people/{person_id}/note", entry=Entry.READ, refuses=[PersonNotFound])
def show_note(call: Call, person_id: Id) -> KeptPage:
    """Show what you noted about a person, and which of your labels are on them."""
    me = call.actor.person_id
    meet(get_viewer(me), person_id)
    note = queries.notes_by_person(me, [person_id]).get(person_id, "")
    return KeptPage(note, tuple(LabelName(key, name) for key, name in queries.labels_on(me, person_id).items()))


@operation(
    router, "PUT", "/people/{person_id}/note", entry=Entry.WRITE, status=204, refuses=[errors.NoteMalformed, *_OTHER]
)
def set_note(call: Call, person_id: Id, body: NoteDraft) -> None:
    """Note something about a person for yourself."""
    meet(get_viewer(call.actor.person_id), person_id)
    operations.set_note(actor=call.actor, person_id=person_id, text=body.text, now=call.now)


@operation(router, "DELETE", "/people/{person_id}/note", entry=Entry.WRITE, status=204)
def remove_note(call: Call, person_id: Id) -> None:
    """Take your note away."""
    operations.set_note(actor=call.actor, person_id=person_id, text="", now=call.now)


@operation(router, "GET", "/mutes", entry=Entry.READ)
def list_mutes(call: Call) -> PersonList:
    """List of whom you hear nothing."""
    return _people(call, queries.muted_by(call.actor.person_id))


@operation(router, "PUT", "/people/{person_id}/mute", entry=Entry.WRITE, status=204, refuses=_OTHER)
def mute_person(call: Call, person_id: Id) -> None:
    """Hear nothing of a person; they are not told, and what each sees stays as it is."""
    meet(get_viewer(call.actor.person_id), person_id)
    operations.mute(actor=call.actor, person_id=person_id, now=call.now)


@operation(router, "DELETE", "/people/{person_id}/mute", entry=Entry.WRITE, status=204)
def unmute_person(call: Call, person_id: Id) -> None:
    """Hear of a person again."""
    operations.unmute(actor=call.actor, person_id=person_id)


@operation(router, "GET", "/blocks", entry=Entry.READ)
def list_blocks(call: Call) -> PersonList:
    """List whom you keep away, latest first; who keeps you away is told to nobody."""
    blocked = queries.list_blocked(call.actor.person_id)
    persons = identity.persons_by_id([tied.person_id for tied in blocked])
    return PersonList(
        tuple(
            someone(persons[tied.person_id])
            for tied in blocked
            if tied.person_id in persons and not persons[tied.person_id].is_erased
        )
    )


@operation(router, "GET", "/blocked-subjects", entry=Entry.READ)
def list_blocked_subjects(call: Call) -> SubjectList:
    """List the things and brands about which you want to see nothing."""
    blocked = queries.list_blocked_subjects(call.actor.person_id)
    return SubjectList(
        tuple(
            SubjectLine("thing" if subject.kind is BlockedKind.THING else "brand", subject.id)
            for subject in sorted(blocked, key=lambda each: (each.kind, each.id))
        )
    )


@operation(router, "PUT", "/things/{thing_id}/block", entry=Entry.WRITE, status=204, refuses=(ThingNotFound,))
def block_thing(call: Call, thing_id: Id) -> None:
    """See nothing about a thing any more, except in what is your own."""
    things.block_thing(actor=call.actor, thing_id=thing_id, now=call.now)


@operation(
    router,
    "PUT",
    "/things/{thing_id}/brand/block",
    entry=Entry.WRITE,
    status=204,
    refuses=(ThingNotFound, BrandNotFound),
)
def block_brand(call: Call, thing_id: Id) -> None:
    """See nothing about things of the brand that a thing names any more, except in what is your own."""
    things.block_brand(actor=call.actor, thing_id=thing_id, now=call.now)


@operation(router, "DELETE", "/blocked-subjects/{kind}/{subject_id}", entry=Entry.WRITE, status=204)
def unblock_subject(call: Call, kind: _What, subject_id: SubjectId) -> None:
    """See things about it again."""
    operations.unblock_subject(actor=call.actor, subject=Blocked(_SUBJECTS[kind], subject_id))


def _people(call: Call, person_ids: Iterable[int]) -> PersonList:
    persons = identity.persons_met(get_viewer(call.actor.person_id), person_ids)
    return PersonList(tuple(someone(persons[key]) for key in sorted(persons)))


def _label(label: Label) -> LabelLine:
    return LabelLine(label.id, label.name, label.member_count)
