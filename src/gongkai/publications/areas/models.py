"""Key areas: datasets of units, their published rows with versions, and the batches in which rows change."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.urls import reverse

from gongkai.core.models import Record, Unit
from gongkai.publications.areas import catalog
from gongkai.publications.areas.catalog.model import Chart, Template, field_from
from gongkai.publications.models.stepped import Stepped


class OwnTemplate(models.Model):
    """A catalog template that the office made itself (自建目录模板); `fields` as `catalog.model.field_data` writes them."""

    code = models.SlugField("代码", max_length=40, unique=True)
    title = models.CharField("名称", max_length=80)
    area = models.CharField("领域", max_length=20, default="other")
    basis = models.CharField("公开依据", max_length=200, blank=True)
    about = models.CharField("公开内容", max_length=400, blank=True)
    months = models.PositiveSmallIntegerField("更新周期（月）", default=12)
    fields = models.JSONField("字段", default=list)
    key = models.JSONField("标识字段", default=list)
    heading = models.CharField(max_length=40)
    active = models.BooleanField("在用", default=True)
    made_by = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="建立单位")
    made_at = models.DateTimeField("建立时间", auto_now_add=True)

    class Meta:
        ordering = ["title"]
        verbose_name = "自建目录模板"
        verbose_name_plural = "自建目录模板"

    def __str__(self) -> str:
        return self.title

    @cached_property
    def template(self) -> Template:
        """The template as the shipped ones are."""
        fields = tuple(field_from(data) for data in self.fields)
        first = {one.type: one.name for one in reversed(fields)}
        filters = [one.name for one in fields if one.filter]
        charts = (Chart(f"按{next(one.label for one in fields if one.filter)}分", filters[0]),) if filters else ()
        return Template(
            code=self.code,
            title=self.title,
            area=self.area if self.area in catalog.AREAS else "other",
            basis=self.basis,
            about=self.about,
            months=self.months,
            fields=fields,
            key=tuple(self.key),
            heading=self.heading,
            day=first.get(catalog.Type.DATE, ""),
            year=first.get(catalog.Type.YEAR, ""),
            amount=next((one.name for one in fields if one.numeric and one.listed), ""),
            charts=charts,
            own=True,
        )


class Dataset(models.Model):
    """What one unit publishes by one template: its rows, its rhythm, its explanation (数据集).

    `code` is the template's; `own` is set when the office made the template. `more_fields` are the unit's own columns.
    """

    code = models.CharField("目录模板", max_length=40)
    own = models.ForeignKey(OwnTemplate, models.PROTECT, null=True, blank=True, related_name="datasets")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="datasets", verbose_name="责任单位")
    explanation = models.TextField("说明", blank=True, max_length=5000)
    months = models.PositiveSmallIntegerField("更新周期（月）", default=12)
    more_fields = models.JSONField("增加的字段", default=list, blank=True)
    active = models.BooleanField("在用", default=True)
    opened_at = models.DateTimeField("开通时间")
    updated_at = models.DateTimeField("最近更新", null=True, blank=True)
    checked_at = models.DateTimeField("最近核对无变化", null=True, blank=True)
    due_on = models.DateField("下次更新期限", null=True, blank=True)
    row_count = models.PositiveIntegerField("公开行数", default=0)

    class Meta:
        ordering = ["code", "unit"]
        verbose_name = "数据集"
        verbose_name_plural = "数据集"
        constraints = [models.UniqueConstraint(fields=["code", "unit"], name="area_dataset_unique")]
        indexes = [
            models.Index(fields=["unit", "due_on"], name="area_dataset_unit"),
            models.Index(fields=["due_on"], name="area_dataset_due", condition=models.Q(due_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.template.title

    @cached_property
    def template(self) -> Template:
        """The template with the unit's own fields."""
        base = self.own.template if self.own_id and self.own else catalog.TEMPLATES[self.code]
        return base.with_fields(field_from(data) for data in self.more_fields) if self.more_fields else base

    @property
    def rhythm_words(self) -> str:
        """The update rhythm in words."""
        return {0: "随时更新", 1: "每月更新", 3: "每季度更新", 6: "每半年更新", 12: "每年更新"}.get(
            self.months, f"每{self.months}个月更新"
        )

    def get_absolute_url(self) -> str:
        return reverse("areas:dataset", args=[self.pk])


