"""Staff write the rules. A rule never changes: it is retired, and another one takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.moderation import errors, policies, rules
from wuyou.domains.moderation.types import Category, TermDraft, Verdict
from wuyou.engines.terms import fold
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def add_term_rule(*, actor: Actor, draft: TermDraft, now: datetime) -> int:
    """Write a term rule; one of the same term, as it is folded, is retired. Returns its id.

    Raises: `StaffOnly`, `TextMalformed`. Locks: the rule that goes.
    """
    return import_term_rules(actor=actor, drafts=[draft], now=now)[0]


@db.requires_transaction
def import_term_rules(*, actor: Actor, drafts: Sequence[TermDraft], now: datetime) -> tuple[int, ...]:
    """Write many, all or none; of several of the same term the last one counts. Returns the ids of those that are new.

    A rule that stands already as it is given stays, so a file that is taken in twice changes nothing the second time.

    Raises: `StaffOnly`, `TextMalformed`, `TooManyRules`. Cost: two statements.
    """
    staff_id = policies.require_staff(actor)
    if len(drafts) > rules.MOST_RULES:
        raise errors.TooManyRules(most=rules.MOST_RULES)
    by_term: dict[str, TermDraft] = {}
    for draft in drafts:
        folded = _folded(draft)
        by_term[folded] = draft
    params = {
        "folded": list(by_term),
        "texts": [draft.text.strip() for draft in by_term.values()],
        "exceptions": ["\n".join(each.strip() for each in draft.exceptions) for draft in by_term.values()],
        "verdicts": [draft.verdict.value for draft in by_term.values()],
        "categories": [draft.category.value for draft in by_term.values()],
        "froms": [draft.valid_from or now for draft in by_term.values()],
        "staff": staff_id,
        "now": now,
    }
    given = """
        WITH given AS (
            SELECT folded, text, verdict, category, valid_from,
                   CASE exceptions WHEN '' THEN '{}' ELSE string_to_array(exceptions, E'\\n') END AS exceptions
            FROM unnest(%(folded)s::text[], %(texts)s::text[], %(exceptions)s::text[], %(verdicts)s::text[],
                        %(categories)s::text[], %(froms)s::timestamptz[])
                 AS g (folded, text, exceptions, verdict, category, valid_from))
    """
    # In two statements: the second sees that those which are replaced make room.
    db.execute(
        f"""
        {given} UPDATE moderation_term_rule r SET retired_at = %(now)s FROM given g
        WHERE r.retired_at IS NULL AND r.folded = g.folded
        AND (r.text, r.exceptions::text[], r.verdict, r.category) IS DISTINCT FROM
            (g.text, g.exceptions, g.verdict, g.category)
        """,  # noqa: S608  (a literal of this module)
        params,
    )
    made = db.rows(
        f"""
        {given} INSERT INTO moderation_term_rule (text, folded, exceptions, verdict, category, valid_from, made_by_id,
                                                  made_at)
        SELECT text, folded, exceptions, verdict, category, valid_from, %(staff)s, %(now)s FROM given
        ON CONFLICT (folded) WHERE retired_at IS NULL DO NOTHING RETURNING id
        """,  # noqa: S608  (a literal of this module)
        params,
    )
    return tuple(rule_id for (rule_id,) in made)


@db.requires_transaction
def retire_term_rule(*, actor: Actor, rule_id: int, now: datetime) -> None:
    """It finds nothing any more; what it found stays found. Raises `StaffOnly`, `RuleNotFound`. Locks: the rule."""
    policies.require_staff(actor)
    _retire("moderation_term_rule", rule_id, now)


@db.requires_transaction
def add_picture_rule(
    *, actor: Actor, phash: int, verdict: Verdict, category: Category, note: str, now: datetime
) -> int:
    """Write a rule on what looks like a picture, by its perceptual hash; the same one is one rule. Returns its id.

    Raises: `StaffOnly`, `TextMalformed`. Locks: the rule that goes.
    """
    staff_id = policies.require_staff(actor)
    note = rules.clean_words(note, "note", 120, is_needed=False).replace("\n", " ")
    db.execute(
        "UPDATE moderation_picture_rule SET retired_at = %s WHERE phash = %s AND retired_at IS NULL", [now, phash]
    )
    made = db.row(
        """
        INSERT INTO moderation_picture_rule (phash, verdict, category, note, made_by_id, made_at)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (phash) WHERE retired_at IS NULL DO UPDATE SET verdict = EXCLUDED.verdict RETURNING id
        """,
        [phash, verdict.value, category.value, note, staff_id, now],
    )
    assert made is not None  # noqa: S101  (a row is written or found)
    return int(made[0])


@db.requires_transaction
def retire_picture_rule(*, actor: Actor, rule_id: int, now: datetime) -> None:
    """It finds nothing any more. Raises `StaffOnly`, `RuleNotFound`. Locks: the rule."""
    policies.require_staff(actor)
    _retire("moderation_picture_rule", rule_id, now)


def _retire(table: str, rule_id: int, now: datetime) -> None:
    if not db.execute(
        f"UPDATE {table} SET retired_at = %s WHERE id = %s AND retired_at IS NULL",  # noqa: S608  (a table of ours)
        [now, rule_id],
    ):
        raise errors.RuleNotFound()


def _folded(draft: TermDraft) -> str:
    """How the engine reads the term. Raises `TextMalformed` where it has nothing to read."""
    text = fold(rules.clean_term(draft.text)).text
    if not text:
        raise errors.TextMalformed(field="term", longest=rules.MAX_TERM)
    if len(draft.exceptions) > rules.MAX_EXCEPTIONS:
        raise errors.TextMalformed(field="exceptions", longest=rules.MAX_TERM)
    for exception in draft.exceptions:
        if text not in fold(rules.clean_term(exception, "exceptions")).text:
            raise errors.TextMalformed(field="exceptions", longest=rules.MAX_TERM)
    return text
