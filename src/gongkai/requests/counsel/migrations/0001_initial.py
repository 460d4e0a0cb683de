import django.db.models.deletion
from django.db import migrations, models

import gongkai.core.privacy.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0004_sealed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Counsel",
            fields=[
                (
                    "case_ptr",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        related_name="%(app_label)s_%(class)s",
                        serialize=False,
                        to="core.case",
                    ),
                ),
                (
                    "sort",
                    models.CharField(
                        choices=[
                            ("firm", "律师事务所"),
                            ("public_lawyer", "公职律师"),
                            ("justice", "司法行政部门"),
                            ("expert", "法学院校、研究机构"),
                        ],
                        max_length=16,
                        verbose_name="类别",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="机构或者岗位")),
                ("expertise", models.CharField(blank=True, max_length=200, verbose_name="专长领域")),
                ("government", models.BooleanField(default=True, verbose_name="纳入政府法律顾问机制")),
                ("basis", models.CharField(blank=True, max_length=150, verbose_name="聘任文件")),
                ("shared", models.BooleanField(default=True, verbose_name="其他单位也可以请")),
                ("contact", gongkai.core.privacy.fields.SealedTextField(blank=True, verbose_name="联系方式")),
                ("since", models.DateField(verbose_name="聘期从")),
                ("until", models.DateField(blank=True, null=True, verbose_name="聘期至")),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.unit",
                        verbose_name="办理意见的单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "法律顾问",
                "verbose_name_plural": "法律顾问",
            },
            bases=("core.case",),
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                (
                    "case_ptr",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        related_name="%(app_label)s_%(class)s",
                        serialize=False,
                        to="core.case",
                    ),
                ),
                (
                    "sort",
                    models.CharField(
                        choices=[
                            ("request", "疑难申请"),
                            ("rules", "起草、审核公开制度"),
                            ("dispute", "行政复议、诉讼"),
                            ("outcry", "重大舆情"),
                            ("stability", "决策预公开社会稳定风险"),
                            ("publication", "信息发布"),
                            ("other", "其他公开事项"),
                        ],
                        max_length=12,
                        verbose_name="事项类别",
                    ),
                ),
                ("question", models.TextField(verbose_name="要提意见的问题")),
                ("background", models.TextField(blank=True, verbose_name="有关情况")),
                ("asked_on", models.DateField(verbose_name="提出日期")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="接受时间")),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("feasible", "可行"), ("conditional", "修改后可行"), ("unfeasible", "不可行")],
                        max_length=12,
                        verbose_name="结论",
                    ),
                ),
                ("opinion", models.TextField(blank=True, verbose_name="法律意见")),
                ("parts", models.JSONField(blank=True, default=list, verbose_name="参与方式")),
                (
                    "risk",
                    models.CharField(
                        blank=True,
                        choices=[("low", "低风险"), ("middle", "中风险"), ("high", "高风险")],
                        max_length=8,
                        verbose_name="风险等级",
                    ),
                ),
                ("measures", models.TextField(blank=True, verbose_name="防范措施")),
                ("given_on", models.DateField(blank=True, null=True, verbose_name="提出意见日期")),
                ("given_by", models.CharField(blank=True, max_length=120, verbose_name="提出意见岗位")),
                (
                    "adopted",
                    models.CharField(
                        blank=True,
                        choices=[("whole", "全部采纳"), ("part", "部分采纳"), ("none", "没有采纳")],
                        max_length=8,
                        verbose_name="采纳情况",
                    ),
                ),
                ("adopted_words", models.TextField(blank=True, verbose_name="采纳说明")),
                (
                    "counsel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinions",
                        to="counsel.counsel",
                        verbose_name="法律顾问",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counsel_opinions",
                        to="core.case",
                        verbose_name="对应事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "法律意见",
                "verbose_name_plural": "法律意见",
                "indexes": [
                    models.Index(fields=["sort", "asked_on"], name="counsel_opinion_sort"),
                    models.Index(
                        condition=models.Q(("given_on__isnull", False)),
                        fields=["given_on"],
                        name="counsel_opinion_given",
                    ),
                ],
            },
            bases=("core.case",),
        ),
    ]
