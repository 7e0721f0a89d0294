import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('orders', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.TextField()),
                ('path', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField()),
                ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product')),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.shop')),
            ],
            options={
                'db_table': 'alliance_link',
                'constraints': [models.UniqueConstraint(fields=('token',), name='one_link_a_token')],
            },
        ),
        migrations.CreateModel(
            name='Click',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visitor', models.TextField()),
                ('clicked_at', models.DateTimeField()),
                ('known_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alliance.link')),
            ],
            options={
                'db_table': 'alliance_click',
                'indexes': [models.Index(condition=models.Q(('user__isnull', False)), fields=['user', 'clicked_at'], name='clicks_of_a_buyer'), models.Index(condition=models.Q(('user__isnull', True)), fields=['visitor'], name='clicks_of_unknown_visitors')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('known_at__isnull', True), ('user__isnull', True)), models.Q(('known_at__gte', models.F('clicked_at')), ('user__isnull', False)), _connector='OR'), name='click_is_known_after_it_was_made')],
            },
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rate_bps', models.IntegerField()),
                ('publisher_share_bps', models.IntegerField()),
                ('partner_share_bps', models.IntegerField()),
                ('platform_share_bps', models.IntegerField()),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField(null=True)),
                ('set_at', models.DateTimeField()),
                ('product', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.shop')),
            ],
            options={
                'db_table': 'alliance_plan',
                'constraints': [models.CheckConstraint(condition=models.Q(('rate_bps__gte', 0), ('rate_bps__lte', 9000)), name='plan_rate_is_in_range'), models.CheckConstraint(condition=models.Q(('partner_share_bps__gte', 0), ('platform_share_bps__gte', 0), ('publisher_share_bps', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.Value(10000), '-', models.F('partner_share_bps')), '-', models.F('platform_share_bps'))), ('publisher_share_bps__gte', 0)), name='plan_shares_sum_to_one'), models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gte', models.F('from_at')), _connector='OR'), name='plan_ends_after_it_begins'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func('shop_id', 'shop_id', models.Value('[]'), function='int8range'), '='), (models.Func(django.db.models.functions.comparison.Coalesce('product_id', models.Value(0), output_field=models.BigIntegerField()), django.db.models.functions.comparison.Coalesce('product_id', models.Value(0), output_field=models.BigIntegerField()), models.Value('[]'), function='int8range'), '='), (models.Func('from_at', 'until_at', models.Value('[)'), function='tstzrange'), '&&')], name='one_plan_at_a_time_for_the_same_goods')],
            },
        ),
        migrations.CreateModel(
            name='Conversion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_no', models.CharField(max_length=20)),
                ('is_direct', models.BooleanField()),
                ('rule_version', models.PositiveSmallIntegerField()),
                ('rate_bps', models.IntegerField()),
                ('publisher_share_bps', models.IntegerField()),
                ('partner_share_bps', models.IntegerField()),
                ('platform_share_bps', models.IntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('amount_minor', models.BigIntegerField()),
                ('line_amounts_minor', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('line_position', models.PositiveSmallIntegerField()),
                ('order_total_minor', models.BigIntegerField()),
                ('order_refunded_minor', models.BigIntegerField(default=0)),
                ('refunded_minor', models.BigIntegerField(default=0)),
                ('state', models.CharField(max_length=9)),
                ('clicked_at', models.DateTimeField()),
                ('placed_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('buyer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('click', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alliance.click')),
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.orderline')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
                ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.shop')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alliance.link')),
                ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alliance.plan')),
            ],
            options={
                'db_table': 'alliance_conversion',
                'constraints': [models.CheckConstraint(condition=models.Q(('partner_share_bps__gte', 0), ('platform_share_bps__gte', 0), ('publisher_share_bps', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.Value(10000), '-', models.F('partner_share_bps')), '-', models.F('platform_share_bps'))), ('publisher_share_bps__gte', 0)), name='conversion_shares_sum_to_one'), models.CheckConstraint(condition=models.Q(('rate_bps__gt', 0), ('rate_bps__lte', 9000)), name='conversion_rate_is_in_range'), models.CheckConstraint(condition=models.Q(('state__in', ['ESTIMATED', 'CONFIRMED', 'SETTLED', 'INVALID'])), name='conversion_state_is_known'), models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0), ('order_refunded_minor__gte', 0), ('order_refunded_minor__lte', models.F('order_total_minor')), ('refunded_minor__gte', 0), ('refunded_minor__lte', models.F('amount_minor'))), name='conversion_refunds_are_within_amounts'), models.CheckConstraint(condition=models.Q(('clicked_at__lte', models.F('placed_at'))), name='conversion_click_is_not_after_the_order'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', False), ('state', 'SETTLED')), models.Q(models.Q(('state', 'SETTLED'), _negated=True), ('settled_at__isnull', True)), _connector='OR'), name='conversion_is_settled_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Publisher',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('joined_at', models.DateTimeField()),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'alliance_publisher',
            },
        ),
        migrations.AddField(
            model_name='plan',
            name='recruiter',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alliance.publisher'),
        ),
        migrations.AddField(
            model_name='link',
            name='partner',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alliance.publisher'),
        ),
        migrations.CreateModel(
            name='Commission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=9)),
                ('estimated_minor', models.BigIntegerField()),
                ('settled_minor', models.BigIntegerField(default=0)),
                ('conversion', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alliance.conversion')),
                ('publisher', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alliance.publisher')),
            ],
            options={
                'db_table': 'alliance_commission',
                'indexes': [models.Index(condition=models.Q(('publisher__isnull', False)), fields=['publisher', '-conversion'], name='commissions_of_a_publisher')],
                'constraints': [models.UniqueConstraint(fields=('conversion', 'role'), name='one_part_a_conversion_and_role'), models.CheckConstraint(condition=models.Q(models.Q(('publisher__isnull', True), ('role', 'PLATFORM')), models.Q(('publisher__isnull', False), ('role__in', ['PUBLISHER', 'PARTNER'])), _connector='OR'), name='commission_belongs_to_its_party'), models.CheckConstraint(condition=models.Q(('estimated_minor__gte', 0), ('settled_minor__gte', 0)), name='commission_is_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Slot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('opened_at', models.DateTimeField()),
                ('publisher', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alliance.publisher')),
            ],
            options={
                'db_table': 'alliance_slot',
                'constraints': [models.UniqueConstraint(fields=('publisher', 'name'), name='one_slot_a_publisher_and_name')],
            },
        ),
        migrations.AddField(
            model_name='link',
            name='slot',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alliance.slot'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.UniqueConstraint(fields=('slot', 'product', 'path', 'partner'), name='one_link_a_slot_and_target', nulls_distinct=False),
        ),
    ]
