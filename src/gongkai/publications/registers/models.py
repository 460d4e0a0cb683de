"""The records of registers: bodies, guides, catalogs and negative lists with their versions, campaigns and their items."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import QuerySet

from gongkai.core.models import Case, Record, Unit
from gongkai.publications.models import Attribute, CatalogColumn, Publication, Stage


class DisclosureBody(Record):
    """A body bound to disclose (公开义务主体): proposed, confirmed by the office, changed, struck off (004-3a).

    The case's unit is the body. How the entry came about and changed is told by its events.
    """

    KIND = "disclosure-body"

    basis = models.CharField("依据", max_length=300, blank=True)
    duties = models.CharField("公开职责", max_length=500, blank=True)
    confirmed_on = models.DateField("确认日期", null=True, blank=True)
    struck_on = models.DateField("移出日期", null=True, blank=True)
    struck_reason = models.CharField("移出原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "公开义务主体"
        verbose_name_plural = "公开义务主体"

    def __str__(self) -> str:
        return self.title

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("依据", self.basis)]


class OpennessRule(models.Model):
    """A published rule of a body that carries the five stages of openness 五公开 into its work (000-1a)."""

    class Sort(models.TextChoices):
        PROCESS = "process", "办文办会规则"
        PARTICIPATION = "participation", "公众参与规则"
        PREDECISION = "predecision", "重大决策预公开规则"

    body = models.ForeignKey(DisclosureBody, models.CASCADE, related_name="openness_rules")
    sort = models.CharField("规则", max_length=14, choices=Sort.choices)
    document = models.ForeignKey(Publication, models.PROTECT, related_name="+", verbose_name="文件")
    stages = models.JSONField("写明的环节", default=list)

    class Meta:
        verbose_name = "五公开规则"
        verbose_name_plural = "五公开规则"
        constraints = [models.UniqueConstraint(fields=["body", "sort"], name="openness_rule_sort")]

    def __str__(self) -> str:
        return f"{self.get_sort_display()}：{self.document}"

    @property
    def missing(self) -> list[str]:
        """The stages that the rule does not speak of, in words."""
        return [label for code, label in Stage.choices if code not in self.stages]


class Reviewed(Record):
    """What a body writes, somebody else reviews, and readers see as a version: guide, catalog, negative list."""

    KIND = ""

    authors = models.JSONField("改过内容的人", default=list, blank=True)
    version_count = models.PositiveIntegerField("版本数", default=0)
    published_at = models.DateTimeField("最近公布", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    def missing(self) -> list[str]:
        """What it lacks before it may be reviewed, in words."""
        return []

    def content(self) -> dict[str, Any]:
        """What a version keeps, as plain values; every register says its own, for an empty version must never go out."""
        raise TypeError(f"{type(self).__name__} does not say what its versions keep")

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("公布的版本", f"第{self.version_count}版" if self.version_count else "还没有")]


class RegisterVersion(models.Model):
    """A version of a guide, catalog or negative list as it was made public; the current one is what readers see."""

    record = models.ForeignKey(Case, models.PROTECT, related_name="register_versions")
    kind = models.CharField(max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    number = models.PositiveIntegerField("版本")
    content = models.JSONField("内容", default=dict)
    published_at = models.DateTimeField("公布时间")
    published_by = models.CharField("批准岗位", max_length=120, blank=True)
    note = models.CharField("修订说明", max_length=300, blank=True)
    current = models.BooleanField("现行", default=True)

    class Meta:
        ordering = ["-number"]
        verbose_name = "公布的版本"
        verbose_name_plural = "公布的版本"
        constraints = [
            models.UniqueConstraint(fields=["record", "number"], name="register_version_number"),
            models.UniqueConstraint(
                fields=["kind", "unit"],
                name="register_version_current",
                condition=models.Q(current=True, unit__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["kind", "unit", "-number"], name="register_version_unit")]

    def __str__(self) -> str:
        return f"{self.record_id} 第{self.number}版"


# The elements of a guide: name, label, whether 条例 art 12 demands it, rows of its field, help.
GUIDE_ELEMENTS: tuple[tuple[str, str, bool, int, str], ...] = (
    ("classification", "信息分类和编排", True, 4, "公开哪些信息、怎样分类、怎样编排。"),
    ("ways", "获取方式", True, 4, "在哪里能看到：网站、公报、查阅场所、公示栏。"),
    ("office_name", "公开工作机构", True, 1, "负责政府信息公开的科室，不写个人姓名。"),
    ("address", "办公地址", True, 1, ""),
    ("hours", "办公时间", True, 1, "例如：工作日9:00至12:00，13:30至17:30。"),
    ("telephone", "联系电话", True, 1, "写办公电话，不写个人手机。"),
    ("fax", "传真", True, 1, "没有传真的，写“无”。"),
    ("internet", "互联网联系方式", True, 1, "网上申请入口或工作邮箱。"),
    ("channels", "申请渠道和步骤", True, 6, "当面、信函、网上、传真各怎样提出，要填什么，多久答复。"),
    ("fees", "收费规定", False, 3, ""),
    ("remedies", "监督和救济", False, 3, "不服答复怎样投诉、复议、诉讼。"),
)


class Guide(Reviewed):
    """A body's disclosure guide 公开指南, with the elements of 条例 art 12; the columns are the working copy."""

    KIND = "disclosure-guide"

    classification = models.TextField("信息分类和编排", blank=True)
    ways = models.TextField("获取方式", blank=True)
    office_name = models.CharField("公开工作机构", max_length=120, blank=True)
    address = models.CharField("办公地址", max_length=200, blank=True)
    hours = models.CharField("办公时间", max_length=200, blank=True)
    telephone = models.CharField("联系电话", max_length=80, blank=True)
    fax = models.CharField("传真", max_length=80, blank=True)
    internet = models.CharField("互联网联系方式", max_length=200, blank=True)
    channels = models.TextField("申请渠道和步骤", blank=True)
    fees = models.TextField("收费规定", blank=True)
    remedies = models.TextField("监督和救济", blank=True)

    class Meta:
        verbose_name = "公开指南"
        verbose_name_plural = "公开指南"

    def missing(self) -> list[str]:
        """Elements of art 12 that are empty."""
        return [label for name, label, needed, _, _ in GUIDE_ELEMENTS if needed and not getattr(self, name).strip()]

    def content(self) -> dict[str, Any]:
        """All elements, and what the unit's own address and telephone were when the guide was made."""
        return {
            **{name: getattr(self, name) for name, *_ in GUIDE_ELEMENTS},
            "unit": unit_contact(self.unit),
        }


