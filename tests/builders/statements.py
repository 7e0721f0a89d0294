"""Statements made of nothing but values, signed with a key of the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from wuyou.engines.statements import chain
from wuyou.engines.statements.files import Document
from wuyou.engines.statements.formulas import COMMISSION, SUM, compute
from wuyou.kernel.money import allocate, apply_bps

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
PUBLIC = chain.public_key(KEY)

Reason = tuple[str, dict[str, Any]]


def document(reasons: Sequence[Reason], *, opening_minor: int = 0, key: str = KEY) -> Document:
    """A statement of these formulas and inputs."""
    balance, before = opening_minor, chain.NOTHING
    lines = []
    for no, (formula, inputs) in enumerate(reasons, 1):
        amount = compute(formula, inputs)
        balance += amount
        line = {
            "no": no, "posted_at": f"2026-03-{no % 28 + 1:02}T04:00:00.000000Z",
            "occurred_at": "2026-03-01T04:00:00.000000Z", "journal": f"settle:W{no}", "kind": "settle",
            "source": f"order:W{no}", "formula": formula, "inputs": inputs, "amount_minor": amount,
            "balance_minor": balance,
        }  # fmt: skip
        before = chain.line_hash(line, before)
        lines.append({**line, "hash": before})
    head = {
        "format": chain.FORMAT, "issuer": "https://物友.example", "number": "2026-03-publisher7-CNY",
        "account": "promoter_payable/publisher:7/CNY", "currency": "CNY", "month": "2026-03",
        "from": "2026-02-28T16:00:00.000000Z", "until": "2026-03-31T16:00:00.000000Z",
        "closed_at": "2026-03-31T17:00:00.000000Z", "opening_minor": opening_minor, "closing_minor": balance,
        "line_count": len(lines), "previous": chain.NOTHING, "key_id": chain.key_id(chain.public_key(key)),
    }  # fmt: skip
    hash_ = chain.statement_hash(head, before)
    return {"head": head, "lines": lines, "hash": hash_, "signature": chain.sign(key, hash_)}


def commission(
    lines: Sequence[int], line: int, refunded: int, rate_bps: int, shares: Sequence[int], party: int, before: int = 0
) -> Reason:
    """A party's part with all that it is computed from."""
    base = lines[line] - allocate(min(refunded, sum(lines)), lines)[line]
    names = [f"PARTY{number}" for number in range(len(shares))]
    return COMMISSION, {
        "rule_version": 1, "lines_minor": list(lines), "line": line, "refunded_minor": refunded, "rate_bps": rate_bps,
        "parties": names, "shares_bps": list(shares), "parts_minor": allocate(apply_bps(base, rate_bps), shares),
        "party": names[party], "before_minor": before,
    }  # fmt: skip


@st.composite
def commissions(draw: st.DrawFn) -> Reason:
    """Any commission that can be booked."""
    lines = draw(st.lists(st.integers(1, 10**9), min_size=1, max_size=4))
    first = draw(st.integers(0, 10_000))
    second = draw(st.integers(0, 10_000 - first))
    return commission(
        lines, draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, sum(lines) + 500)),
        draw(st.integers(0, 9_000)),
        (first, second, 10_000 - first - second), draw(st.integers(0, 2)), draw(st.integers(0, 10**6)),
    )  # fmt: skip


sums = st.builds(
    lambda plus, minus: (SUM, {"plus": plus, "minus": minus}),
    *[st.dictionaries(st.text("abc佣金:7-\"'=,", min_size=1, max_size=6), st.integers(0, 10**12), max_size=3)] * 2,
)
documents = st.builds(
    lambda reasons, opening_minor: document(reasons, opening_minor=opening_minor),
    st.lists(commissions() | sums, max_size=4),
    st.integers(-(10**9), 10**9),
)
"""Any statement that an installation could close."""
