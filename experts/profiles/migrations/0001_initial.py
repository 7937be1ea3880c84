import django.contrib.postgres.fields
import django.db.models.deletion
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
            name='Expert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('headline', models.CharField(blank=True, default='', max_length=120)),
                ('about', models.TextField(blank=True, default='', max_length=5000)),
                ('country', models.CharField(blank=True, default='', max_length=2)),
                ('years_experience', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('rate_desired_minor', models.BigIntegerField(blank=True, null=True)),
                ('rate_minimum_minor', models.BigIntegerField(blank=True, null=True)),
                ('currency', models.CharField(default='USD', max_length=3)),
                ('weekly_hours', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('open_to_work', models.BooleanField(default=True)),
                ('conflicts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='expert', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('weekly_hours__isnull', True), ('weekly_hours__lte', 80), _connector='OR'), name='expert_offers_at_most_80_hours_a_week'), models.CheckConstraint(condition=models.Q(('rate_minimum_minor__isnull', True), ('rate_desired_minor__isnull', True), ('rate_minimum_minor__lte', models.F('rate_desired_minor')), _connector='OR'), name='expert_minimum_rate_is_at_most_the_desired_one')],
            },
        ),
        migrations.CreateModel(
            name='ExpertLanguage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=2)),
                ('level', models.CharField(choices=[('A1', 'A1, beginner'), ('A2', 'A2, elementary'), ('B1', 'B1, intermediate'), ('B2', 'B2, upper intermediate'), ('C1', 'C1, advanced'), ('C2', 'C2, proficient'), ('NATIVE', 'First language')], max_length=6)),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='languages', to='profiles.expert')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('expert', 'code'), name='expert_names_a_language_once')],
            },
        ),
        migrations.CreateModel(
            name='Field',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('synonyms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                ('position', models.PositiveIntegerField(default=0)),
                ('tree_order', models.CharField(db_index=True, default='', max_length=120)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='profiles.field')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('parent', models.F('id')), _negated=True), name='field_is_not_its_own_parent')],
            },
        ),
        migrations.CreateModel(
            name='ExpertField',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('years', models.PositiveSmallIntegerField(default=0)),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='field_entries', to='profiles.expert')),
                ('field', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='profiles.field')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('expert', 'field'), name='expert_names_a_field_once')],
            },
        ),
    ]
