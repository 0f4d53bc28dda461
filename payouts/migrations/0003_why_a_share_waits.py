import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payouts', '0002_ledger_only_grows'),
    ]

    operations = [
        migrations.CreateModel(
            name='ShareHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(max_length=100)),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('share', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='payouts.share')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['share'], name='share_hold_open')],
                'constraints': [models.UniqueConstraint(fields=('share', 'cause'), name='share_hold_once')],
            },
        ),
    ]
