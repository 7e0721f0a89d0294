
import django.db.models.deletion
import wuyou.infra.models
from django.db import migrations, models

# What the rows themselves refuse. Statement triggers, so that even a change of no rows is refused, and TRUNCATE with it.
FINAL = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are final: a correction is a new journal', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER ledger_journal_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_journal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_transfer_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_payout_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_payout
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_account_is_final
    BEFORE UPDATE OF id, code, kind, owner, currency, side, may_go_negative, is_summed, created_at OR DELETE OR TRUNCATE
    ON ledger_account FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""

# In place of foreign keys, whose check would lock the rows of hot accounts (see Transfer). Nothing that is referred to
# can go away, so reading without a lock is enough. One query for all rows of a statement.
REFERENCES = """
CREATE FUNCTION ledger_check_references() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT t.id INTO wrong
    FROM booked t
    LEFT JOIN ledger_journal j ON j.id = t.journal_id
    LEFT JOIN ledger_account d ON d.id = t.debit_id
    LEFT JOIN ledger_account c ON c.id = t.credit_id
    WHERE (j.currency = t.currency AND d.currency = t.currency AND c.currency = t.currency
           AND j.posted_at = t.posted_at) IS NOT TRUE
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % does not fit its journal and accounts', wrong USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_transfer_fits AFTER INSERT ON ledger_transfer
    REFERENCING NEW TABLE AS booked FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_references();
"""

UNDO = """
DROP TRIGGER ledger_journal_is_final ON ledger_journal;
DROP TRIGGER ledger_transfer_is_final ON ledger_transfer;
DROP TRIGGER ledger_payout_is_final ON ledger_payout;
DROP TRIGGER ledger_account_is_final ON ledger_account;
DROP TRIGGER ledger_transfer_fits ON ledger_transfer;
DROP FUNCTION ledger_refuse_change();
DROP FUNCTION ledger_check_references();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField()),
                ('kind', models.TextField()),
                ('owner', models.TextField()),
                ('currency', models.CharField(max_length=3)),
                ('side', models.TextField()),
                ('may_go_negative', models.BooleanField()),
                ('is_summed', models.BooleanField()),
                ('debits_minor', models.BigIntegerField(default=0)),
                ('credits_minor', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'ledger_account',
                'constraints': [models.UniqueConstraint(fields=('code',), name='ledger_account_code'), models.CheckConstraint(condition=models.Q(('side__in', ['debit', 'credit'])), name='ledger_account_side_known'), models.CheckConstraint(condition=models.Q(('credits_minor__gte', 0), ('debits_minor__gte', 0)), name='ledger_account_sums_not_negative'), models.CheckConstraint(condition=models.Q(('is_summed', False), models.Q(('credits_minor', 0), ('debits_minor', 0)), _connector='OR'), name='ledger_account_summed_holds_no_sums'), models.CheckConstraint(condition=models.Q(('may_go_negative', True), models.Q(('credits_minor__gte', models.F('debits_minor')), ('side', 'credit')), models.Q(('debits_minor__gte', models.F('credits_minor')), ('side', 'debit')), _connector='OR'), name='ledger_account_not_overdrawn')],
            },
        ),
        migrations.CreateModel(
            name='Journal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField()),
                ('kind', models.TextField()),
                ('source_ref', models.TextField()),
                ('currency', models.CharField(max_length=3)),
                ('input_hash', models.BinaryField()),
                ('occurred_at', models.DateTimeField()),
                ('posted_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'ledger_journal',
                'constraints': [models.UniqueConstraint(fields=('key',), name='ledger_journal_key'), models.CheckConstraint(condition=models.Q(models.Q(('key', ''), _negated=True), models.Q(('kind', ''), _negated=True)), name='ledger_journal_named')],
            },
        ),
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('payout_no', models.TextField()),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('provider', models.TextField()),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'ledger_payout',
                'constraints': [models.UniqueConstraint(fields=('payout_no',), name='ledger_payout_no'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='ledger_payout_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('kind', models.TextField()),
                ('posted_at', models.DateTimeField()),
                ('xid', wuyou.infra.models.XidField(db_default=wuyou.infra.models.TransactionNumber())),
            ],
            options={
                'db_table': 'ledger_transfer',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('amount_minor__lte', 1000000000000000)), name='ledger_transfer_amount_in_range')],
            },
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='ledger.account')),
                ('before_xid', wuyou.infra.models.XidField()),
                ('debits_minor', models.BigIntegerField()),
                ('credits_minor', models.BigIntegerField()),
                ('taken_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'ledger_checkpoint',
            },
        ),
        migrations.AddField(
            model_name='payout',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account'),
        ),
        migrations.AddField(
            model_name='payout',
            name='journal',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.journal'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='credit',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ledger.account'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='debit',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ledger.account'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='journal',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ledger.journal'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(models.F('debit'), models.F('posted_at'), models.F('id'), include=('amount_minor',), name='ledger_transfer_debits'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(models.F('credit'), models.F('posted_at'), models.F('id'), include=('amount_minor',), name='ledger_transfer_credits'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(models.F('xid'), include=('debit', 'credit', 'amount_minor'), name='ledger_transfer_since'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('debit', models.F('credit')), _negated=True), name='ledger_transfer_moves'),
        ),
        migrations.RunSQL(FINAL + REFERENCES, UNDO),
    ]
