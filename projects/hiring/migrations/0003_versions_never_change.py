"""A version of a contract and a signature are never changed or removed, whatever the code above thinks."""

from django.db import migrations

TABLES = {"hiring_contractversion": "contract_version", "hiring_termssignature": "terms_signature"}
FUNCTION = """
CREATE FUNCTION hiring_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was agreed and signed never changes: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
REFUSE = FUNCTION + "".join(
    f"""
CREATE TRIGGER {name}_never_changes BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION hiring_never_changes();
CREATE TRIGGER {name}_is_not_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION hiring_never_changes();
"""
    for table, name in TABLES.items()
)
ALLOW = (
    "".join(
        f"DROP TRIGGER {name}_never_changes ON {table}; DROP TRIGGER {name}_is_not_truncated ON {table};\n"
        for table, name in TABLES.items()
    )
    + "DROP FUNCTION hiring_never_changes();"
)


class Migration(migrations.Migration):
    dependencies = [("hiring", "0002_clocks")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
