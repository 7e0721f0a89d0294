"""Rules and reasons as they stand in rows."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from wuyou.domains.channels.types import Reasons, Rule, Verdict

_RULE = TypeAdapter(Rule)
_REASONS = TypeAdapter(Reasons)


def rule_out(rule: Rule) -> str:
    """A rule as JSON."""
    return _RULE.dump_json(rule).decode()


def rule_in(stored: Any) -> Rule:
    """A rule of its row; a field that came later is as a rule that does not name it."""
    return _RULE.validate_python(_parsed(stored))


def reasons_out(verdict: Verdict) -> str:
    """Why a post was placed, as JSON."""
    return _REASONS.dump_json(Reasons(verdict.checks, verdict.quality, verdict.figures, verdict.published_at)).decode()


def reasons_in(stored: Any) -> Reasons:
    """The same, of a row."""
    return _REASONS.validate_python(_parsed(stored))


def _parsed(stored: Any) -> Any:
    return json.loads(stored) if isinstance(stored, str) else stored
