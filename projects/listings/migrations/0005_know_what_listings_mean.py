"""What listings mean, as vectors, for which the server needs the extension vector."""

import django.db.models.deletion
import pgvector.django.extensions
import pgvector.django.halfvec
import pgvector.django.indexes
from django.db import NotSupportedError, migrations, models

MISSING = (
    "The PostgreSQL server has no extension “vector” (pgvector), which searches by meaning need. Install it on the server: "
    "the image pgvector/pgvector:pg18, or the package postgresql-18-pgvector. Managed servers offer it as “vector” or "
    "“pgvector”. Then migrate again; nothing was changed."
)


class VectorOrSaySo(pgvector.django.extensions.VectorExtension):
    """Creates the extension, and says in words what to do where the server does not have it."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")
            if cursor.fetchone() == (0,):
                raise NotSupportedError(MISSING)
        super().database_forwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):

    dependencies = [
        ('listings', '0004_versions_and_history_never_change'),
    ]

    operations = [
        VectorOrSaySo(),
        migrations.CreateModel(
            name='Meaning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job_state', models.CharField(choices=[('QUEUED', 'Queued'), ('RUNNING', 'Running'), ('DONE', 'Done'), ('PARKED', 'Needs a person')], default='QUEUED', max_length=8)),
                ('not_before', models.DateTimeField()),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, default='')),
                ('queued_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('text', models.TextField()),
                ('made_of', models.CharField(blank=True, default='', max_length=64)),
                ('vector', pgvector.django.halfvec.HalfVectorField(dimensions=512, editable=False, null=True)),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='meaning', to='listings.project')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('job_state__in', ['QUEUED', 'RUNNING'])), fields=['not_before'], name='listings_meaning_due'), models.Index(condition=models.Q(('job_state', 'PARKED')), fields=['queued_at'], name='listings_meaning_parked'), pgvector.django.indexes.HnswIndex(fields=['vector'], name='meaning_nearest', opclasses=['halfvec_cosine_ops'])],
            },
        ),
    ]
