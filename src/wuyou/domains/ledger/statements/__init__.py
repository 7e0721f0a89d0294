"""What is owed to payees, told by the month and paid out: every write of statements and payouts, and their reads."""

from wuyou.domains.ledger.documents import find_document, get_document, list_keys, list_statements
from wuyou.domains.ledger.statements.batch_reads import (
    count_lines,
    get_batch,
    get_line,
    list_batches,
    list_holds,
    list_lines,
    list_write_offs,
    payees_by_owner,
    payout_records,
    written_off,
)
from wuyou.domains.ledger.statements.batches import apply_result, plan_payout, retry_payout, take_due_line
from wuyou.domains.ledger.statements.closing import close_account
from wuyou.domains.ledger.statements.payees import forget_payee, hold_account, lift_hold, name_payee
from wuyou.domains.ledger.statements.paying import record_payout
from wuyou.domains.ledger.statements.reserving import end_reserve, reserve
from wuyou.domains.ledger.statements.running import plan_batch, send_due
from wuyou.domains.ledger.statements.write_offs import approve_write_off, ask_write_off, refuse_write_off

__all__ = [
    "apply_result",
    "approve_write_off",
    "ask_write_off",
    "close_account",
    "count_lines",
    "end_reserve",
    "find_document",
    "forget_payee",
    "get_batch",
    "get_document",
    "get_line",
    "hold_account",
    "lift_hold",
    "list_batches",
    "list_holds",
    "list_keys",
    "list_lines",
    "list_statements",
    "list_write_offs",
    "name_payee",
    "payees_by_owner",
    "payout_records",
    "plan_batch",
    "plan_payout",
    "record_payout",
    "refuse_write_off",
    "reserve",
    "retry_payout",
    "send_due",
    "take_due_line",
    "written_off",
]
