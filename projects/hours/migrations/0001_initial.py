import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.expressions
import marketplace.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('hiring', '0001_initial'),
    ]

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(
        ),
        migrations.CreateModel(
            name='Timer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField()),
                ('heartbeat_at', models.DateTimeField()),
                ('memo', models.CharField(blank=True, default='', max_length=300)),
                ('zone', models.CharField(max_length=64)),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='timers', to='hiring.contract')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='timer', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Timesheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('period', models.DateField()),
                ('state', models.CharField(choices=[('OPEN', 'Open'), ('SUBMITTED', 'In lab review'), ('APPROVED', 'Approved')], default='OPEN', max_length=10)),
                ('revision', models.PositiveIntegerField(default=0)),
                ('correction_ends_at', models.DateTimeField()),
                ('review_ends_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='timesheets', to='hiring.contract')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'review_ends_at'], name='timesheet_review_queue')],
                'constraints': [models.UniqueConstraint(fields=('contract', 'period'), name='contract_has_one_timesheet_a_week'), models.CheckConstraint(condition=models.Q(('period__iso_week_day', 1)), name='timesheet_period_is_a_monday')],
            },
        ),
        migrations.CreateModel(
            name='TimeEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('source', models.CharField(choices=[('TIMER', 'Timer'), ('MANUAL', 'Manual entry')], max_length=6)),
                ('memo', models.CharField(blank=True, default='', max_length=300)),
                ('zone', models.CharField(max_length=64)),
                ('idle_seconds', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='time_entries', to=settings.AUTH_USER_MODEL)),
                ('timesheet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='hours.timesheet')),
            ],
            options={
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('user', '='), ('during', '&&')], name='expert_works_on_one_thing_at_a_time'), models.CheckConstraint(condition=models.Q(('during__isempty', False), ('during__lower_inf', False), ('during__upper_inf', False)), name='time_entry_has_a_start_and_an_end')],
            },
        ),
        migrations.CreateModel(
            name='PayLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(editable=False, unique=True)),
                ('kind', models.CharField(choices=[('TIME', 'Time')], default='TIME', max_length=8)),
                ('state', models.CharField(choices=[('DRAFT', 'In review'), ('APPROVED', 'Approved')], default='DRAFT', max_length=8)),
                ('day', models.DateField()),
                ('seconds', models.PositiveIntegerField()),
                ('minutes', models.PositiveIntegerField()),
                ('rate_minor', models.BigIntegerField()),
                ('fee_bps', models.PositiveIntegerField()),
                ('pay_minor', models.BigIntegerField()),
                ('fee_minor', models.BigIntegerField()),
                ('charge_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('rule', models.CharField(max_length=12)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hiring.contractversion')),
                ('timesheet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='hours.timesheet')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('timesheet', 'day', 'kind'), name='timesheet_line_is_charged_once'), models.CheckConstraint(condition=models.Q(('charge_minor', django.db.models.expressions.CombinedExpression(models.F('pay_minor'), '+', models.F('fee_minor')))), name='charge_is_pay_plus_fee'), models.CheckConstraint(condition=models.Q(('minutes__lte', 1440)), name='a_day_has_at_most_1440_minutes')],
            },
        ),
        migrations.CreateModel(
            name='WeeklyReserve',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period', models.DateField()),
                ('amount_minor', models.BigIntegerField()),
                ('state', models.CharField(choices=[('HELD', 'Held'), ('RELEASED', 'Rest released')], default='HELD', max_length=8)),
                ('held_at', models.DateTimeField()),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reserves', to='hiring.contract')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('contract', 'period'), name='contract_reserves_a_week_once'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='weekly_reserve_is_positive')],
            },
        ),
    ]
