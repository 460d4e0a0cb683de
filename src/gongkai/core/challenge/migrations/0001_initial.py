"""Challenges that were used, and how often somebody asked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Spent",
            fields=[
                ("mark", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "用过的验证",
                "verbose_name_plural": "用过的验证",
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("mark", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "提交次数",
                "verbose_name_plural": "提交次数",
            },
        ),
    ]
