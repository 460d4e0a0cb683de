"""A reply made anew knows the time that was ordered; reviewers' words are sealed."""

from django.db import migrations, models

import gongkai.core.privacy.fields


class Migration(migrations.Migration):
    dependencies = [("requests", "0005_handling")]

    operations = [
        migrations.AddField(
            model_name="request",
            name="ordered_workdays",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="责令期限（工作日）"),
        ),
        migrations.AddField(
            model_name="request",
            name="ordered_by",
            field=models.CharField(blank=True, max_length=200, verbose_name="责令重作的文书"),
        ),
        migrations.RemoveField(model_name="replystep", name="words"),
        migrations.AddField(
            model_name="replystep",
            name="words",
            field=gongkai.core.privacy.fields.SealedTextField(blank=True, default="", verbose_name="意见"),
            preserve_default=False,
        ),
    ]
