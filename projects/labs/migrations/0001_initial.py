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
            name='Lab',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('legal_name', models.CharField(blank=True, default='', max_length=160)),
                ('billing_email', models.EmailField(blank=True, default='', max_length=254)),
                ('country', models.CharField(blank=True, default='', max_length=2)),
                ('about', models.TextField(blank=True, default='', max_length=4000)),
                ('website', models.URLField(blank=True, default='')),
                ('is_anonymous', models.BooleanField(default=False)),
                ('fee_bps', models.PositiveIntegerField(default=1000)),
                ('tone', models.PositiveSmallIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
                ('is_demonstration', models.BooleanField(default=False)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('fee_bps__lte', 5000)), name='lab_fee_is_at_most_half_of_the_pay'), models.CheckConstraint(condition=models.Q(('tone__gte', 1), ('tone__lte', 5)), name='lab_tone_is_one_of_five')],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=marketplace.kernel.ids.new_public_id, editable=False, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('prefix', models.CharField(max_length=12, unique=True)),
                ('secret_sha256', models.CharField(max_length=64)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('projects:read', 'Read projects'), ('projects:write', 'Create and change projects'), ('tasks:read', 'Read batches, tasks and submissions'), ('tasks:write', 'Create batches and tasks'), ('exports', 'Create and download exports')], max_length=20), default=list, size=None)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lab', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to='labs.lab')),
            ],
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('OWNER', 'Owner'), ('MANAGER', 'Manager'), ('REVIEWER', 'Reviewer'), ('MEMBER', 'Member, reads only')], max_length=10)),
                ('joined_at', models.DateTimeField()),
                ('lab', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='labs.lab')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lab_memberships', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('lab', 'user'), name='person_joins_a_lab_once')],
            },
        ),
    ]
