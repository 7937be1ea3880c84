"""What the books refuse, whatever the code above thinks (reference money B.1: I1, I2, I4, I8)."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused, post a correction', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER entry_is_append_only BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER entry_is_not_truncated BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER transfer_is_append_only BEFORE UPDATE OR DELETE ON ledger_transfer
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER transfer_is_not_truncated BEFORE TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER account_keeps_its_name BEFORE UPDATE OF id, code, owner_kind, owner_ref, currency
    ON ledger_ledgeraccount FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER account_is_not_deleted BEFORE DELETE ON ledger_ledgeraccount
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER account_is_not_truncated BEFORE TRUNCATE ON ledger_ledgeraccount
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
"""
NOT_APPEND_ONLY = """
DROP TRIGGER entry_is_append_only ON ledger_entry;
DROP TRIGGER entry_is_not_truncated ON ledger_entry;
DROP TRIGGER transfer_is_append_only ON ledger_transfer;
DROP TRIGGER transfer_is_not_truncated ON ledger_transfer;
DROP TRIGGER account_keeps_its_name ON ledger_ledgeraccount;
DROP TRIGGER account_is_not_deleted ON ledger_ledgeraccount;
DROP TRIGGER account_is_not_truncated ON ledger_ledgeraccount;
DROP FUNCTION ledger_is_append_only();
"""

# pg_current_xact_id() is the id of the top-level transaction, so savepoints make no difference. The checks run once
# per statement over all its rows, so that a batch of 20,000 entries does not pay for them 20,000 times.
OWN_TRANSACTION = """
ALTER TABLE ledger_entry ADD COLUMN txid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE FUNCTION ledger_entry_names_its_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added WHERE added.txid <> pg_current_xact_id()) THEN
        RAISE EXCEPTION 'an entry names the transaction that wrote it, no other'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_names_its_transaction AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_names_its_transaction();

CREATE FUNCTION ledger_transfer_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT entry.key INTO wrong FROM added JOIN ledger_entry entry ON entry.id = added.entry_id
        WHERE entry.txid <> pg_current_xact_id() LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no transfer joins entry % after its own transaction', wrong.key
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT added.currency INTO wrong FROM added
        JOIN ledger_ledgeraccount debit ON debit.id = added.debit_id
        JOIN ledger_ledgeraccount credit ON credit.id = added.credit_id
        WHERE debit.currency <> added.currency OR credit.currency <> added.currency LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a transfer in % moves between accounts in another currency', wrong.currency
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER transfer_fits_its_entry_and_accounts AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfer_fits();

CREATE FUNCTION ledger_entry_has_transfers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_transfer WHERE entry_id = NEW.id) THEN
        RAISE EXCEPTION 'entry % moves nothing', NEW.key USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_moves_something AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_has_transfers();
"""
ANY_TRANSACTION = """
DROP TRIGGER entry_moves_something ON ledger_entry;
DROP TRIGGER transfer_fits_its_entry_and_accounts ON ledger_transfer;
DROP TRIGGER entry_names_its_transaction ON ledger_entry;
DROP FUNCTION ledger_entry_has_transfers();
DROP FUNCTION ledger_transfer_fits();
DROP FUNCTION ledger_entry_names_its_transaction();
ALTER TABLE ledger_entry DROP COLUMN txid;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(OWN_TRANSACTION, ANY_TRANSACTION),
    ]
