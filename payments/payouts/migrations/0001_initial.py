import django.db.models.deletion
import django.db.models.expressions
import marketplace.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('reason', models.CharField(choices=[('NO_PAYOUT_ACCOUNT', 'No payout account yet'), ('ACCOUNT_NOT_READY', 'Payout account is not ready'), ('DESTINATION_CHANGED', 'Bank details changed, cooling'), ('SCREENING', 'Screening, a person decides'), ('MANUAL', 'Held by finance')], max_length=24)),
                ('words', models.CharField(max_length=300)),
                ('placed_at', models.DateTimeField()),
                ('placed_by_kind', models.CharField(max_length=20)),
                ('placed_by_ref', models.CharField(max_length=80)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('release_words', models.CharField(blank=True, default='', max_length=300)),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payout_holds', to=settings.AUTH_USER_MODEL)),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PayoutEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job_state', models.CharField(choices=[('QUEUED', 'Queued'), ('RUNNING', 'Running'), ('DONE', 'Done'), ('PARKED', 'Needs a person')], default='QUEUED', max_length=8)),
                ('not_before', models.DateTimeField()),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, default='')),
                ('queued_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(max_length=60)),
                ('payload', models.JSONField(default=dict)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('job_state__in', ['QUEUED', 'RUNNING'])), fields=['not_before'], name='payouts_payoutevent_due')],
            },
        ),
        migrations.CreateModel(
            name='PayRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(editable=False, unique=True)),
                ('period', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('COMPUTED', 'Computed'), ('APPROVED', 'Approved'), ('EXECUTING', 'Executing'), ('SETTLED', 'Settled'), ('PARTIALLY_FAILED', 'Partly failed'), ('RECONCILED', 'Reconciled'), ('CANCELLED', 'Cancelled')], default='DRAFT', max_length=16)),
                ('is_paused', models.BooleanField(default=False)),
                ('cutoff_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('screened_at', models.DateTimeField(blank=True, null=True)),
                ('computed_at', models.DateTimeField(blank=True, null=True)),
                ('computed_sha256', models.CharField(blank=True, default='', max_length=64)),
                ('items_count', models.PositiveIntegerField(default=0)),
                ('total_minor', models.BigIntegerField(default=0)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('approved_sha256', models.CharField(blank=True, default='', max_length=64)),
                ('approval_comment', models.CharField(blank=True, default='', max_length=500)),
                ('executing_at', models.DateTimeField(blank=True, null=True)),
                ('looked_up_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('reconciled_at', models.DateTimeField(blank=True, null=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'CANCELLED'), _negated=True), fields=('period', 'currency'), name='one_pay_run_a_week_and_currency'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('created_by')), _negated=True), _connector='OR'), name='who_prepares_a_run_never_approves_it'), models.CheckConstraint(condition=models.Q(('approved_sha256', ''), ('approved_sha256', models.F('computed_sha256')), _connector='OR'), name='what_is_approved_is_what_was_computed'), models.CheckConstraint(condition=models.Q(('state__in', ['DRAFT', 'COMPUTED', 'CANCELLED']), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), models.Q(('approved_sha256', ''), _negated=True)), _connector='OR'), name='run_beyond_computed_was_approved'), models.CheckConstraint(condition=models.Q(('period__iso_week_day', 1)), name='run_period_is_a_monday')],
            },
        ),
        migrations.CreateModel(
            name='PayItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(editable=False, unique=True)),
                ('state', models.CharField(choices=[('READY', 'Ready'), ('HELD', 'Held'), ('EXCLUDED', 'Excluded'), ('QUEUED', 'Queued'), ('SENDING', 'Sending'), ('SENT', 'Sent'), ('REJECTED', 'Rejected'), ('UNKNOWN', 'Unknown')], max_length=10)),
                ('held_reason', models.CharField(blank=True, choices=[('NO_PAYOUT_ACCOUNT', 'No payout account yet'), ('ACCOUNT_NOT_READY', 'Payout account is not ready'), ('DESTINATION_CHANGED', 'Bank details changed, cooling'), ('SCREENING', 'Screening, a person decides'), ('MANUAL', 'Held by finance')], default='', max_length=24)),
                ('excluded_reason', models.CharField(blank=True, choices=[('BELOW_MINIMUM', 'Below the minimum, carried to next week'), ('NOTHING_TO_PAY', 'Nothing to pay')], default='', max_length=24)),
                ('gross_minor', models.BigIntegerField()),
                ('withheld_minor', models.BigIntegerField(default=0)),
                ('net_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('country', models.CharField(blank=True, default='', max_length=2)),
                ('stripe_account_id', models.CharField(blank=True, default='', max_length=255)),
                ('destination_label', models.CharField(blank=True, default='', max_length=80)),
                ('not_before', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('releases', models.PositiveIntegerField(default=0)),
                ('stripe_transfer_id', models.CharField(blank=True, max_length=255, null=True, unique=True)),
                ('balance_transaction', models.CharField(blank=True, max_length=255, null=True, unique=True)),
                ('failure_code', models.CharField(blank=True, default='', max_length=80)),
                ('failure_message', models.CharField(blank=True, default='', max_length=300)),
                ('unknown_since', models.DateTimeField(blank=True, null=True)),
                ('looked_up_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pay_items', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='payouts.payrun')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['QUEUED', 'SENDING'])), fields=['not_before'], name='pay_item_sendable')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['QUEUED', 'SENDING', 'UNKNOWN'])), fields=('payee', 'currency'), name='payee_has_one_open_item_over_all_runs'), models.UniqueConstraint(fields=('run', 'payee'), name='payee_stands_once_in_a_run'), models.CheckConstraint(condition=models.Q(('net_minor', django.db.models.expressions.CombinedExpression(models.F('gross_minor'), '-', models.F('withheld_minor')))), name='net_is_gross_less_withheld'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'SENT'), ('stripe_transfer_id__isnull', False)), models.Q(models.Q(('state', 'SENT'), _negated=True), ('stripe_transfer_id__isnull', True)), _connector='OR'), name='sent_item_is_dated_and_named_by_stripe'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'HELD'), _negated=True), models.Q(('held_reason', ''), _negated=True), _connector='OR'), name='held_item_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'EXCLUDED'), _negated=True), models.Q(('excluded_reason', ''), _negated=True), _connector='OR'), name='excluded_item_says_why'), models.CheckConstraint(condition=models.Q(('state__in', ['HELD', 'EXCLUDED']), ('net_minor__gt', 0), _connector='OR'), name='item_to_be_sent_is_positive')],
            },
        ),
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('at', models.DateTimeField()),
                ('transfers_at_stripe', models.PositiveIntegerField(default=0)),
                ('total_at_stripe_minor', models.BigIntegerField(default=0)),
                ('items_sent', models.PositiveIntegerField(default=0)),
                ('total_sent_minor', models.BigIntegerField(default=0)),
                ('clearing_minor', models.BigIntegerField(default=0)),
                ('stripe_balance_minor', models.BigIntegerField(default=0)),
                ('differences', models.JSONField(default=list)),
                ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reconciliations', to='payouts.payrun')),
            ],
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('key', models.CharField(max_length=120, unique=True)),
                ('request_sha256', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('OPEN', 'Open'), ('CREATED', 'Transfer made'), ('REJECTED', 'Rejected'), ('UNKNOWN', 'Unknown'), ('PROVED_ABSENT', 'Proved absent')], default='OPEN', max_length=14)),
                ('first_sent_at', models.DateTimeField()),
                ('last_sent_at', models.DateTimeField()),
                ('sends', models.PositiveIntegerField(default=1)),
                ('outcome', models.CharField(blank=True, default='', max_length=300)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='payouts.payitem')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('item', 'number'), name='attempt_is_numbered_once_in_its_item'), models.UniqueConstraint(condition=models.Q(('state__in', ['OPEN', 'UNKNOWN'])), fields=('item',), name='item_has_one_live_attempt')],
            },
        ),
        migrations.CreateModel(
            name='PayoutAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('stripe_account_id', models.CharField(blank=True, max_length=255, null=True, unique=True)),
                ('country', models.CharField(max_length=2)),
                ('state', models.CharField(choices=[('STARTED', 'Not finished'), ('READY', 'Ready'), ('RESTRICTED', 'Stripe asks for more')], default='STARTED', max_length=10)),
                ('destination_label', models.CharField(blank=True, default='', max_length=80)),
                ('destination_changed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='payout_account', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'READY'), _negated=True), ('stripe_account_id__isnull', False), _connector='OR'), name='ready_payout_account_is_named_by_stripe')],
            },
        ),
    ]