class Batch(Stepped, Record):
    """Rows of one dataset on their way to the public, reviewed together (数据批次)."""

    KIND = "dataset-batch"

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="batches", verbose_name="数据集")
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    file_digest = models.CharField("公开数据摘要", max_length=64, blank=True)
    source_document = models.CharField("来源文件", max_length=200, blank=True)

    class Meta:
        verbose_name = "数据批次"
        verbose_name_plural = "数据批次"

    @property
    def data_address(self) -> str:
        """Where the public data of the batch can be fetched."""
        return reverse("areas-public:batch", args=[self.pk])

    def questions(self) -> dict[str, QuerySet]:
        """What keeps the batch from review and release."""
        hits = BatchHit.objects.filter(batch=self.pk, resolution="")
        return {
            "hits": hits.filter(blocking=True),
            "warnings": hits.filter(blocking=False),
            "faulty": BatchRow.objects.filter(batch=self.pk, faulty=True),
            "rows": BatchRow.objects.filter(batch=self.pk),
        }

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts, under its title."""
        return [("数据集", str(self.dataset)), ("更新周期", self.dataset.rhythm_words)]


class BatchRow(models.Model):
    """A row of a batch: what shall stand there. Faulty rows keep what was typed until somebody mends them."""

    class Action(models.TextChoices):
        ADD = "add", "新增"
        CHANGE = "change", "修改"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="rows")
    ordinal = models.PositiveIntegerField("序号")
    place = models.CharField("位置", max_length=40, blank=True)
    key = models.CharField(max_length=250, blank=True)
    title = models.CharField("标题", max_length=300, blank=True)
    action = models.CharField("变化", max_length=10, choices=Action.choices, default=Action.ADD)
    values = models.JSONField("内容", default=dict)
    raw = models.JSONField("原样", default=dict, blank=True)
    faults = models.JSONField("有误", default=dict, blank=True)
    faulty = models.BooleanField(default=False)
    # The public version it was compared with, 0 for none: another batch may be released in between.
    base = models.PositiveIntegerField("对照的版本", default=0)

    class Meta:
        ordering = ["ordinal", "id"]
        verbose_name = "批次行"
        verbose_name_plural = "批次行"
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "key"], name="area_batch_row_key", condition=models.Q(faulty=False) & ~models.Q(key="")
            )
        ]
        indexes = [models.Index(fields=["batch", "-faulty", "ordinal", "id"], name="area_batch_row_order")]

    def __str__(self) -> str:
        return self.title or self.place


class BatchHit(models.Model):
    """Something that screening found in a cell of a batch, and what became of it."""

    class Resolution(models.TextChoices):
        MENDED = "mended", "已改正"
        MASKED = "masked", "已遮盖"
        OVERRULED = "overruled", "审核人认定可以公开"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="hits")
    row = models.ForeignKey(BatchRow, models.SET_NULL, null=True, blank=True, related_name="hits")
    field = models.CharField("字段", max_length=40, blank=True)
    kind = models.CharField("类型", max_length=30)
    label = models.CharField("类型名称", max_length=40)
    place = models.CharField("位置", max_length=200)
    found = models.CharField("内容", max_length=300, blank=True)
    excerpt = models.CharField("上下文", max_length=400, blank=True)
    explanation = models.CharField("说明", max_length=400, blank=True)
    suggestion = models.CharField("建议改为", max_length=300, blank=True)
    blocking = models.BooleanField("须处理", default=True)
    fingerprint = models.CharField(max_length=64)
    resolution = models.CharField("处理", max_length=10, choices=Resolution.choices, blank=True)
    reason = models.CharField("理由", max_length=300, blank=True)
    by_label = models.CharField("处理岗位", max_length=120, blank=True)
    at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        ordering = ["-blocking", "id"]
        verbose_name = "检查发现"
        verbose_name_plural = "检查发现"
        indexes = [models.Index(fields=["batch", "resolution"], name="area_batch_hit_open")]

    def __str__(self) -> str:
        return f"{self.label} {self.place}"


class Entry(models.Model):
    """A row as the public reads it now. Public pages ask this table; it holds nothing that is not public.

    `choice1` to `choice3` repeat the fields by which lists are filtered, `amount` the figure that totals add up.
    """

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="entries")
    code = models.CharField(max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    key = models.CharField(max_length=250)
    title = models.CharField("标题", max_length=300)
    year = models.PositiveSmallIntegerField("年份", null=True, blank=True)
    day = models.DateField("日期")
    project = models.CharField("项目代码", max_length=40, blank=True)
    choice1 = models.CharField(max_length=60, blank=True)
    choice2 = models.CharField(max_length=60, blank=True)
    choice3 = models.CharField(max_length=60, blank=True)
    amount = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    shown = models.JSONField("公开内容", default=dict)
    version = models.PositiveIntegerField("版本", default=1)
    published = models.BooleanField("公开", default=True)
    published_at = models.DateTimeField("首次公开")
    changed_at = models.DateTimeField("最近变化")
    on_time = models.BooleanField("按期公示", null=True, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "公开的数据"
        verbose_name_plural = "公开的数据"
        constraints = [models.UniqueConstraint(fields=["dataset", "key"], name="area_entry_key")]
        indexes = [
            models.Index(fields=["code", "-day", "-id"], name="area_entry_list", condition=models.Q(published=True)),
            models.Index(
                fields=["code", "unit", "-day", "-id"], name="area_entry_unit", condition=models.Q(published=True)
            ),
            models.Index(
                fields=["code", "year", "-day", "-id"], name="area_entry_year", condition=models.Q(published=True)
            ),
            models.Index(
                fields=["code", "choice1", "-day", "-id"], name="area_entry_choice", condition=models.Q(published=True)
            ),
            # Totals and charts are read from the index alone.
            models.Index(
                fields=["code", "year", "choice1", "choice2", "choice3", "unit", "amount"],
                name="area_entry_sums",
                condition=models.Q(published=True),
            ),
            models.Index(
                fields=["project", "code", "day"],
                name="area_entry_project",
                condition=models.Q(published=True) & ~models.Q(project=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("areas-public:entry", args=[self.code, self.pk])


class EntryVersion(models.Model):
    """A row as it was released with a batch: never changed. `values` is for staff, `shown` is what the public read."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版本")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="versions")
    values = models.JSONField("全部内容", default=dict)
    shown = models.JSONField("公开内容", default=dict)
    title = models.CharField("标题", max_length=300)
    published_at = models.DateTimeField("发布时间")
    public = models.BooleanField("可供查阅", default=True)

    class Meta:
        ordering = ["-number"]
        verbose_name = "数据版本"
        verbose_name_plural = "数据版本"
        constraints = [models.UniqueConstraint(fields=["entry", "number"], name="area_entry_version")]
        indexes = [models.Index(fields=["batch", "public", "entry"], name="area_version_batch")]

    def __str__(self) -> str:
        return f"{self.title} 第{self.number}版"


class DatasetUpdate(Record):
    """A dataset is due to be renewed: the case of its owner until the next published batch (到期更新)."""

    KIND = "dataset-update"

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="updates", verbose_name="数据集")
    due_on = models.DateField("更新期限")

    class Meta:
        verbose_name = "数据集更新"
        verbose_name_plural = "数据集更新"

    def first_clocks(self, now: dt.datetime) -> list[dict[str, Any]]:
        """The day by which the rhythm wants the next rows."""
        return [
            {
                "code": "update",
                "name": "更新期限",
                "unit": "date",
                "date": self.due_on,
                "basis": f"{self.dataset.rhythm_words}（{self.dataset.template.basis or '本单位公开目录'}）",
            }
        ]

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts, under its title."""
        return [("数据集", str(self.dataset)), ("更新周期", self.dataset.rhythm_words)]


__all__ = [
    "Batch",
    "BatchHit",
    "BatchRow",
    "Dataset",
    "DatasetUpdate",
    "Entry",
    "EntryVersion",
    "OwnTemplate",
]
