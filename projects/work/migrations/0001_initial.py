import django.db.models.deletion
import marketplace.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('hiring', '0001_initial'),
        ('labs', '0001_initial'),
        ('listings', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExpertCursor',
            fields=[
                ('contract', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='cursor', serialize=False, to='hiring.contract')),
                ('priority', models.SmallIntegerField(default=32767)),
                ('position', models.BigIntegerField(default=-1)),
            ],
        ),
        migrations.CreateModel(
            name='TaskTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('DEMONSTRATION', 'Demonstration'), ('PAIRWISE', 'Pairwise comparison'), ('RANKING', 'Ranking'), ('ANSWER_REVIEW', 'Answer review'), ('SCENARIO', 'Scenario writing'), ('RUBRIC_WRITING', 'Rubric writing'), ('RUBRIC_GRADING', 'Rubric grading'), ('FEEDBACK', 'Expert feedback'), ('CREATIVE', 'Creative evaluation'), ('RED_TEAM', 'Red team'), ('DIALOGUE', 'Multi-turn dialogue')], max_length=20)),
                ('version', models.PositiveIntegerField()),
                ('instructions', models.TextField(blank=True, default='', max_length=20000)),
                ('options', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='task_templates', to='listings.project')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'kind', 'version'), name='task_template_version_is_numbered_once')],
            },
        ),
        migrations.CreateModel(
            name='Batch',
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
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('DEMONSTRATION', 'Demonstration'), ('PAIRWISE', 'Pairwise comparison'), ('RANKING', 'Ranking'), ('ANSWER_REVIEW', 'Answer review'), ('SCENARIO', 'Scenario writing'), ('RUBRIC_WRITING', 'Rubric writing'), ('RUBRIC_GRADING', 'Rubric grading'), ('FEEDBACK', 'Expert feedback'), ('CREATIVE', 'Creative evaluation'), ('RED_TEAM', 'Red team'), ('DIALOGUE', 'Multi-turn dialogue')], max_length=20)),
                ('state', models.CharField(choices=[('STAGED', 'Being read'), ('READY', 'Ready to start'), ('LIVE', 'Live'), ('PAUSED', 'Paused'), ('FINISHED', 'Finished'), ('CANCELLED', 'Cancelled')], default='STAGED', max_length=10)),
                ('file', models.FileField(blank=True, max_length=200, upload_to='')),
                ('original_name', models.CharField(blank=True, default='', max_length=200)),
                ('overlap', models.PositiveSmallIntegerField(default=1)),
                ('priority', models.SmallIntegerField(default=0)),
                ('minutes_expected', models.PositiveIntegerField(default=15)),
                ('rows_read', models.PositiveIntegerField(default=0)),
                ('rows_staged', models.PositiveIntegerField(default=0)),
                ('rows_refused', models.PositiveIntegerField(default=0)),
                ('rows_known', models.PositiveIntegerField(default=0)),
                ('bytes_read', models.PositiveBigIntegerField(default=0)),
                ('bytes_total', models.PositiveBigIntegerField(default=0)),
                ('created_by_kind', models.CharField(max_length=20)),
                ('created_by_ref', models.CharField(max_length=80)),
                ('created_at', models.DateTimeField()),
                ('live_at', models.DateTimeField(blank=True, null=True)),
                ('lab', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='labs.lab')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='listings.project')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='work.tasktemplate')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('job_state__in', ['QUEUED', 'RUNNING'])), fields=['not_before'], name='work_batch_due')],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='batch_is_numbered_once_in_its_project'), models.CheckConstraint(condition=models.Q(('overlap__gte', 1), ('overlap__lte', 9)), name='batch_overlap_is_1_to_9')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('external_id', models.CharField(max_length=200)),
                ('content_sha256', models.CharField(max_length=64)),
                ('prompt', models.JSONField()),
                ('state', models.CharField(choices=[('STAGED', 'Staged'), ('OPEN', 'Open'), ('DONE', 'Done'), ('BLOCKED', 'Blocked by reports'), ('CANCELLED', 'Cancelled')], default='STAGED', max_length=10)),
                ('priority', models.SmallIntegerField(default=0)),
                ('position', models.BigIntegerField()),
                ('overlap', models.PositiveSmallIntegerField(default=1)),
                ('open_slots', models.PositiveSmallIntegerField(default=1)),
                ('accepted_count', models.PositiveSmallIntegerField(default=0)),
                ('bad_reports', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='work.batch')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='listings.project')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('open_slots__gt', 0), ('state', 'OPEN')), fields=['project', '-priority', 'position'], name='task_claimable'), models.Index(fields=['batch', 'position'], name='task_of_batch')],
                'constraints': [models.UniqueConstraint(fields=('project', 'external_id'), name='external_id_is_unique_in_its_project'), models.CheckConstraint(condition=models.Q(('open_slots__lte', models.F('overlap'))), name='task_is_never_overfilled')],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('state', models.CharField(choices=[('WORKING', 'Being worked on'), ('RELEASED', 'Lease over, draft kept'), ('SKIPPED', 'Skipped'), ('SUBMITTED', 'In review'), ('RETURNED', 'Sent back to you'), ('ACCEPTED', 'Accepted'), ('REJECTED', 'Rejected')], default='WORKING', max_length=10)),
                ('holds_slot', models.BooleanField(default=True)),
                ('is_late', models.BooleanField(default=False)),
                ('claimed_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField()),
                ('heartbeat_at', models.DateTimeField()),
                ('active_seconds', models.PositiveIntegerField(default=0)),
                ('draft', models.JSONField(default=dict)),
                ('draft_version', models.PositiveIntegerField(default=0)),
                ('draft_saved_at', models.DateTimeField(blank=True, null=True)),
                ('rounds', models.PositiveSmallIntegerField(default=0)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('skip_reason', models.CharField(blank=True, choices=[('OUTSIDE_EXPERTISE', 'Outside my expertise'), ('CONFLICT', 'Conflict of interest'), ('BAD_TASK', 'The task itself is broken'), ('OFFENSIVE', 'Offensive content'), ('TECHNICAL', 'Technical problem')], default='', max_length=20)),
                ('skip_note', models.TextField(blank=True, default='', max_length=1000)),
                ('review_lease_until', models.DateTimeField(blank=True, null=True)),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='hiring.contract')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='listings.project')),
                ('reviewer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='review_leases', to=settings.AUTH_USER_MODEL)),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='work.task')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'WORKING')), fields=['lease_until'], name='assignment_lease'), models.Index(condition=models.Q(('state', 'SUBMITTED')), fields=['project', 'due_at'], name='assignment_in_review')],
                'constraints': [models.UniqueConstraint(fields=('task', 'contract'), name='task_goes_to_an_expert_once'), models.UniqueConstraint(condition=models.Q(('state', 'WORKING')), fields=('contract',), name='expert_holds_one_live_lease_per_project'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'SKIPPED'), _negated=True), models.Q(('skip_reason', ''), _negated=True), _connector='OR'), name='skipped_task_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('revision', models.PositiveSmallIntegerField()),
                ('answer', models.JSONField()),
                ('active_seconds', models.PositiveIntegerField(default=0)),
                ('key', models.UUIDField(unique=True)),
                ('submitted_at', models.DateTimeField()),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='work.assignment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('assignment', 'revision'), name='submission_revision_is_numbered_once')],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('decision', models.CharField(choices=[('ACCEPT', 'Accept'), ('SEND_BACK', 'Send back'), ('REJECT', 'Reject')], max_length=10)),
                ('comment', models.TextField(blank=True, default='', max_length=4000)),
                ('field_comments', models.JSONField(default=list)),
                ('decided_at', models.DateTimeField()),
                ('reviewer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submission', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='work.submission')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('decision', 'ACCEPT'), models.Q(('comment', ''), _negated=True), _connector='OR'), name='review_that_is_no_yes_says_why'), models.CheckConstraint(condition=models.Q(('decision', 'ACCEPT'), ('reviewer__isnull', False), _connector='OR'), name='only_a_person_sends_back_or_rejects')],
            },
        ),
        migrations.CreateModel(
            name='BatchRowError',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField()),
                ('message', models.CharField(max_length=300)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='row_errors', to='work.batch')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('batch', 'row'), name='batch_row_is_refused_once')],
            },
        ),
    ]