def unit_contact(unit: Unit) -> dict[str, str]:
    """What of a unit a guide must follow when it changes."""
    return {"name": unit.name, "address": unit.address, "telephone": unit.telephone}


class GuideUpdate(Record):
    """The unit's name, address or telephone changed: its guide has to follow (004-5b).

    `changes` lists [label, before, after].
    """

    KIND = "guide-update"

    changes = models.JSONField("变化", default=list, blank=True)

    class Meta:
        verbose_name = "指南更新"
        verbose_name_plural = "指南更新"

    def __str__(self) -> str:
        return self.title


class Catalog(Reviewed):
    """A body's catalog of what it discloses (公开目录): the columns are the working copy, a version is the list."""

    KIND = "catalog"

    class Meta:
        verbose_name = "公开目录"
        verbose_name_plural = "公开目录"

    def columns(self) -> QuerySet[CatalogColumn]:
        """The body's own columns that are in use."""
        return CatalogColumn.objects.filter(unit=self.unit_id, active=True)

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        return {"columns": self.columns()}

    def missing(self) -> list[str]:
        """Columns without owner or basis."""
        found = []
        if not self.columns().exists():
            found.append("目录里还没有栏目")
        no_basis = list(self.columns().filter(basis="", statutory_item="").values_list("title", flat=True)[:3])
        found += [f"栏目“{title}”没有公开依据" for title in no_basis]
        return found

    def content(self) -> dict[str, Any]:
        """The list as it is released: one line for each column, in the order of the tree."""
        from gongkai.publications.registers.columns import lines_of

        return {"rows": lines_of(self.unit)}


