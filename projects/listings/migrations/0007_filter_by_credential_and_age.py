import django.contrib.postgres.fields
from django.db import migrations, models

# The summary is made anew by the next sweep; its old groups say nothing of credentials.
FORGET = "DELETE FROM listings_boardgroup; DELETE FROM listings_boardsummary;"
FILL = """
UPDATE listings_project AS project SET credential_kinds = asked.kinds
FROM (
    SELECT project_id, array_agg(DISTINCT credential_kind ORDER BY credential_kind) AS kinds
    FROM listings_requirement WHERE is_required AND credential_kind <> '' GROUP BY project_id
) AS asked
WHERE asked.project_id = project.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('listings', '0006_count_large_boards_from_a_summary'),
    ]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop, elidable=True),
        migrations.AddField(
            model_name='boardgroup',
            name='age_step',
            field=models.PositiveSmallIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='boardgroup',
            name='credential_kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list, size=None),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='project',
            name='credential_kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list, editable=False, size=None),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop, elidable=True),
    ]
