"""Letters 文书: Word templates the office may edit, and what was made from them."""

from __future__ import annotations

from typing import Any

from django.db import models

from gongkai.core.models.cases import Case
from gongkai.core.models.events import Event
from gongkai.core.privacy.fields import SealedJSONField


class LetterTemplate(models.Model):
    """The office's own template of a letter; without a row the one that comes with the room is used."""

    code = models.SlugField("文书", max_length=60, unique=True)
    digest = models.CharField(max_length=64)
    name = models.CharField("文件名", max_length=200)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "文书模板"
        verbose_name_plural = "文书模板"

    def __str__(self) -> str:
        return self.code


class Letter(models.Model):
    """One letter: its number, what was filled in, and the Word file under its digest.

    Of a sealed one the file is encrypted in the store and what was filled in stands in `private_fields`.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="letters")
    event = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="letters")
    code = models.SlugField(max_length=60)
    number = models.CharField("文号", max_length=60, unique=True)
    title = models.CharField("标题", max_length=200)
    fields = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    sealed = models.BooleanField("加密保存", default=False)
    private_fields = SealedJSONField(null=True, blank=True)
    erased_at = models.DateTimeField("删除时间", null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "文书"
        verbose_name_plural = "文书"

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    @property
    def words(self) -> dict[str, Any]:
        """Everything that was filled in, opened."""
        return {**self.fields, **(self.private_fields or {})}
