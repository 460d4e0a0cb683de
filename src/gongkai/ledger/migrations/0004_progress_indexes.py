"""The newest released reports of a duty, and the values reported for its targets."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_fill_tallies")]

    operations = [
        migrations.AddIndex(
            model_name="progress",
            index=models.Index(
                condition=models.Q(("released_at__isnull", False), ("returned_at__isnull", True)),
                fields=["task", "-reported_at", "-id"],
                name="progress_released",
            ),
        ),
        migrations.AddIndex(
            model_name="progress",
            index=models.Index(
                condition=models.Q(("returned_at__isnull", True), ("value__isnull", False)),
                fields=["task", "assignment", "-id", "value"],
                name="progress_value",
            ),
        ),
    ]
