"""Clocks 时限: what runs, since when, with which pauses and extensions. Due times are derived by `law.clock`."""

from __future__ import annotations

from django.db import models

from gongkai.core.models.cases import Case


class Clock(models.Model):
    """One time limit of a case. `due_at` is exclusive: the midnight that ends the last day."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待启动"
        RUNNING = "running", "计时中"
        PAUSED = "paused", "暂停计时"
        MET = "met", "已完成"
        CANCELLED = "cancelled", "已取消"

    class Unit(models.TextChoices):
        WORKDAY = "workday", "工作日"
        DAY = "day", "日"
        HOUR = "hour", "小时"
        MONTH = "month", "个月"
        DATE = "date", "日期"

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks")
    code = models.CharField(max_length=40)
    name = models.CharField("名称", max_length=80)
    unit = models.CharField(max_length=10, choices=Unit.choices)
    amount = models.PositiveIntegerField(null=True, blank=True)
    date = models.DateField(null=True, blank=True)
    trigger = models.CharField("从何时起算", max_length=120, blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    judged = models.BooleanField("影响按时与否", default=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    soon_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    on_time = models.BooleanField(null=True, blank=True)
    provisional = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        verbose_name = "时限"
        verbose_name_plural = "时限"
        constraints = [models.UniqueConstraint(fields=["case", "code"], name="clock_code_unique")]
        indexes = [
            models.Index(
                fields=["due_at"], name="clock_open_due", condition=models.Q(state__in=["running", "paused", "waiting"])
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Still counts, waits or is paused."""
        return self.state in (self.State.WAITING, self.State.RUNNING, self.State.PAUSED)


class ClockPause(models.Model):
    """A stretch of time that does not count, with its reason and document."""

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="pauses")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField("原因", max_length=200)
    document = models.CharField("依据", max_length=120, blank=True)

    class Meta:
        ordering = ["start_at", "id"]
        verbose_name = "暂停"
        verbose_name_plural = "暂停"

    def __str__(self) -> str:
        return self.reason


class ClockExtension(models.Model):
    """Time added to a clock by approval (延期)."""

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="extensions")
    amount = models.PositiveIntegerField(null=True, blank=True)
    date = models.DateField("延至", null=True, blank=True)
    reason = models.CharField("原因", max_length=200)
    document = models.CharField("依据", max_length=120, blank=True)
    approved_at = models.DateTimeField()

    class Meta:
        ordering = ["approved_at", "id"]
        verbose_name = "延期"
        verbose_name_plural = "延期"

    def __str__(self) -> str:
        return self.reason
