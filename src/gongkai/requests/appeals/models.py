"""Reconsideration and litigation 复议诉讼 as cases, the lessons drawn, the case library, special reviews of a field."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import QuerySet

from gongkai.core.models import Case, Record, Unit
from gongkai.core.privacy.fields import SealedTextField
from gongkai.requests.models import Request

GROUPS = [("upheld", "结果维持"), ("corrected", "结果纠正"), ("other", "其他结果")]
"""The cells of table C in which a result counts; keys of `law.annual_tables.C_CELLS`."""


class Result(models.TextChoices):
    """How it ended, as the decision or judgment says (审理结果)."""

    UPHELD = "upheld", "维持"
    CLAIM_DISMISSED = "claim_dismissed", "驳回复议请求、诉讼请求"
    REVOKED = "revoked", "撤销（含部分撤销）"
    CHANGED = "changed", "变更"
    ILLEGAL = "illegal", "确认违法"
    VOID = "void", "确认无效"
    ORDERED = "ordered", "责令履行"
    NOT_ACCEPTED = "not_accepted", "不予受理、不予立案"
    REJECTED = "rejected", "驳回复议申请、裁定驳回起诉"
    WITHDRAWN = "withdrawn", "撤回申请、撤诉"
    MEDIATED = "mediated", "调解、和解"
    ENDED = "ended", "其他终止、终结"


class Appeal(Record):
    """One reconsideration or suit about disclosure. Its unit is the body whose conduct is contested.

    Who applied or sued is sealed; `party_label` is what lists show. Table C stands on the plain columns: sort, standing,
    received_on, result, decided_on, and for second instances first_result, first_decided_on, second_on.
    """

    KIND = "appeal"
    # The organ's own time for its decision bounds nothing here; it never stands for the case in lists.
    QUIET_CLOCKS = frozenset({"decision"})

    class Sort(models.TextChoices):
        RECONSIDERATION = "reconsideration", "行政复议"
        DIRECT = "direct", "未经复议直接起诉"
        AFTER = "after", "复议后起诉"

    class Standing(models.TextChoices):
        RESPONDENT = "respondent", "被申请人、被告"
        CO_DEFENDANT = "co_defendant", "仅作为复议机关的共同被告"

    class Procedure(models.TextChoices):
        ORDINARY = "ordinary", "普通程序"
        SIMPLE = "simple", "简易程序"

    class Matter(models.TextChoices):
        REPLY = "reply", "不服答复"
        SILENCE = "silence", "逾期没有答复"
        PROACTIVE = "proactive", "主动公开"
        OTHER = "other", "其他公开事项"

    sort = models.CharField("类型", max_length=16, choices=Sort.choices)
    standing = models.CharField("本机关地位", max_length=12, choices=Standing.choices, default=Standing.RESPONDENT)
    procedure = models.CharField("复议程序", max_length=10, choices=Procedure.choices, default=Procedure.ORDINARY)
    matter = models.CharField("争议事项", max_length=10, choices=Matter.choices, default=Matter.REPLY)
    request = models.ForeignKey(
        Request, models.PROTECT, null=True, blank=True, related_name="appeals", verbose_name="对应申请"
    )
    earlier = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followed", verbose_name="此前的复议"
    )
    remade = models.ForeignKey(
        Request, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="重新办理的申请"
    )
    challenged = models.CharField("争议的答复或者行为", max_length=200, blank=True)
    # The leaf of the request's result, so that lists filter by it.
    decision = models.CharField("答复类型", max_length=8, blank=True)
    area = models.CharField("所属领域", max_length=40, blank=True)
    organ = models.CharField("复议机关或者法院", max_length=120)
    file_number = models.CharField("案号", max_length=80, blank=True)
    party = SealedTextField("申请人或者原告", blank=True)
    party_label = models.CharField("申请人或者原告", max_length=60, blank=True)
    received_on = models.DateField("收到通知之日")
    accepted_on = models.DateField("受理之日", null=True, blank=True)
    entered_at = models.DateTimeField("录入")
    answered_on = models.DateField("提交答复、答辩之日", null=True, blank=True)
    answer = SealedTextField("答复、答辩要点", blank=True)
    instance = models.PositiveSmallIntegerField("审级", default=1)
    # The result in force; None while it is pending.
    result = models.CharField("审理结果", max_length=16, choices=Result.choices, blank=True)
    result_document = models.CharField("文书名称和文号", max_length=150, blank=True)
    decided_on = models.DateField("文书日期", null=True, blank=True)
    told_on = models.DateField("收到文书之日", null=True, blank=True)
    gist = SealedTextField("理由要点", blank=True)
    # The judgment of first instance, kept when a second instance opens the result again, and since when it does.
    first_result = models.CharField("一审结果", max_length=16, choices=Result.choices, blank=True, db_default="")
    first_decided_on = models.DateField("一审文书日期", null=True, blank=True)
    second_on = models.DateField("进入二审之日", null=True, blank=True)
    redo_met_on = models.DateField("重新答复之日", null=True, blank=True)

    class Meta:
        verbose_name = "行政复议和诉讼"
        verbose_name_plural = "行政复议和诉讼"
        indexes = [
            models.Index(fields=["received_on"], name="appeal_received"),
            models.Index(
                fields=["decided_on", "sort", "result"],
                name="appeal_decided",
                condition=models.Q(decided_on__isnull=False),
            ),
            models.Index(fields=["sort"], name="appeal_pending", condition=models.Q(decided_on__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def suit(self) -> bool:
        """Whether it is before a court."""
        return self.sort != self.Sort.RECONSIDERATION

    @property
    def party_word(self) -> str:
        """How the other side is called."""
        return "原告" if self.suit else "申请人"

    @property
    def counted(self) -> bool:
        """Whether table C counts it: suits in which the body is only co-defendant as 复议机关 are not its own."""
        return self.standing == self.Standing.RESPONDENT and self.state != "void"

    def missing(self) -> list[str]:
        """What a full entry still lacks (004-8d), in words."""
        found = [] if self.file_number else ["案号"]
        if self.standing == self.Standing.RESPONDENT and self.matter in ("reply", "silence") and not self.request_id:
            found.append("对应的申请")
        if self.result and not self.result_document:
            found.append("文书名称和文号")
        return found

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        return {
            "lessons": Lesson.objects.filter(appeal=self.pk),
            "followed": Appeal.objects.filter(earlier=self.pk).exclude(state="void"),
        }

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("类型", self.get_sort_display()), ("案号", self.file_number)]


class Hearing(models.Model):
    """A hearing of the organ or court (听证、开庭), with who stood there for the body."""

    class Sort(models.TextChoices):
        HEARING = "hearing", "听证"
        COURT = "court", "开庭"
        MEDIATION = "mediation", "调解"
        OPINIONS = "opinions", "听取意见"

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="hearings")
    sort = models.CharField("形式", max_length=10, choices=Sort.choices)
    held_on = models.DateField("日期")
    place = models.CharField("地点", max_length=120, blank=True)
    leader_present = models.BooleanField("负责人到场", default=False)
    present = models.CharField("到场岗位", max_length=200, blank=True)

    class Meta:
        ordering = ["held_on", "id"]
        verbose_name = "听证和开庭"
        verbose_name_plural = "听证和开庭"

    def __str__(self) -> str:
        return f"{self.get_sort_display()} {self.held_on}"


class Ruling(models.Model):
    """A decision or judgment as it was entered; the last one of an appeal is in force."""

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="rulings")
    instance = models.PositiveSmallIntegerField("审级", default=1)
    result = models.CharField("审理结果", max_length=16, choices=Result.choices)
    document = models.CharField("文书名称和文号", max_length=150, blank=True)
    decided_on = models.DateField("文书日期")
    told_on = models.DateField("收到文书之日")
    # What it orders: so many working days, or until a day; nothing when it orders no new reply.
    redo_workdays = models.PositiveSmallIntegerField("责令期限（工作日）", null=True, blank=True)
    redo_until = models.DateField("责令期限最后一日", null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "裁判和决定"
        verbose_name_plural = "裁判和决定"

    def __str__(self) -> str:
        return f"{self.get_result_display()} {self.decided_on}"


class Lesson(Record):
    """What a lost case teaches (败诉、纠错原因和整改); circulated as a warning to the units that were chosen."""

    KIND = "appeal_lesson"

    class Cause(models.TextChoices):
        FACTS = "facts", "事实没有查清"
        SEARCH = "search", "检索不到位"
        TIME = "time", "超过期限"
        PROCEDURE = "procedure", "程序不当（补正、征求意见、延期）"
        GROUND = "ground", "依据适用错误"
        REASONS = "reasons", "说理不充分"
        REMEDY = "remedy", "救济途径告知错误"
        SERVICE = "service", "送达有瑕疵"
        EVIDENCE = "evidence", "没有按期举证"
        OTHER = "other", "其他"

    appeal = models.OneToOneField(Appeal, models.PROTECT, related_name="lesson", verbose_name="案件")
    causes = models.JSONField("原因类别", default=list, blank=True)
    reason = models.TextField("原因分析", blank=True)
    rectification = models.TextField("整改措施", blank=True)
    rectified_on = models.DateField("整改完成日期", null=True, blank=True)
    advice = models.TextField("对各单位的提示", blank=True)
    circulated_at = models.DateTimeField("通报时间", null=True, blank=True)
    circulated_by = models.CharField("通报岗位", max_length=120, blank=True)

    class Meta:
        verbose_name = "案件教训"
        verbose_name_plural = "案件教训"

    def __str__(self) -> str:
        return self.title

    @property
    def cause_words(self) -> str:
        """The causes in words."""
        labels = dict(self.Cause.choices)
        return "、".join(labels[code] for code in self.causes if code in labels)


class Caution(Record):
    """A warning notice 警示通报 in the to-do of one unit, which says that it looked at its own work."""

    KIND = "appeal_warning"

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="warnings", verbose_name="教训")
    # The case's unit stands in the parent's table, where no constraint of this one reaches.
    unit_of_warning = models.PositiveBigIntegerField(editable=False)
    self_check = models.TextField("本单位自查情况", blank=True)
    acknowledged_by = models.CharField("签收岗位", max_length=120, blank=True)
    acknowledged_at = models.DateTimeField("签收时间", null=True, blank=True)

    class Meta:
        verbose_name = "警示通报"
        verbose_name_plural = "警示通报"
        constraints = [models.UniqueConstraint(fields=["lesson", "unit_of_warning"], name="warning_unit")]

    def __str__(self) -> str:
        return self.title


class Precedent(Record):
    """A case of interest 典型案例 without anybody's data: the question, the rule, what was done, what came of it."""

    KIND = "precedent"

    request = models.ForeignKey(
        Request, models.PROTECT, null=True, blank=True, related_name="precedents", verbose_name="来源申请"
    )
    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, blank=True, related_name="precedents", verbose_name="来源案件"
    )
    question = models.TextField("争议问题", blank=True)
    rule = models.TextField("有关规定", blank=True)
    handling = models.TextField("办理经过", blank=True)
    result = models.TextField("结果", blank=True)
    points = models.TextField("办理要点", blank=True)
    keywords = models.CharField("关键词", max_length=120, blank=True)
    decision = models.CharField("答复类型", max_length=8, blank=True)
    area = models.CharField("所属领域", max_length=40, blank=True)
    appeal_sort = models.CharField("救济类型", max_length=16, choices=Appeal.Sort.choices, blank=True)
    outcome_group = models.CharField("救济结果", max_length=12, choices=GROUPS, blank=True)
    authors = models.JSONField("写过的人", default=list, blank=True)
    approved_by = models.CharField("审核岗位", max_length=120, blank=True)
    published_at = models.DateTimeField("入库时间", null=True, blank=True)
    # Readers outside see it only where the place allows it and somebody decided so.
    public = models.BooleanField("向社会公开", default=False)

    class Meta:
        verbose_name = "典型案例"
        verbose_name_plural = "典型案例"
        indexes = [models.Index(fields=["-published_at"], name="precedent_published")]

    def __str__(self) -> str:
        return self.title

    TEXTS = (
        ("question", "争议问题"),
        ("rule", "有关规定"),
        ("handling", "办理经过"),
        ("result", "结果"),
        ("points", "办理要点"),
    )

    def texts(self) -> dict[str, str]:
        """Label -> words of everything that readers see."""
        return {
            "标题": self.title,
            **{label: getattr(self, name) for name, label in self.TEXTS},
            "关键词": self.keywords,
        }

    def missing(self) -> list[str]:
        """Parts that are still empty."""
        return [label for name, label in self.TEXTS if not getattr(self, name).strip()]


