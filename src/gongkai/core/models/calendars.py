"""Calendars 日历: the State Council's yearly lists and local layers, each with its source."""

from __future__ import annotations

from django.db import models


class CalendarYearRecord(models.Model):
    """An imported year; it overrides the list that comes with the program."""

    year = models.PositiveIntegerField("年份", unique=True)
    off = models.JSONField("放假", default=list)
    work = models.JSONField("调休上班", default=list)
    document_number = models.CharField("文号", max_length=80)
    issued_on = models.DateField("发布日期", null=True, blank=True)
    checksum = models.CharField("校验", max_length=64)
    version = models.PositiveIntegerField("版本", default=1)
    imported_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-year"]
        verbose_name = "年度日历"
        verbose_name_plural = "年度日历"

    def __str__(self) -> str:
        return f"{self.year}年"


class CalendarLayer(models.Model):
    """Days that only this place has off or works (地方放假、停工)."""

    reason = models.CharField("原因", max_length=120)
    document_number = models.CharField("文号", max_length=80)
    off = models.JSONField("放假", default=list, blank=True)
    work = models.JSONField("上班", default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "地方日历"
        verbose_name_plural = "地方日历"

    def __str__(self) -> str:
        return self.reason
