"""What is to be published is held against the rules first, in the transaction that writes it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from wuyou.domains.moderation import errors, queries, rules
from wuyou.domains.moderation.cases import open_case
from wuyou.domains.moderation.finding import find_in
from wuyou.domains.moderation.types import Category, PictureRule, Screening, Subject, TermRule, Verdict
from wuyou.infra import db
from wuyou.infra.pictures import ALIKE, distance
from wuyou.kernel.actor import Actor

_MOST_NAMED = 5
"""So many of the words that are refused are named."""


Piece = tuple[Sequence[str], Sequence[int]]
"""Texts, and perceptual hashes of pictures, that are one subject's."""


@dataclass(frozen=True, slots=True)
class _Broken:
    """The rules that one piece breaks, and the words by which it does."""

    terms: tuple[tuple[str, TermRule], ...]
    pictures: tuple[PictureRule, ...]


@db.requires_transaction
def screen(*, actor: Actor, texts: Sequence[str], looks: Sequence[int] = (), now: datetime) -> Screening:
    """What the rules say of texts and pictures that somebody is about to publish.

    Whoever publishes writes the row with `is_withheld=screening.is_held` and files the screening with its id
    (`file_screening`) in the same transaction.

    Args: looks: perceptual hashes of the pictures.
    Raises: `Paused`, `WordsRefused`, `PictureRefused`.
    Cost: two queries, and one where there are pictures.
    """
    return screen_each(actor=actor, pieces=[(texts, looks)], now=now)[0]


@db.requires_transaction
def screen_each(*, actor: Actor, pieces: Sequence[Piece], now: datetime) -> tuple[Screening, ...]:
    """The same of many pieces that are published at once: all of them or none."""
    until = queries.paused_until(actor.person_id, now)
    if until is not None:
        raise errors.Paused(until=until)
    broken = _find(pieces, now)
    for each in broken:
        _refuse(each)
    return tuple(map(_screening, broken))


@db.requires_transaction
def screen_again(*, texts: Sequence[str], looks: Sequence[int] = (), now: datetime) -> Screening:
    """What the rules say by now of what was taken before and is published by itself: what they refuse is held."""
    return _screening(_find([(texts, looks)], now)[0])


@db.requires_transaction
def check_name(*, texts: Sequence[str], now: datetime) -> None:
    """Refuse what others read and nobody judges by itself: what a series or a shelf is called, a hobby, a place.

    It cannot be held until staff have looked, so what a rule would hold is refused as well.
    Raises: `WordsRefused`. Cost: one query.
    """
    broken = _find([(texts, ())], now)[0]
    _refuse(broken, (Verdict.REFUSE, Verdict.HOLD))


@db.requires_transaction
def file_screening(
    *,
    subject: Subject,
    owner_id: int,
    screening: Screening,
    now: datetime,
    was_withheld: bool = False,
    can_be_closed: bool = True,
) -> None:
    """Keep what the rules found in what is now published, and open a case where staff have to look.

    Args: was_withheld: it was closed before and has been changed: staff look again, whatever the rules say;
        can_be_closed: its kind can be withheld; of one that cannot, staff look while it is there.
    Locks: the open case of the subject. Cost: none where nothing was found; else at most two queries.
    """
    _keep_hits(subject, screening, now)
    if screening.is_held or was_withheld:
        open_case(
            subject=subject,
            owner_id=owner_id,
            is_held=can_be_closed,
            category=screening.category or Category.OTHER,
            now=now,
        )


def _find(pieces: Sequence[Piece], now: datetime) -> tuple[_Broken, ...]:
    found = iter(find_in([text for texts, _ in pieces for text in texts], now))
    rules_on_pictures = queries.find_pictures([look for _, looks in pieces for look in looks])
    return tuple(
        _Broken(
            tuple((text[one.start : one.end], one.rule) for text in texts for one in next(found)),
            tuple(rule for rule in rules_on_pictures if looks and distance(looks, rule.phash) <= ALIKE),
        )
        for texts, looks in pieces
    )


def _refuse(broken: _Broken, verdicts: Collection[Verdict] = (Verdict.REFUSE,)) -> None:
    refused = [(words, rule.category) for words, rule in broken.terms if rule.verdict in verdicts]
    if refused:
        words = tuple(dict.fromkeys(words for words, _ in refused))
        raise errors.WordsRefused(words=", ".join(words[:_MOST_NAMED]), category=refused[0][1])
    for picture in broken.pictures:
        if picture.verdict is Verdict.REFUSE:
            raise errors.PictureRefused(category=picture.category)


def _screening(broken: _Broken) -> Screening:
    terms = {rule.id: rule for _, rule in broken.terms}
    every = [*((rule.verdict, rule.category) for rule in terms.values()),
             *((rule.verdict, rule.category) for rule in broken.pictures)]  # fmt: skip
    if not every:
        return Screening()
    verdict, category = rules.gravest(every)
    return Screening(
        tuple(sorted(terms)), tuple(each.id for each in broken.pictures), category, verdict is not Verdict.MARK
    )


def _keep_hits(subject: Subject, screening: Screening, now: datetime) -> None:
    if screening.category is None:
        return
    db.execute(
        """
        INSERT INTO moderation_hit (subject_kind, subject_id, term_rule_id, picture_rule_id, found_at)
        SELECT %(kind)s, %(id)s, term, NULL::bigint, %(now)s FROM unnest(%(terms)s::bigint[]) term
        UNION ALL
        SELECT %(kind)s, %(id)s, NULL, picture, %(now)s FROM unnest(%(pictures)s::bigint[]) picture
        ON CONFLICT (subject_kind, subject_id, term_rule_id, picture_rule_id)
        DO UPDATE SET found_at = EXCLUDED.found_at
        """,
        {
            "kind": subject.kind.value,
            "id": subject.id,
            "terms": list(screening.term_rule_ids),
            "pictures": list(screening.picture_rule_ids),
            "now": now,
        },
    )
