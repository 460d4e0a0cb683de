"""Files, letters and drafts that are sealed."""

from django.db import migrations, models

import gongkai.core.privacy.fields


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_temporary_password"),
    ]

    operations = [
        migrations.AddField(
            model_name="actdraft",
            name="private",
            field=gongkai.core.privacy.fields.SealedJSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="attachment",
            name="erased_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="删除时间"),
        ),
        migrations.AddField(
            model_name="attachment",
            name="private_name",
            field=gongkai.core.privacy.fields.SealedTextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="attachment",
            name="sealed",
            field=models.BooleanField(default=False, verbose_name="加密保存"),
        ),
        migrations.AddField(
            model_name="letter",
            name="erased_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="删除时间"),
        ),
        migrations.AddField(
            model_name="letter",
            name="private_fields",
            field=gongkai.core.privacy.fields.SealedJSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="letter",
            name="sealed",
            field=models.BooleanField(default=False, verbose_name="加密保存"),
        ),
    ]
