import django.db.models.deletion
from django.db import migrations, models

# Until now an order had one line: what is known of the order is known of it.
LINES = """
UPDATE payments_orderline line
SET paid = o.card + o.balance, refunded = o.refunded, refunded_percent = o.refunded_percent,
    lost = o.lost, goodwill = o.goodwill, discount = o.discount
FROM payments_order o WHERE o.id = line.order_id AND o.state = 'paid'
"""
REFUNDS = """
UPDATE payments_refund refund SET line_id = line.id
FROM payments_orderline line
WHERE line.order_id = refund.order_id
  AND NOT EXISTS (
      SELECT FROM payments_checkoutsession payment WHERE payment.id = refund.payment_id AND payment.surplus
  );
SET CONSTRAINTS ALL IMMEDIATE
"""


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0001_initial'),
    ]

    operations = [
        migrations.AddField('orderline', 'paid', models.BigIntegerField(default=0)),
        migrations.AddField('orderline', 'refunded', models.BigIntegerField(default=0)),
        migrations.AddField('orderline', 'refunded_percent', models.PositiveSmallIntegerField(null=True)),
        migrations.AddField('orderline', 'lost', models.BigIntegerField(default=0)),
        migrations.AddField('orderline', 'goodwill', models.BigIntegerField(default=0)),
        migrations.AddField(
            'refund',
            'line',
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='payments.orderline'),
        ),
        migrations.RunSQL(LINES, migrations.RunSQL.noop),
        migrations.RunSQL(REFUNDS, migrations.RunSQL.noop),
        migrations.RemoveConstraint('order', 'order_percent_is_one'),
        migrations.RemoveField('order', 'refunded_percent'),
        migrations.RemoveConstraint('orderline', 'order_line_amounts_not_negative'),
        migrations.AddIndex('orderline', models.Index(fields=['source'], name='order_line_source')),
        migrations.AddConstraint(
            'orderline',
            models.CheckConstraint(
                condition=models.Q(
                    ('amount__gte', 0), ('discount__gte', 0), ('fee__gte', 0), ('goodwill__gte', 0), ('lost__gte', 0),
                    ('paid__gte', 0), ('refunded__gte', 0), ('share__gte', 0), ('tax__gte', 0),
                ),
                name='order_line_amounts_not_negative',
            ),
        ),
        migrations.AddConstraint(
            'orderline',
            models.CheckConstraint(
                condition=models.Q(paid__lte=models.F('amount') - models.F('discount')),
                name='order_line_paid_within_its_price',
            ),
        ),
        migrations.AddConstraint(
            'orderline',
            models.CheckConstraint(
                condition=models.Q(refunded__lte=models.F('paid') - models.F('lost')),
                name='order_line_gives_back_what_it_got',
            ),
        ),
        migrations.AddConstraint(
            'orderline',
            models.CheckConstraint(
                condition=models.Q(goodwill__lte=models.F('discount')),
                name='order_line_goodwill_within_discount',
            ),
        ),
        migrations.AddConstraint(
            'orderline',
            models.CheckConstraint(
                condition=models.Q(('refunded_percent__gte', 0), ('refunded_percent__lte', 100)),
                name='order_line_percent_is_one',
            ),
        ),
    ]
