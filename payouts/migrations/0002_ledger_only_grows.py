from django.db import migrations

GROWS_ONLY = """
CREATE FUNCTION payouts_ledger_grows_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger only grows: % of % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

GUARD = """
CREATE TRIGGER ledger_grows_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION payouts_ledger_grows_only();
CREATE TRIGGER ledger_not_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_ledger_grows_only();
"""

BALANCES = """
CREATE FUNCTION payouts_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM payouts_posting posting
        JOIN payouts_ledgeraccount account ON account.id = posting.account_id
        WHERE posting.entry_id = NEW.entry_id
        GROUP BY account.currency HAVING sum(posting.amount) <> 0
    ) THEN
        RAISE EXCEPTION 'The postings of entry % do not sum to zero.', NEW.entry_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON payouts_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_entry_balances();
"""

TABLES = ["payouts_ledgeraccount", "payouts_journalentry", "payouts_posting"]

UNDO = """
DROP TRIGGER entry_balances ON payouts_posting;
DROP FUNCTION payouts_entry_balances();
""" + "".join(
    f"DROP TRIGGER ledger_grows_only ON {table}; DROP TRIGGER ledger_not_emptied ON {table};"
    for table in TABLES
) + "DROP FUNCTION payouts_ledger_grows_only();"


class Migration(migrations.Migration):
    dependencies = [("payouts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            GROWS_ONLY + "".join(GUARD.format(table=table) for table in TABLES) + BALANCES, UNDO
        )
    ]
