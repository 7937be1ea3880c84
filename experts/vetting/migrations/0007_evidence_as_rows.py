"""Give each decision its evidence as rows, and each claim an end, two hours after it began."""

from datetime import timedelta

from django.db import migrations
from django.db.models import F

LABELS = {
    "PROFILE": "Profile complete",
    "RESUME": "Résumé agrees with the profile",
    "CREDENTIAL": "Credential",
    "REGISTRY": "Registry match",
    "SANCTIONS": "Sanctions screening",
    "DUPLICATE": "One account per person",
    "ASSESSMENT": "Assessment score",
    "INTERVIEW": "Structured interview",
}


def write_rows(apps, schema_editor):
    case, check, decision, evidence = (
        apps.get_model("vetting", name) for name in ("Case", "Check", "Decision", "Evidence")
    )
    case.objects.filter(claimed_by__isnull=False).update(claimed_until=F("claimed_at") + timedelta(hours=2))
    kinds = dict(check.objects.values_list("pk", "kind"))
    evidence.objects.bulk_create(
        evidence(decision_id=pk, check_row_id=check_pk, label=LABELS[kinds[check_pk]])
        for pk, checks in decision.objects.order_by("pk").values_list("pk", "evidence_checks")
        for check_pk in checks
        if check_pk in kinds
    )


class Migration(migrations.Migration):

    dependencies = [("vetting", "0006_second_opinions_and_appeals")]

    operations = [migrations.RunPython(write_rows, migrations.RunPython.noop, elidable=True)]
