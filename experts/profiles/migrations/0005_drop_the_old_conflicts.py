"""Conflicts stand in rows of their own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("profiles", "0004_conflicts_as_rows")]

    operations = [migrations.RemoveField(model_name="expert", name="conflicts_named")]
