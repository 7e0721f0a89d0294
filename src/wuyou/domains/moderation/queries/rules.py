"""Reads of rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from wuyou.domains.moderation.types import Category, PictureRule, TermRule, Verdict
from wuyou.infra import db
from wuyou.infra.pictures import ALIKE
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

_TERMS = """
    SELECT r.id, r.text, r.exceptions, r.verdict, r.category, r.valid_from,
           (SELECT count(*) FROM moderation_hit h WHERE h.term_rule_id = r.id)
    FROM moderation_term_rule r
"""
_PICTURES = """
    SELECT r.id, r.phash, r.verdict, r.category, r.note, r.made_at,
           (SELECT count(*) FROM moderation_hit h WHERE h.picture_rule_id = r.id)
    FROM moderation_picture_rule r
"""


def list_term_rules(
    *, category: Category | None = None, words: str = "", cursor: int | None = None, limit: int = 50
) -> Page[TermRule]:
    """Term rules that are not retired, newest first. Args: words: that their term holds. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        {_TERMS} WHERE r.retired_at IS NULL AND (%(category)s = '' OR r.category = %(category)s)
        AND strpos(lower(r.text), lower(%(words)s)) > 0 AND (%(cursor)s::bigint IS NULL OR r.id < %(cursor)s)
        ORDER BY r.id DESC LIMIT %(limit)s
        """,
        {"category": category.value if category else "", "words": words, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_term(columns) for columns in found], limit, lambda rule: rule.id)


def list_picture_rules(*, cursor: int | None = None, limit: int = 50) -> Page[PictureRule]:
    """Picture rules that are not retired, newest first. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"{_PICTURES} WHERE r.retired_at IS NULL AND (%(cursor)s::bigint IS NULL OR r.id < %(cursor)s)"
        " ORDER BY r.id DESC LIMIT %(limit)s",
        {"cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_picture(columns) for columns in found], limit, lambda rule: rule.id)


def count_rules() -> tuple[int, int]:
    """How many term and picture rules hold or will. Cost: one query."""
    terms, pictures = db.rows(
        """
        SELECT (SELECT count(*) FROM moderation_term_rule WHERE retired_at IS NULL),
               (SELECT count(*) FROM moderation_picture_rule WHERE retired_at IS NULL)
        """
    )[0]
    return terms, pictures


def find_pictures(looks: Sequence[int]) -> tuple[PictureRule, ...]:
    """The picture rules that one of these perceptual hashes comes near to. Cost: one query, a look at each rule."""
    if not looks:
        return ()
    found = db.rows(
        f"""
        {_PICTURES} WHERE r.retired_at IS NULL AND EXISTS (
            SELECT FROM unnest(%(looks)s::bigint[]) look WHERE bit_count((look # r.phash)::bit(64)) <= {ALIKE})
        ORDER BY r.id
        """,
        {"looks": list(looks)},
    )
    return tuple(_picture(columns) for columns in found)


def term_rules_by_id(rule_ids: Collection[int]) -> dict[int, TermRule]:
    """Term rules, retired ones too. Cost: one query; none for none."""
    if not rule_ids:
        return {}
    return {columns[0]: _term(columns) for columns in db.rows(f"{_TERMS} WHERE r.id = ANY(%s)", [sorted(rule_ids)])}


def picture_rules_by_id(rule_ids: Collection[int]) -> dict[int, PictureRule]:
    """Picture rules, retired ones too. Cost: one query; none for none."""
    if not rule_ids:
        return {}
    found = db.rows(f"{_PICTURES} WHERE r.id = ANY(%s)", [sorted(rule_ids)])
    return {columns[0]: _picture(columns) for columns in found}


def _term(columns: Sequence[object]) -> TermRule:
    rule_id, text, exceptions, verdict, category, valid_from, hits = columns
    return TermRule(rule_id, text, tuple(exceptions), Verdict(verdict), Category(category), valid_from, hits)  # type: ignore[arg-type]


def _picture(columns: Sequence[object]) -> PictureRule:
    rule_id, phash, verdict, category, note, made_at, hits = columns
    return PictureRule(rule_id, phash, Verdict(verdict), Category(category), note, made_at, hits)  # type: ignore[arg-type]
