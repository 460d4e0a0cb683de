import django.db.models.deletion
from django.db import migrations, models

import gongkai.core.privacy.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0004_sealed"),
        ("requests", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rectification",
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
                ("demand", models.TextField(verbose_name="整改要求")),
                ("answer", models.TextField(blank=True, verbose_name="整改情况")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="报送时间")),
            ],
            options={
                "verbose_name": "整改",
                "verbose_name_plural": "整改",
            },
            bases=("core.case",),
        ),
        migrations.CreateModel(
            name="SpecialReview",
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
                ("areas", models.JSONField(default=list, verbose_name="领域")),
                ("since", models.DateField(verbose_name="从")),
                ("until", models.DateField(verbose_name="至")),
                ("focus", models.TextField(blank=True, verbose_name="检查重点")),
                ("conclusion", models.TextField(blank=True, verbose_name="督查结论")),
                ("concluded_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
            ],
            options={
                "verbose_name": "专项督查",
                "verbose_name_plural": "专项督查",
            },
            bases=("core.case",),
        ),
        migrations.CreateModel(
            name="Appeal",
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
                            ("reconsideration", "行政复议"),
                            ("direct", "未经复议直接起诉"),
                            ("after", "复议后起诉"),
                        ],
                        max_length=16,
                        verbose_name="类型",
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[("respondent", "被申请人、被告"), ("co_defendant", "仅作为复议机关的共同被告")],
                        default="respondent",
                        max_length=12,
                        verbose_name="本机关地位",
                    ),
                ),
                (
                    "procedure",
                    models.CharField(
                        choices=[("ordinary", "普通程序"), ("simple", "简易程序")],
                        default="ordinary",
                        max_length=10,
                        verbose_name="复议程序",
                    ),
                ),
                (
                    "matter",
                    models.CharField(
                        choices=[
                            ("reply", "不服答复"),
                            ("silence", "逾期没有答复"),
                            ("proactive", "主动公开"),
                            ("other", "其他公开事项"),
                        ],
                        default="reply",
                        max_length=10,
                        verbose_name="争议事项",
                    ),
                ),
                ("challenged", models.CharField(blank=True, max_length=200, verbose_name="争议的答复或者行为")),
                ("decision", models.CharField(blank=True, max_length=8, verbose_name="答复类型")),
                ("area", models.CharField(blank=True, max_length=40, verbose_name="所属领域")),
                ("organ", models.CharField(max_length=120, verbose_name="复议机关或者法院")),
                ("file_number", models.CharField(blank=True, max_length=80, verbose_name="案号")),
                ("party", gongkai.core.privacy.fields.SealedTextField(blank=True, verbose_name="申请人或者原告")),
                ("party_label", models.CharField(blank=True, max_length=60, verbose_name="申请人或者原告")),
                ("received_on", models.DateField(verbose_name="收到通知之日")),
                ("accepted_on", models.DateField(blank=True, null=True, verbose_name="受理之日")),
                ("entered_at", models.DateTimeField(verbose_name="录入")),
                ("answered_on", models.DateField(blank=True, null=True, verbose_name="提交答复、答辩之日")),
                ("answer", gongkai.core.privacy.fields.SealedTextField(blank=True, verbose_name="答复、答辩要点")),
                ("instance", models.PositiveSmallIntegerField(default=1, verbose_name="审级")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("upheld", "维持"),
                            ("claim_dismissed", "驳回复议请求、诉讼请求"),
                            ("revoked", "撤销（含部分撤销）"),
                            ("changed", "变更"),
                            ("illegal", "确认违法"),
                            ("void", "确认无效"),
                            ("ordered", "责令履行"),
                            ("not_accepted", "不予受理、不予立案"),
                            ("rejected", "驳回复议申请、裁定驳回起诉"),
                            ("withdrawn", "撤回申请、撤诉"),
                            ("mediated", "调解、和解"),
                            ("ended", "其他终止、终结"),
                        ],
                        max_length=16,
                        verbose_name="审理结果",
                    ),
                ),
                ("result_document", models.CharField(blank=True, max_length=150, verbose_name="文书名称和文号")),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="文书日期")),
                ("told_on", models.DateField(blank=True, null=True, verbose_name="收到文书之日")),
                ("gist", gongkai.core.privacy.fields.SealedTextField(blank=True, verbose_name="理由要点")),
                ("redo_met_on", models.DateField(blank=True, null=True, verbose_name="重新答复之日")),
                (
                    "earlier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed",
                        to="appeals.appeal",
                        verbose_name="此前的复议",
                    ),
                ),
                (
                    "remade",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests.request",
                        verbose_name="重新办理的申请",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="requests.request",
                        verbose_name="对应申请",
                    ),
                ),
            ],
            options={
                "verbose_name": "行政复议和诉讼",
                "verbose_name_plural": "行政复议和诉讼",
            },
            bases=("core.case",),
        ),
        migrations.CreateModel(
            name="Exchange",
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
                ("area", models.CharField(max_length=40, verbose_name="领域")),
                ("held_on", models.DateField(verbose_name="日期")),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="地点或者方式")),
                ("agenda", models.TextField(verbose_name="交流内容")),
                ("minutes", models.TextField(blank=True, verbose_name="交流记录")),
                ("agreed", models.TextField(blank=True, verbose_name="形成的做法")),
                ("units", models.ManyToManyField(related_name="+", to="core.unit", verbose_name="参加单位")),
            ],
            options={
                "verbose_name": "业务交流",
                "verbose_name_plural": "业务交流",
            },
            bases=("core.case",),
        ),
        migrations.CreateModel(
            name="Hearing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "sort",
                    models.CharField(
                        choices=[
                            ("hearing", "听证"),
                            ("court", "开庭"),
                            ("mediation", "调解"),
                            ("opinions", "听取意见"),
                        ],
                        max_length=10,
                        verbose_name="形式",
                    ),
                ),
                ("held_on", models.DateField(verbose_name="日期")),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="地点")),
                ("leader_present", models.BooleanField(default=False, verbose_name="负责人到场")),
                ("present", models.CharField(blank=True, max_length=200, verbose_name="到场岗位")),
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hearings", to="appeals.appeal"
                    ),
                ),
            ],
            options={
                "verbose_name": "听证和开庭",
                "verbose_name_plural": "听证和开庭",
                "ordering": ["held_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="Lesson",
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
                ("causes", models.JSONField(blank=True, default=list, verbose_name="原因类别")),
                ("reason", models.TextField(blank=True, verbose_name="原因分析")),
                ("rectification", models.TextField(blank=True, verbose_name="整改措施")),
                ("rectified_on", models.DateField(blank=True, null=True, verbose_name="整改完成日期")),
                ("advice", models.TextField(blank=True, verbose_name="对各单位的提示")),
                ("circulated_at", models.DateTimeField(blank=True, null=True, verbose_name="通报时间")),
                ("circulated_by", models.CharField(blank=True, max_length=120, verbose_name="通报岗位")),
                (
                    "appeal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lesson",
                        to="appeals.appeal",
                        verbose_name="案件",
                    ),
                ),
            ],
            options={
                "verbose_name": "案件教训",
                "verbose_name_plural": "案件教训",
            },
            bases=("core.case",),
        ),
        migrations.CreateModel(
            name="Caution",
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
                ("unit_of_warning", models.PositiveBigIntegerField(editable=False)),
                ("self_check", models.TextField(blank=True, verbose_name="本单位自查情况")),
                ("acknowledged_by", models.CharField(blank=True, max_length=120, verbose_name="签收岗位")),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True, verbose_name="签收时间")),
                (
                    "lesson",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="warnings",
                        to="appeals.lesson",
                        verbose_name="教训",
                    ),
                ),
            ],
            options={
                "verbose_name": "警示通报",
                "verbose_name_plural": "警示通报",
            },
            bases=("core.case",),
        ),
        migrations.CreateModel(
            name="Precedent",
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
                ("question", models.TextField(blank=True, verbose_name="争议问题")),
                ("rule", models.TextField(blank=True, verbose_name="有关规定")),
                ("handling", models.TextField(blank=True, verbose_name="办理经过")),
                ("result", models.TextField(blank=True, verbose_name="结果")),
                ("points", models.TextField(blank=True, verbose_name="办理要点")),
                ("keywords", models.CharField(blank=True, max_length=120, verbose_name="关键词")),
                ("decision", models.CharField(blank=True, max_length=8, verbose_name="答复类型")),
                ("area", models.CharField(blank=True, max_length=40, verbose_name="所属领域")),
                (
                    "appeal_sort",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("reconsideration", "行政复议"),
                            ("direct", "未经复议直接起诉"),
                            ("after", "复议后起诉"),
                        ],
                        max_length=16,
                        verbose_name="救济类型",
                    ),
                ),
                (
                    "outcome_group",
                    models.CharField(
                        blank=True,
                        choices=[("upheld", "结果维持"), ("corrected", "结果纠正"), ("other", "其他结果")],
                        max_length=12,
                        verbose_name="救济结果",
                    ),
                ),
                ("authors", models.JSONField(blank=True, default=list, verbose_name="写过的人")),
                ("approved_by", models.CharField(blank=True, max_length=120, verbose_name="审核岗位")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="入库时间")),
                ("public", models.BooleanField(default=False, verbose_name="向社会公开")),
                (
                    "appeal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="precedents",
                        to="appeals.appeal",
                        verbose_name="来源案件",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="precedents",
                        to="requests.request",
                        verbose_name="来源申请",
                    ),
                ),
            ],
            options={
                "verbose_name": "典型案例",
                "verbose_name_plural": "典型案例",
            },
            bases=("core.case",),
        ),
        migrations.CreateModel(
            name="Ruling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("instance", models.PositiveSmallIntegerField(default=1, verbose_name="审级")),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("upheld", "维持"),
                            ("claim_dismissed", "驳回复议请求、诉讼请求"),
                            ("revoked", "撤销（含部分撤销）"),
                            ("changed", "变更"),
                            ("illegal", "确认违法"),
                            ("void", "确认无效"),
                            ("ordered", "责令履行"),
                            ("not_accepted", "不予受理、不予立案"),
                            ("rejected", "驳回复议申请、裁定驳回起诉"),
                            ("withdrawn", "撤回申请、撤诉"),
                            ("mediated", "调解、和解"),
                            ("ended", "其他终止、终结"),
                        ],
                        max_length=16,
                        verbose_name="审理结果",
                    ),
                ),
                ("document", models.CharField(blank=True, max_length=150, verbose_name="文书名称和文号")),
                ("decided_on", models.DateField(verbose_name="文书日期")),
                ("told_on", models.DateField(verbose_name="收到文书之日")),
                (
                    "redo_workdays",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="责令期限（工作日）"),
                ),
                ("redo_until", models.DateField(blank=True, null=True, verbose_name="责令期限最后一日")),
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rulings", to="appeals.appeal"
                    ),
                ),
            ],
            options={
                "verbose_name": "裁判和决定",
                "verbose_name_plural": "裁判和决定",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ReviewItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("faulty", models.BooleanField(blank=True, null=True, verbose_name="有问题")),
                ("finding", models.CharField(blank=True, max_length=500, verbose_name="发现")),
                ("checked_by", models.CharField(blank=True, max_length=120, verbose_name="检查岗位")),
                ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="检查时间")),
                (
                    "rectification",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="appeals.rectification",
                        verbose_name="整改",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests.request",
                        verbose_name="申请",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.unit",
                        verbose_name="单位",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="appeals.specialreview"
                    ),
                ),
            ],
            options={
                "verbose_name": "抽查的申请",
                "verbose_name_plural": "抽查的申请",
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="rectification",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rectifications",
                to="appeals.specialreview",
                verbose_name="专项督查",
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["received_on"], name="appeal_received"),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(
                condition=models.Q(("decided_on__isnull", False)),
                fields=["decided_on", "sort", "result"],
                name="appeal_decided",
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(
                condition=models.Q(("decided_on__isnull", True)), fields=["sort"], name="appeal_pending"
            ),
        ),
        migrations.AddConstraint(
            model_name="caution",
            constraint=models.UniqueConstraint(fields=("lesson", "unit_of_warning"), name="warning_unit"),
        ),
        migrations.AddIndex(
            model_name="precedent",
            index=models.Index(fields=["-published_at"], name="precedent_published"),
        ),
        migrations.AddConstraint(
            model_name="reviewitem",
            constraint=models.UniqueConstraint(fields=("review", "request"), name="review_item_unique"),
        ),
    ]
