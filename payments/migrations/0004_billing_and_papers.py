import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0003_tax_in_what_is_kept'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='checkoutsession',
            name='card_brand',
            field=models.CharField(blank=True, db_default='', max_length=30),
        ),
        migrations.AddField(
            model_name='checkoutsession',
            name='card_last4',
            field=models.CharField(blank=True, db_default='', max_length=4),
        ),
        migrations.CreateModel(
            name='BillingDetails',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='billing_details', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('company', models.CharField(blank=True, max_length=120)),
                ('address', models.TextField(blank=True, max_length=400)),
                ('tax_id', models.CharField(blank=True, max_length=40)),
                ('updated_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'billing details',
            },
        ),
        migrations.CreateModel(
            name='Paper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('invoice', 'Invoice'), ('credit_note', 'Credit note')], max_length=12)),
                ('number', models.PositiveBigIntegerField()),
                ('content', models.JSONField()),
                ('issued_at', models.DateTimeField()),
                ('corrects', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='payments.paper')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='payments.order')),
                ('refund', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_note', to='payments.refund')),
            ],
        ),
        migrations.AddConstraint(
            model_name='paper',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['credit_note', 'invoice'])), name='paper_kind'),
        ),
        migrations.AddConstraint(
            model_name='paper',
            constraint=models.UniqueConstraint(fields=('kind', 'number'), name='paper_number_once'),
        ),
        migrations.AddConstraint(
            model_name='paper',
            constraint=models.UniqueConstraint(condition=models.Q(('corrects__isnull', True), ('kind', 'invoice')), fields=('order',), name='paper_one_first_invoice'),
        ),
        migrations.AddConstraint(
            model_name='paper',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'invoice'), ('refund__isnull', True)), models.Q(('corrects__isnull', True), ('kind', 'credit_note'), ('refund__isnull', False)), _connector='OR'), name='paper_credit_note_has_its_refund'),
        ),
    ]
