import django.db.models.deletion
from django.db import migrations, models

GUARD = """
CREATE FUNCTION payouts_invoices_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An invoice stays as it was issued: % is refused.', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER invoices_stay BEFORE UPDATE OR DELETE ON payouts_payoutinvoice
    FOR EACH ROW EXECUTE FUNCTION payouts_invoices_stay();
CREATE TRIGGER invoices_not_emptied BEFORE TRUNCATE ON payouts_payoutinvoice
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_invoices_stay();
"""

UNDO = """
DROP TRIGGER invoices_stay ON payouts_payoutinvoice;
DROP TRIGGER invoices_not_emptied ON payouts_payoutinvoice;
DROP FUNCTION payouts_invoices_stay();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('payouts', '0004_differences'),
    ]

    operations = [
        migrations.AddField(
            model_name='payee',
            name='bank',
            field=models.CharField(blank=True, db_default='', max_length=100),
        ),
        migrations.AddField(
            model_name='payee',
            name='bank_label',
            field=models.CharField(blank=True, db_default='', max_length=120),
        ),
        migrations.AddField(
            model_name='payee',
            name='schedule',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='payee',
            name='zone',
            field=models.CharField(blank=True, db_default='', max_length=64),
        ),
        migrations.AddField(
            model_name='payout',
            name='bank',
            field=models.CharField(blank=True, db_default='', max_length=100),
        ),
        migrations.CreateModel(
            name='TaxProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.CharField(max_length=2)),
                ('name', models.CharField(max_length=120)),
                ('street', models.CharField(max_length=120)),
                ('extra', models.CharField(blank=True, max_length=120)),
                ('postcode', models.CharField(blank=True, max_length=20)),
                ('city', models.CharField(max_length=80)),
                ('region', models.CharField(blank=True, max_length=80)),
                ('tax_id', models.CharField(blank=True, max_length=30)),
                ('agreed_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('payee', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='tax_profile', to='payouts.payee')),
            ],
        ),
        migrations.CreateModel(
            name='PayoutInvoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('invoice', 'Invoice'), ('cancellation', 'Cancellation')], max_length=15)),
                ('number', models.PositiveIntegerField()),
                ('total', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('issued_at', models.DateTimeField()),
                ('snapshot', models.JSONField()),
                ('cancels', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cancellation', to='payouts.payoutinvoice')),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='payouts.payee')),
                ('payout', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='payouts.payout')),
            ],
            options={
                'indexes': [models.Index(fields=['payee', '-number'], name='payout_invoice_newest')],
                'constraints': [models.UniqueConstraint(fields=('payee', 'number'), name='payout_invoice_number_once'), models.UniqueConstraint(fields=('payout', 'kind'), name='payout_invoice_once'), models.CheckConstraint(condition=models.Q(('number__gt', 0)), name='payout_invoice_numbers_from_one'), models.CheckConstraint(condition=models.Q(models.Q(('cancels__isnull', True), ('kind', 'invoice')), models.Q(('cancels__isnull', False), ('kind', 'cancellation'), models.Q(('cancels', models.F('id')), _negated=True)), _connector='OR'), name='payout_invoice_kind')],
            },
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
