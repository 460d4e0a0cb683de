"""Letters 文书: Word templates the office may edit, and what was made from them."""

from __future__ import annotations

from django.db import models

from gongkai.core.models.cases import Case
from gongkai.core.models.events import Event


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
    """One letter: its number, what was filled in, and the Word file under its digest."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="letters")
    event = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="letters")
    code = models.SlugField(max_length=60)
    number = models.CharField("文号", max_length=60, unique=True)
    title = models.CharField("标题", max_length=200)
    fields = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = "文书"
        verbose_name_plural = "文书"

    def __str__(self) -> str:
        return f"{self.title} {self.number}"
