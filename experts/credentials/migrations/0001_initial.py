import django.db.models.deletion
import marketplace.kernel.crypto
import marketplace.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('profiles', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Document',
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
                ('kind', models.CharField(choices=[('RESUME', 'Résumé'), ('EVIDENCE', 'Evidence for a credential')], max_length=10)),
                ('state', models.CharField(choices=[('QUARANTINED', 'Being checked'), ('CLEAN', 'Checked'), ('REFUSED', 'Refused')], default='QUARANTINED', max_length=12)),
                ('file', models.FileField(max_length=200, upload_to='')),
                ('original_name', models.CharField(max_length=200)),
                ('media_type', models.CharField(max_length=100)),
                ('size_bytes', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('refusal', models.TextField(blank=True, default='')),
                ('extracted_text', models.TextField(blank=True, default='')),
                ('uploaded_at', models.DateTimeField()),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='profiles.expert')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('job_state__in', ['QUEUED', 'RUNNING'])), fields=['not_before'], name='credentials_document_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'REFUSED'), _negated=True), models.Q(('refusal', ''), _negated=True), _connector='OR'), name='refused_document_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Credential',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('MEDICAL_LICENCE', 'Medical licence'), ('NPI', 'NPI number'), ('BOARD_CERTIFICATION', 'Board certification'), ('DEGREE', 'Degree'), ('BAR_ADMISSION', 'Bar admission'), ('ORCID', 'ORCID iD'), ('FIDE', 'FIDE id and title'), ('CFA', 'CFA charter'), ('SOMMELIER', 'Sommelier level'), ('LANGUAGE_CERTIFICATE', 'Language certificate'), ('GUILD', 'Guild or union membership'), ('GITHUB', 'GitHub account'), ('PUBLISHED_WORK', 'Published work'), ('OTHER', 'Other')], max_length=24)),
                ('title', models.CharField(blank=True, default='', max_length=160)),
                ('issuer', models.CharField(blank=True, default='', max_length=160)),
                ('country', models.CharField(blank=True, default='', max_length=2)),
                ('region', models.CharField(blank=True, default='', max_length=10)),
                ('number', marketplace.kernel.crypto.EncryptedTextField(blank=True, default='')),
                ('number_hash', models.CharField(blank=True, db_index=True, default='', max_length=64)),
                ('number_last4', models.CharField(blank=True, default='', max_length=4)),
                ('expires_on', models.DateField(blank=True, null=True)),
                ('step', models.CharField(choices=[('DECLARED', 'Declared'), ('FORMAT_VALID', 'Number well formed'), ('DOCUMENT_SEEN', 'Document seen'), ('REGISTRY_MATCHED', 'Matched to a registry'), ('CONFIRMED', 'Confirmed by staff')], default='DECLARED', max_length=16)),
                ('declared_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='credentials', to='profiles.expert')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='credentials', to='credentials.document')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True), models.Q(('number_hash', ''), _negated=True)), fields=('expert', 'kind', 'number_hash'), name='expert_declares_a_number_once')],
            },
        ),
        migrations.CreateModel(
            name='CredentialStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_step', models.CharField(blank=True, choices=[('DECLARED', 'Declared'), ('FORMAT_VALID', 'Number well formed'), ('DOCUMENT_SEEN', 'Document seen'), ('REGISTRY_MATCHED', 'Matched to a registry'), ('CONFIRMED', 'Confirmed by staff')], default='', max_length=16)),
                ('to_step', models.CharField(choices=[('DECLARED', 'Declared'), ('FORMAT_VALID', 'Number well formed'), ('DOCUMENT_SEEN', 'Document seen'), ('REGISTRY_MATCHED', 'Matched to a registry'), ('CONFIRMED', 'Confirmed by staff')], max_length=16)),
                ('at', models.DateTimeField()),
                ('actor_kind', models.CharField(max_length=20)),
                ('actor_ref', models.CharField(max_length=80)),
                ('source', models.CharField(blank=True, default='', max_length=160)),
                ('explanation', models.TextField(blank=True, default='')),
                ('credential', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='credentials.credential')),
            ],
        ),
    ]
