"""What the board searches with, and terms that nobody can change once somebody may have signed them."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

# English stems, accents ignored: "pédiatrie" finds "pediatrie", "doctors" finds "doctor".
CONFIGURE = """
CREATE TEXT SEARCH CONFIGURATION english_unaccent (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION english_unaccent
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
"""
UNCONFIGURE = "DROP TEXT SEARCH CONFIGURATION english_unaccent;"

REFUSE = """
CREATE FUNCTION terms_are_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of terms never changes: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER terms_version_never_changes BEFORE UPDATE OR DELETE ON listings_terms
    FOR EACH ROW EXECUTE FUNCTION terms_are_immutable();
"""
ALLOW = """
DROP TRIGGER terms_version_never_changes ON listings_terms;
DROP FUNCTION terms_are_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("listings", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="field_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, default=list, editable=False, size=None
            ),
        ),
        migrations.AddIndex(
            model_name="project",
            index=django.contrib.postgres.indexes.GinIndex(fields=["field_ids"], name="project_fields_and_above"),
        ),
        migrations.RunSQL(CONFIGURE, UNCONFIGURE),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
