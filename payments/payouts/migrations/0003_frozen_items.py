"""What a computed run may not have changed, whatever the code above thinks (reference C.1: items frozen by a trigger)."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION payouts_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: it was frozen when it was written', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER item_keeps_amount_payee_and_destination BEFORE UPDATE OF id, public_id, run_id, payee_id, gross_minor,
    withheld_minor, net_minor, currency, country, stripe_account_id, destination_label ON payouts_payitem FOR EACH ROW
    WHEN ((OLD.id, OLD.public_id, OLD.run_id, OLD.payee_id, OLD.gross_minor, OLD.withheld_minor, OLD.net_minor,
           OLD.currency, OLD.country, OLD.stripe_account_id, OLD.destination_label)
        IS DISTINCT FROM (NEW.id, NEW.public_id, NEW.run_id, NEW.payee_id, NEW.gross_minor, NEW.withheld_minor,
           NEW.net_minor, NEW.currency, NEW.country, NEW.stripe_account_id, NEW.destination_label))
    EXECUTE FUNCTION payouts_is_frozen();
CREATE TRIGGER item_is_not_truncated BEFORE TRUNCATE ON payouts_payitem
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_is_frozen();
CREATE TRIGGER attempt_keeps_its_key BEFORE UPDATE OF id, item_id, number, key, request_sha256, first_sent_at
    ON payouts_attempt FOR EACH ROW
    WHEN ((OLD.id, OLD.item_id, OLD.number, OLD.key, OLD.request_sha256, OLD.first_sent_at)
        IS DISTINCT FROM (NEW.id, NEW.item_id, NEW.number, NEW.key, NEW.request_sha256, NEW.first_sent_at))
    EXECUTE FUNCTION payouts_is_frozen();
CREATE TRIGGER attempt_is_not_deleted BEFORE DELETE ON payouts_attempt
    FOR EACH ROW EXECUTE FUNCTION payouts_is_frozen();
CREATE TRIGGER attempt_is_not_truncated BEFORE TRUNCATE ON payouts_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_is_frozen();

CREATE FUNCTION payouts_item_joins_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN payouts_payrun run ON run.id = added.run_id WHERE run.state <> 'DRAFT') THEN
        RAISE EXCEPTION 'no item joins a run that has been computed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER item_joins_a_draft AFTER INSERT ON payouts_payitem REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_item_joins_a_draft();

CREATE FUNCTION payouts_item_leaves_a_cancelled_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM gone JOIN payouts_payrun run ON run.id = gone.run_id WHERE run.state <> 'CANCELLED') THEN
        RAISE EXCEPTION 'no item leaves a run that was not cancelled' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER item_leaves_a_cancelled_run AFTER DELETE ON payouts_payitem REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_item_leaves_a_cancelled_run();
"""
THAW = """
DROP TRIGGER item_leaves_a_cancelled_run ON payouts_payitem;
DROP TRIGGER item_joins_a_draft ON payouts_payitem;
DROP TRIGGER attempt_is_not_truncated ON payouts_attempt;
DROP TRIGGER attempt_is_not_deleted ON payouts_attempt;
DROP TRIGGER attempt_keeps_its_key ON payouts_attempt;
DROP TRIGGER item_is_not_truncated ON payouts_payitem;
DROP TRIGGER item_keeps_amount_payee_and_destination ON payouts_payitem;
DROP FUNCTION payouts_item_leaves_a_cancelled_run();
DROP FUNCTION payouts_item_joins_a_draft();
DROP FUNCTION payouts_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0002_sending")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
