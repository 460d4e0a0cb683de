"""Suits that went to second instance before it was kept: the first judgment and the day are in their rows and events."""

import datetime as dt

from django.db import migrations


def fill(apps, schema_editor):
    """Suits that went to second instance before: what the first judgment was, and the day typed into the act."""
    appeal, ruling = apps.get_model("appeals", "Appeal"), apps.get_model("appeals", "Ruling")
    event = apps.get_model("core", "Event")
    for row in appeal.objects.filter(instance=2, second_on=None).only("pk").iterator():
        first = ruling.objects.filter(appeal=row.pk, instance=1).order_by("-pk").first()
        act = event.objects.filter(case=row.pk, act="appeal.second_instance").order_by("-pk").first()
        if first is None or act is None:
            continue
        try:
            began = dt.date.fromisoformat(str(act.data.get("received_on")))
        except ValueError:
            began = act.at.date()
        appeal.objects.filter(pk=row.pk).update(
            first_result=first.result, first_decided_on=first.decided_on, second_on=began
        )


class Migration(migrations.Migration):
    dependencies = [("appeals", "0002_second_instance"), ("core", "0002_turn_index")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
