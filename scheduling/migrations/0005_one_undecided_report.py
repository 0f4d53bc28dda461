from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("scheduling", "0004_when_calendars_are_stale")]

    operations = [
        migrations.AlterField(
            model_name="report", name="reason", field=models.CharField(blank=True, max_length=200)
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                fields=["booking"],
                name="report_one_undecided",
                condition=models.Q(("state__in", ["contested", "open"])),
            ),
        ),
    ]
