"""Review before release: the chain that is set, the steps that were taken, what screening found, wording lists."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from gongkai.core.models import Unit
from gongkai.core.roles import Role
from gongkai.publications.models.columns import CatalogColumn
from gongkai.publications.models.files import PublicationFile
from gongkai.publications.models.information import Publication


class ReviewPurpose(models.TextChoices):
    """What a step of the review looks at."""

    CONTENT = "content", "内容审核"
    SECRECY = "secrecy", "保密审查"
    PRIVACY = "privacy", "个人信息审查"
    LEGAL = "legal", "合法性审核"
    APPROVAL = "approval", "批准"


PURPOSE_ROLES: dict[str, Role] = {
    ReviewPurpose.CONTENT: Role.REVIEWER,
    ReviewPurpose.SECRECY: Role.SECRECY,
    ReviewPurpose.PRIVACY: Role.SECRECY,
    ReviewPurpose.LEGAL: Role.LEGAL,
    ReviewPurpose.APPROVAL: Role.LEADER,
}


class ReviewChain(models.Model):
    """The steps of review that a unit, a column or everybody goes through; the nearest one that is set counts.

    `steps` is a list of purposes in order; the last one is always the approval.
    """

    unit = models.ForeignKey(Unit, models.CASCADE, null=True, blank=True, related_name="review_chains")
    column = models.ForeignKey(CatalogColumn, models.CASCADE, null=True, blank=True, related_name="review_chains")
    normative_only = models.BooleanField("只用于规范性文件", default=False)
    steps = models.JSONField("审核环节", default=list)

    class Meta:
        verbose_name = "审核流程"
        verbose_name_plural = "审核流程"

    def __str__(self) -> str:
        return f"{self.unit or '各单位'} {self.column or '各栏目'}"


class ReviewStep(models.Model):
    """One step of one round of review: who had to look at what, and what was decided on which content."""

    class Decision(models.TextChoices):
        PASSED = "passed", "通过"
        RETURNED = "returned", "退回"
        KEPT = "kept", "沿用上次通过"

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="steps")
    round = models.PositiveIntegerField("轮次")
    ordinal = models.PositiveIntegerField("顺序")
    purpose = models.CharField("环节", max_length=10, choices=ReviewPurpose.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="审核单位")
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    decision = models.CharField("结论", max_length=10, choices=Decision.choices, blank=True)
    opinion = models.CharField("意见", max_length=1000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    by_label = models.CharField("岗位", max_length=120, blank=True)
    at = models.DateTimeField("时间", null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["round", "ordinal"]
        verbose_name = "审核环节"
        verbose_name_plural = "审核环节"
        constraints = [models.UniqueConstraint(fields=["publication", "round", "ordinal"], name="review_step_unique")]

    def __str__(self) -> str:
        return f"{self.publication_id} 第{self.round}轮 {self.get_purpose_display()}"


class ScreeningHit(models.Model):
    """Something that screening found, its place, and what became of it."""

    class Resolution(models.TextChoices):
        MENDED = "mended", "已改正"
        MASKED = "masked", "已遮盖"
        OVERRULED = "overruled", "审核人认定可以公开"

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="hits")
    file = models.ForeignKey(PublicationFile, models.CASCADE, null=True, blank=True, related_name="hits")
    kind = models.CharField("类型", max_length=30)
    label = models.CharField("类型名称", max_length=40)
    place = models.CharField("位置", max_length=200)
    found = models.CharField("内容", max_length=300)
    excerpt = models.CharField("上下文", max_length=400, blank=True)
    explanation = models.CharField("说明", max_length=400, blank=True)
    suggestion = models.CharField("建议改为", max_length=300, blank=True)
    blocking = models.BooleanField("须处理", default=True)
    fingerprint = models.CharField(max_length=64)
    resolution = models.CharField("处理", max_length=10, choices=Resolution.choices, blank=True)
    reason = models.CharField("理由", max_length=300, blank=True)
    masked_as = models.CharField("遮盖为", max_length=300, blank=True)
    by_label = models.CharField("处理岗位", max_length=120, blank=True)
    at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        ordering = ["-blocking", "id"]
        verbose_name = "检查发现"
        verbose_name_plural = "检查发现"
        indexes = [models.Index(fields=["publication", "resolution"], name="screening_hit_open")]

    def __str__(self) -> str:
        return f"{self.label} {self.place}"


class ListedRecords(models.Model):
    """The rows about people in a document's text or file, as far as they may add up with those of others (数据汇聚)."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="listed")
    file = models.ForeignKey(PublicationFile, models.CASCADE, null=True, blank=True, related_name="listed")
    category = models.CharField(max_length=80)
    records = models.JSONField(default=list)

    class Meta:
        verbose_name = "名单记录"
        verbose_name_plural = "名单记录"
        indexes = [models.Index(fields=["category", "publication"], name="listed_category")]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.category}"


class WordingRule(models.Model):
    """A wording that must not go out, or should be mended; staff edit the list (表述规则)."""

    class Kind(models.TextChoices):
        TYPO = "typo", "错别字"
        NAME = "name", "规范名称"
        PHRASE = "phrase", "表述"
        SECRECY = "secrecy", "涉密涉敏用语"

    pattern = models.CharField("写法", max_length=120, unique=True)
    kind = models.CharField("类型", max_length=10, choices=Kind.choices, default=Kind.PHRASE)
    replacement = models.CharField("应写为", max_length=120, blank=True)
    advice = models.CharField("说明", max_length=200, blank=True)
    blocking = models.BooleanField("须改正才能发布", default=False)
    active = models.BooleanField("启用", default=True)

    class Meta:
        ordering = ["kind", "pattern"]
        verbose_name = "表述规则"
        verbose_name_plural = "表述规则"

    def __str__(self) -> str:
        return self.pattern
