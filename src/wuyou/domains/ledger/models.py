"""Rows of the books. The constraints and triggers (migration 0001) hold what the operations promise."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from wuyou.domains.ledger.types import PayoutState
from wuyou.infra.models import TransactionNumber, XidField
from wuyou.kernel.money import MAX_MINOR


class Account(models.Model):
    """One account, opened by its first booking and never closed. Only its two sums ever change."""

    code = models.TextField()
    kind = models.TextField()
    owner = models.TextField()
    currency = models.CharField(max_length=3)
    side = models.TextField()
    """`debit` or `credit`: where it grows."""
    may_go_negative = models.BooleanField()
    is_summed = models.BooleanField()
    """Hot: its sums stay zero here, because a row that every payment updates lets one payment through at a time."""
    debits_minor = models.BigIntegerField(default=0)
    credits_minor = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="ledger_account_code"),
            models.CheckConstraint(name="ledger_account_side_known", condition=Q(side__in=["debit", "credit"])),
            models.CheckConstraint(
                name="ledger_account_sums_not_negative", condition=Q(debits_minor__gte=0, credits_minor__gte=0)
            ),
            models.CheckConstraint(
                name="ledger_account_summed_holds_no_sums",
                condition=Q(is_summed=False) | Q(debits_minor=0, credits_minor=0),
            ),
            models.CheckConstraint(
                name="ledger_account_not_overdrawn",
                condition=Q(may_go_negative=True)
                | Q(side="credit", credits_minor__gte=F("debits_minor"))
                | Q(side="debit", debits_minor__gte=F("credits_minor")),
            ),
        ]


class Journal(models.Model):
    """Transfers that stand or fall together. Never changed, never removed."""

    key = models.TextField()
    kind = models.TextField()
    source_ref = models.TextField()
    currency = models.CharField(max_length=3)
    input_hash = models.BinaryField()
    """SHA-256 of what was asked for (rules.contents): tells a replay from a reused key, and a row that was touched."""
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_journal"
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ledger_journal_key"),
            models.CheckConstraint(name="ledger_journal_named", condition=~Q(key="") & ~Q(kind="")),
        ]
        indexes = [models.Index(fields=["source_ref", "id"], name="ledger_journal_by_source")]


class Transfer(models.Model):
    """An amount debited to one account and credited to another. Never changed, never removed.

    Its references are held by a trigger that reads, not by foreign keys: a key's check locks the row it points to, so
    every payment would write to the row of every hot account.
    """

    journal = models.ForeignKey(Journal, models.DO_NOTHING, related_name="+", db_constraint=False)
    debit = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    credit = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    kind = models.TextField()
    posted_at = models.DateTimeField()
    """The journal's, so that an account's period is one range of an index."""
    xid = XidField(db_default=TransactionNumber())
    """Whoever sums up to a moment sums up to a transaction number: ids and times are given before the commit."""

    class Meta:
        db_table = "ledger_transfer"
        constraints = [
            models.CheckConstraint(
                name="ledger_transfer_amount_in_range", condition=Q(amount_minor__gt=0, amount_minor__lte=MAX_MINOR)
            ),
            models.CheckConstraint(name="ledger_transfer_moves", condition=~Q(debit=F("credit"))),
        ]
        indexes = [
            models.Index("debit", "posted_at", "id", include=["amount_minor"], name="ledger_transfer_debits"),
            models.Index("credit", "posted_at", "id", include=["amount_minor"], name="ledger_transfer_credits"),
            models.Index("xid", include=["debit", "credit", "amount_minor"], name="ledger_transfer_since"),
        ]


class Checkpoint(models.Model):
    """A summed account's totals over every transfer of the transactions before a number; all of those are finished."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="+")
    before_xid = XidField()
    debits_minor = models.BigIntegerField()
    credits_minor = models.BigIntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_checkpoint"


