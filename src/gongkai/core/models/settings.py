"""Settings of the jurisdiction that an administrator may change, and the table of periodic work."""

from __future__ import annotations

from django.db import models


class JurisdictionSetting(models.Model):
    """A value that differs from the declared default (see `core.jurisdiction`)."""

    key = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "本地设置"
        verbose_name_plural = "本地设置"

    def __str__(self) -> str:
        return self.key


class PeriodicRun(models.Model):
    """When each periodic job ran last; a row is the job's lock."""

    name = models.CharField(max_length=60, primary_key=True)
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "定时工作"
        verbose_name_plural = "定时工作"

    def __str__(self) -> str:
        return self.name
