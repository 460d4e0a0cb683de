"""Entries of the log, what they say of files, and the checkpoints that were signed."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from gongkai.core.models import Unit
from gongkai.proof.leaf import ACTS, DETAILS, Leaf


class LogEntry(models.Model):
    """A public act. Never changed, never deleted; the sequencer alone gives it its position, once.

    `leaf` is the text the log commits to, `leaf_hash` its hash by RFC 6962; the other columns repeat what it says, so
    that it can be found. `address` is not part of the log: where readers find the thing itself.
    """

    act = models.CharField("行为", max_length=30)
    subject = models.CharField("标识", max_length=200)
    version = models.PositiveIntegerField("版本", default=1)
    detail = models.CharField(max_length=20, blank=True)
    content = models.CharField("内容摘要", max_length=64, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    at = models.DateTimeField("时间")
    leaf = models.TextField()
    leaf_hash = models.CharField(max_length=64)
    address = models.CharField(max_length=300, blank=True)
    position = models.BigIntegerField("编号", null=True, unique=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "存证"
        verbose_name_plural = "存证"
        indexes = [
            models.Index(fields=["subject", "id"], name="log_subject"),
            models.Index(fields=["content"], name="log_content", condition=~models.Q(content="")),
            models.Index(fields=["address"], name="log_address", condition=~models.Q(address="")),
            models.Index(fields=["id"], name="log_waiting", condition=models.Q(position__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.act_label} {self.subject}"

    def save(self, *args, **kwargs) -> None:
        if self.pk:
            raise RuntimeError("存证只能新增，不能修改。")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise RuntimeError("存证不能删除。")

    def get_absolute_url(self) -> str:
        """The page of the entry, once it has a position."""
        return reverse("proof:entry", args=[self.position]) if self.position is not None else reverse("proof:index")

    @property
    def act_label(self) -> str:
        """The act in words."""
        return ACTS.get(self.act, self.act)

    @property
    def detail_label(self) -> str:
        """What the act says besides, in words."""
        return DETAILS.get(self.detail, self.detail)

    @property
    def decoded(self) -> Leaf:
        """The leaf as the log holds it."""
        return Leaf.decode(self.leaf.encode())


class LogFile(models.Model):
    """A file that an entry commits to."""

    entry = models.ForeignKey(LogEntry, models.PROTECT, related_name="files")
    name = models.CharField("文件", max_length=60)
    sha256 = models.CharField("摘要", max_length=64, db_index=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "存证文件"
        verbose_name_plural = "存证文件"

    def __str__(self) -> str:
        return self.name


class LogCheckpoint(models.Model):
    """A signed head of the log; kept for ever, because anybody may hold one."""

    size = models.BigIntegerField("条数", unique=True)
    root = models.CharField(max_length=64)
    note = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-size"]
        verbose_name = "检查点"
        verbose_name_plural = "检查点"

    def __str__(self) -> str:
        return f"{self.size} {self.root[:12]}"


class LogCosignature(models.Model):
    """A witness's line below a checkpoint."""

    checkpoint = models.ForeignKey(LogCheckpoint, models.PROTECT, related_name="cosignatures")
    witness = models.CharField("见证方", max_length=200)
    line = models.TextField()
    at = models.DateTimeField("见证时间")

    class Meta:
        ordering = ["id"]
        verbose_name = "见证"
        verbose_name_plural = "见证"
        constraints = [models.UniqueConstraint(fields=["checkpoint", "witness"], name="log_cosignature_unique")]

    def __str__(self) -> str:
        return self.witness
