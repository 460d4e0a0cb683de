"""Conversion of what was given on request, hot topics, proposals, and the stream of signals from elsewhere.

No applicant stands here: a conversion knows its request, a topic knows which requests belong to it, and a signal is words
and a number that were screened before they were kept.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import QuerySet

from gongkai.core.days import day_words
from gongkai.core.models import Case, Record, Unit
from gongkai.requests.models import Request


class Verdict(models.TextChoices):
    """Whether what was given may be known to all (可否转为主动公开)."""

    YES = "yes", "可以，转为主动公开"
    NO = "no", "不可以"
    UNDECIDED = "undecided", "还不能确定"


class ConversionCampaign(Record):
    """A review of earlier replies of one body: what was given then and is not public is looked at again (004-11d)."""

    KIND = "conversion_campaign"

    since = models.DateField("答复日期从")
    until = models.DateField("至")
    instruction = models.CharField("要求", max_length=1000, blank=True)

    class Meta:
        verbose_name = "答复信息复查"
        verbose_name_plural = "答复信息复查"

    def __str__(self) -> str:
        return self.title

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        items = CampaignItem.objects.filter(campaign=self.pk)
        return {"items": items, "undecided": items.filter(verdict="")}

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("答复日期", f"{day_words(self.since)}至{day_words(self.until)}")]


class Conversion(Record):
    """What a reply gave, on its way to everybody (004-9). Its unit is the body that replied."""

    KIND = "conversion"

    request = models.OneToOneField(Request, models.PROTECT, related_name="conversion", verbose_name="申请")
    replied_on = models.DateField("答复日期")
    verdict = models.CharField("可否转为主动公开", max_length=12, choices=Verdict.choices, blank=True)
    verdict_reason = models.CharField("判断理由", max_length=500, blank=True)
    judged_by = models.CharField("判断岗位", max_length=120, blank=True)
    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出不转的人"
    )
    publication = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公开稿件"
    )
    postponed_until = models.DateField("暂缓到", null=True, blank=True)
    published_on = models.DateField("公开日期", null=True, blank=True)
    # Against the time after the reply, whatever was postponed.
    in_time = models.BooleanField("在期限内公开", null=True, blank=True)
    campaign = models.ForeignKey(
        ConversionCampaign, models.PROTECT, null=True, blank=True, related_name="conversions", verbose_name="复查"
    )

    class Meta:
        verbose_name = "转为主动公开"
        verbose_name_plural = "转为主动公开"
        indexes = [models.Index(fields=["replied_on"], name="conversion_replied")]

    def __str__(self) -> str:
        return self.title

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("可否转为主动公开", self.get_verdict_display() if self.verdict else "还没有判断")]


class CampaignItem(models.Model):
    """An earlier reply that is looked at again."""

    campaign = models.ForeignKey(ConversionCampaign, models.CASCADE, related_name="items")
    request = models.ForeignKey(Request, models.PROTECT, related_name="+", verbose_name="申请")
    verdict = models.CharField("结论", max_length=12, choices=Verdict.choices, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField("判断岗位", max_length=120, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "复查的答复"
        verbose_name_plural = "复查的答复"
        constraints = [models.UniqueConstraint(fields=["campaign", "request"], name="campaign_item_unique")]
        indexes = [models.Index(fields=["campaign", "verdict", "id"], name="campaign_item_open")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.request_id}"


class Signal(models.Model):
    """What people asked about elsewhere (12345, mailbox, ratings): words and a number, nobody's data."""

    class Way(models.TextChoices):
        FORM = "form", "录入"
        SHEET = "sheet", "导入"
        API = "api", "接口"

    source = models.CharField("来源", max_length=20)
    # The number in the system it comes from: the same one twice is one.
    key = models.CharField("来源编号", max_length=80, blank=True)
    day = models.DateField("日期")
    area = models.CharField("领域", max_length=40, blank=True)
    words = models.CharField("反映的内容", max_length=300)
    number = models.PositiveIntegerField("数量", default=1)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及单位")
    # The unit that brought it in.
    home = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记单位")
    way = models.CharField("方式", max_length=8, choices=Way.choices)
    masked = models.BooleanField("登记时去除了个人信息", default=False)
    made_at = models.DateTimeField("登记时间")
    made_by = models.CharField("登记岗位", max_length=120, blank=True)

    class Meta:
        verbose_name = "热点线索"
        verbose_name_plural = "热点线索"
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="signal_key", condition=~models.Q(key="")),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="signal_number"),
        ]
        indexes = [models.Index(fields=["day", "id"], name="signal_day")]

    def __str__(self) -> str:
        return self.words


