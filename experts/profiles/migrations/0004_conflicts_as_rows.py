"""Make a row of each organisation that people named in their profile; the old column goes in the next migration."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def copy(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    conflicts = apps.get_model("profiles", "Conflict")
    for expert in apps.get_model("profiles", "Expert").objects.exclude(conflicts_named=[]).iterator():
        named = {name.lower(): name for name in reversed(expert.conflicts_named)}
        conflicts.objects.bulk_create(conflicts(expert=expert, organisation=name) for name in named.values())


def copy_back(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    for expert in apps.get_model("profiles", "Expert").objects.filter(conflicts__isnull=False).distinct():
        expert.conflicts_named = list(expert.conflicts.order_by("pk").values_list("organisation", flat=True))
        expert.save(update_fields=["conflicts_named"])


class Migration(migrations.Migration):
    dependencies = [("profiles", "0003_history_and_hours")]

    operations = [migrations.RunPython(copy, copy_back, elidable=True)]
