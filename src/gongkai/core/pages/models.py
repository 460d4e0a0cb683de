"""The outbox of the page cache."""

from __future__ import annotations

from django.db import models


class PageDrop(models.Model):
    """Pages that a change made untrue, written with the change; deleted when the pages are gone from the disk."""

    tags = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "待清除的页面"
        verbose_name_plural = "待清除的页面"

    def __str__(self) -> str:
        return " ".join(self.tags)
