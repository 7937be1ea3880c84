"""
What was signed, named and revoked never changes, whatever the code above thinks. Only erasure may empty a document.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION standing_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was signed or revoked never changes: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION standing_document_is_only_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    emptied standing_certificate := OLD;
BEGIN
    emptied.document := '';
    IF OLD.document <> '' AND NEW IS NOT DISTINCT FROM emptied THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a certificate never changes; erasure empties its document and nothing else'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
TABLES = {
    "standing_certificatecredential": "named_credential",
    "standing_revocation": "revocation",
}
REFUSE = (
    FUNCTIONS
    + """
CREATE TRIGGER certificate_is_only_emptied BEFORE UPDATE ON standing_certificate
    FOR EACH ROW EXECUTE FUNCTION standing_document_is_only_emptied();
CREATE TRIGGER certificate_is_not_deleted BEFORE DELETE ON standing_certificate
    FOR EACH ROW EXECUTE FUNCTION standing_never_changes();
CREATE TRIGGER certificate_is_not_truncated BEFORE TRUNCATE ON standing_certificate
    FOR EACH STATEMENT EXECUTE FUNCTION standing_never_changes();
"""
    + "".join(
        f"""
CREATE TRIGGER {name}_never_changes BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION standing_never_changes();
CREATE TRIGGER {name}_is_not_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION standing_never_changes();
"""
        for table, name in TABLES.items()
    )
)
ALLOW = (
    """
DROP TRIGGER certificate_is_only_emptied ON standing_certificate;
DROP TRIGGER certificate_is_not_deleted ON standing_certificate;
DROP TRIGGER certificate_is_not_truncated ON standing_certificate;
"""
    + "".join(
        f"DROP TRIGGER {name}_never_changes ON {table}; DROP TRIGGER {name}_is_not_truncated ON {table};\n"
        for table, name in TABLES.items()
    )
    + "DROP FUNCTION standing_never_changes(); DROP FUNCTION standing_document_is_only_emptied();"
)


class Migration(migrations.Migration):
    dependencies = [("standing", "0001_certificates_and_referrals")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
