from django.db import migrations

GUARD = """
CREATE FUNCTION payments_paper_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A paper that is issued stays as it is: % is refused.', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER paper_is_frozen BEFORE UPDATE OR DELETE ON payments_paper
    FOR EACH ROW EXECUTE FUNCTION payments_paper_is_frozen();
"""

UNDO = """
DROP TRIGGER paper_is_frozen ON payments_paper;
DROP FUNCTION payments_paper_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_disputes_and_warnings")]

    operations = [migrations.RunSQL(GUARD, UNDO)]
