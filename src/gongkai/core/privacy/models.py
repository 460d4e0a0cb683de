"""Who looked at personal data, what was erased, and the secret behind fingerprints."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from gongkai.core.models import Case
from gongkai.core.privacy.fields import SealedTextField


class Secret(models.Model):
    """A secret of the installation, sealed like personal data."""

    name = models.CharField(max_length=40, unique=True)
    value = SealedTextField()

    class Meta:
        verbose_name = "内部密钥"
        verbose_name_plural = "内部密钥"

    def __str__(self) -> str:
        return self.name


class PersonalAccess(models.Model):
    """Somebody looked at personal data of a case (个人信息查看记录). Never changed, never deleted."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="accesses", verbose_name="事项")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="查看人")
    user_label = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField("时间")
    labels = models.JSONField("内容", default=list)
    # What people give as their reason may name somebody.
    reason = SealedTextField("原因")

    class Meta:
        ordering = ["-id"]
        verbose_name = "个人信息查看记录"
        verbose_name_plural = "个人信息查看记录"
        indexes = [models.Index(fields=["case", "-id"], name="access_case")]

    def __str__(self) -> str:
        return f"{self.user_label} {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args, **kwargs) -> None:
        if self.pk and not kwargs.get("force_insert"):
            raise RuntimeError("查看记录只能新增，不能修改。")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise RuntimeError("查看记录不能删除。")


class Erasure(models.Model):
    """Personal data of a case was erased when its time of keeping was over (到期删除记录)."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="erasure", verbose_name="事项")
    at = models.DateTimeField("时间")
    closed_at = models.DateTimeField("办结时间", null=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    files = models.PositiveIntegerField("文件数", default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name = "到期删除记录"
        verbose_name_plural = "到期删除记录"

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d}"
