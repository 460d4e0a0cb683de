"""What is masked in a material: its pages with their words, the marks, the file that was made, and who looked it through."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from gongkai.core.models import Attachment
from gongkai.core.privacy.fields import SealedJSONField, SealedTextField
from gongkai.requests.models import Material, Request


class Mask(models.Model):
    """The masking of one material.

    `layout` is the PDF whose pages are drawn: the original itself, or what was laid out from it. `made_marks` is the
    digest of the marks the file was made from: the file holds for exactly these.
    """

    request = models.ForeignKey(Request, models.PROTECT, related_name="masks")
    material = models.OneToOneField(Material, models.CASCADE, related_name="mask")
    layout = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="版面")
    notes = models.JSONField("生成页面时的说明", default=list)
    # Every change is a step; undoing takes the last one back.
    step = models.PositiveIntegerField(default=0)
    # Everybody who marked, unmarked or made: none of them is the second pair of eyes.
    authors = models.JSONField(default=list)
    made_marks = models.CharField("生成时的标记摘要", max_length=64, blank=True)
    made_at = models.DateTimeField("生成时间", null=True, blank=True)
    proof = models.JSONField("检验结果", default=dict)

    class Meta:
        verbose_name = "遮盖"
        verbose_name_plural = "遮盖"

    def __str__(self) -> str:
        return f"{self.material_id}"


class Page(models.Model):
    """A page as it is seen: size in tenths of a point, and its lines, each with a box for every sign."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="+")
    mask = models.ForeignKey(Mask, models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField("页")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    characters = models.PositiveIntegerField("字数", default=0)
    lines = SealedJSONField("文字和位置")

    class Meta:
        ordering = ["number"]
        verbose_name = "页面"
        verbose_name_plural = "页面"
        constraints = [models.UniqueConstraint(fields=["mask", "number"], name="mask_page_unique")]

    def __str__(self) -> str:
        return f"{self.mask_id} {self.number}"


class Mark(models.Model):
    """A place to be covered: one or several boxes, on which ground and why. What stands there is sealed."""

    class Way(models.TextChoices):
        WORDS = "words", "勾选文字"
        PHRASE = "phrase", "查找词语"
        BOX = "box", "画框"
        HIT = "hit", "检查个人信息"

    request = models.ForeignKey(Request, models.PROTECT, related_name="+")
    mask = models.ForeignKey(Mask, models.CASCADE, related_name="marks")
    page = models.PositiveIntegerField("页")
    # [page, left, top, right, bottom], tenths of a point from the upper left corner of the page as it is seen.
    boxes = models.JSONField("位置")
    way = models.CharField("方式", max_length=10, choices=Way.choices)
    what = models.CharField("遮盖的内容（概括）", max_length=60)
    ground = models.CharField("依据", max_length=8)
    reason = SealedTextField("理由", blank=True)
    words = SealedTextField("原文", blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    added_step = models.PositiveIntegerField()
    removed_step = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["page", "id"]
        verbose_name = "标记"
        verbose_name_plural = "标记"

    def __str__(self) -> str:
        return f"{self.mask_id} {self.page}"


class Look(models.Model):
    """A page of the made file that somebody else than its makers compared with the original."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="+")
    mask = models.ForeignKey(Mask, models.CASCADE, related_name="looks")
    page = models.PositiveIntegerField("页")
    digest = models.CharField("文件摘要", max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["page", "id"]
        verbose_name = "核对"
        verbose_name_plural = "核对"
        constraints = [models.UniqueConstraint(fields=["mask", "page", "digest"], name="mask_look_unique")]

    def __str__(self) -> str:
        return f"{self.mask_id} {self.page}"


class Job(models.Model):
    """A long step on a material that the worker does: laying its pages out, or making and proving the masked file."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待"
        WORKING = "working", "处理中"
        DONE = "done", "完成"
        FAILED = "failed", "没有做成"

    ACTIVE = (State.WAITING, State.WORKING)

    request = models.ForeignKey(Request, models.PROTECT, related_name="+")
    material = models.OneToOneField(Material, models.CASCADE, related_name="mask_job")
    task = models.CharField("步骤", max_length=10)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    phase = models.CharField("阶段", max_length=10, blank=True)
    done = models.PositiveIntegerField("做完的页", default=0)
    total = models.PositiveIntegerField("总页数", default=0)
    words = models.CharField("结果", max_length=500, blank=True)
    # Who works on it, and its last sign of life.
    worker = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    beat = models.DateTimeField()

    class Meta:
        verbose_name = "遮盖后台处理"
        verbose_name_plural = "遮盖后台处理"
        indexes = [
            models.Index(fields=["beat"], name="mask_job_active", condition=models.Q(state__in=["waiting", "working"]))
        ]

    def __str__(self) -> str:
        return f"{self.material_id} {self.task} {self.state}"
