"""Attachments 附件: the file lies once under its digest; rows tell whose it is."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from gongkai.core.models.cases import Case
from gongkai.core.models.events import Event
from gongkai.core.privacy.fields import SealedTextField


class Attachment(models.Model):
    """A file that belongs to a case and the event that brought it, or still to a draft of a person.

    Of a sealed one (`sealed`) the content is encrypted in the store, `name` says only what it is, and the name it came
    under is `private_name`. `erased_at`: its content was deleted when its time of keeping was over.
    """

    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="attachments")
    event = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="attachments")
    draft_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    draft_act = models.CharField(max_length=60, blank=True)
    digest = models.CharField("摘要", max_length=64, db_index=True)
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("大小")
    content_type = models.CharField("类型", max_length=120)
    remark = models.CharField("说明", max_length=200, blank=True)
    public = models.BooleanField("公开", default=False)
    sealed = models.BooleanField("加密保存", default=False)
    private_name = SealedTextField(null=True, blank=True)
    erased_at = models.DateTimeField("删除时间", null=True, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "附件"
        verbose_name_plural = "附件"

    def __str__(self) -> str:
        return self.name

    @property
    def own_name(self) -> str:
        """The name it came under, for whoever may open it."""
        return self.private_name or self.name

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("workbench:attachment", args=[self.pk])
