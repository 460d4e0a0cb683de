"""Legal counsel for disclosure 法律顾问: who is appointed, and each matter on which counsel was asked.

Counsel is a firm or a post, never a person by name; how to reach it is sealed.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import QuerySet

from gongkai.core.models import Case, Record, Unit
from gongkai.core.privacy.fields import SealedTextField


class Counsel(Record):
    """An appointment of counsel, inside the government's mechanism of counsel (000-7a). Its unit appoints."""

    KIND = "counsel"
    QUIET_CLOCKS = frozenset({"term"})

    class Sort(models.TextChoices):
        FIRM = "firm", "律师事务所"
        PUBLIC_LAWYER = "public_lawyer", "公职律师"
        JUSTICE = "justice", "司法行政部门"
        EXPERT = "expert", "法学院校、研究机构"

    sort = models.CharField("类别", max_length=16, choices=Sort.choices)
    name = models.CharField("机构或者岗位", max_length=120)
    expertise = models.CharField("专长领域", max_length=200, blank=True)
    # The mechanism it belongs to: the government's own counsel, or the unit's.
    government = models.BooleanField("纳入政府法律顾问机制", default=True)
    basis = models.CharField("聘任文件", max_length=150, blank=True)
    # Where its people hold the role of counsel and get their to-do.
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="办理意见的单位")
    # Other units may ask it too.
    shared = models.BooleanField("其他单位也可以请", default=True)
    contact = SealedTextField("联系方式", blank=True)
    since = models.DateField("聘期从")
    until = models.DateField("聘期至", null=True, blank=True)

    class Meta:
        verbose_name = "法律顾问"
        verbose_name_plural = "法律顾问"

    def __str__(self) -> str:
        return self.name

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        return {"open_opinions": Opinion.objects.filter(counsel=self.pk).open()}

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("类别", self.get_sort_display()), ("办理意见的单位", str(self.office))]


class Opinion(Record):
    """One matter put to counsel (一事一询、一事一议): asked, accepted, advised, and what became of the advice.

    Its unit asks; `lead` is the unit in which counsel answers.
    """

    KIND = "counsel_opinion"

    class Sort(models.TextChoices):
        REQUEST = "request", "疑难申请"
        RULES = "rules", "起草、审核公开制度"
        DISPUTE = "dispute", "行政复议、诉讼"
        OUTCRY = "outcry", "重大舆情"
        STABILITY = "stability", "决策预公开社会稳定风险"
        PUBLICATION = "publication", "信息发布"
        OTHER = "other", "其他公开事项"

    class Part(models.TextChoices):
        ADVICE = "advice", "提出书面意见"
        DRAFTING = "drafting", "参与起草"
        EXAMINING = "examining", "参与审核"
        DEFENCE = "defence", "拟写或者审核答复、答辩"
        HEARING = "hearing", "参加听证、开庭"
        ANALYSIS = "analysis", "参加风险分析"

    class Verdict(models.TextChoices):
        FEASIBLE = "feasible", "可行"
        CONDITIONAL = "conditional", "修改后可行"
        UNFEASIBLE = "unfeasible", "不可行"

    class Risk(models.TextChoices):
        LOW = "low", "低风险"
        MIDDLE = "middle", "中风险"
        HIGH = "high", "高风险"

    class Adopted(models.TextChoices):
        WHOLE = "whole", "全部采纳"
        PART = "part", "部分采纳"
        NONE = "none", "没有采纳"

    sort = models.CharField("事项类别", max_length=12, choices=Sort.choices)
    counsel = models.ForeignKey(
        Counsel, models.PROTECT, null=True, blank=True, related_name="opinions", verbose_name="法律顾问"
    )
    subject = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="counsel_opinions", verbose_name="对应事项"
    )
    question = models.TextField("要提意见的问题")
    background = models.TextField("有关情况", blank=True)
    asked_on = models.DateField("提出日期")
    accepted_at = models.DateTimeField("接受时间", null=True, blank=True)
    verdict = models.CharField("结论", max_length=12, choices=Verdict.choices, blank=True)
    opinion = models.TextField("法律意见", blank=True)
    parts = models.JSONField("参与方式", default=list, blank=True)
    risk = models.CharField("风险等级", max_length=8, choices=Risk.choices, blank=True)
    measures = models.TextField("防范措施", blank=True)
    given_on = models.DateField("提出意见日期", null=True, blank=True)
    given_by = models.CharField("提出意见岗位", max_length=120, blank=True)
    adopted = models.CharField("采纳情况", max_length=8, choices=Adopted.choices, blank=True)
    adopted_words = models.TextField("采纳说明", blank=True)

    class Meta:
        verbose_name = "法律意见"
        verbose_name_plural = "法律意见"
        indexes = [
            models.Index(fields=["sort", "asked_on"], name="counsel_opinion_sort"),
            models.Index(fields=["given_on"], name="counsel_opinion_given", condition=models.Q(given_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def part_words(self) -> str:
        """How counsel took part, in words."""
        labels = dict(self.Part.choices)
        return "、".join(labels[code] for code in self.parts if code in labels)

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("类别", self.get_sort_display())]


__all__ = ["Counsel", "Opinion"]
