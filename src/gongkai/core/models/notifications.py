"""Notifications 提醒: one row per person and matter, and its deliveries."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from gongkai.core.models.cases import Case


class Notification(models.Model):
    """A message to one person. `key` makes sure that nothing is said twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    case = models.ForeignKey(Case, models.CASCADE, null=True, blank=True, related_name="notifications")
    kind = models.CharField(max_length=60)
    text = models.CharField(max_length=300)
    key = models.CharField(max_length=160)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    digested_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "提醒"
        verbose_name_plural = "提醒"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notification_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_unread", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["id"], name="notification_undigested", condition=models.Q(digested_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.text


class Webhook(models.Model):
    """An address of another system that is told of events (推送地址)."""

    name = models.CharField("名称", max_length=60)
    address = models.URLField("地址")
    secret = models.CharField("签名密钥", max_length=80)
    acts = models.JSONField("事件", default=list, blank=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "推送地址"
        verbose_name_plural = "推送地址"

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One sending by mail or webhook, tried again until it arrives or is given up."""

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        FAILED = "failed", "未送达"

    channel = models.CharField(max_length=10)
    target = models.CharField(max_length=200)
    key = models.CharField(max_length=160, unique=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "发送"
        verbose_name_plural = "发送"
        indexes = [models.Index(fields=["next_at"], name="delivery_waiting", condition=models.Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.channel} {self.target}"
