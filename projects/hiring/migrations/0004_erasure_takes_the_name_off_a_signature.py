"""What was signed, when, and by which account never changes. Erasing a person puts the pseudonym in the place of the name."""

from django.db import migrations

UNLESS_ERASED = """
CREATE FUNCTION hiring_signature_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.typed_name LIKE 'Deleted person %' AND NEW.address = ''
        AND to_jsonb(NEW) - 'typed_name' - 'address' = to_jsonb(OLD) - 'typed_name' - 'address'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was agreed and signed never changes: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER terms_signature_never_changes ON hiring_termssignature;
CREATE TRIGGER terms_signature_never_changes BEFORE UPDATE OR DELETE ON hiring_termssignature
    FOR EACH ROW EXECUTE FUNCTION hiring_signature_never_changes();
"""
AS_BEFORE = """
DROP TRIGGER terms_signature_never_changes ON hiring_termssignature;
CREATE TRIGGER terms_signature_never_changes BEFORE UPDATE OR DELETE ON hiring_termssignature
    FOR EACH ROW EXECUTE FUNCTION hiring_never_changes();
DROP FUNCTION hiring_signature_never_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("hiring", "0003_versions_never_change")]
    operations = [migrations.RunSQL(UNLESS_ERASED, AS_BEFORE)]
