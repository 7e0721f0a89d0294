"""What is owed to payees, told by the month and paid out: every write of statements and payouts, and their reads."""

from wuyou.domains.ledger.documents import find_document, get_document, list_keys, list_statements
from wuyou.domains.ledger.statements.closing import close_account
from wuyou.domains.ledger.statements.paying import record_payout

__all__ = [
    "close_account",
    "find_document",
    "get_document",
    "list_keys",
    "list_statements",
    "record_payout",
]