class SpecialReview(Record):
    """A special supervision 专项督查 of how requests of some fields were handled in a period (001-15c)."""

    KIND = "special_review"

    areas = models.JSONField("领域", default=list)
    since = models.DateField("从")
    until = models.DateField("至")
    focus = models.TextField("检查重点", blank=True)
    conclusion = models.TextField("督查结论", blank=True)
    concluded_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "专项督查"
        verbose_name_plural = "专项督查"

    def __str__(self) -> str:
        return self.title

    @property
    def area_words(self) -> str:
        """The fields in words."""
        return "、".join(self.areas)

    def questions(self) -> dict[str, QuerySet]:
        """What the acts ask."""
        items = ReviewItem.objects.filter(review=self.pk)
        return {
            "items": items,
            "unchecked": items.filter(faulty__isnull=True),
            "unsent": items.filter(faulty=True, rectification__isnull=True),
            "rectifying": Rectification.objects.filter(review=self.pk).open(),
        }


class Rectification(Record):
    """What one unit has to put right after a special review, and what it did."""

    KIND = "review_rectification"

    review = models.ForeignKey(SpecialReview, models.PROTECT, related_name="rectifications", verbose_name="专项督查")
    demand = models.TextField("整改要求")
    answer = models.TextField("整改情况", blank=True)
    answered_at = models.DateTimeField("报送时间", null=True, blank=True)

    class Meta:
        verbose_name = "整改"
        verbose_name_plural = "整改"

    def __str__(self) -> str:
        return self.title


