"""What was published stays as it was published: answers were given to it, and scores rest on it."""

from django.db import migrations

TABLES = {
    "assessments_questionversion": "question_version",
    "assessments_assessmentversion": "assessment_version",
    "assessments_guideversion": "guide_version",
}
FUNCTION = """
CREATE FUNCTION assessments_version_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published version never changes: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
REFUSE = FUNCTION + "".join(
    f"""
CREATE TRIGGER {name}_never_changes BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION assessments_version_never_changes();
CREATE TRIGGER {name}_is_not_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION assessments_version_never_changes();
"""
    for table, name in TABLES.items()
)
ALLOW = (
    "".join(
        f"DROP TRIGGER {name}_never_changes ON {table}; DROP TRIGGER {name}_is_not_truncated ON {table};\n"
        for table, name in TABLES.items()
    )
    + "DROP FUNCTION assessments_version_never_changes();"
)


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_questions_attempts_and_scores")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
