from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
    ]

    operations = [
        # The new one first: lists of what waits are asked for all the time.
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=[
                    "turn_unit", "due_order", "id", "turn_role", "light", "handler", "closed_at", "unit", "kind",
                ],
                name="case_turn",
            ),
        ),
        migrations.RemoveIndex(model_name="case", name="case_todo"),
    ]  # fmt: skip
