"""A clearance 统一口径: what is asked before a sensitive release, what each unit answers, and the words that are settled."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import QuerySet

from gongkai.core.models import Record
from gongkai.publications.models import Publication


class Clearance(Record):
    """Units are asked what they know of a matter that is about to be released; the answers become one line.

    It counts for the version it was asked for: an amendment of a watched document needs its own. `draft` is the text
    that the units were shown, `draft_digest` the content it was made of.
    """

    KIND = "clearance"

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="clearances", verbose_name="信息")
    version_number = models.PositiveIntegerField("为第几版")
    question = models.CharField("要了解的情况", max_length=1000)
    draft = models.TextField("拟发布稿", blank=True)
    draft_digest = models.CharField(max_length=64, blank=True)
    line = models.CharField("统一口径", max_length=2000, blank=True)
    handling = models.CharField("不同意见和未答复的处理", max_length=1000, blank=True)
    settled_by = models.CharField("确定岗位", max_length=120, blank=True)
    settled_at = models.DateTimeField("确定时间", null=True, blank=True)

    class Meta:
        verbose_name = "统一口径"
        verbose_name_plural = "统一口径"
        indexes = [models.Index(fields=["publication", "version_number"], name="clearance_version")]

    def __str__(self) -> str:
        return self.title

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        shares = ClearanceShare.objects.filter(clearance=self.pk)
        return {
            "unanswered": shares.filter(stance=""),
            "objections": shares.filter(stance=ClearanceShare.Stance.OBJECTS),
        }


class ClearanceShare(Record):
    """One unit's answer: the facts it has, and whether it agrees with what is to be said."""

    KIND = "clearance-share"

    class Stance(models.TextChoices):
        AGREES = "agrees", "同意拟发布稿"
        OBJECTS = "objects", "有不同意见"
        NOTHING = "nothing", "不掌握情况，无意见"

    clearance = models.ForeignKey(Clearance, models.CASCADE, related_name="shares", verbose_name="统一口径")
    stance = models.CharField("意见", max_length=10, choices=Stance.choices, blank=True)
    known_facts = models.CharField("掌握的情况", max_length=2000, blank=True)
    remark = models.CharField("修改意见", max_length=1000, blank=True)
    answered_by = models.CharField("答复岗位", max_length=120, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    # The case's unit stands in the parent's table, where no constraint of this one reaches.
    unit_of_share = models.PositiveBigIntegerField(editable=False)

    class Meta:
        verbose_name = "口径答复"
        verbose_name_plural = "口径答复"
        constraints = [models.UniqueConstraint(fields=["clearance", "unit_of_share"], name="clearance_share_unit")]

    def __str__(self) -> str:
        return self.title

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("发起单位", str(self.clearance.unit))]
