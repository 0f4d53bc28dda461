from django.db import migrations

# Until now a share was frozen by a report alone, and at most one report of a session is undecided.
HOLDS = """
INSERT INTO payouts_sharehold (share_id, cause, began_at)
SELECT share.id, 'report:' || report.id, report.made_at
FROM payouts_share share
JOIN marketplace_session session ON share.source = 'order_line:' || session.line_id
JOIN scheduling_report report
  ON report.booking_id = session.booking_id AND report.state IN ('open', 'contested')
WHERE share.state = 'frozen'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('marketplace', '0005_compensation_may_be_refused'),
        ('payouts', '0003_why_a_share_waits'),
        ('scheduling', '0005_one_undecided_report'),
    ]

    operations = [migrations.RunSQL(HOLDS, migrations.RunSQL.noop)]
