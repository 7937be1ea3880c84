import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.contrib.postgres.search
import django.db.models.deletion
import marketplace.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('labs', '0001_initial'),
        ('profiles', '0001_initial'),
    ]

    operations = [
        django.contrib.postgres.operations.TrigramExtension(
        ),
        django.contrib.postgres.operations.UnaccentExtension(
        ),
        migrations.CreateModel(
            name='Terms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('title', models.CharField(max_length=160)),
                ('version', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('sha256', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField()),
                ('lab', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='labs.lab')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('lab', 'title', 'version'), name='terms_version_is_numbered_once')],
            },
        ),
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('title', models.CharField(max_length=140)),
                ('summary', models.CharField(blank=True, default='', max_length=300)),
                ('sections', models.JSONField(default=dict)),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('DEMONSTRATION', 'Demonstration'), ('PAIRWISE', 'Pairwise comparison'), ('RANKING', 'Ranking'), ('ANSWER_REVIEW', 'Answer review'), ('SCENARIO', 'Scenario writing'), ('RUBRIC_WRITING', 'Rubric writing'), ('RUBRIC_GRADING', 'Rubric grading'), ('FEEDBACK', 'Expert feedback'), ('CREATIVE', 'Creative evaluation'), ('RED_TEAM', 'Red team'), ('DIALOGUE', 'Multi-turn dialogue')], max_length=20), blank=True, default=list, size=None)),
                ('currency', models.CharField(default='USD', max_length=3)),
                ('rate_min_minor', models.BigIntegerField(blank=True, null=True)),
                ('rate_max_minor', models.BigIntegerField(blank=True, null=True)),
                ('weekly_hours_min', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('weekly_hours_cap', models.PositiveSmallIntegerField(default=40)),
                ('expected_weeks', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('closes_at', models.DateTimeField(blank=True, null=True)),
                ('places_wanted', models.PositiveIntegerField(default=1)),
                ('places_filled', models.PositiveIntegerField(default=0)),
                ('countries', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list, size=None)),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list, size=None)),
                ('questions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=300), blank=True, default=list, size=None)),
                ('visibility', models.CharField(choices=[('PUBLIC', 'Everyone can find it'), ('LINK', 'Only people with the link')], default='PUBLIC', max_length=8)),
                ('manual_time_allowed', models.BooleanField(default=True)),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('OPEN', 'Open'), ('PAUSED', 'Paused'), ('CLOSED', 'Closed')], default='DRAFT', max_length=8)),
                ('state_reason', models.TextField(blank=True, default='')),
                ('expected_back_on', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('search', django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ('search_text', models.TextField(blank=True, default='', editable=False)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('fields', models.ManyToManyField(blank=True, related_name='projects', to='profiles.field')),
                ('lab', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='labs.lab')),
                ('terms', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='listings.terms')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search'], name='project_search'), django.contrib.postgres.indexes.GinIndex(fields=['search_text'], name='project_search_trigram', opclasses=['gin_trgm_ops']), models.Index(condition=models.Q(('state', 'OPEN')), fields=['-published_at', '-id'], name='project_board_newest'), models.Index(fields=['lab', 'state'], name='project_of_lab')],
                'constraints': [models.CheckConstraint(condition=models.Q(('places_filled__lte', models.F('places_wanted'))), name='project_places_are_never_overfilled'), models.CheckConstraint(condition=models.Q(('rate_min_minor__isnull', True), ('rate_max_minor__isnull', True), models.Q(('rate_min_minor__gt', 0), ('rate_min_minor__lte', models.F('rate_max_minor'))), _connector='OR'), name='project_rate_range_is_positive_and_ordered'), models.CheckConstraint(condition=models.Q(('weekly_hours_cap__gte', 1), ('weekly_hours_cap__lte', 60)), name='project_week_has_between_1_and_60_hours'), models.CheckConstraint(condition=models.Q(('state', 'DRAFT'), ('state', 'CLOSED'), models.Q(('published_at__isnull', False), ('rate_max_minor__isnull', False), ('terms__isnull', False)), _connector='OR'), name='published_project_has_a_date_a_rate_and_terms')],
            },
        ),
        migrations.CreateModel(
            name='Requirement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('credential_kind', models.CharField(blank=True, choices=[('MEDICAL_LICENCE', 'Medical licence'), ('NPI', 'NPI number'), ('BOARD_CERTIFICATION', 'Board certification'), ('DEGREE', 'Degree'), ('BAR_ADMISSION', 'Bar admission'), ('ORCID', 'ORCID iD'), ('FIDE', 'FIDE id and title'), ('CFA', 'CFA charter'), ('SOMMELIER', 'Sommelier level'), ('LANGUAGE_CERTIFICATE', 'Language certificate'), ('GUILD', 'Guild or union membership'), ('GITHUB', 'GitHub account'), ('PUBLISHED_WORK', 'Published work'), ('OTHER', 'Other')], default='', max_length=24)),
                ('step', models.CharField(choices=[('DECLARED', 'Declared'), ('FORMAT_VALID', 'Number well formed'), ('DOCUMENT_SEEN', 'Document seen'), ('REGISTRY_MATCHED', 'Matched to a registry'), ('CONFIRMED', 'Confirmed by staff')], default='DOCUMENT_SEEN', max_length=16)),
                ('is_required', models.BooleanField(default=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('field', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='profiles.field')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='requirements', to='listings.project')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('credential_kind', ''), ('field__isnull', False)), models.Q(models.Q(('credential_kind', ''), _negated=True), ('field__isnull', True)), _connector='OR'), name='requirement_asks_for_a_credential_or_a_vetted_field')],
            },
        ),
    ]
