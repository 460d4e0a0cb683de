"""Accounts on new media, and posts: what is to be released there, word for word, with its review."""

from __future__ import annotations

from typing import Any

from django.core.validators import URLValidator
from django.db import models

from gongkai.core.models import Record
from gongkai.publications.models import Publication
from gongkai.publications.models.stepped import Stepped


class MediaAccount(Record):
    """An account of a body on a platform, on record with the office (国办发〔2018〕123号: 分级备案)."""

    KIND = "media-account"

    class Platform(models.TextChoices):
        WECHAT = "wechat", "微信公众号"
        WEIBO = "weibo", "微博"
        VIDEO = "video", "短视频号"
        APP = "app", "移动客户端"
        APPLET = "applet", "小程序"
        OTHER = "other", "其他"

    platform = models.CharField("平台", max_length=10, choices=Platform.choices)
    address = models.CharField("账号或网址", max_length=300)
    subject = models.CharField("功能定位", max_length=300)
    post = models.CharField("责任岗位", max_length=120)
    last_posted_at = models.DateTimeField("最近发布", null=True, blank=True)
    closed_reason = models.CharField("关停原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "新媒体账号"
        verbose_name_plural = "新媒体账号"
        indexes = [models.Index(fields=["last_posted_at"], name="media_account_silent")]

    def __str__(self) -> str:
        return f"{self.title}（{self.get_platform_display()}）"

    @property
    def url(self) -> str:
        """The address where it can be opened; empty for a name within a platform."""
        try:
            URLValidator(schemes=["http", "https"])(self.address)
        except Exception:
            return ""
        return self.address

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("平台", self.get_platform_display()), ("责任岗位", self.post)]


class MediaPost(Stepped, Record):
    """What is to be released on an account: nothing goes out that was not approved word for word (先审后发).

    `findings` tells what screening found: {key, label, found, excerpt, explanation, blocking, secrecy, resolution,
    reason, by_label}. A post drawn from a document names the version it was drawn from.
    """

    KIND = "media-post"

    class Origin(models.TextChoices):
        DOCUMENT = "document", "本站已公开的文件"
        REPOST = "repost", "转载党委、政府网站或指定稿源"
        OWN = "own", "自编"

    account = models.ForeignKey(MediaAccount, models.PROTECT, related_name="posts", verbose_name="账号")
    origin = models.CharField("稿件来源", max_length=10, choices=Origin.choices)
    document = models.ForeignKey(
        Publication, models.PROTECT, null=True, blank=True, related_name="media_posts", verbose_name="原文"
    )
    document_version = models.PositiveIntegerField("原文版本", default=0)
    source = models.CharField("转载自", max_length=300, blank=True)
    text = models.TextField("文字", max_length=5000)
    files = models.JSONField("图片和视频", default=list, blank=True)
    findings = models.JSONField("检查发现", default=list, blank=True)
    address = models.CharField("发布后的网址", max_length=500, blank=True)
    posted_at = models.DateTimeField("发布时间", null=True, blank=True)
    posted_by = models.CharField("发布岗位", max_length=120, blank=True)
    removed_at = models.DateTimeField("删除时间", null=True, blank=True)
    alarm = models.CharField("须处理的情况", max_length=300, blank=True)

    class Meta:
        verbose_name = "新媒体稿件"
        verbose_name_plural = "新媒体稿件"
        indexes = [models.Index(fields=["account", "-posted_at"], name="media_post_account")]

    def __str__(self) -> str:
        return self.title

    @property
    def open_findings(self) -> list[dict[str, Any]]:
        """What screening found and nobody has settled."""
        return [one for one in self.findings if not one["resolution"]]

    @property
    def blocking(self) -> int:
        """How many findings keep it from approval."""
        return sum(1 for one in self.open_findings if one["blocking"])

    @property
    def source_fault(self) -> str:
        """Why it may not go out as drawn from its document, in words; empty when it may."""
        if self.document_id is None or self.document is None:
            return ""
        if not self.document.is_public:
            return "原文没有公开或已经撤回，不能发布。"
        if self.document.version_count != self.document_version:
            return f"原文已经修订为第{self.document.version_count}版，请按新版核对文字后重新送审。"
        return ""

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("账号", str(self.account))]
