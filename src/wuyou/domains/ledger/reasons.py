"""Why a payee's account changes: given by whoever books, or told from the transfers; always such that it computes."""

from __future__ import annotations

from collections.abc import Iterable

from wuyou.domains.ledger.errors import MalformedJournal
from wuyou.domains.ledger.rules import is_text
from wuyou.domains.ledger.types import AccountRef, JournalDraft, ReasonDraft, TransferDraft
from wuyou.engines.statements.formulas import SUM, FormulaError, compute


def reasons_of(draft: JournalDraft) -> tuple[ReasonDraft, ...]:
    """The reasons of every payable account that a journal moves: those given, else one that sums its transfers.

    Raises: `MalformedJournal` when a reason does not compute, or the reasons of an account are not what it moves by.
    """
    moved = changes(draft.transfers)
    given: dict[AccountRef, int] = {}
    seen: set[tuple[AccountRef, str]] = set()
    for reason in draft.reasons:
        _check(draft, reason)
        if (reason.account, reason.source) in seen:
            raise MalformedJournal(key=draft.key, reason="two reasons of one source", source=reason.source)
        seen.add((reason.account, reason.source))
        given[reason.account] = given.get(reason.account, 0) + reason.amount_minor
    for account, amount_minor in given.items():
        if moved.get(account) != amount_minor:
            raise MalformedJournal(key=draft.key, reason="reasons give another sum", account=account.code)
    told = [_told(draft, account) for account, amount in moved.items() if account not in given and amount]
    return (*draft.reasons, *told)


def changes(transfers: Iterable[TransferDraft]) -> dict[AccountRef, int]:
    """By how much transfers change each payable account; all of those grow by credits."""
    moved: dict[AccountRef, int] = {}
    for transfer in transfers:
        for account, amount in ((transfer.debit, -transfer.amount_minor), (transfer.credit, transfer.amount_minor)):
            if account.kind.is_payable:
                moved[account] = moved.get(account, 0) + amount
    return moved


def sum_reason(account: AccountRef, source: str, plus: dict[str, int], minus: dict[str, int]) -> ReasonDraft:
    """A reason by `sum.1`; what is nothing is left out."""
    inputs = {
        "plus": {name: minor for name, minor in plus.items() if minor},
        "minus": {name: minor for name, minor in minus.items() if minor},
    }
    return ReasonDraft(account, source, SUM, inputs, compute(SUM, inputs))


def _told(draft: JournalDraft, account: AccountRef) -> ReasonDraft:
    plus: dict[str, int] = {}
    minus: dict[str, int] = {}
    for transfer in draft.transfers:
        if account in (transfer.debit, transfer.credit):
            side = plus if transfer.credit == account else minus
            side[transfer.kind] = side.get(transfer.kind, 0) + transfer.amount_minor
    return sum_reason(account, draft.source_ref or draft.key, plus, minus)


def _check(draft: JournalDraft, reason: ReasonDraft) -> None:
    if not reason.account.kind.is_payable or not is_text(reason.source):
        raise MalformedJournal(key=draft.key, reason="reasons are of payable accounts and have a source")
    try:
        amount_minor = compute(reason.formula, reason.inputs)
    except FormulaError as error:
        raise MalformedJournal(key=draft.key, reason=str(error), source=reason.source) from error
    if not amount_minor or amount_minor != reason.amount_minor:
        raise MalformedJournal(key=draft.key, reason="a reason does not compute", source=reason.source)
