from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_turn_index"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["kind", "due_order", "id"],
                name="case_kind_closed",
            ),
        ),
    ]
