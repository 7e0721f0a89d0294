import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE things_position", "DROP SEQUENCE things_position"),
        migrations.CreateModel(
            name='Holding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sight_opens', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('sight_closes', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('state', models.CharField(max_length=5)),
                ('source', models.CharField(max_length=6)),
                ('condition', models.CharField(blank=True, max_length=6)),
                ('since_on', models.DateField(null=True)),
                ('story', models.TextField(blank=True)),
                ('rating', models.PositiveSmallIntegerField(null=True)),
                ('fields', models.JSONField()),
                ('position', models.BigIntegerField()),
                ('import_key', models.CharField(max_length=60, null=True)),
                ('arrived_at', models.DateTimeField()),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'things_holding',
                'abstract': False,
                'indexes': [django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['sight_opens'], name='holding_sight'), models.Index(fields=['owner', '-id'], name='holdings_of_an_owner')],
                'constraints': [models.CheckConstraint(condition=django.db.models.expressions.RawSQL('sight_opens @> ARRAY[owner_id + 144115188075855872::bigint] AND sight_closes @> ARRAY[owner_id + 648518346341351424::bigint]', (), output_field=models.BooleanField()), name='holding_sight_is_compiled'), models.UniqueConstraint(fields=('owner', 'import_key'), name='one_holding_an_imported_row'), models.CheckConstraint(condition=models.Q(('state__in', ['OWN', 'WANT', 'HAD', 'LENT', 'GIVEN'])), name='holding_state_is_known'), models.CheckConstraint(condition=models.Q(('source__in', ['ORDER', 'GIFT', 'IMPORT', 'HAND'])), name='holding_source_is_known'), models.CheckConstraint(condition=models.Q(('condition__in', ['', 'NEW', 'GOOD', 'WORN', 'BROKEN'])), name='holding_condition_is_known'), models.CheckConstraint(condition=models.Q(('rating__isnull', True), models.Q(('rating__gte', 1), ('rating__lte', 5)), _connector='OR'), name='holding_rating_is_1_to_5')],
            },
        ),
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('order_line_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('arrived_at', models.DateTimeField()),
                ('holding', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='things.holding')),
            ],
            options={
                'db_table': 'things_arrival',
            },
        ),
        migrations.CreateModel(
            name='Shelf',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('position', models.BigIntegerField()),
                ('made_at', models.DateTimeField()),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'things_shelf',
                'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='one_shelf_a_name')],
            },
        ),
        migrations.AddField(
            model_name='holding',
            name='shelf',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='things.shelf'),
        ),
        migrations.CreateModel(
            name='Thing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=7)),
                ('name', models.CharField(max_length=200)),
                ('name_en', models.CharField(blank=True, max_length=200)),
                ('brand', models.CharField(blank=True, max_length=200)),
                ('code', models.CharField(max_length=60, null=True, unique=True)),
                ('added_at', models.DateTimeField()),
                ('merged_into', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='things.thing')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='things.thing')),
                ('product', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product')),
                ('variant', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.variant')),
            ],
            options={
                'db_table': 'things_thing',
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['FAMILY', 'MODEL', 'VARIANT'])), name='thing_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'FAMILY'), ('parent__isnull', True)), ('kind', 'MODEL'), models.Q(('kind', 'VARIANT'), ('parent__isnull', False)), _connector='OR'), name='thing_has_its_place_in_the_tree'), models.CheckConstraint(condition=models.Q(models.Q(('product__isnull', True), ('kind', 'MODEL'), _connector='OR'), models.Q(('variant__isnull', True), ('kind', 'VARIANT'), _connector='OR')), name='thing_is_linked_at_its_level'), models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='thing_is_not_merged_into_itself')],
            },
        ),
        migrations.AddField(
            model_name='holding',
            name='thing',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='things.thing'),
        ),
        migrations.CreateModel(
            name='HoldingLabel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30)),
                ('holding', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='things.holding')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'things_holding_label',
                'indexes': [models.Index(fields=['owner', 'name', '-holding'], name='holdings_under_a_label')],
                'constraints': [models.UniqueConstraint(fields=('holding', 'name'), name='one_label_a_copy_and_name')],
            },
        ),
        migrations.CreateModel(
            name='Provenance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=5)),
                ('cause', models.CharField(max_length=8)),
                ('happened_at', models.DateTimeField()),
                ('holding', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='things.holding')),
                ('other', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'things_provenance',
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['OWN', 'WANT', 'HAD', 'LENT', 'GIVEN'])), name='provenance_state_is_known'), models.CheckConstraint(condition=models.Q(('cause__in', ['ADDED', 'ARRIVED', 'IMPORTED', 'MOVED', 'RETURNED'])), name='provenance_cause_is_known')],
            },
        ),
        migrations.AddIndex(
            model_name='holding',
            index=models.Index(fields=['thing', '-id'], name='holdings_of_a_thing'),
        ),
        migrations.AddIndex(
            model_name='holding',
            index=models.Index(condition=models.Q(('shelf__isnull', False)), fields=['shelf', 'position'], name='holdings_on_a_shelf'),
        ),
    ]
