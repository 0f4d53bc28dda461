from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('marketplace', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='review',
            name='published_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(condition=models.Q(('published_at__isnull', True)), fields=['session'], name='review_blind'),
        ),
    ]