class ColumnUpdate(Record):
    """A column that nears its limit or went over it: a to-do of its owner until something is published in it.

    `last_on` is the day of the last update; None for a column that is empty. `excused_on` is the day on which the
    office agreed that there was nothing to publish: the next window counts from there.
    """

    KIND = "column-update"

    column = models.ForeignKey(CatalogColumn, models.PROTECT, related_name="updates", verbose_name="栏目")
    last_on = models.DateField("上次更新", null=True, blank=True)
    excuse = models.CharField("无更新内容的说明", max_length=300, blank=True)
    excused_on = models.DateField("同意日期", null=True, blank=True)

    class Meta:
        verbose_name = "栏目更新"
        verbose_name_plural = "栏目更新"
        indexes = [models.Index(fields=["column", "-excused_on"], name="column_update_excused")]

    def __str__(self) -> str:
        return self.title


class NegativeList(Reviewed):
    """A unit's list of what it does not disclose (负面清单); the entries are the working copy."""

    KIND = "negative-list"

    class Meta:
        verbose_name = "负面清单"
        verbose_name_plural = "负面清单"

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        return {"entries": NegativeEntry.objects.filter(register=self.pk)}

    def missing(self) -> list[str]:
        """Without entries there is nothing to review."""
        return [] if self.entries.exists() else ["清单里还没有条目"]

    def content(self) -> dict[str, Any]:
        """The entries as they are released."""
        names = ("code", "name", "ground", "basis", "note")
        return {"rows": [dict(zip(names, row, strict=True)) for row in self.entries.values_list(*names)]}


