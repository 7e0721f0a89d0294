"""Pure decisions of the books: whether a draft can be booked, and what it is recognised by."""

from __future__ import annotations

import hashlib

from wuyou.domains.ledger.errors import MalformedJournal
from wuyou.domains.ledger.types import JournalDraft
from wuyou.kernel.money import MAX_MINOR, Currency

MAX_KEY_LENGTH = 200
MAX_KIND_LENGTH = 64

FIELD, LINE = "\x1f", "\x1e"
"""Separators of `contents`. No field may hold them: all are printable."""


def check_journal(draft: JournalDraft) -> Currency:
    """The one currency of a journal that can be booked. Raises: `MalformedJournal` with the reason."""
    if not is_text(draft.key, MAX_KEY_LENGTH) or not is_text(draft.kind, MAX_KIND_LENGTH):
        raise MalformedJournal(key=draft.key, reason="key and kind are printable and not empty")
    if draft.source_ref and not is_text(draft.source_ref, MAX_KEY_LENGTH):
        raise MalformedJournal(key=draft.key, reason="source_ref is printable")
    if draft.occurred_at.tzinfo is None:
        raise MalformedJournal(key=draft.key, reason="occurred_at has no zone")
    if not draft.transfers:
        raise MalformedJournal(key=draft.key, reason="no transfers")
    currency = draft.transfers[0].debit.currency
    for transfer in draft.transfers:
        if transfer.debit.currency is not currency or transfer.credit.currency is not currency:
            raise MalformedJournal(key=draft.key, reason="more than one currency")
        if type(transfer.amount_minor) is not int or not 0 < transfer.amount_minor <= MAX_MINOR:
            raise MalformedJournal(key=draft.key, reason="amount out of range", amount_minor=transfer.amount_minor)
        if transfer.debit == transfer.credit:
            raise MalformedJournal(key=draft.key, reason="one account on both sides", account=transfer.debit.code)
        if not is_text(transfer.kind, MAX_KIND_LENGTH):
            raise MalformedJournal(key=draft.key, reason="the kind of a transfer is printable and not empty")
    return currency


def input_hash(draft: JournalDraft) -> bytes:
    """SHA-256 of `contents`: two drafts share it when, and only when, they book the same."""
    return hashlib.sha256(contents(draft).encode()).digest()


def contents(draft: JournalDraft) -> str:
    """What a journal books, as one text: key, kind and source, then its transfers in the order of their own text.

    The order in which transfers were given and the moment they were told are left out: neither moves money.
    `queries.verify` makes the same text from the rows, in SQL.
    """
    lines = sorted(
        f"{t.debit.code}{FIELD}{t.credit.code}{FIELD}{t.amount_minor}{FIELD}{t.kind}" for t in draft.transfers
    )
    return LINE.join([f"{draft.key}{FIELD}{draft.kind}{FIELD}{draft.source_ref}", *lines])


def is_number(value: str) -> bool:
    """Whether a text can be a payout number: it becomes part of a journal's key."""
    return is_text(value, MAX_KEY_LENGTH - 20)


def is_text(value: str, max_length: int = MAX_KEY_LENGTH) -> bool:
    """Whether a text is printable, not empty and not too long."""
    return 0 < len(value) <= max_length and value.isprintable()
