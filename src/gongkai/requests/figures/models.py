"""How many requests stand under what: moved by the acts, proved against the requests by `counting.verify`.

Numbers of the annual table for any body, any year and every column are sums over a few hundred of these rows, however
many requests there are.
"""

from __future__ import annotations

from django.db import models

from gongkai.core.models import Unit


class OnTime(models.IntegerChoices):
    """Whether the reply came in time; requests that ended without one are not judged."""

    LATE = 0, "逾期"
    ON_TIME = 1, "按时"
    NOT_JUDGED = 2, "不计"


class YearCount(models.Model):
    """Requests of a body and a kind of applicant by the year they came in and the year and leaf of their result.

    `result_year` is 0 and `decision` empty while a request is open.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    category = models.CharField(max_length=12)
    counted_year = models.PositiveSmallIntegerField()
    result_year = models.PositiveSmallIntegerField(default=0)
    decision = models.CharField(max_length=8, blank=True)
    number = models.IntegerField(default=0)

    class Meta:
        verbose_name = "申请年度计数"
        verbose_name_plural = "申请年度计数"
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "category", "counted_year", "result_year", "decision"], name="request_year_count_unique"
            )
        ]
        indexes = [
            models.Index(
                fields=["counted_year", "result_year", "category", "decision", "unit", "number"],
                name="request_year_count",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.category} {self.counted_year} {self.result_year} {self.decision} {self.number}"


class PaceCount(models.Model):
    """Requests that got their result in a year, by body, channel and leaf, and the working days it took."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=16)
    result_year = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=8)
    on_time = models.PositiveSmallIntegerField(choices=OnTime.choices)
    workdays = models.PositiveSmallIntegerField()
    number = models.IntegerField(default=0)

    class Meta:
        verbose_name = "答复用时计数"
        verbose_name_plural = "答复用时计数"
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "channel", "result_year", "decision", "on_time", "workdays"],
                name="request_pace_count_unique",
            )
        ]
        indexes = [
            models.Index(
                fields=["result_year", "on_time", "workdays", "unit", "channel", "decision", "number"],
                name="request_pace_count",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.result_year} {self.decision} {self.workdays} {self.number}"
