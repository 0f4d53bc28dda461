from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scheduling', '0002_what_calendars_and_sessions_need'),
    ]

    operations = [
        migrations.RemoveField(model_name='booking', name='moved_late_at'),
        migrations.AddField(
            model_name='booking',
            name='late_moves',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='booking',
            name='agreed_start',
            field=models.DateTimeField(null=True),
        ),
    ]
