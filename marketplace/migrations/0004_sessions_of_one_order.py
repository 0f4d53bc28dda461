import django.db.models.deletion
from django.db import migrations, models

LINES = """
UPDATE marketplace_session session SET line_id = line.id
FROM payments_orderline line
WHERE line.order_id = session.order_id AND line.source = 'booking:' || session.booking_id;
SET CONSTRAINTS ALL IMMEDIATE
"""


class Migration(migrations.Migration):
    dependencies = [
        ("marketplace", "0003_waitlist"),
        ("payments", "0002_money_by_line"),
    ]

    operations = [
        migrations.AlterField(
            "session",
            "order",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="sessions", to="payments.order"
            ),
        ),
        migrations.AddField(
            "session",
            "line",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="session",
                to="payments.orderline",
            ),
        ),
        migrations.RunSQL(LINES, migrations.RunSQL.noop),
        migrations.AlterField(
            "session",
            "line",
            models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="session", to="payments.orderline"
            ),
        ),
    ]