class Analysis(models.Model):
    """One analysis of a period: which matters were asked about most, against the period before."""

    since = models.DateField("从")
    until = models.DateField("至")
    before = models.DateField("对比期从")
    made_at = models.DateTimeField("分析时间")
    made_by = models.CharField("分析岗位", max_length=120, blank=True)
    requests = models.PositiveIntegerField("申请件数", default=0)
    signals = models.PositiveIntegerField("其他来源数量", default=0)
    # Rules under which it was made: least, alike, areas.
    rules = models.JSONField(default=dict)

    class Meta:
        ordering = ["-until", "-id"]
        verbose_name = "热点分析"
        verbose_name_plural = "热点分析"

    def __str__(self) -> str:
        return f"{day_words(self.since)}至{day_words(self.until)}"


class HotTopic(models.Model):
    """A group of like requests and signals, with why they belong together and how often each came."""

    analysis = models.ForeignKey(Analysis, models.CASCADE, related_name="topics")
    rank = models.PositiveIntegerField("名次")
    words = models.JSONField("共同的词", default=list)
    example = models.CharField("代表表述", max_length=300)
    area = models.CharField("领域", max_length=40, blank=True)
    key_area = models.BooleanField("属于重点领域", default=False)
    number = models.PositiveIntegerField("合计")
    earlier = models.PositiveIntegerField("对比期合计", default=0)
    requests = models.PositiveIntegerField("申请", default=0)
    repeated = models.PositiveIntegerField("表述重复的申请", default=0)
    by_source = models.JSONField("各来源", default=dict)
    by_unit = models.JSONField("各单位", default=list)

    class Meta:
        ordering = ["rank"]
        verbose_name = "热点"
        verbose_name_plural = "热点"
        indexes = [models.Index(fields=["analysis", "rank"], name="topic_rank")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The words that its members share, or how one of them put it."""
        return "、".join(self.words[:4]) or self.example[:30]


class TopicMember(models.Model):
    """A request or a signal in a topic."""

    topic = models.ForeignKey(HotTopic, models.CASCADE, related_name="members")
    request = models.ForeignKey(Request, models.CASCADE, null=True, blank=True, related_name="+")
    signal = models.ForeignKey(Signal, models.CASCADE, null=True, blank=True, related_name="+")
    # In hundredths, against the example.
    percent = models.PositiveSmallIntegerField("相似度")
    shared = models.CharField("共同的词", max_length=200, blank=True)

    class Meta:
        ordering = ["-percent", "id"]
        verbose_name = "热点的来源"
        verbose_name_plural = "热点的来源"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(request__isnull=False, signal__isnull=True)
                | models.Q(request__isnull=True, signal__isnull=False),
                name="topic_member_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic_id} {self.request_id or self.signal_id}"


class TopicProposal(Record):
    """热点主动公开建议: a body is asked to publish what many ask for. Its unit answers, `lead` proposed."""

    KIND = "topic_proposal"

    topic = models.ForeignKey(
        HotTopic, models.SET_NULL, null=True, blank=True, related_name="proposals", verbose_name="热点"
    )
    area = models.CharField("领域", max_length=40, blank=True)
    words = models.JSONField("共同的词", default=list)
    example = models.CharField("代表表述", max_length=300, blank=True)
    reason = models.TextField("建议公开的内容和理由", max_length=2000)
    proposed_on = models.DateField("提出日期")
    # What was asked in the period of the analysis, as the ground of the proposal.
    asked = models.PositiveIntegerField("分析期内件数", default=0)
    plan_on = models.DateField("计划公开日期", null=True, blank=True)
    plan_column = models.CharField("拟公开的栏目", max_length=120, blank=True)
    plan_words = models.CharField("公开安排", max_length=1000, blank=True)
    declined_reason = models.CharField("不采纳的理由", max_length=500, blank=True)
    published_on = models.DateField("公开日期", null=True, blank=True)

    class Meta:
        verbose_name = "热点主动公开建议"
        verbose_name_plural = "热点主动公开建议"

    def __str__(self) -> str:
        return self.title

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        links = ProposalPublication.objects.filter(proposal=self.pk)
        return {"linked": links, "public": links.filter(publication__state="published")}


class ProposalPublication(models.Model):
    """A publication that answers a proposal."""

    proposal = models.ForeignKey(TopicProposal, models.CASCADE, related_name="publications")
    publication = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name="公开的信息")

    class Meta:
        ordering = ["id"]
        verbose_name = "公开的信息"
        verbose_name_plural = "公开的信息"
        constraints = [models.UniqueConstraint(fields=["proposal", "publication"], name="proposal_publication_unique")]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.publication_id}"


__all__ = [
    "Analysis", "CampaignItem", "Conversion", "ConversionCampaign", "HotTopic", "ProposalPublication", "Signal",
    "TopicMember", "TopicProposal", "Verdict",
]  # fmt: skip
