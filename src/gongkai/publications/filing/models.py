"""One official document's filing with the superior platform (公文备案)."""

from __future__ import annotations

from django.db import models

from gongkai.publications.models import Publication


class Filing(models.Model):
    """A document that has to be filed, what was sent, and whether the platform confirmed it.

    `round` counts what was sent: a document whose attribute, text or validity changes is filed again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待备案"
        SENT = "sent", "已报送"
        CONFIRMED = "confirmed", "已备案"
        REFUSED = "refused", "被退回"

    publication = models.OneToOneField(Publication, models.CASCADE, primary_key=True, related_name="filing")
    number = models.CharField("备案号", max_length=21, unique=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    round = models.PositiveIntegerField("报送次数", default=0)
    content_digest = models.CharField(max_length=64, blank=True)
    required_at = models.DateTimeField("应备案时间")
    sent_at = models.DateTimeField("报送时间", null=True, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    remote_number = models.CharField("平台回执号", max_length=60, blank=True)
    refusal = models.CharField("退回原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "公文备案"
        verbose_name_plural = "公文备案"
        indexes = [models.Index(fields=["state", "publication"], name="filing_state")]

    def __str__(self) -> str:
        return self.number
