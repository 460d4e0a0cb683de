"""Files of a publication: the original as it came, and the public copy without metadata."""

from __future__ import annotations

from django.db import models

from gongkai.core.models import Attachment


class PublicationFile(models.Model):
    """A file of a publication's working copy. The original is never changed; what goes out is the public copy.

    `digest` and `size` of the public copy are empty until the check of the file is through; `removed` says in words
    what was taken out of it. `text` is what search finds in the file. An inline file is a picture of the body.
    """

    class Check(models.TextChoices):
        WAITING = "waiting", "正在检查"
        CLEAN = "clean", "已检查"
        FAILED = "failed", "不能公开"

    publication = models.ForeignKey("publications.Publication", models.CASCADE, related_name="files")
    original = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="原文件")
    name = models.CharField("文件名", max_length=200)
    inline = models.BooleanField("正文图片", default=False)
    check_state = models.CharField("检查", max_length=10, choices=Check.choices, default=Check.WAITING)
    failure = models.CharField("不能公开的原因", max_length=300, blank=True)
    digest = models.CharField("公开件摘要", max_length=64, blank=True, db_index=True)
    size = models.PositiveBigIntegerField("公开件大小", default=0)
    removed = models.JSONField("已去除", default=list, blank=True)
    text = models.TextField("文字", blank=True)
    ordinal = models.PositiveIntegerField("排序", default=0)

    class Meta:
        ordering = ["ordinal", "id"]
        verbose_name = "公开附件"
        verbose_name_plural = "公开附件"
        indexes = [models.Index(fields=["publication", "ordinal"], name="publication_file_order")]

    def __str__(self) -> str:
        return self.name


class VersionFile(models.Model):
    """A file as it was released with a version: the public copy, under its digest."""

    version = models.ForeignKey("publications.Version", models.CASCADE, related_name="files")
    # What the public copy was made of; it comes back when an amendment is cancelled. Older rows do not name it.
    original = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="原文件"
    )
    name = models.CharField("文件名", max_length=200)
    digest = models.CharField("摘要", max_length=64, db_index=True)
    size = models.PositiveBigIntegerField("大小")
    content_type = models.CharField("类型", max_length=120)
    inline = models.BooleanField("正文图片", default=False)
    text = models.TextField("文字", blank=True)
    ordinal = models.PositiveIntegerField("排序", default=0)

    class Meta:
        ordering = ["ordinal", "id"]
        verbose_name = "公开的附件"
        verbose_name_plural = "公开的附件"

    def __str__(self) -> str:
        return self.name
