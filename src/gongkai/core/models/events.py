"""Events 留痕: append-only, and a chain over them that shows any later change."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from gongkai.core.models.cases import Case


class Event(models.Model):
    """One act that happened. Never changed, never deleted.

    `sequence` counts the events of a case from 1, so that a missing one is seen.
    `actor_label` is unit and post; `digest` commits to the content (see `core.audit`).
    """

    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="events")
    sequence = models.PositiveIntegerField(default=0)
    act = models.CharField(max_length=60)
    label = models.CharField(max_length=60)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    actor_label = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    state_before = models.CharField(max_length=20, blank=True)
    state_after = models.CharField(max_length=20, blank=True)
    summary = models.CharField(max_length=300, blank=True)
    words = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    public = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        verbose_name = "留痕"
        verbose_name_plural = "留痕"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "sequence"], name="event_sequence_unique", condition=models.Q(case__isnull=False)
            )
        ]
        indexes = [
            models.Index(fields=["case", "-id"], name="event_case"),
            models.Index(fields=["act", "at"], name="event_act"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args, **kwargs) -> None:
        if self.pk and not kwargs.get("force_insert"):
            raise RuntimeError("留痕只能新增，不能修改。")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise RuntimeError("留痕不能删除。")


class PendingSeal(models.Model):
    """An event that is not in the chain yet."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="+")

    class Meta:
        verbose_name = "待入链"
        verbose_name_plural = "待入链"

    def __str__(self) -> str:
        return str(self.event_id)


class AuditLink(models.Model):
    """One link of the audit chain: the digest of an event and the chain up to here."""

    event = models.OneToOneField(Event, models.PROTECT, related_name="link")
    digest = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        verbose_name = "审计链"
        verbose_name_plural = "审计链"

    def __str__(self) -> str:
        return self.chain[:12]
