"""A publication, its versions, and what links it to other documents."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.urls import reverse

from gongkai.core.models import Record, Unit
from gongkai.law import documents, validity


class Attribute(models.TextChoices):
    """公开属性."""

    PROACTIVE = documents.Attribute.PROACTIVE, "主动公开"
    ON_REQUEST = documents.Attribute.ON_REQUEST, "依申请公开"
    WITHHELD = documents.Attribute.WITHHELD, "不予公开"


class Validity(models.TextChoices):
    """有效性; empty where a document has none."""

    VALID = validity.Validity.VALID, "有效"
    AMENDED = validity.Validity.AMENDED, "已修改"
    LAPSED = validity.Validity.LAPSED, "失效"
    REPEALED = validity.Validity.REPEALED, "废止"


class Stage(models.TextChoices):
    """五公开: the stage of government work that a document belongs to."""

    DECISION = "decision", "决策"
    EXECUTION = "execution", "执行"
    MANAGEMENT = "management", "管理"
    SERVICE = "service", "服务"
    RESULT = "result", "结果"


class Metadata(models.Model):
    """The metadata block of a Chinese government document, once; the working copy and each version carry it."""

    index_number = models.CharField("索引号", max_length=60, blank=True)
    document_number = models.CharField("发文字号", max_length=80, blank=True)
    issuer = models.CharField("发文机关", max_length=200, blank=True)
    subject = models.CharField("主题分类", max_length=60, blank=True)
    document_kind = models.CharField("体裁", max_length=20, blank=True)
    made_on = models.DateField("成文日期", null=True, blank=True)
    effective_on = models.DateField("施行日期", null=True, blank=True)
    expires_on = models.DateField("有效期至", null=True, blank=True)
    attribute = models.CharField("公开属性", max_length=12, choices=Attribute.choices, blank=True)
    source = models.CharField("信息来源", max_length=120, blank=True)
    keywords = models.CharField("关键词", max_length=200, blank=True)
    summary = models.CharField("内容概述", max_length=1500, blank=True)
    stage = models.CharField("五公开环节", max_length=12, choices=Stage.choices, blank=True)
    normative = models.BooleanField("行政规范性文件", default=False)
    policy = models.BooleanField("政策性文件", default=False)

    METADATA = (
        "index_number",
        "document_number",
        "issuer",
        "subject",
        "document_kind",
        "made_on",
        "effective_on",
        "expires_on",
        "attribute",
        "source",
        "keywords",
        "summary",
        "stage",
        "normative",
        "policy",
    )

    class Meta:
        abstract = True


class Publication(Metadata, Record):
    """Information on its way to the public, or held back with its reason.

    The row is the working copy. What the public sees is never read from here but from the `Version` that was
    released, so that a working copy can be changed and reviewed anew while the released one stays.
    `content_digest` commits to all that is reviewed; an approval holds for the digest it was given for.
    """

    KIND = "publication"

    column = models.ForeignKey(
        "publications.CatalogColumn",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="publications",
        verbose_name="目录栏目",
    )
    body = models.TextField("正文", blank=True)
    ground = models.CharField("不予公开情形", max_length=6, blank=True)
    reason = models.CharField("不主动公开的理由", max_length=500, blank=True)
    negative_entry = models.CharField("负面清单条目", max_length=120, blank=True)
    review_on = models.DateField("下次复查日期", null=True, blank=True)
    plan = models.CharField("解读方案或不需解读的理由", max_length=500, blank=True)
    agreed_digest = models.CharField("同意不主动公开的内容", max_length=64, blank=True)
    gate_exception = models.CharField("退文例外理由", max_length=300, blank=True)
    gate_faults = models.JSONField("报审时的缺项", default=list, blank=True)
    watched = models.BooleanField("敏感或社会关注度高", default=False)

    round = models.PositiveIntegerField("第几轮审核", default=0)
    review_purpose = models.CharField("审核到哪个环节", max_length=10, blank=True)
    release_on_approval = models.BooleanField("批准后即发布", default=True)
    content_digest = models.CharField(max_length=64, blank=True)
    authors = models.JSONField("改过内容的人", default=list, blank=True)
    approved_digest = models.CharField(max_length=64, blank=True)
    approved_by = models.CharField("批准人岗位", max_length=120, blank=True)
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)
    release_at = models.DateTimeField("定时发布时间", null=True, blank=True)
    release_failure = models.CharField("定时发布未成的原因", max_length=300, blank=True)

    amendment = models.CharField("修订说明", max_length=300, blank=True)
    current_version = models.ForeignKey(
        "publications.Version", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公开的版本"
    )
    version_count = models.PositiveIntegerField("版本数", default=0)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    validity = models.CharField("有效性", max_length=10, choices=Validity.choices, blank=True)
    repealed_on = models.DateField("废止日期", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    source_system = models.CharField("来自系统", max_length=40, blank=True)
    source_key = models.CharField("来源编号", max_length=120, blank=True)

    class Meta:
        verbose_name = "政府信息"
        verbose_name_plural = "政府信息"
        constraints = [
            models.UniqueConstraint(
                fields=["index_number"], name="publication_index_number", condition=~models.Q(index_number="")
            ),
            models.UniqueConstraint(
                fields=["source_system", "source_key"],
                name="publication_source",
                condition=~models.Q(source_key=""),
            ),
        ]
        indexes = [
            models.Index(fields=["document_number"], name="publication_number"),
            models.Index(
                fields=["release_at"], name="publication_release", condition=models.Q(release_at__isnull=False)
            ),
            models.Index(fields=["attribute", "made_on"], name="publication_attribute"),
            models.Index(
                fields=["expires_on"], name="publication_expires", condition=models.Q(expires_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_public(self) -> bool:
        """Whether a version of it is public now."""
        return self.current_version_id is not None

    @property
    def approval_holds(self) -> bool:
        """Whether the approval was given for exactly what the working copy says."""
        return bool(self.approved_digest) and self.approved_digest == self.content_digest

    @property
    def office_agreed(self) -> bool:
        """Whether the disclosure office agreed to withholding exactly this content."""
        return bool(self.agreed_digest) and self.agreed_digest == self.content_digest

    @property
    def public_address(self) -> str:
        """The address of the public page; it stays the same for all versions."""
        return reverse("information:document", args=[self.pk])

    def questions(self) -> dict[str, QuerySet]:
        """What keeps it from review and release: hits that are not settled, files not checked, steps not passed."""
        from gongkai.publications.models.review import ReviewStep, ScreeningHit

        hits = ScreeningHit.objects.filter(publication=self.pk, resolution="")
        return {
            "hits": hits.filter(blocking=True),
            "warnings": hits.filter(blocking=False),
            "maskable": hits.filter(file__isnull=True).exclude(suggestion=""),
            "files": self.files.all(),
            "links": self.relations_from.all(),
            "waiting_files": self.files.filter(check_state="waiting"),
            "failed_files": self.files.filter(check_state="failed"),
            "steps_left": ReviewStep.objects.filter(publication=self.pk, round=self.round, decision=""),
        }

    def refine_turn(self) -> None:
        """In review it is the turn of whoever the first step that is not decided asks."""
        self.review_purpose = ""
        if self.state != "review":
            return
        step = self.steps.filter(round=self.round, decision="").select_related("unit").order_by("ordinal").first()
        if step is not None:
            self.turn_unit, self.turn_role = step.unit, step.role
            self.review_purpose, self.ask = step.purpose, step.get_purpose_display()

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts, under its title."""
        return [
            ("公开属性", self.get_attribute_display() or "未定"),
            ("发文字号", self.document_number),
            ("索引号", self.index_number),
            ("有效性", self.get_validity_display()),
        ]


