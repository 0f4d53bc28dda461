from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("marketplace", "0004_sessions_of_one_order")]

    operations = [
        migrations.AddField(
            model_name="compensation", name="refused_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddConstraint(
            model_name="compensation",
            constraint=models.CheckConstraint(
                name="compensation_granted_or_refused",
                condition=models.Q(
                    ("granted_at__isnull", True), ("refused_at__isnull", True), _connector="OR"
                ),
            ),
        ),
    ]
