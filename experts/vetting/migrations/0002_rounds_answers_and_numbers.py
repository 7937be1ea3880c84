"""Rounds of checks, answers of experts, whom a decision is about, and the sequence of case numbers."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("credentials", "0002_ladder_and_years"),
        ("profiles", "0002_load_taxonomy"),
        ("vetting", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE vetting_case_number AS bigint START WITH 1001",
            "DROP SEQUENCE vetting_case_number",
        ),
        migrations.AddField("case", "round", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("check", "round", models.PositiveSmallIntegerField(default=1)),
        migrations.RemoveConstraint("check", "case_runs_a_check_once"),
        migrations.AddConstraint(
            "check",
            models.UniqueConstraint(
                fields=("case", "round", "kind", "credential"),
                name="case_runs_a_check_once_a_round",
                nulls_distinct=False,
            ),
        ),
        # No decision stands yet, so that the column needs no default.
        migrations.AddField(
            "decision",
            "about",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            "decision",
            models.CheckConstraint(
                condition=~models.Q(("decided_by", models.F("about"))), name="nobody_decides_on_their_own_case"
            ),
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=4000)),
                ("answered_at", models.DateTimeField()),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answer", to="vetting.decision"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=~models.Q(("text", "")), name="answer_says_something")
                ]
            },
        ),
    ]
