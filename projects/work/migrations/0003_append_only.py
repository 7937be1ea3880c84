"""What was handed in, decided and done is never changed or removed, whatever the code above thinks."""

from django.db import migrations

TABLES = {"work_submission": "submission", "work_review": "review", "work_taskevent": "task_event"}
FUNCTION = """
CREATE FUNCTION work_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record of work is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
REFUSE = FUNCTION + "".join(
    f"""
CREATE TRIGGER {name}_is_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION work_is_append_only();
CREATE TRIGGER {name}_is_not_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION work_is_append_only();
"""
    for table, name in TABLES.items()
)
ALLOW = (
    "".join(
        f"DROP TRIGGER {name}_is_append_only ON {table}; DROP TRIGGER {name}_is_not_truncated ON {table};\n"
        for table, name in TABLES.items()
    )
    + "DROP FUNCTION work_is_append_only();"
)


class Migration(migrations.Migration):
    dependencies = [("work", "0002_rows_that_were_read")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
