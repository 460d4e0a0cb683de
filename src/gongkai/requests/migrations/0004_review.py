"""Steps of review know their unit and the content they hold for; a reply knows everybody who wrote at it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("requests", "0003_intake")]

    operations = [
        migrations.AddField(model_name="reply", name="authors", field=models.JSONField(default=list)),
        migrations.AddField(
            model_name="replystep",
            name="unit",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.unit"
            ),
        ),
        migrations.AddField(model_name="replystep", name="digest", field=models.CharField(blank=True, max_length=64)),
    ]
