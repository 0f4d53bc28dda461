from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stripe_integration", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="stripeevent",
            index=models.Index(
                condition=models.Q(("dead_at__isnull", True), ("handled_at__isnull", True)),
                fields=["object_id"],
                name="stripe_event_of_object",
            ),
        ),
    ]
