import django.db.models.deletion
import marketplace.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('key', models.CharField(max_length=200, unique=True)),
                ('kind', models.CharField(choices=[('FUNDING', 'Funding confirmed'), ('ALLOCATION', 'Allocated to a project'), ('HOLD', 'Reserved for a week'), ('HOLD_RELEASE', 'Rest of a reserve released'), ('APPROVAL', 'Hours approved'), ('RUN_APPROVED', 'Pay run approved'), ('TRANSFER', 'Transfer made'), ('ITEM_RELEASED', 'Payout given back'), ('REVERSAL', 'Reversal of an entry')], max_length=20)),
                ('effective_on', models.DateField()),
                ('posted_at', models.DateTimeField()),
                ('actor_kind', models.CharField(max_length=20)),
                ('actor_ref', models.CharField(max_length=80)),
                ('input_sha256', models.CharField(max_length=64)),
                ('memo', models.CharField(blank=True, default='', max_length=200)),
                ('reverses', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='ledger.entry')),
            ],
            options={
                'indexes': [models.Index(fields=['effective_on'], name='ledger_entry_effective')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reverses', models.F('id')), _negated=True), name='entry_does_not_reverse_itself')],
            },
        ),
        migrations.CreateModel(
            name='LedgerAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(choices=[('1010', 'Stripe clearing'), ('2000', 'Lab funds, not allocated'), ('2100', 'Project funds'), ('2110', 'Contract reserve'), ('2200', 'Expert payable'), ('2210', 'Expert held'), ('2300', 'Payout in transit'), ('4000', 'Platform fee'), ('5000', 'Stripe fees')], max_length=4)),
                ('owner_kind', models.CharField(max_length=12)),
                ('owner_ref', models.UUIDField(blank=True, null=True)),
                ('currency', models.CharField(max_length=3)),
                ('balance_minor', models.BigIntegerField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['owner_kind', 'owner_ref'], name='ledger_account_owner')],
                'constraints': [models.UniqueConstraint(fields=('code', 'owner_kind', 'owner_ref', 'currency'), name='ledger_account_exists_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('code__in', ['2000', '2100', '2110', '2210', '2300']), _negated=True), ('balance_minor__gte', 0), _connector='OR'), name='funds_reserve_held_and_in_transit_are_never_negative'), models.CheckConstraint(condition=models.Q(models.Q(('balance_minor__isnull', True), ('code__in', ['1010', '4000', '5000'])), models.Q(models.Q(('code__in', ['1010', '4000', '5000']), _negated=True), ('balance_minor__isnull', False)), _connector='OR'), name='only_hot_accounts_keep_no_running_balance')],
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('credit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='ledger.ledgeraccount')),
                ('debit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='debits', to='ledger.ledgeraccount')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='ledger.entry')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='transfer_amount_is_positive'), models.CheckConstraint(condition=models.Q(('debit', models.F('credit')), _negated=True), name='transfer_has_two_different_accounts'), models.UniqueConstraint(fields=('entry', 'position'), name='transfer_is_numbered_once_in_its_entry')],
            },
        ),
    ]
