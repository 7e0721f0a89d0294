"""What the books refuse. Nothing has been booked when one of these rises."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class MalformedAccount(DomainError):
    """Not the name of an account: `kind/owner/currency`, or `kind/currency` where the platform owns it."""

    code = "ledger.malformed_account"


class MalformedJournal(DomainError):
    """A journal that cannot be booked as written: no transfers, a sum that is not positive, mixed currencies …"""

    code = "ledger.malformed_journal"


class JournalKeyReused(DomainError):
    """The key belongs to a journal with other contents."""

    code = "ledger.key_reused"
    kind = ErrorKind.CONFLICT


class AccountOverdrawn(DomainError):
    """An account that may not go below zero would; a promoter's may, by a clawback and by nothing else."""

    code = "ledger.account_overdrawn"
    kind = ErrorKind.CONFLICT


class AccountUnknown(DomainError):
    """Nothing was ever booked on such an account."""

    code = "ledger.account_unknown"
    kind = ErrorKind.NOT_FOUND


class MalformedPayout(DomainError):
    """A payout that cannot be made as written: not a payable account, an amount that is not positive …"""

    code = "ledger.malformed_payout"


class PayoutExceedsBalance(DomainError):
    """More than is owed; an account below zero pays nothing out."""

    code = "ledger.payout_exceeds_balance"
    kind = ErrorKind.CONFLICT


class PayoutNoReused(DomainError):
    """The payout number belongs to another payout."""

    code = "ledger.payout_no_reused"
    kind = ErrorKind.CONFLICT


class StatementUnknown(DomainError):
    """No closed statement has this number, for whoever asks."""

    code = "ledger.statement_unknown"
    kind = ErrorKind.NOT_FOUND
