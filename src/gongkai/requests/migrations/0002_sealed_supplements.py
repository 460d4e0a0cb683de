"""What applicants supplement is personal data as often as not: its column is sealed. Readable again on the way back."""

from django.db import migrations, models

import gongkai.core.privacy.fields

CONTEXT = "requests.supplement.answer"
BATCH = 500


def _copy(apps, source, target):
    rows = apps.get_model("requests", "Supplement").objects.filter(answered_on__isnull=False).order_by("pk")
    batch = []
    for row in rows.only("pk", source).iterator(chunk_size=BATCH):
        setattr(row, target, getattr(row, source))
        batch.append(row)
        if len(batch) == BATCH:
            rows.model.objects.bulk_update(batch, [target])
            batch = []
    rows.model.objects.bulk_update(batch, [target])


def seal(apps, schema_editor):
    """From the open column into the sealed one."""
    _copy(apps, "answer", "answer_sealed")


def unseal(apps, schema_editor):
    """From the sealed column into the open one."""
    _copy(apps, "answer_sealed", "answer")


class Migration(migrations.Migration):
    dependencies = [("requests", "0001_initial")]

    operations = [
        migrations.AddField(
            "supplement",
            "answer_sealed",
            gongkai.core.privacy.fields.SealedTextField(blank=True, context=CONTEXT, verbose_name="补正内容"),
        ),
        migrations.RunPython(seal, unseal),
        # Without its content on the way back: a column that may not be empty gets an empty text first.
        migrations.AlterField(
            "supplement",
            "answer",
            models.TextField(blank=True, default="", max_length=4000, verbose_name="补正内容"),
        ),
        migrations.RemoveField("supplement", "answer"),
        migrations.RenameField("supplement", "answer_sealed", "answer"),
        migrations.AlterField(
            "supplement",
            "answer",
            gongkai.core.privacy.fields.SealedTextField(blank=True, verbose_name="补正内容"),
        ),
    ]
