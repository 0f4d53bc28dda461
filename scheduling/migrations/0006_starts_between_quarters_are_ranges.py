from django.db import migrations

import scheduling.models.free_times

ONE_BY_ONE = """
UPDATE scheduling_freetimes
SET off_starts = (SELECT range_agg(int4range(start, start + 1)) FROM unnest(listed_starts) AS start)
WHERE listed_starts IS NOT NULL
"""
# Unpacking the bits of every coach would take longer than looking at them.
UNPACKED = """
ALTER TABLE scheduling_freetimes
    ALTER COLUMN on_quarter SET STORAGE MAIN, ALTER COLUMN off_quarter SET STORAGE MAIN
"""
PACKED = """
ALTER TABLE scheduling_freetimes
    ALTER COLUMN on_quarter SET STORAGE EXTENDED, ALTER COLUMN off_quarter SET STORAGE EXTENDED
"""


class Migration(migrations.Migration):

    dependencies = [("scheduling", "0005_one_undecided_report")]

    operations = [
        migrations.RenameField(model_name="freetimes", old_name="off_starts", new_name="listed_starts"),
        migrations.AddField(
            model_name="freetimes",
            name="off_starts",
            field=scheduling.models.free_times.MinutesField(null=True),
        ),
        migrations.RunSQL(ONE_BY_ONE, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="freetimes", name="listed_starts"),
        migrations.RunSQL(UNPACKED, PACKED),
    ]
