"""Challenges that were used, and how often somebody asked; both forget themselves."""

from __future__ import annotations

from django.db import models


class Spent(models.Model):
    """A challenge that was used once and is of no use again; kept until it would have run out anyway."""

    mark = models.CharField(max_length=32, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "用过的验证"
        verbose_name_plural = "用过的验证"

    def __str__(self) -> str:
        return self.mark


class Tally(models.Model):
    """How often one network asked for one thing within one stretch of time.

    The mark is a keyed digest of network, purpose and stretch: it tells no address, and the next stretch has another one.
    """

    mark = models.CharField(max_length=32, primary_key=True)
    number = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "提交次数"
        verbose_name_plural = "提交次数"

    def __str__(self) -> str:
        return f"{self.mark} {self.number}"
