"""Who looked at personal data, what was erased, and the secret behind fingerprints."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import gongkai.core.privacy.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0004_sealed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Secret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, unique=True)),
                ("value", gongkai.core.privacy.fields.SealedTextField()),
            ],
            options={
                "verbose_name": "内部密钥",
                "verbose_name_plural": "内部密钥",
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                ("basis", models.CharField(blank=True, max_length=200, verbose_name="依据")),
                ("files", models.PositiveIntegerField(default=0, verbose_name="文件数")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="erasure",
                        to="core.case",
                        verbose_name="事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "到期删除记录",
                "verbose_name_plural": "到期删除记录",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PersonalAccess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_label", models.CharField(blank=True, max_length=120)),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("labels", models.JSONField(default=list, verbose_name="内容")),
                ("reason", gongkai.core.privacy.fields.SealedTextField(verbose_name="原因")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accesses",
                        to="core.case",
                        verbose_name="事项",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="查看人",
                    ),
                ),
            ],
            options={
                "verbose_name": "个人信息查看记录",
                "verbose_name_plural": "个人信息查看记录",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["case", "-id"], name="access_case")],
            },
        ),
    ]
