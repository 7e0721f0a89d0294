"""Reviews: written, said otherwise, taken back.

Locks, in this order: the thing, shared; the review; its files by key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.moderation import operations as moderation
from wuyou.domains.moderation.types import Subject, SubjectKind
from wuyou.domains.social import queries as social
from wuyou.domains.things import copies, errors, queries, rules
from wuyou.domains.things.threads import drop_threads
from wuyou.domains.things.types import ReviewDraft
from wuyou.domains.things.words import take_review_off
from wuyou.infra import db, sight, storage
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor


@db.requires_transaction
def write_review(
    *, actor: Actor, thing_id: int, draft: ReviewDraft, now: datetime, pictures: Sequence[Picture] = ()
) -> int:
    """Say something of a thing that one may know of, to whom the draft opens it; returns the review's id.

    What a rule of moderation holds is its writer's alone until staff have looked.

    Locks: the thing, shared, then the files by key, then the review's open case.
    Raises: `ThingNotFound`, `TextMalformed`, `RatingOutOfRange`, `TooManyPictures`, `storage.FileGone`, and what
    `social.check_rule` and `moderation.screen` refuse.
    """
    me = actor.person_id
    text, rating = rules.clean_lines(draft.text, "review", rules.MAX_REVIEW), rules.check_rating(draft.rating)
    social.check_rule(me, draft.audience)
    thing_id = queries.get_thing_for(sight.get_viewer(me), thing_id).id
    thing_id = copies.keep_things([thing_id])[thing_id]
    screening = moderation.screen(actor=actor, texts=[text], looks=[each.phash for each in pictures], now=now)
    about = queries.subjects_by_thing([thing_id])[thing_id]
    columns = sight.columns(me, draft.audience, about, is_withheld=screening.is_held)
    made = db.row(
        """
        INSERT INTO things_review (owner_id, thing_id, text, rating, shows_proof, written_at, sight_opens, sight_closes)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [me, thing_id, text, rating, draft.shows_proof, now, columns["sight_opens"], columns["sight_closes"]],
    )
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    _add_pictures(made[0], pictures)
    moderation.file_screening(subject=_subject(made[0]), owner_id=me, screening=screening, now=now)
    return int(made[0])


@db.requires_transaction
def edit_review(
    *,
    actor: Actor,
    review_id: int,
    draft: ReviewDraft,
    now: datetime,
    pictures: Sequence[Picture] = (),
    drop_ids: Sequence[int] = (),
) -> None:
    """Say it otherwise, to whom the draft opens it from now on; it replaces what was said.

    What is withheld stays so, and staff look at it again.

    Args: pictures: come after those that are there; drop_ids: of its pictures that go.
    Locks: the review, then the files by key, then its open case.
    Raises: `ReviewNotFound`, `PictureNotFound` (one is enough), and what `write_review` refuses.
    """
    me = actor.person_id
    text, rating = rules.clean_lines(draft.text, "review", rules.MAX_REVIEW), rules.check_rating(draft.rating)
    social.check_rule(me, draft.audience)
    thing_id, was_withheld = _lock(actor, review_id)
    screening = moderation.screen(actor=actor, texts=[text], looks=[each.phash for each in pictures], now=now)
    about = queries.subjects_by_thing([thing_id])[thing_id]
    columns = sight.columns(me, draft.audience, about, is_withheld=was_withheld or screening.is_held)
    db.execute(
        """
        UPDATE things_review SET text = %s, rating = %s, shows_proof = %s, edited_at = %s,
               sight_opens = %s::bigint[], sight_closes = %s::bigint[] WHERE id = %s
        """,
        [text, rating, draft.shows_proof, now, columns["sight_opens"], columns["sight_closes"], review_id],
    )
    wanted = sorted(set(drop_ids))
    found = db.row(
        "SELECT count(*) FROM things_review_picture WHERE review_id = %s AND id = ANY(%s)", [review_id, wanted]
    )
    if found != (len(wanted),):
        raise errors.PictureNotFound()
    drop_threads(wanted)
    dropped = db.rows(
        "DELETE FROM things_review_picture WHERE review_id = %s AND id = ANY(%s) RETURNING key", [review_id, wanted]
    )
    storage.discard([key for (key,) in dropped])
    _add_pictures(review_id, pictures)
    moderation.file_screening(
        subject=_subject(review_id), owner_id=me, screening=screening, was_withheld=was_withheld, now=now
    )


@db.requires_transaction
def remove_review(*, actor: Actor, review_id: int) -> None:
    """Take back what one said, with its pictures. Raises `ReviewNotFound`. Locks: the review."""
    _lock(actor, review_id)
    take_review_off(review_id)


def _subject(review_id: int) -> Subject:
    return Subject(SubjectKind.REVIEW, review_id)


def _lock(actor: Actor, review_id: int) -> tuple[int, bool]:
    """The thing of one's own review, which is locked, and whether only oneself sees it for now."""
    found = db.row(
        f"""
        SELECT r.thing_id, {sight.withheld_sql("r")} FROM things_review r WHERE r.id = %s AND r.owner_id = %s FOR UPDATE
        """,  # noqa: S608  (a condition of ours)
        [review_id, actor.person_id],
    )
    if found is None:
        raise errors.ReviewNotFound()
    return int(found[0]), bool(found[1])


def _add_pictures(review_id: int, pictures: Sequence[Picture]) -> None:
    if not pictures:
        return
    storage.keep([picture.key for picture in pictures])
    db.execute(
        """
        INSERT INTO things_review_picture (review_id, key, position, width, height, blurhash)
        SELECT %(review)s, p.key, p.place + coalesce((SELECT max(position) FROM things_review_picture
                                                      WHERE review_id = %(review)s), 0), p.width, p.height, p.blurhash
        FROM unnest(%(keys)s::text[], %(widths)s::int[], %(heights)s::int[], %(blurs)s::text[]) WITH ORDINALITY
             AS p (key, width, height, blurhash, place)
        """,
        {
            "review": review_id,
            "keys": [picture.key for picture in pictures],
            "widths": [picture.width for picture in pictures],
            "heights": [picture.height for picture in pictures],
            "blurs": [picture.blurhash for picture in pictures],
        },
    )
    if db.rows(
        "SELECT 1 FROM things_review_picture WHERE review_id = %s OFFSET %s LIMIT 1", [review_id, rules.MAX_PICTURES]
    ):
        raise errors.TooManyPictures(most=rules.MAX_PICTURES)
