"""The open cases of one section in order, and the lights of a series from the index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["series", "section", "due_order", "id", "light", "light_until", "late_at"],
                name="case_section_open",
            ),
        ),
    ]
