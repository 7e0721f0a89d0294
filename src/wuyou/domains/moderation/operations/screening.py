"""What is to be published is held against the rules first, in the transaction that writes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.moderation import errors, queries, rules
from wuyou.domains.moderation.cases import open_case
from wuyou.domains.moderation.finding import find_in
from wuyou.domains.moderation.types import Category, Screening, Subject, Verdict
from wuyou.infra import db
from wuyou.kernel.actor import Actor

_MOST_NAMED = 5
"""So many of the words that are refused are named."""


@db.requires_transaction
def screen(*, actor: Actor, texts: Sequence[str], looks: Sequence[int] = (), now: datetime) -> Screening:
    """What the rules say of texts and pictures that somebody is about to publish.

    Whoever publishes writes the row with `is_withheld=screening.is_held` and files the screening with its id
    (`file_screening`) in the same transaction.

    Args: looks: perceptual hashes of the pictures.
    Raises: `Paused`, `WordsRefused`, `PictureRefused`.
    Cost: two queries, and one where there are pictures.
    """
    until = queries.paused_until(actor.person_id, now)
    if until is not None:
        raise errors.Paused(until=until)
    found = find_in(texts, now)
    refused = [
        (text[one.start : one.end], one.rule.category)
        for text, all_found in zip(texts, found, strict=True)
        for one in all_found
        if one.rule.verdict is Verdict.REFUSE
    ]
    if refused:
        words = tuple(dict.fromkeys(words for words, _ in refused))
        raise errors.WordsRefused(words=", ".join(words[:_MOST_NAMED]), category=refused[0][1])
    terms = {one.rule.id: one.rule for all_found in found for one in all_found}
    pictures = queries.find_pictures(looks)
    for picture in pictures:
        if picture.verdict is Verdict.REFUSE:
            raise errors.PictureRefused(category=picture.category)
    broken = [(rule.verdict, rule.category) for rule in terms.values()]
    broken += [(rule.verdict, rule.category) for rule in pictures]
    if not broken:
        return Screening()
    verdict, category = rules.gravest(broken)
    return Screening(tuple(sorted(terms)), tuple(each.id for each in pictures), category, verdict is Verdict.HOLD)


@db.requires_transaction
def file_screening(
    *, subject: Subject, owner_id: int, screening: Screening, now: datetime, was_withheld: bool = False
) -> None:
    """Keep what the rules found in what is now published, and open a case where staff have to look.

    Args: was_withheld: it was closed before and has been changed: staff look again, whatever the rules say.
    Locks: the open case of the subject. Cost: none where nothing was found; else at most two queries.
    """
    _keep_hits(subject, screening, now)
    if screening.is_held or was_withheld:
        open_case(
            subject=subject,
            owner_id=owner_id,
            is_held=True,
            category=screening.category or Category.OTHER,
            now=now,
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
