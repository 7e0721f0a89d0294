"""What people show of themselves, made through operations only; each call is an entry point."""

from __future__ import annotations

from datetime import datetime

from tests.builders.people import actor_for
from tests.conftest import NOW
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.social import operations, queries
from wuyou.domains.social.types import AgeBand, FaceDraft, Role
from wuyou.infra import db, sight
from wuyou.kernel.sight import PUBLIC, AudienceRule

BORN_1949, BORN_2009 = "11010519491231002X", "110105200906150013"
"""Numbers of documents, of an adult and of somebody under 18 in 2026."""


def make_face(
    person: Person,
    name: str = "设计师林",
    *,
    audience: AudienceRule = PUBLIC,
    avatar: str = "",
    words: str = "",
    roles: tuple[Role, ...] = (),
) -> int:
    """A further face of this person's; shown to everyone unless said otherwise."""
    draft = FaceDraft(name, avatar, words, roles, audience)
    return db.in_transaction(lambda: operations.make_face(actor=actor_for(person), draft=draft, now=NOW))


def change_face(person: Person, face_id: int, draft: FaceDraft) -> None:
    """Another name, picture, words, roles or audience."""
    db.in_transaction(lambda: operations.change_face(actor=actor_for(person), face_id=face_id, draft=draft, now=NOW))


def describe(person: Person, words: str = "", *roles: Role) -> None:
    """What the main face says."""
    actor = actor_for(person)
    db.in_transaction(lambda: operations.describe_oneself(actor=actor, words=words, roles=roles, now=NOW))


def say_hobby(person: Person, hobby: str = "摄影", audience: AudienceRule = PUBLIC) -> int:
    """A hobby of this person's, open to everyone unless said otherwise."""
    return db.in_transaction(
        lambda: operations.say_hobby(actor=actor_for(person), hobby=hobby, audience=audience, now=NOW)
    )


def say_place(person: Person, *words: str, audience: AudienceRule = PUBLIC) -> int:
    """Where this person is at home."""
    return db.in_transaction(
        lambda: operations.say_place(actor=actor_for(person), words=words, audience=audience, now=NOW)
    )


def say_age(now: datetime, person: Person, band: AgeBand | None, audience: AudienceRule = PUBLIC) -> int:
    """When this person was born; None: an adult by proof."""
    return db.in_transaction(lambda: operations.say_age(actor=actor_for(person), band=band, audience=audience, now=now))


def open_trait(now: datetime, person: Person, trait_id: int, audience: AudienceRule) -> None:
    """Open it to others than before."""
    db.in_transaction(
        lambda: operations.open_trait(actor=actor_for(person), trait_id=trait_id, audience=audience, now=now)
    )


def prove(now: datetime, person: Person, number: str = BORN_1949) -> None:
    """A real-name proof of the sandbox."""
    proven = identity.check_real_name(name="林小梅", number=number, now=now)
    db.in_transaction(lambda: identity.keep_real_name_proof(user_id=person.id, proven=proven))


def name_seen(viewer: Person | None, person: Person) -> str:
    """What a person is called to somebody."""
    looking = sight.get_viewer(viewer.id if viewer else None)
    return queries.faces_by_person(looking, [person.id])[person.id].person.display_name
