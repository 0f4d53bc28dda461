from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("scheduling", "0003_late_moves_are_counted"),
    ]

    operations = [
        migrations.AddField(
            model_name="connectedcalendar", name="stale_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="connectedcalendar", name="read_until", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="connectedcalendar", name="told_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddIndex(
            model_name="connectedcalendar",
            index=models.Index(fields=["stale_at"], name="connected_calendar_stale"),
        ),
        migrations.AddConstraint(
            model_name="connectedcalendar",
            constraint=models.CheckConstraint(
                name="connected_calendar_synced_together",
                condition=models.Q(
                    ("read_until__isnull", True), ("stale_at__isnull", True), ("synced_at__isnull", True)
                )
                | models.Q(
                    ("read_until__isnull", False), ("stale_at__isnull", False), ("synced_at__isnull", False)
                ),
            ),
        ),
    ]
