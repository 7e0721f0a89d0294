"""Rows of the books. The constraints and triggers (migration 0001) hold what the operations promise."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

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
