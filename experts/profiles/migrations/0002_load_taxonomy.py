"""Load the taxonomy of fields, so that every installation has one. Running it again adds only what is missing."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from experts.profiles.actions.taxonomy import fill_taxonomy


def load(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    fill_taxonomy(apps.get_model("profiles", "Field"))


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop, elidable=False)]
