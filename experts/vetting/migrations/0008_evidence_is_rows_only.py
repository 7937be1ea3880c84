from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("vetting", "0007_evidence_as_rows")]

    operations = [
        migrations.RemoveField(
            model_name='decision',
            name='evidence_checks',
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('claimed_by__isnull', True), ('claimed_until__isnull', False), _connector='OR'), name='claim_of_a_case_has_an_end'),
        ),
    ]