class Payout(models.Model):
    """Money sent to somebody it was owed to; its journal carries the movement."""

    payout_no = models.TextField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    journal = models.OneToOneField(Journal, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    provider = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_payout"
        constraints = [
            models.UniqueConstraint(fields=["payout_no"], name="ledger_payout_no"),
            models.CheckConstraint(name="ledger_payout_not_empty", condition=Q(amount_minor__gt=0)),
        ]


class Reason(models.Model):
    """Why a payee's account changed by so much in a journal. Never changed, never removed.

    Its references are held like those of transfers: by what reads, not by keys.
    """

    journal = models.ForeignKey(Journal, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    source = models.TextField()
    formula = models.TextField()
    inputs = models.JSONField()
    amount_minor = models.BigIntegerField()
    """The change of the account, on its own side."""

    class Meta:
        db_table = "ledger_reason"
        constraints = [
            models.UniqueConstraint(
                fields=["journal", "account", "source"], name="one_reason_a_journal_account_and_source"
            ),
            models.CheckConstraint(name="ledger_reason_changes", condition=~Q(amount_minor=0)),
        ]
        # Ids are given under the account's lock: their order is that in which the account changed.
        indexes = [models.Index(fields=["account", "id"], name="ledger_reason_by_account")]


class SigningKey(models.Model):
    """A public key with which statements are verified; the private one lies with the installation, not here."""

    key_id = models.TextField()
    public_key = models.TextField()
    since = models.DateTimeField()

    class Meta:
        db_table = "ledger_signing_key"
        constraints = [models.UniqueConstraint(fields=["key_id"], name="one_row_a_signing_key")]


class Statement(models.Model):
    """One month of one account, closed. Never changed, never removed: what comes late falls into the next."""

    number = models.TextField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    """Its first day, in the business zone."""
    head = models.JSONField()
    """As it was signed."""
    opening_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    line_count = models.IntegerField()
    through_reason = models.BigIntegerField()
    """Every reason of the account up to this id is on this statement or an earlier one."""
    hash = models.TextField()
    signature = models.TextField()
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="+", db_index=False)
    closed_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_statement"
        constraints = [
            models.UniqueConstraint(fields=["account", "month"], name="one_statement_an_account_and_month"),
            models.UniqueConstraint(fields=["number"], name="one_statement_a_number"),
        ]


class StatementLine(models.Model):
    """One reason on one statement. Never changed, never removed."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="+", db_index=False)
    no = models.IntegerField()
    reason = models.OneToOneField(Reason, models.PROTECT, related_name="+")
    balance_minor = models.BigIntegerField()
    hash = models.TextField()

    class Meta:
        db_table = "ledger_statement_line"
        constraints = [models.UniqueConstraint(fields=["statement", "no"], name="one_line_a_statement_and_number")]


class Payee(models.Model):
    """Where an owner of payable accounts wants to be paid."""

    owner = models.TextField()
    provider = models.TextField()
    reference = models.TextField()
    named_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_payee"
        constraints = [models.UniqueConstraint(fields=["owner"], name="one_payee_an_owner")]


class Hold(models.Model):
    """Nothing is paid out of the account until it is lifted; by whom, as a number: the ledger knows nobody."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField()
    held_by_id = models.BigIntegerField()
    held_at = models.DateTimeField()
    lifted_by_id = models.BigIntegerField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_hold"
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(lifted_at__isnull=True), name="one_hold_an_account_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by_id__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by_id__isnull=False),
                name="hold_is_lifted_by_somebody",
            ),
        ]


class Reserve(models.Model):
    """So much of an account is not paid out while somebody outside decides; under a key of whoever said so."""

    account = models.TextField()
    """The account's code; it may not have been opened yet."""
    key = models.TextField()
    amount_minor = models.BigIntegerField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_reserve"
        constraints = [
            models.UniqueConstraint(fields=["key"], name="one_reserve_a_key"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="reserve_is_positive"),
        ]
        indexes = [models.Index(fields=["account"], name="reserve_running", condition=Q(ended_at__isnull=True))]


class PayoutBatch(models.Model):
    """What a closed month owes in one currency."""

    number = models.TextField()
    month = models.DateField()
    currency = models.CharField(max_length=3)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_payout_batch"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_batch_a_number"),
            models.UniqueConstraint(fields=["month", "currency"], name="one_batch_a_month_and_currency"),
        ]


class PayoutLine(models.Model):
    """One try to pay one account; its number is that of the payout in the books once it is sent."""

    number = models.TextField()
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    retry_of = models.OneToOneField("self", models.PROTECT, related_name="+", null=True)
    """The line that failed or was skipped; each is tried again once."""
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    provider = models.TextField()
    reference = models.TextField()
    """Where it was sent; empty until then."""
    state = models.CharField(max_length=7)
    why = models.TextField()
    asks = models.IntegerField(default=0)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_payout_line"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_line_a_payout_number"),
            models.UniqueConstraint(
                fields=["batch", "account"],
                condition=Q(retry_of__isnull=True),
                name="one_first_line_a_batch_and_account",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in PayoutState]), name="payout_line_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=PayoutState.SKIPPED.value) | Q(amount_minor__gt=0), name="payout_line_pays_something"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DUE", "SENT"], next_attempt_at__isnull=False, ended_at__isnull=True)
                | Q(state__in=["PAID", "FAILED", "SKIPPED"], next_attempt_at__isnull=True, ended_at__isnull=False),
                name="payout_line_goes_on_until_it_ends",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="payout_lines_to_send", condition=Q(next_attempt_at__isnull=False)
            )
        ]


class PayoutReturn(models.Model):
    """A payout that came back. Never changed, never removed; once a payout."""

    payout = models.OneToOneField(Payout, models.PROTECT, related_name="+")
    journal = models.OneToOneField(Journal, models.PROTECT, related_name="+")
    reason = models.TextField()
    returned_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_payout_return"


class WriteOff(models.Model):
    """A debt that the platform takes upon itself: one asks, another approves."""

    number = models.TextField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    amount_minor = models.BigIntegerField()
    reason = models.TextField()
    asked_by_id = models.BigIntegerField()
    asked_at = models.DateTimeField()
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    journal = models.OneToOneField(Journal, models.PROTECT, related_name="+", null=True)
    """Of an approved one."""

    class Meta:
        db_table = "ledger_write_off"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_write_off_a_number"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(decided_at__isnull=True), name="one_open_write_off_an_account"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="write_off_is_of_something"),
            models.CheckConstraint(
                condition=Q(journal__isnull=True) | ~Q(decided_by_id=F("asked_by_id")), name="write_off_takes_two"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by_id__isnull=True, journal__isnull=True)
                | Q(decided_at__isnull=False, decided_by_id__isnull=False),
                name="write_off_is_decided_by_somebody",
            ),
        ]


class SandboxPayout(models.Model):
    """What the sandbox bank took in."""

    payout_no = models.TextField()
    reference = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    will_fail = models.BooleanField()
    taken_at = models.DateTimeField()
    settles_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_sandbox_payout"
        constraints = [models.UniqueConstraint(fields=["payout_no"], name="one_sandbox_payout_a_number")]
