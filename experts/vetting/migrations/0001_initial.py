import django.contrib.postgres.fields
import django.db.models.deletion
import marketplace.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('credentials', '0001_initial'),
        ('profiles', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('number', models.BigIntegerField(unique=True)),
                ('state', models.CharField(choices=[('CHECKING', 'Checks running'), ('AWAITING_DECISION', 'Awaiting a decision'), ('MORE_ASKED', 'More asked of you'), ('APPROVED', 'Approved'), ('DECLINED', 'Declined'), ('WITHDRAWN', 'Withdrawn')], default='CHECKING', max_length=20)),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('claimed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='claimed_cases', to=settings.AUTH_USER_MODEL)),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='profiles.expert')),
                ('field', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='profiles.field')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'due_at'], name='vetting_case_queue')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['AWAITING_DECISION', 'CHECKING', 'MORE_ASKED'])), fields=('expert', 'field'), name='expert_has_one_open_case_per_field'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('state__in', ['APPROVED', 'DECLINED'])), models.Q(models.Q(('state__in', ['APPROVED', 'DECLINED']), _negated=True), ('decided_at__isnull', True)), _connector='OR'), name='decided_case_says_when')],
            },
        ),
        migrations.CreateModel(
            name='Check',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job_state', models.CharField(choices=[('QUEUED', 'Queued'), ('RUNNING', 'Running'), ('DONE', 'Done'), ('PARKED', 'Needs a person')], default='QUEUED', max_length=8)),
                ('not_before', models.DateTimeField()),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, default='')),
                ('queued_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('PROFILE', 'Profile complete'), ('RESUME', 'Résumé agrees with the profile'), ('CREDENTIAL', 'Credential'), ('DUPLICATE', 'One account per person')], max_length=12)),
                ('result', models.CharField(choices=[('PENDING', 'Not yet run'), ('PASSED', 'Passed'), ('ATTENTION', 'Look at this'), ('NEEDS_PERSON', 'Needs a person')], default='PENDING', max_length=12)),
                ('evidence', models.JSONField(default=dict)),
                ('explanation', models.TextField(blank=True, default='')),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='vetting.case')),
                ('credential', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='credentials.credential')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('job_state__in', ['QUEUED', 'RUNNING'])), fields=['not_before'], name='vetting_check_due')],
                'constraints': [models.UniqueConstraint(fields=('case', 'kind', 'credential'), name='case_runs_a_check_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('result', 'PENDING'), models.Q(('checked_at__isnull', False), models.Q(('explanation', ''), _negated=True)), _connector='OR'), name='finished_check_explains_itself')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('outcome', models.CharField(choices=[('APPROVE', 'Approve'), ('ASK_FOR_MORE', 'Ask for more'), ('DECLINE', 'Decline')], max_length=12)),
                ('reason_code', models.CharField(choices=[('MEETS_STANDARD', 'Meets the standard of the field'), ('DOCUMENT_MISSING', 'A document is missing'), ('DOCUMENT_UNCLEAR', 'A document cannot be read'), ('CREDENTIAL_NOT_FOUND', 'The credential was not found at its source'), ('CREDENTIAL_EXPIRED', 'The credential has expired'), ('EXPERIENCE_TOO_SHORT', 'Experience in the field is too short'), ('STATEMENTS_DISAGREE', 'Statements disagree with each other'), ('OTHER', 'Another reason, in words')], max_length=24)),
                ('reason', models.TextField(blank=True, default='', max_length=4000)),
                ('evidence_checks', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('decided_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='vetting.case')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'DECLINE'), _negated=True), ('reason__length__gte', 100), _connector='OR'), name='decline_gives_a_reason_of_100_characters'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'ASK_FOR_MORE'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='asking_for_more_says_what')],
            },
        ),
    ]