class NegativeEntry(models.Model):
    """One sort of information that is not disclosed, with its ground in the regulation and its basis."""

    register = models.ForeignKey(NegativeList, models.CASCADE, related_name="entries")
    code = models.CharField("编号", max_length=20)
    name = models.CharField("信息名称", max_length=100)
    ground = models.CharField("法定情形", max_length=6)
    basis = models.CharField("依据", max_length=300)
    note = models.CharField("说明", max_length=300, blank=True)
    ordinal = models.PositiveIntegerField("排序", default=0)

    class Meta:
        ordering = ["ordinal", "id"]
        verbose_name = "负面清单条目"
        verbose_name_plural = "负面清单条目"
        constraints = [models.UniqueConstraint(fields=["register", "code"], name="negative_entry_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AttributeCampaign(Record):
    """A review of attributes by the office: documents since a cut-off that are not proactively disclosed (004-11)."""

    KIND = "attribute-campaign"

    since = models.DateField("起始日期")
    due_on = models.DateField("截止日期")
    others_too = models.BooleanField("公文以外的信息一并复查", default=False)
    instruction = models.CharField("要求", max_length=1000, blank=True)

    class Meta:
        verbose_name = "属性复查"
        verbose_name_plural = "属性复查"

    def __str__(self) -> str:
        return self.title

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        return {"open_shares": AttributeShare.objects.filter(campaign=self.pk, closed_at__isnull=True)}


class AttributeShare(Record):
    """One unit's part of a review of attributes."""

    KIND = "attribute-share"

    campaign = models.ForeignKey(AttributeCampaign, models.PROTECT, related_name="shares")

    class Meta:
        verbose_name = "单位属性复查"
        verbose_name_plural = "单位属性复查"

    def __str__(self) -> str:
        return self.title

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        return {
            "items": AttributeItem.objects.filter(share=self.pk),
            "undecided": AttributeItem.objects.filter(share=self.pk, decision=""),
        }


class AttributeItem(models.Model):
    """A document whose attribute is looked at again: one of the system's own, or a line of an old list."""

    share = models.ForeignKey(AttributeShare, models.CASCADE, related_name="items")
    publication = models.ForeignKey(Publication, models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField("标题", max_length=300)
    document_number = models.CharField("发文字号", max_length=80, blank=True)
    made_on = models.DateField("成文日期", null=True, blank=True)
    before = models.CharField("原属性", max_length=12, choices=Attribute.choices, blank=True)
    before_reason = models.CharField("原理由", max_length=500, blank=True)
    decision = models.CharField("复查结论", max_length=12, choices=Attribute.choices, blank=True)
    ground = models.CharField("不予公开情形", max_length=6, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decided_by = models.CharField("决定岗位", max_length=120, blank=True)
    ordinal = models.PositiveIntegerField("序号", default=0)

    class Meta:
        ordering = ["id"]
        verbose_name = "复查文件"
        verbose_name_plural = "复查文件"
        constraints = [
            models.UniqueConstraint(
                fields=["share", "publication"],
                name="attribute_item_publication",
                condition=models.Q(publication__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["share", "decision", "id"], name="attribute_item_open")]

    def __str__(self) -> str:
        return self.title


class Cleanup(Record):
    """A clean-up of normative documents (规范性文件清理) by the office, with a cut-off day."""

    KIND = "cleanup"

    until = models.DateField("清理到")
    due_on = models.DateField("截止日期")
    instruction = models.CharField("要求", max_length=1000, blank=True)
    opinion = models.CharField("审定意见", max_length=1000, blank=True)
    applied_at = models.DateTimeField("执行时间", null=True, blank=True)
    result = models.ForeignKey(
        Publication, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="结果公告"
    )

    class Meta:
        verbose_name = "规范性文件清理"
        verbose_name_plural = "规范性文件清理"

    def __str__(self) -> str:
        return self.title

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        return {"open_shares": CleanupShare.objects.filter(campaign=self.pk, closed_at__isnull=True)}


class CleanupShare(Record):
    """One unit's part of a clean-up."""

    KIND = "cleanup-share"

    campaign = models.ForeignKey(Cleanup, models.PROTECT, related_name="shares")

    class Meta:
        verbose_name = "单位文件清理"
        verbose_name_plural = "单位文件清理"

    def __str__(self) -> str:
        return self.title

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        items = CleanupItem.objects.filter(share=self.pk)
        return {
            "items": items,
            "undecided": items.filter(outcome=""),
            "without_counsel": items.filter(counsel=""),
        }


class CleanupItem(models.Model):
    """A normative document in a clean-up: what becomes of it, why, what counsel said, and how it was carried out."""

    class Outcome(models.TextChoices):
        CONTINUE = "continue", "继续有效"
        AMEND = "amend", "修改"
        REPEAL = "repeal", "废止"
        LAPSE = "lapse", "失效"

    share = models.ForeignKey(CleanupShare, models.CASCADE, related_name="items")
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+")
    outcome = models.CharField("清理结论", max_length=10, choices=Outcome.choices, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)
    evaluation = models.CharField("依据的评估结果", max_length=300, blank=True)
    day = models.DateField("废止、失效日期", null=True, blank=True)
    until = models.DateField("有效期延长至", null=True, blank=True)
    counsel = models.CharField("法律顾问意见", max_length=500, blank=True)
    counsel_by = models.CharField("法律顾问岗位", max_length=120, blank=True)
    counsel_at = models.DateTimeField("提出意见时间", null=True, blank=True)
    decided_by = models.CharField("提出结论岗位", max_length=120, blank=True)
    decided_at = models.DateTimeField("提出结论时间", null=True, blank=True)
    official_text = models.TextField("国家规定库文本", blank=True)
    compared_at = models.DateTimeField("比对时间", null=True, blank=True)
    differences = models.PositiveIntegerField("不同之处", null=True, blank=True)
    applied = models.CharField("执行情况", max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "清理文件"
        verbose_name_plural = "清理文件"
        constraints = [models.UniqueConstraint(fields=["share", "publication"], name="cleanup_item_unique")]
        indexes = [models.Index(fields=["share", "outcome", "id"], name="cleanup_item_open")]

    def __str__(self) -> str:
        return str(self.publication)
