"""What a listing said and where it stood is never changed or removed, whatever the code above thinks."""

from django.db import migrations

TABLES = {"listings_listingversion": "listing_version", "listings_statuschange": "status_change"}
FUNCTION = """
CREATE FUNCTION listings_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a listing said and where it stood never changes: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
REFUSE = FUNCTION + "".join(
    f"""
CREATE TRIGGER {name}_never_changes BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION listings_never_changes();
CREATE TRIGGER {name}_is_not_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION listings_never_changes();
"""
    for table, name in TABLES.items()
)
ALLOW = (
    "".join(
        f"DROP TRIGGER {name}_never_changes ON {table}; DROP TRIGGER {name}_is_not_truncated ON {table};\n"
        for table, name in TABLES.items()
    )
    + "DROP FUNCTION listings_never_changes();"
)


class Migration(migrations.Migration):
    dependencies = [("listings", "0003_what_a_listing_pays_asks_and_was")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
