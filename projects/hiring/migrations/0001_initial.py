import django.db.models.deletion
import marketplace.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('labs', '0001_initial'),
        ('listings', '0001_initial'),
        ('profiles', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('state', models.CharField(choices=[('STARTED', 'Started'), ('SUBMITTED', 'Submitted'), ('SHORTLISTED', 'Shortlisted'), ('OFFERED', 'Offer made'), ('HIRED', 'Hired'), ('DECLINED', 'Declined'), ('WITHDRAWN', 'Withdrawn'), ('LAPSED', 'Lapsed, no decision')], default='STARTED', max_length=12)),
                ('note', models.TextField(blank=True, default='', max_length=3000)),
                ('answers', models.JSONField(default=list)),
                ('work_authorised_at', models.DateTimeField(blank=True, null=True)),
                ('conflicts_declared_at', models.DateTimeField(blank=True, null=True)),
                ('conflicts', models.TextField(blank=True, default='', max_length=1000)),
                ('version', models.PositiveIntegerField(default=0)),
                ('started_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decline_code', models.CharField(blank=True, choices=[('PLACES_FILLED', 'All places are filled'), ('REQUIREMENT_MISSING', 'A requirement is missing'), ('EXPERIENCE', 'Experience does not fit the work'), ('ANSWERS', 'Screening answers did not convince'), ('AVAILABILITY', 'Hours do not fit'), ('OTHER', 'Another reason, in words')], default='', max_length=24)),
                ('decline_reason', models.TextField(blank=True, default='', max_length=2000)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='profiles.expert')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='listings.project')),
            ],
            options={
                'indexes': [models.Index(fields=['project', 'state'], name='application_pipeline')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['HIRED', 'OFFERED', 'SHORTLISTED', 'STARTED', 'SUBMITTED'])), fields=('expert', 'project'), name='expert_has_one_live_application_per_project'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'DECLINED'), _negated=True), models.Q(models.Q(('decline_code', ''), _negated=True), models.Q(('decline_reason', ''), _negated=True)), _connector='OR'), name='declined_application_says_why'), models.CheckConstraint(condition=models.Q(('state__in', ['STARTED', 'WITHDRAWN']), ('submitted_at__isnull', False), _connector='OR'), name='application_beyond_started_was_submitted')],
            },
        ),
        migrations.CreateModel(
            name='ContractVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('pay_kind', models.CharField(choices=[('HOURLY', 'By the hour')], default='HOURLY', max_length=8)),
                ('rate_minor', models.BigIntegerField()),
                ('weekly_cap_minutes', models.PositiveIntegerField()),
                ('fee_bps', models.PositiveIntegerField()),
                ('effective_from', models.DateTimeField()),
                ('accepted_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('state', models.CharField(choices=[('SENT', 'Sent'), ('ACCEPTED', 'Accepted'), ('DECLINED', 'Declined'), ('EXPIRED', 'Expired'), ('WITHDRAWN', 'Withdrawn')], default='SENT', max_length=10)),
                ('pay_kind', models.CharField(choices=[('HOURLY', 'By the hour')], default='HOURLY', max_length=8)),
                ('rate_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('weekly_cap_minutes', models.PositiveIntegerField()),
                ('fee_bps', models.PositiveIntegerField()),
                ('starts_on', models.DateField()),
                ('message', models.TextField(blank=True, default='', max_length=2000)),
                ('sent_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='hiring.application')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('terms', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='listings.terms')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'SENT')), fields=('application',), name='application_has_one_open_offer'), models.CheckConstraint(condition=models.Q(('rate_minor__gt', 0)), name='offer_rate_is_positive'), models.CheckConstraint(condition=models.Q(('weekly_cap_minutes__gte', 60), ('weekly_cap_minutes__lte', 3600)), name='offer_week_has_between_1_and_60_hours')],
            },
        ),
        migrations.CreateModel(
            name='Contract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('alias', models.CharField(max_length=12)),
                ('state', models.CharField(choices=[('ACTIVE', 'Active'), ('PAUSED', 'Paused'), ('ENDED', 'Ended')], default='ACTIVE', max_length=8)),
                ('currency', models.CharField(max_length=3)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.TextField(blank=True, default='', max_length=2000)),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='profiles.expert')),
                ('lab', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='labs.lab')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='listings.project')),
                ('current_version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hiring.contractversion')),
                ('offer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='contract', to='hiring.offer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'ENDED'), _negated=True), fields=('project', 'expert'), name='expert_has_one_running_contract_per_project'), models.UniqueConstraint(fields=('project', 'alias'), name='contract_alias_is_unique_in_its_project'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state', 'ENDED')), models.Q(models.Q(('state', 'ENDED'), _negated=True), ('ended_at__isnull', True)), _connector='OR'), name='ended_contract_says_when')],
            },
        ),
        migrations.CreateModel(
            name='TermsSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('typed_name', models.CharField(max_length=120)),
                ('text_sha256', models.CharField(max_length=64)),
                ('signed_at', models.DateTimeField()),
                ('address', models.CharField(blank=True, default='', max_length=45)),
                ('offer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='signature', to='hiring.offer')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='contractversion',
            name='contract',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='hiring.contract'),
        ),
        migrations.AddConstraint(
            model_name='contractversion',
            constraint=models.UniqueConstraint(fields=('contract', 'number'), name='contract_version_is_numbered_once'),
        ),
        migrations.AddConstraint(
            model_name='contractversion',
            constraint=models.CheckConstraint(condition=models.Q(('rate_minor__gt', 0)), name='contract_rate_is_positive'),
        ),
    ]
