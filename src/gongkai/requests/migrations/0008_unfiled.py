"""What is closed and waits to be archived is marked on the request itself."""

from typing import Any

from django.db import migrations, models


def mark(apps: Any, schema_editor: Any) -> None:
    """Mark what waits already."""
    request = apps.get_model("requests", "Request")
    waiting = request.objects.filter(closed_at__isnull=False).exclude(state="archived")
    request.objects.filter(pk__in=waiting.values("pk")).update(unfiled=True)


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0007_answered_in_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="request",
            name="unfiled",
            field=models.BooleanField(default=False, verbose_name="等待归档"),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(condition=models.Q(("unfiled", True)), fields=["unfiled"], name="request_unfiled"),
        ),
    ]