class Version(Metadata):
    """What was released at a moment: never changed afterwards, addressable, and committed to by its digest."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版本")
    title = models.CharField("标题", max_length=300)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="发布机构")
    body = models.TextField("正文", blank=True)
    text = models.TextField("正文文字", blank=True)
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField("发布时间")
    published_by = models.CharField("发布岗位", max_length=120, blank=True)
    note = models.CharField("修订说明", max_length=300, blank=True)
    public = models.BooleanField("可供查阅", default=True)

    class Meta:
        ordering = ["-number"]
        verbose_name = "版本"
        verbose_name_plural = "版本"
        constraints = [models.UniqueConstraint(fields=["publication", "number"], name="version_number")]

    def __str__(self) -> str:
        return f"{self.title} 第{self.number}版"


class DocumentRelation(models.Model):
    """A link from one document to another, shown from both ends; the other end may be a document outside the system."""

    class Kind(models.TextChoices):
        BASIS = "basis", "依据"
        AMENDS = "amends", "修改"
        REPEALS = "repeals", "废止"
        INTERPRETS = "interprets", "解读"
        DRAFT_OF = "draft_of", "正式文件"
        IMPLEMENTS = "implements", "落实"

    # How the same link reads from the other end.
    BACKWARDS = {
        "basis": "是其依据",
        "amends": "被修改",
        "repeals": "被废止",
        "interprets": "解读材料",
        "draft_of": "征求意见稿",
        "implements": "落实文件",
    }

    source = models.ForeignKey(Publication, models.CASCADE, related_name="relations_from")
    target = models.ForeignKey(Publication, models.CASCADE, null=True, blank=True, related_name="relations_to")
    outside = models.CharField("系统外的文件", max_length=300, blank=True)
    kind = models.CharField("关系", max_length=12, choices=Kind.choices)
    note = models.CharField("说明", max_length=200, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "文件关系"
        verbose_name_plural = "文件关系"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "kind"],
                name="document_relation_unique",
                condition=models.Q(target__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(target__isnull=False) | ~models.Q(outside=""), name="document_relation_end"
            ),
        ]
        indexes = [models.Index(fields=["target", "kind"], name="document_relation_target")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id or self.outside}"