class ReviewItem(models.Model):
    """One request looked at in a special review, and what was found."""

    review = models.ForeignKey(SpecialReview, models.PROTECT, related_name="items")
    request = models.ForeignKey(Request, models.PROTECT, related_name="+", verbose_name="申请")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    faulty = models.BooleanField("有问题", null=True, blank=True)
    finding = models.CharField("发现", max_length=500, blank=True)
    checked_by = models.CharField("检查岗位", max_length=120, blank=True)
    checked_at = models.DateTimeField("检查时间", null=True, blank=True)
    rectification = models.ForeignKey(
        Rectification, models.PROTECT, null=True, blank=True, related_name="items", verbose_name="整改"
    )

    class Meta:
        ordering = ["id"]
        verbose_name = "抽查的申请"
        verbose_name_plural = "抽查的申请"
        constraints = [models.UniqueConstraint(fields=["review", "request"], name="review_item_unique")]

    def __str__(self) -> str:
        return f"{self.review_id} {self.request_id}"


class Exchange(Record):
    """An exchange of practice 业务交流 in a field in which requests are hard: announced to units, then recorded."""

    KIND = "practice_exchange"

    area = models.CharField("领域", max_length=40)
    held_on = models.DateField("日期")
    place = models.CharField("地点或者方式", max_length=120, blank=True)
    units = models.ManyToManyField(Unit, related_name="+", verbose_name="参加单位")
    agenda = models.TextField("交流内容")
    minutes = models.TextField("交流记录", blank=True)
    agreed = models.TextField("形成的做法", blank=True)

    class Meta:
        verbose_name = "业务交流"
        verbose_name_plural = "业务交流"

    def __str__(self) -> str:
        return self.title


__all__ = [
    "GROUPS",
    "Appeal",
    "Case",
    "Caution",
    "Exchange",
    "Hearing",
    "Lesson",
    "Precedent",
    "Rectification",
    "Result",
    "ReviewItem",
    "Ruling",
    "SpecialReview",
]
