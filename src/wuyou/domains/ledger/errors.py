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


class StaffOnly(DomainError):
    """Only staff hold, retry and write off."""

    code = "ledger.staff_only"
    kind = ErrorKind.FORBIDDEN


class MalformedPayee(DomainError):
    """Nobody can be paid at such a place."""

    code = "ledger.malformed_payee"


class PayoutProviderUnknown(DomainError):
    """No such provider pays out."""

    code = "ledger.payout_provider_unknown"


class PayoutProviderUnavailable(DomainError):
    """No answer came; it may have happened."""

    code = "ledger.payout_provider_unavailable"
    kind = ErrorKind.UNAVAILABLE


class PayoutRefused(DomainError):
    """The provider will never pay this."""

    code = "ledger.payout_refused"
    kind = ErrorKind.CONFLICT


class AccountHeld(DomainError):
    """Nothing is paid out of a held account; or it is held already."""

    code = "ledger.account_held"
    kind = ErrorKind.CONFLICT


class NotHeld(DomainError):
    """There is nothing to lift."""

    code = "ledger.not_held"
    kind = ErrorKind.CONFLICT


class ReasonMissing(DomainError):
    """Who holds or forgives says why, in a few words."""

    code = "ledger.reason_missing"


class BatchUnknown(DomainError):
    """There is no such payout batch."""

    code = "ledger.batch_unknown"
    kind = ErrorKind.NOT_FOUND


class PayoutLineUnknown(DomainError):
    """There is no such payout."""

    code = "ledger.payout_line_unknown"
    kind = ErrorKind.NOT_FOUND


class NotRetriable(DomainError):
    """Only what failed or was skipped is tried again, once, while something is owed."""

    code = "ledger.not_retriable"
    kind = ErrorKind.CONFLICT


class WriteOffUnknown(DomainError):
    """There is no such write-off."""

    code = "ledger.write_off_unknown"
    kind = ErrorKind.NOT_FOUND


class WriteOffExceedsDebt(DomainError):
    """No more is written off than is owed to us, and nothing of an account that owes nothing."""

    code = "ledger.write_off_exceeds_debt"
    kind = ErrorKind.CONFLICT


class WriteOffOpen(DomainError):
    """A write-off of this account waits to be decided."""

    code = "ledger.write_off_open"
    kind = ErrorKind.CONFLICT


class WriteOffDecided(DomainError):
    """It was decided before."""

    code = "ledger.write_off_decided"
    kind = ErrorKind.CONFLICT


class SecondPersonNeeded(DomainError):
    """Who asked for a write-off does not approve it."""

    code = "ledger.second_person_needed"
    kind = ErrorKind.FORBIDDEN
