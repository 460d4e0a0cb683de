"""An import, its rows as they were read, and where imported documents came from."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse

from gongkai.core.models import Record, Unit
from gongkai.publications.models import CatalogColumn, Publication


class Import(Record):
    """One run: files of an old site are read, looked through, approved by another person, and taken over (历史信息导入).

    What the rows say stands in `ImportRow` until it is taken over; nothing of it is a publication before. `position` is
    the last row that was carried out, `beat` the last sign of life of the background work.
    """

    KIND = "import"

    class Missing(models.TextChoices):
        """What becomes of documents that name no attribute."""

        PROACTIVE = "proactive", "按主动公开处理"
        ON_REQUEST = "on_request", "先归档，列入属性复查"
        REFUSE = "refuse", "不导入"

    source_system = models.CharField("来自哪个网站", max_length=40)
    missing_attribute = models.CharField(
        "没有公开属性的", max_length=12, choices=Missing.choices, default=Missing.PROACTIVE
    )
    fallback_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="没有写明单位的"
    )
    fallback_column = models.ForeignKey(
        CatalogColumn, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="没有写明栏目的"
    )
    progress = models.CharField("进度", max_length=200, blank=True)
    beat = models.DateTimeField("最近动静", null=True, blank=True)
    # Which run of the background work holds it: one that was thought dead and wakes up finds that it lost it.
    worker = models.CharField(max_length=32, blank=True)
    failure = models.CharField("没有读成的原因", max_length=500, blank=True)
    notes = models.JSONField("读取说明", default=list, blank=True)
    counts = models.JSONField("预检结果", default=dict, blank=True)
    results = models.JSONField("导入结果", default=dict, blank=True)
    submitted_by = models.IntegerField("送审人", null=True, blank=True)
    approver = models.IntegerField("批准人", null=True, blank=True)
    approved_by = models.CharField("批准人岗位", max_length=120, blank=True)
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)
    undo_reason = models.CharField("撤销原因", max_length=300, blank=True)
    undone_by = models.IntegerField("撤销人", null=True, blank=True)

    class Meta:
        verbose_name = "历史信息导入"
        verbose_name_plural = "历史信息导入"

    def __str__(self) -> str:
        return self.title

    @property
    def share(self) -> int | None:
        """How much of the approved rows is carried out or taken back, in percent."""
        total = self.results.get("total", 0)
        done = self.results.get("undone" if self.state == "undoing" else "carried", 0)
        return min(100, round(100 * done / total)) if total else None

    @property
    def report_address(self) -> str:
        """The page of its rows."""
        return reverse("importing:rows", args=[self.pk])

    def questions(self) -> dict[str, QuerySet]:
        """What its acts ask: rows that would be taken over, and rows that screening holds back."""
        rows = ImportRow.objects.filter(run=self.pk)
        return {
            "ready": rows.filter(outcome__in=ImportRow.TAKEN).filter(Q(blocked=False) | Q(overruled=True)),
            "blocked": rows.filter(outcome__in=ImportRow.TAKEN, blocked=True, overruled=False),
            "carried": rows.filter(state=ImportRow.State.DONE, outcome__in=ImportRow.TAKEN),
        }

    def facts(self) -> list[tuple[str, Any]]:
        """Under its title."""
        return [("来自", self.source_system), ("批准", self.approved_by)]


class ImportRow(models.Model):
    """One document as it was read, what would become of it, and what became of it.

    `values` are columns of a publication as plain values; `files` are {name, attachment, digest, size, content_type,
    inline, removed, text}; `hits` are findings of screening. `digest` commits to all of them, so that the same files
    read a second time are known to change nothing.
    """

    class Outcome(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "更新"
        UNCHANGED = "unchanged", "没有变化"
        REFUSED = "refused", "不能导入"

    class State(models.TextChoices):
        WAITING = "", "待导入"
        DONE = "done", "已导入"
        SKIPPED = "skipped", "未导入"
        UNDONE = "undone", "已撤销"
        KEPT = "kept", "撤销时没有变动"

    TAKEN = ("new", "changed")

    run = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    ordinal = models.PositiveIntegerField("顺序")
    place = models.CharField("位置", max_length=200)
    source_key = models.CharField("来源编号", max_length=120, blank=True)
    title = models.CharField("标题", max_length=300, blank=True)
    unit_name = models.CharField("单位", max_length=120, blank=True)
    outcome = models.CharField("预检", max_length=10, choices=Outcome.choices)
    problems = models.JSONField("不能导入的原因", default=list, blank=True)
    warnings = models.JSONField("提醒", default=list, blank=True)
    hits = models.JSONField("检查发现", default=list, blank=True)
    blocked = models.BooleanField("有须处理的发现", default=False)
    overruled = models.BooleanField("认定可以公开", default=False)
    values = models.JSONField("信息", default=dict, blank=True)
    body = models.TextField("正文", blank=True)
    files = models.JSONField("附件", default=list, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    state = models.CharField("导入", max_length=10, choices=State.choices, default=State.WAITING, blank=True)
    result = models.CharField("导入说明", max_length=300, blank=True)
    publication = models.ForeignKey(Publication, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["ordinal"]
        verbose_name = "导入的一条"
        verbose_name_plural = "导入的各条"
        constraints = [models.UniqueConstraint(fields=["run", "ordinal"], name="import_row_order")]
        indexes = [
            models.Index(fields=["run", "outcome", "ordinal"], name="import_row_outcome"),
            models.Index(fields=["run", "state", "ordinal"], name="import_row_state"),
            models.Index(fields=["run", "ordinal"], name="import_row_blocked", condition=Q(blocked=True)),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.title}"


class Origin(models.Model):
    """Where an imported document came from, and what its source said when it was taken over last."""

    publication = models.OneToOneField(Publication, models.CASCADE, primary_key=True, related_name="origin")
    digest = models.CharField(max_length=64)
    run = models.ForeignKey(Import, models.PROTECT, related_name="+")
    # The import that brought it was undone: it may be taken over anew.
    undone = models.BooleanField(default=False)

    class Meta:
        verbose_name = "导入来源"
        verbose_name_plural = "导入来源"

    def __str__(self) -> str:
        return str(self.publication_id)
