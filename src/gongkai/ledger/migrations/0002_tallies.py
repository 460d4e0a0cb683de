"""Columns that repeat on a report and on a duty what public pages ask; filled by the next migration."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_case_section_open"), ("ledger", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="progress",
            name="task",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.task",
                verbose_name="任务",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="finished_late",
            field=models.BooleanField(default=False, verbose_name="有单位逾期办结"),
        ),
    ]
