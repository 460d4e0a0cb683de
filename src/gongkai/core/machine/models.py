"""Tokens of other systems; only a digest is kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class ApiToken(models.Model):
    """A key with which another system acts for an account; shown once, kept as a digest (接口令牌).

    The account's roles decide what the system may do, the scopes narrow it further.
    """

    name = models.CharField("用途", max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tokens", verbose_name="对接账号")
    scopes = models.JSONField("权限", default=list)
    start = models.CharField("开头", max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("签发时间", auto_now_add=True)
    expires_on = models.DateField("有效期至", null=True, blank=True)
    last_used_on = models.DateField("最近使用", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "接口令牌"
        verbose_name_plural = "接口令牌"

    def __str__(self) -> str:
        return f"{self.name}（{self.start}…）"

    @property
    def usable(self) -> bool:
        """Not revoked, not expired, and the account still works."""
        expired = self.expires_on is not None and self.expires_on < timezone.localdate()
        return self.revoked_at is None and not expired and self.user.is_active
