"""What somebody shows of themselves: further faces, roles and a few words, an age, hobbies and places.

Everything but the main face is private until its owner opens it. How many there are of each is decided under the lock
of the person, and so is whether an age stands against what a real-name proof says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from wuyou.domains.identity import queries as identity
from wuyou.domains.moderation import operations as moderation
from wuyou.domains.social import errors, policies, queries, said
from wuyou.domains.social.judging import screen_face
from wuyou.domains.social.types import AgeBand, FaceDraft, Role, TraitKind
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, AudienceRule, Kind, token

_AGE_KEY = "age"
_LAST = 32_767


@db.requires_transaction
def describe_oneself(*, actor: Actor, words: str, roles: Collection[Role], now: datetime) -> None:
    """What the main face says beside name and picture; whoever may meet the person reads it.

    What a rule of moderation holds is its owner's alone until staff have looked.
    Raises: `FaceMalformed`, what `moderation.screen` refuses. Locks: the face, then its open case.
    """
    me, words = actor.person_id, said.clean_own_words(words)
    kept = db.row(
        """
        INSERT INTO social_face (owner_id, is_main, position, name, avatar, words, roles, sight_opens, sight_closes)
        VALUES (%(me)s, true, %(last)s, '', '', %(words)s, %(roles)s::text[], %(sight_opens)s::bigint[],
                %(sight_closes)s::bigint[])
        ON CONFLICT (owner_id) WHERE is_main DO UPDATE SET words = EXCLUDED.words, roles = EXCLUDED.roles RETURNING id
        """,
        {
            "me": me,
            "last": _LAST,
            "words": words,
            "roles": [role.value for role in said.clean_roles(roles)],
            **sight.columns(me, PUBLIC),
        },
    )
    assert kept is not None  # noqa: S101  (it is inserted or updated)
    screen_face(actor, kept[0], [words], now)


@db.requires_transaction
def make_face(*, actor: Actor, draft: FaceDraft, now: datetime) -> int:
    """Show oneself otherwise to whom the draft names; it comes after the faces that are there. Returns its id.

    What a rule of moderation holds is its owner's alone until staff have looked.
    Raises: `FaceMalformed`, `TooManyFaces`, what `queries.check_rule` and `moderation.screen` refuse.
    Locks: the person's own, then the face's open case.
    """
    me, draft = actor.person_id, said.clean_face(draft)
    queries.check_rule(me, draft.audience)
    lock_own(me)
    if len(db.rows("SELECT FROM social_face WHERE owner_id = %s AND NOT is_main", [me])) >= policies.MAX_FACES:
        raise errors.TooManyFaces(most=policies.MAX_FACES)
    made = db.row(
        """
        INSERT INTO social_face (owner_id, is_main, position, name, avatar, words, roles, sight_opens, sight_closes)
        VALUES (%(me)s, false, (SELECT coalesce(max(position), 0) + 1 FROM social_face
                                WHERE owner_id = %(me)s AND NOT is_main),
                %(name)s, %(avatar)s, %(words)s, %(roles)s::text[], %(sight_opens)s::bigint[],
                %(sight_closes)s::bigint[])
        RETURNING id
        """,
        _columns(me, draft),
    )
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    screen_face(actor, made[0], [draft.name, draft.words], now)
    return int(made[0])


@db.requires_transaction
def change_face(*, actor: Actor, face_id: int, draft: FaceDraft, now: datetime) -> None:
    """Make one's face another, or show it to others, from now on. What is withheld stays so, and is looked at again.

    Raises: `FaceNotFound`, `FaceMalformed`, what `queries.check_rule` and `moderation.screen` refuse.
    Locks: the face, then its open case.
    """
    me, draft = actor.person_id, said.clean_face(draft)
    queries.check_rule(me, draft.audience)
    changed = db.execute(
        """
        UPDATE social_face SET name = %(name)s, avatar = %(avatar)s, words = %(words)s, roles = %(roles)s::text[],
               sight_opens = %(sight_opens)s::bigint[], sight_closes = %(sight_closes)s::bigint[]
               || ARRAY(SELECT closing FROM unnest(sight_closes) AS closing WHERE closing = %(withheld)s)
        WHERE id = %(face)s AND owner_id = %(me)s AND NOT is_main
        """,
        {**_columns(me, draft), "face": face_id, "withheld": token(Kind.WITHHELD)},
    )
    if not changed:
        raise errors.FaceNotFound()
    screen_face(actor, face_id, [draft.name, draft.words], now)


@db.requires_transaction
def remove_face(*, actor: Actor, face_id: int) -> None:
    """Show oneself so no longer. Raises `FaceNotFound`."""
    removed = db.execute(
        "DELETE FROM social_face WHERE id = %s AND owner_id = %s AND NOT is_main", [face_id, actor.person_id]
    )
    if not removed:
        raise errors.FaceNotFound()


@db.requires_transaction
def order_faces(*, actor: Actor, face_ids: Sequence[int]) -> None:
    """Of several faces that somebody may see, the first in this order is shown. All one's further faces are named.

    Raises: `FaceNotFound` when one is not one's own, is left out, or named twice. Locks: the person's own.
    """
    me = actor.person_id
    lock_own(me)
    own = [face_id for (face_id,) in db.rows("SELECT id FROM social_face WHERE owner_id = %s AND NOT is_main", [me])]
    if sorted(own) != sorted(face_ids):
        raise errors.FaceNotFound()
    db.execute(
        """
        UPDATE social_face f SET position = wanted.place
        FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place) WHERE f.id = wanted.id
        """,
        [list(face_ids)],
    )


@db.requires_transaction
def say_hobby(*, actor: Actor, hobby: str, audience: AudienceRule, now: datetime) -> int:
    """Say what one likes to do, in one's own word; the same again says it in this spelling, to this audience.

    Returns the trait's id. Locks: the person's own.
    Raises: `TraitMalformed`, `TooManyTraits`, `moderation.WordsRefused`, what `queries.check_rule` refuses.
    """
    word = said.clean_word(hobby, "hobby")
    queries.check_rule(actor.person_id, audience)
    moderation.check_name(texts=[word], now=now)
    lock_own(actor.person_id)
    key = said.normal(word)
    return _say(actor.person_id, TraitKind.HOBBY, key, audience, [word], [key], policies.MAX_HOBBIES)


@db.requires_transaction
def say_place(*, actor: Actor, words: Sequence[str], audience: AudienceRule, now: datetime) -> int:
    """Say where one is at home: country, region, city, as far as one likes, in words. Otherwise as `say_hobby`."""
    place = said.clean_place(words)
    queries.check_rule(actor.person_id, audience)
    moderation.check_name(texts=place, now=now)
    lock_own(actor.person_id)
    terms = said.terms_of_place(place)
    return _say(actor.person_id, TraitKind.PLACE, " ".join(terms), audience, place, terms, policies.MAX_PLACES)


@db.requires_transaction
def say_age(*, actor: Actor, band: AgeBand | None, audience: AudienceRule, now: datetime) -> int:
    """State when one was born, to five or ten years, or, without a band, that one is an adult by real-name proof.

    One person has one age: it takes the place of what was said before. Returns the trait's id.
    Raises: `TraitMalformed`, `AgeRefuted`, `AgeNotProven`, `AgeTooOpen`, what `queries.check_rule` refuses.
    Locks: the person's own, before the proof is looked at (see `drop_refuted_age`).
    """
    me = actor.person_id
    if band is not None:
        said.check_band(band, now)
    queries.check_rule(me, audience)
    lock_own(me)
    proof = identity.find_real_name_proof(me)
    said.require_not_refuted(band, proof)
    said.require_not_too_open(band, proof, audience, now)
    return _say(me, TraitKind.AGE, _AGE_KEY, audience, [], said.terms_of_age(band), 1, band)


@db.requires_transaction
def drop_refuted_age(*, actor: Actor) -> bool:
    """Take an age back that stands against the real-name proof; called where a proof is kept. Returns whether it was.

    Locks: the person's own, so that an age which is stated meanwhile is either seen here or sees the proof.
    """
    me = actor.person_id
    lock_own(me)
    own = next((own for own in queries.list_own_traits(me) if own.trait.kind is TraitKind.AGE), None)
    if own is None:
        return False
    try:
        said.require_not_refuted(own.trait.band, identity.find_real_name_proof(me))
    except errors.AgeRefuted:
        take_trait_back(actor=actor, trait_id=own.trait.id)
        return True
    return False


@db.requires_transaction
def open_trait(*, actor: Actor, trait_id: int, audience: AudienceRule, now: datetime) -> None:
    """Open what one says of oneself to others than before, from now on.

    Raises: `TraitNotFound`, `AgeTooOpen`, what `queries.check_rule` refuses.
    """
    me = actor.person_id
    queries.check_rule(me, audience)
    trait = queries.get_own_trait(me, trait_id).trait
    if trait.kind is TraitKind.AGE:
        said.require_not_too_open(trait.band, identity.find_real_name_proof(me), audience, now)
    db.execute(
        """
        UPDATE social_trait SET sight_opens = %(sight_opens)s::bigint[], sight_closes = %(sight_closes)s::bigint[]
        WHERE id = %(trait)s AND owner_id = %(me)s
        """,
        {"trait": trait_id, "me": me, **sight.columns(me, audience)},
    )


@db.requires_transaction
def take_trait_back(*, actor: Actor, trait_id: int) -> None:
    """Say it of oneself no longer. Raises `TraitNotFound`."""
    if not db.execute("DELETE FROM social_trait WHERE id = %s AND owner_id = %s", [trait_id, actor.person_id]):
        raise errors.TraitNotFound()


def lock_own(person_id: int) -> None:
    """Whatever else is shown of this person waits until the transaction ends."""
    # A statement of its own: what is read after it sees what the other transaction has committed.
    db.execute("SELECT pg_advisory_xact_lock(hashtextextended('social_own', %s))", [person_id])


def _say(
    me: int,
    kind: TraitKind,
    key: str,
    audience: AudienceRule,
    words: Sequence[str],
    terms: Sequence[str],
    most: int,
    band: AgeBand | None = None,
) -> int:
    others = db.rows("SELECT FROM social_trait WHERE owner_id = %s AND kind = %s AND key <> %s", [me, kind.value, key])
    if len(others) >= most:
        raise errors.TooManyTraits(most=most)
    kept = db.row(
        """
        INSERT INTO social_trait (owner_id, kind, key, words, terms, first_year, years, sight_opens, sight_closes)
        VALUES (%(me)s, %(kind)s, %(key)s, %(words)s::text[], %(terms)s::text[], %(first_year)s, %(years)s,
                %(sight_opens)s::bigint[], %(sight_closes)s::bigint[])
        ON CONFLICT (owner_id, kind, key) DO UPDATE SET
            words = EXCLUDED.words, terms = EXCLUDED.terms, first_year = EXCLUDED.first_year, years = EXCLUDED.years,
            sight_opens = EXCLUDED.sight_opens, sight_closes = EXCLUDED.sight_closes
        RETURNING id
        """,
        {
            "me": me,
            "kind": kind.value,
            "key": key,
            "words": list(words),
            "terms": list(terms),
            "first_year": band and band.first_year,
            "years": band and band.years,
            **sight.columns(me, audience),
        },
    )
    assert kept is not None  # noqa: S101  (it is inserted or updated)
    return int(kept[0])


def _columns(me: int, draft: FaceDraft) -> dict[str, object]:
    return {
        "me": me,
        "name": draft.name,
        "avatar": draft.avatar,
        "words": draft.words,
        "roles": [role.value for role in draft.roles],
        **sight.columns(me, draft.audience),
    }
