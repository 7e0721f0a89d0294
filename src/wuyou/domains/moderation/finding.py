"""The term rules of this moment, compiled, in the memory of each process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wuyou.domains.moderation.types import Category, Found, TermRule, Verdict
from wuyou.engines.terms import Matcher, Term
from wuyou.infra import db

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Compiled:
    version: Version
    matcher: Matcher
    rules: Mapping[int, TermRule]


_compiled = _Compiled((0, 0, 0), Matcher(()), {})


def find_terms(text: str, now: datetime) -> tuple[Found, ...]:
    """The term rules that hold at this moment and that a text breaks, by where it does. Cost: one query."""
    return find_in([text], now)[0]


def find_in(texts: Sequence[str], now: datetime) -> tuple[tuple[Found, ...], ...]:
    """The same of many texts. Cost: one query; two when the rules have changed since this process last looked."""
    compiled = _current()
    return tuple(
        tuple(
            Found(compiled.rules[match.key], match.start, match.end)
            for match in compiled.matcher.find(text)
            if compiled.rules[match.key].valid_from <= now
        )
        for text in texts
    )


def _current() -> _Compiled:
    global _compiled
    # Rules are only ever added and retired: two states of the table differ in one of these.
    version: Version = db.rows("SELECT count(*), coalesce(max(id), 0), count(retired_at) FROM moderation_term_rule")[0]
    if _compiled.version != version:
        rules = {
            rule_id: TermRule(rule_id, text, tuple(exceptions), Verdict(verdict), Category(category), valid_from)
            for rule_id, text, exceptions, verdict, category, valid_from in db.rows(
                """
                SELECT id, text, exceptions, verdict, category, valid_from FROM moderation_term_rule
                WHERE retired_at IS NULL
                """
            )
        }
        terms = (Term(rule.id, rule.text, rule.exceptions) for rule in rules.values())
        _compiled = _Compiled(version, Matcher(terms), rules)
    return _compiled
