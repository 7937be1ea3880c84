"""The first version of the weights of the ranking; and no version ever changes, whatever the code above thinks."""

from datetime import UTC, datetime

from django.db import migrations

FIRST = {
    "version": 1,
    "required": 40,
    "nice": 10,
    "vetted": 15,
    "languages": 10,
    "hours": 10,
    "country": 10,
    "accepted": 10,
    "on_time": 5,
    "newcomer_percent": 50,
    "reason": "What the listing requires counts most; a record here helps, and newcomers get half of its points.",
    "published_at": datetime(2026, 11, 1, tzinfo=UTC),
}
REFUSE = """
CREATE TRIGGER match_weights_never_change BEFORE UPDATE OR DELETE ON hiring_matchweights
    FOR EACH ROW EXECUTE FUNCTION hiring_never_changes();
CREATE TRIGGER match_weights_are_not_truncated BEFORE TRUNCATE ON hiring_matchweights
    FOR EACH STATEMENT EXECUTE FUNCTION hiring_never_changes();
"""
ALLOW = """
DROP TRIGGER match_weights_never_change ON hiring_matchweights;
DROP TRIGGER match_weights_are_not_truncated ON hiring_matchweights;
"""


def publish_the_first(apps, schema_editor):
    apps.get_model("hiring", "MatchWeights").objects.get_or_create(version=1, defaults=FIRST)


class Migration(migrations.Migration):
    dependencies = [("hiring", "0005_candidates_are_ranked_invited_and_scored")]
    operations = [
        migrations.RunPython(publish_the_first, migrations.RunPython.noop, elidable=False),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
