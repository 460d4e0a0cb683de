"""Fill the repeated columns, so many rows at a time; may be stopped and run again."""

from django.db import migrations
from django.db.models import Exists, Max, OuterRef, Subquery

BATCH = 5000


def fill(apps, schema_editor):
    """Every report under its duty; every duty with a unit that finished late marked so."""
    Assignment = apps.get_model("ledger", "Assignment")
    Progress = apps.get_model("ledger", "Progress")
    Task = apps.get_model("ledger", "Task")
    task = Assignment.objects.filter(pk=OuterRef("assignment")).values("task")[:1]
    last = Progress.objects.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last, BATCH):
        batch = Progress.objects.filter(pk__gt=start, pk__lte=start + BATCH, task__isnull=True)
        batch.update(task=Subquery(task))
    late = Exists(Assignment.objects.filter(task=OuterRef("pk"), light="donelate"))
    found = list(Task.objects.filter(late, finished_late=False).values_list("pk", flat=True))
    for start in range(0, len(found), BATCH):
        Task.objects.filter(pk__in=found[start : start + BATCH]).update(finished_late=True)


class Migration(migrations.Migration):
    # Each batch is a transaction of its own: a large ledger does not stand still meanwhile.
    atomic = False
    dependencies = [("ledger", "0002_tallies")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
