"""Does everything in a statement follow? From the document and the public key alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wuyou.engines.statements import chain
from wuyou.engines.statements.files import LINE, Document
from wuyou.engines.statements.formulas import FormulaError, compute

HEAD = {
    "format": str, "issuer": str, "number": str, "account": str, "currency": str, "month": str, "from": str,
    "until": str, "closed_at": str, "opening_minor": int, "closing_minor": int, "line_count": int, "previous": str,
    "key_id": str,
}  # fmt: skip
"""What a head says."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not follow."""

    line: int | None
    """Which line, from 1; None for the statement as a whole."""
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line is not None else self.text


def check(document: Document, public_key: str) -> list[Finding]:
    """Everything that is wrong, the first first; empty when the statement is what the key's owner closed.

    Each amount is computed again from its inputs, each balance from the one before, each hash from what it stands
    over; the head's sums, count and key, and the signature. After the first broken line the others are held to what
    they say themselves, so that one change is one finding.
    """
    head = document["head"]
    wrong = _head(head)
    if wrong:
        return [Finding(None, wrong)]
    findings: list[Finding] = []
    balance, before = head["opening_minor"], chain.NOTHING
    for number, line in enumerate(document["lines"], 1):
        reasons = list(_line(line, number, balance, before))
        if reasons:
            findings.append(Finding(number, "; ".join(reasons)))
        if type(line) is not dict or type(line.get("balance_minor")) is not int or type(line.get("hash")) is not str:
            return findings
        balance, before = line["balance_minor"], line["hash"]
    try:
        findings += [Finding(None, text) for text in _whole(document, balance, before, public_key)]
    except ValueError:
        findings.append(Finding(None, "the head holds what no text can say"))
    return findings


def _head(head: dict[str, Any]) -> str:
    if set(head) != set(HEAD):
        return f"a head says {', '.join(sorted(HEAD))}"
    for name, kind in HEAD.items():
        if type(head[name]) is not kind:
            return f"{name} of the head is not what it should be: {head[name]!r}"
    return "" if head["format"] == chain.FORMAT else f"the format is {head['format']!r}, not {chain.FORMAT!r}"


def _line(line: Any, number: int, balance: int, before: str) -> Iterator[str]:
    if type(line) is not dict or set(line) != set(LINE):
        yield f"a line says {', '.join(LINE)}"
        return
    if line["no"] != number:
        yield f"it is numbered {line['no']!r}: a line is missing, added or in another place"
    for name in ("amount_minor", "balance_minor"):
        if type(line[name]) is not int:
            yield f"{name} is not a whole number"
            return
    try:
        amount = compute(line["formula"], line["inputs"])
        if amount != line["amount_minor"]:
            yield f"the amount is {amount} by {line['formula']}, not {line['amount_minor']}"
    except FormulaError as error:
        yield str(error)
    except TypeError:
        yield "the formula is not a name"
    if balance + line["amount_minor"] != line["balance_minor"]:
        yield f"the balance after it is {balance + line['amount_minor']}, not {line['balance_minor']}"
    try:
        hash_ = chain.line_hash(line, before)
    except (TypeError, ValueError):
        hash_ = ""
    if hash_ != line["hash"]:
        yield "its hash does not stand over it and the line before"


def _whole(document: Document, balance: int, last: str, public_key: str) -> Iterator[str]:
    head = document["head"]
    if balance != head["closing_minor"]:
        yield f"the lines lead to {balance}, not to the closing balance {head['closing_minor']}"
    if len(document["lines"]) != head["line_count"]:
        yield f"there are {len(document['lines'])} lines, not {head['line_count']}"
    if chain.statement_hash(head, last) != document["hash"]:
        yield "the hash does not stand over the head and the last line"
    if chain.key_id(public_key) != head["key_id"]:
        yield f"it was signed with the key {head['key_id']}, and this is {chain.key_id(public_key)}"
    if type(document["signature"]) is not str or not chain.is_signed(
        public_key, document["hash"], document["signature"]
    ):
        yield "the signature is not of this key over this hash"
