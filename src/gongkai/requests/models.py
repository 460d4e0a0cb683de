"""A request for disclosure 依申请公开 and what hangs on it: supplement, opinions, fee, reply, files, delivery.

The request itself is the case. What its clocks derive from (rounds of supplement, opinions asked, fee notices, extensions)
is kept as rows of its own, each written by an act and never changed afterwards except by the act that ends it.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models

from gongkai.core.models import Attachment, Case, Clock, Letter, Record, Unit
from gongkai.core.privacy.fields import FingerprintField, SealedJSONField, SealedTextField
from gongkai.core.roles import Role


class Channel(models.TextChoices):
    """How the request came in (申请渠道)."""

    WEB = "web", "网络"
    IN_PERSON = "in_person", "当面"
    POST = "post", "邮寄"
    ORDINARY_MAIL = "ordinary_mail", "平常信函"
    FAX = "fax", "传真"
    EMAIL = "email", "电子邮件"


class Category(models.TextChoices):
    """What the applicant is, as the annual table asks (申请人类型)."""

    NATURAL = "natural", "自然人"
    BUSINESS = "business", "商业企业"
    RESEARCH = "research", "科研机构"
    WELFARE = "welfare", "社会公益组织"
    LEGAL = "legal", "法律服务机构"
    OTHER = "other", "其他"


class Form(models.TextChoices):
    """The form in which the applicant wants the information (提供形式)."""

    ELECTRONIC = "electronic", "电子文件"
    PAPER = "paper", "纸质复印件"
    ON_SITE = "on_site", "到场查阅、抄录"


class Way(models.TextChoices):
    """How a letter reaches somebody (送达方式)."""

    ONLINE = "online", "网上送达"
    EMAIL = "email", "电子邮件"
    POST = "post", "邮寄"
    PICKUP = "pickup", "当面领取"
    ENTRUSTED = "entrusted", "委托送达"
    FAX = "fax", "传真"


class Request(Record):
    """One request (政府信息公开申请). Its unit is the body that was asked.

    Who asks is sealed; `applicant_label` is what lists show (李**). Lists, figures and the annual table stand on the plain
    columns alone.
    """

    KIND = "request"

    channel = models.CharField("申请渠道", max_length=16, choices=Channel.choices)
    category = models.CharField("申请人类型", max_length=12, choices=Category.choices)
    applicant_label = models.CharField("申请人", max_length=60, blank=True)
    # name, identity_kind, identity_number, credit_code, representative, contact, employer, address, postcode, phone, fax,
    # email, agent, agent_identity: the fields of the form; those that were not given are absent.
    applicant = SealedJSONField("申请人资料")
    # Keyed digests: the same person is found again without reading anybody's data.
    identity_mark = FingerprintField(db_index=False)
    phone_mark = FingerprintField(db_index=False)
    email_mark = FingerprintField(db_index=False)
    # The reader's key to the status page: its keyed digest, and the code itself, sealed, for the receipt.
    code_mark = FingerprintField(db_index=False)
    code = SealedTextField("查询码", blank=True)
    erased_at = models.DateTimeField("个人信息删除时间", null=True, blank=True)

    subject = models.CharField("信息名称或文号", max_length=300, blank=True)
    content = models.TextField("具体内容", max_length=4000)
    forms = models.JSONField("希望得到的形式", default=list)
    way = models.CharField("获取方式", max_length=12, choices=Way.choices, default=Way.ONLINE)
    accepts_other = models.BooleanField("接受其他形式", default=True)
    tell_by_email = models.BooleanField("有进展时邮件告知", default=False)

    # The day the paper or the form came in, and the day from which the law counts (T0 of the first receipt).
    arrived_at = models.DateTimeField("到达")
    entered_at = models.DateTimeField("录入")
    received_on = models.DateField("收到申请之日", null=True, blank=True)
    # T0 of the clock that runs now: receipt, supplement or payment.
    counted_from = models.DateField("起算日", null=True, blank=True)
    registered_at = models.DateTimeField("登记", null=True, blank=True)
    supplements = models.PositiveSmallIntegerField("补正次数", default=0)
    # 说明理由 was asked (art. 35), and what was thought of the answer.
    reasons_asked_on = models.DateField(null=True, blank=True)
    reasons_given_on = models.DateField(null=True, blank=True)
    reasons_accepted = models.BooleanField(null=True, blank=True)
    reasons_words = SealedTextField("申请人说明的理由", blank=True)
    # 延迟答复 (art. 35): reasons are good, the work cannot be done in time, a reasonable date was told.
    delayed_on = models.DateField("告知延迟之日", null=True, blank=True)
    delayed_until = models.DateField("延迟到", null=True, blank=True)
    # What was found of number and frequency (art. 35); None while nobody looked.
    excessive = models.BooleanField("数量、频次明显超过合理范围", null=True, blank=True)

    # The result, one leaf of the annual table.
    decision = models.CharField("答复类型", max_length=8, blank=True)
    replied_on = models.DateField("答复日期", null=True, blank=True)
    # What the annual table counts by; None until counted. Years are calendar years.
    counted_year = models.PositiveSmallIntegerField("计入收到年度", null=True, blank=True)
    result_year = models.PositiveSmallIntegerField("计入办结年度", null=True, blank=True)
    workdays_used = models.PositiveSmallIntegerField("用去工作日", null=True, blank=True)
    # Of the run that ended in the reply; None where nothing was to be judged.
    answered_in_time = models.BooleanField("按时答复", null=True, blank=True)
    contested = models.BooleanField("有复议诉讼", default=False)
    # Closed and not archived yet; kept by every act, so that what waits is counted without walking all that was closed.
    unfiled = models.BooleanField("等待归档", default=False)
    public_interest = models.CharField("可否转为主动公开", max_length=12, blank=True)
    area = models.CharField("所属领域", max_length=40, blank=True)

    # Where it came from: split off another request, moved from another body, made anew after a judgment.
    origin = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="descendants", verbose_name="来源申请"
    )
    origin_reason = models.CharField("来源", max_length=16, blank=True)
    # A reply made anew (重作) within the time that a decision or judgment ordered.
    ordered_workdays = models.PositiveSmallIntegerField("责令期限（工作日）", null=True, blank=True)
    ordered_by = models.CharField("责令重作的文书", max_length=200, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")

    class Meta:
        verbose_name = "政府信息公开申请"
        verbose_name_plural = "政府信息公开申请"
        indexes = [
            models.Index(
                fields=["identity_mark", "received_on"],
                name="request_identity",
                condition=~models.Q(identity_mark=""),
            ),
            models.Index(fields=["email_mark"], name="request_email", condition=~models.Q(email_mark="")),
            models.Index(fields=["result_year", "decision"], name="request_result"),
            models.Index(fields=["counted_year", "category"], name="request_counted"),
            models.Index(fields=["replied_on"], name="request_replied", condition=models.Q(replied_on__isnull=False)),
            models.Index(fields=["unfiled"], name="request_unfiled", condition=models.Q(unfiled=True)),
        ]

    # The time for asking a supplement bounds a choice; it never stands for the request in lists.
    QUIET_CLOCKS = frozenset({"supplement_notice"})

    def questions(self) -> dict[str, models.QuerySet]:
        """What the acts ask: what is waited for, what was allowed, what is drafted, found and sent."""
        from gongkai.requests import outstanding

        opinions = Consultation.objects.filter(request=self.pk, pauses=True)
        fees = Fee.objects.filter(request=self.pk)
        approvals = Approval.objects.filter(request=self.pk)
        rounds = Supplement.objects.filter(request=self.pk)
        deliveries = Delivery.objects.filter(request=self.pk)
        letters = outstanding.letters(deliveries)
        return {
            "supplements_unanswered": rounds.filter(answered_on__isnull=True),
            "supplements_unreceived": rounds.filter(received_on__isnull=True, state=Supplement.State.WAITING),
            "opinions_unanswered": opinions.filter(answered_on__isnull=True),
            "opinions_unreceived": opinions.filter(received_on__isnull=True, ended_on__isnull=True),
            "fees_waiting": fees.filter(state=Fee.State.WAITING),
            "fees_unreceived": fees.filter(state=Fee.State.WAITING, received_on__isnull=True),
            "fees_unpaid": fees.filter(paid_on__isnull=True).exclude(state=Fee.State.WAIVED),
            "fees_paid": fees.filter(state=Fee.State.PAID),
            "second_supplement_asked": approvals.filter(state=Approval.State.WAITING, kind=Approval.Kind.SUPPLEMENT),
            "second_supplement_granted": approvals.filter(state=Approval.State.GRANTED, kind=Approval.Kind.SUPPLEMENT),
            "meetings_open": Meeting.objects.filter(request=self.pk, recorded_at__isnull=True),
            "replies": Reply.objects.filter(request=self.pk),
            "replies_signed": Reply.objects.filter(request=self.pk, letter__isnull=False),
            "materials": Material.objects.filter(request=self.pk),
            "letters_waiting": outstanding.apart(deliveries),
            "letters_sent": deliveries.filter(sent_on__isnull=False),
            "letters_unreceived": letters.filter(sent_on__isnull=False, received_on__isnull=True),
            "redos_open": Request.objects.filter(origin=self.pk, origin_reason="redo", closed_at__isnull=True),
        }

    def lay_clocks(self, now: dt.datetime) -> None:
        """Derive the clocks anew, as after a change of the calendar."""
        from gongkai.requests import clocks

        clocks.lay_anew(self, now)

    def refine_turn(self) -> None:
        """While a reply is reviewed it is the turn of the step's role, in the step's unit."""
        if self.state != "review":
            return
        steps = ReplyStep.objects.select_related("unit").filter(reply__request=self.pk, decision="")
        step = steps.order_by("-round", "position").first()
        if step is not None:
            self.turn_unit, self.turn_role, self.ask = step.unit or self.unit, step.role, step.ask

    def facts(self) -> list[tuple[str, str]]:
        """What the head of the page says beside the case's own facts."""
        return [("申请人", self.applicant_label), ("渠道", self.get_channel_display())]

    @property
    def wanted(self) -> str:
        """What is asked for, in one line."""
        return self.subject or self.content[:60]


class Supplement(models.Model):
    """One round of 补正: what was missing, until when, what came."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待补正"
        ANSWERED = "answered", "已补正"
        LAPSED = "lapsed", "逾期未补正"

    request = models.ForeignKey(Request, models.PROTECT, related_name="supplement_rounds")
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="+")
    items = models.TextField("需要补正的内容", max_length=3000)
    asked_on = models.DateField("发出日期")
    received_on = models.DateField("申请人收到日期", null=True, blank=True)
    workdays = models.PositiveSmallIntegerField("补正期限（工作日）")
    due_on = models.DateField("补正最后一日", null=True, blank=True)
    # Often a number of an identity card, an address: sealed, and erased with the rest.
    answer = SealedTextField("补正内容", blank=True)
    answered_on = models.DateField("收到补正日期", null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)

    class Meta:
        ordering = ["id"]
        verbose_name = "补正"
        verbose_name_plural = "补正"

    def __str__(self) -> str:
        return f"{self.request_id} {self.state}"


class Consultation(models.Model):
    """Somebody else is asked: a third party, a body that made the information too, another department, counsel."""

    class Kind(models.TextChoices):
        THIRD_PARTY = "third_party", "征求第三方意见"
        CO_MAKER = "co_maker", "征求共同制作机关意见"
        ASSISTANCE = "assistance", "请协办单位查找"
        MEETING = "meeting", "部门会商"
        COUNSEL = "counsel", "法律顾问意见"

    class Answer(models.TextChoices):
        AGREED = "agreed", "同意公开"
        OBJECTED = "objected", "不同意公开"
        SILENT = "silent", "逾期未答复"
        GIVEN = "given", "已答复"
        UNREACHABLE = "unreachable", "无法联系"

    request = models.ForeignKey(Request, models.PROTECT, related_name="consultations")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # A body of this platform, or sealed name, contact and address of somebody outside.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    party = SealedJSONField("征求对象")
    party_label = models.CharField("征求对象", max_length=120)
    matter = models.TextField("征求意见的内容", max_length=3000)
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="+")
    # Whether the time counts towards the reply: opinions of arts. 32 and 34 stop the clock, help inside does not.
    pauses = models.BooleanField("是否暂停答复期限", default=False)
    sent_on = models.DateField("发出日期")
    received_on = models.DateField("对方收到日期", null=True, blank=True)
    due_on = models.DateField("答复最后一日", null=True, blank=True)
    answer = models.CharField(max_length=12, choices=Answer.choices, blank=True)
    reasons = SealedTextField("意见和理由", blank=True)
    answered_on = models.DateField("答复日期", null=True, blank=True)
    # The day until which the clock stood still: of the answer, or the last day.
    ended_on = models.DateField("暂停到", null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    meeting = models.ForeignKey(
        "requests.Meeting", models.PROTECT, null=True, blank=True, related_name="consultations", verbose_name="会商"
    )

    class Meta:
        ordering = ["id"]
        verbose_name = "征求意见"
        verbose_name_plural = "征求意见"
        indexes = [
            models.Index(
                fields=["unit", "due_on"], name="request_opinion_open", condition=models.Q(answered_on__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.party_label}"


class Meeting(models.Model):
    """部门会商: whom, when and where, and what came of it. Each department invited has a consultation of its own."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="meetings")
    topic = models.TextField("会商事项", max_length=2000)
    held_on = models.DateField("会商日期")
    place = models.CharField("地点或者方式", max_length=200)
    attended = models.CharField("参加单位", max_length=500, blank=True)
    minutes = models.TextField("会商记录", max_length=4000, blank=True)
    result = models.TextField("会商结论", max_length=2000, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "部门会商"
        verbose_name_plural = "部门会商"

    def __str__(self) -> str:
        return f"{self.request_id} {self.held_on}"


class Help(Record):
    """What another unit (or the counsel) was asked, as a matter of its own in their to-do. It never says who applied."""

    KIND = "request_help"

    consultation = models.OneToOneField(Consultation, models.PROTECT, related_name="help", verbose_name="征求意见")
    sort = models.CharField("类别", max_length=12, choices=Consultation.Kind.choices)
    question = models.TextField("请求事项", max_length=3000)
    answer_words = SealedTextField("答复", blank=True)

    class Meta:
        verbose_name = "协办事项"
        verbose_name_plural = "协办事项"

    def refine_turn(self) -> None:
        """Counsel answers itself."""
        if self.is_open and self.sort == Consultation.Kind.COUNSEL:
            self.turn_role, self.ask = Role.LEGAL, "提出法律意见"


class Approval(models.Model):
    """What the leader has to allow: more time (延期), or asking for a second supplement."""

    class Kind(models.TextChoices):
        EXTENSION = "extension", "延长答复期限"
        SUPPLEMENT = "supplement", "再次要求补正"

    class State(models.TextChoices):
        WAITING = "waiting", "待批"
        GRANTED = "granted", "已批准"
        REFUSED = "refused", "未批准"

    request = models.ForeignKey(Request, models.PROTECT, related_name="approvals")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    workdays = models.PositiveSmallIntegerField("工作日", null=True, blank=True)
    reason = models.TextField("理由", max_length=500)
    asked_on = models.DateField("报批日期")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    # Where the request goes back to once it is decided.
    state_before = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    decided_on = models.DateField("批准日期", null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    words = models.CharField("意见", max_length=500, blank=True)
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        verbose_name = "报批"
        verbose_name_plural = "报批"

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind} {self.state}"


class Fee(models.Model):
    """A fee notice (收费通知) and what became of it. Amounts are whole yuan."""

    class Basis(models.TextChoices):
        ITEMS = "items", "按件计收"
        PAGES = "pages", "按量计收"

    class State(models.TextChoices):
        WAITING = "waiting", "待缴费"
        PAID = "paid", "已缴费"
        LAPSED = "lapsed", "逾期未缴费"
        WAIVED = "waived", "已减免"
        REFUNDED = "refunded", "已退费"

    request = models.ForeignKey(Request, models.PROTECT, related_name="fees")
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="+")
    basis = models.CharField("计收方式", max_length=6, choices=Basis.choices)
    count = models.PositiveIntegerField("件数或页数")
    amount = models.PositiveIntegerField("金额（元）")
    explanation = models.TextField("计算过程", blank=True)
    reason = models.CharField("减免或退费原因", max_length=300, blank=True)
    noticed_on = models.DateField("发出日期")
    received_on = models.DateField("申请人收到日期", null=True, blank=True)
    due_on = models.DateField("缴费最后一日", null=True, blank=True)
    paid_on = models.DateField("缴费日期", null=True, blank=True)
    receipt_number = models.CharField("财政票据号", max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)

    class Meta:
        ordering = ["id"]
        verbose_name = "信息处理费"
        verbose_name_plural = "信息处理费"
        indexes = [models.Index(fields=["state", "paid_on"], name="request_fee_state")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.amount}"


class Search(models.Model):
    """A record that was searched for (检索记录): the proof behind “信息不存在”."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="searches")
    place = models.CharField("检索范围", max_length=300)
    method = models.CharField("检索方法", max_length=300)
    searched_on = models.DateField("检索日期")
    searcher = models.CharField("检索人（岗位）", max_length=60)
    result = models.TextField("检索结果", max_length=2000)
    found = models.BooleanField("是否找到", default=False)

    class Meta:
        ordering = ["id"]
        verbose_name = "检索记录"
        verbose_name_plural = "检索记录"

    def __str__(self) -> str:
        return self.place


class Reply(models.Model):
    """The reply as it is drafted, reviewed and signed. What was approved is the content with this digest and no other."""

    request = models.OneToOneField(Request, models.PROTECT, related_name="reply")
    decision = models.CharField("答复类型", max_length=8)
    # The five questions as they were answered: question -> answer.
    answers = models.JSONField("判断过程", default=dict)
    # What the law wants stated for this decision: name -> words. May hold what only the applicant may read.
    statements = SealedJSONField("应当写明的内容")
    earlier = models.ForeignKey(
        Request, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="此前答复的申请"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="拟稿人")
    # Everybody who wrote at it: none of them reviews it.
    authors = models.JSONField(default=list)
    digest = models.CharField("送审内容摘要", max_length=64, blank=True)
    round = models.PositiveSmallIntegerField("送审轮次", default=0)
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField("签发", null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "答复"
        verbose_name_plural = "答复"

    def __str__(self) -> str:
        return f"{self.request_id} {self.decision}"


class ReplyStep(models.Model):
    """One step of one round of review of a reply."""

    class Decision(models.TextChoices):
        PASSED = "passed", "通过"
        RETURNED = "returned", "退回"

    reply = models.ForeignKey(Reply, models.PROTECT, related_name="steps")
    round = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=20, choices=[(role.value, role.label) for role in Role])
    # Where the role is held: in the body itself, else in the office above it.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    # The content that was decided on: a step holds for exactly this.
    digest = models.CharField(max_length=64, blank=True)
    words = SealedTextField("意见", blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["round", "position"]
        verbose_name = "答复审核"
        verbose_name_plural = "答复审核"
        constraints = [models.UniqueConstraint(fields=["reply", "round", "position"], name="reply_step_unique")]

    def __str__(self) -> str:
        return f"{self.reply_id} {self.round}.{self.position}"

    @property
    def ask(self) -> str:
        """What this step asks for, as to-do lists say it."""
        words = {Role.SECRECY: "对答复作保密审查", Role.LEGAL: "对答复作合法性审核", Role.LEADER: "签发答复"}
        return words.get(Role(self.role), "审核答复")


class Material(models.Model):
    """A file that was found for a request: given whole, given with parts masked, or withheld."""

    class Treatment(models.TextChoices):
        OPEN = "open", "待定"
        GIVEN = "given", "提供"
        MASKED = "masked", "遮盖后提供"
        WITHHELD = "withheld", "不提供"

    request = models.ForeignKey(Request, models.PROTECT, related_name="materials")
    title = models.CharField("名称", max_length=200)
    original = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="原件")
    # What goes out when parts are masked; made from the original, proved to hold nothing of what was masked.
    masked = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="遮盖后的文件"
    )
    treatment = models.CharField("处理", max_length=10, choices=Treatment.choices, default=Treatment.OPEN)
    ground = models.CharField("不提供的依据", max_length=8, blank=True)
    reason = models.TextField("理由", max_length=1000, blank=True)
    pages = models.PositiveIntegerField("页数", default=0)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = "材料"
        verbose_name_plural = "材料"

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """A letter on its way (送达): how, when, and the proof. The reply's day is the day it was handed over, posted or sent."""

    class Addressee(models.TextChoices):
        APPLICANT = "applicant", "申请人"
        THIRD_PARTY = "third_party", "第三方"
        BODY = "body", "其他机关"

    request = models.ForeignKey(Request, models.PROTECT, related_name="deliveries")
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="deliveries")
    addressee = models.CharField(max_length=12, choices=Addressee.choices, default=Addressee.APPLICANT)
    way = models.CharField("送达方式", max_length=12, choices=Way.choices)
    sent_on = models.DateField("交邮、发出或交付日期", null=True, blank=True)
    received_on = models.DateField("签收日期", null=True, blank=True)
    tracking_number = models.CharField("邮件号", max_length=60, blank=True)
    remark = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "送达"
        verbose_name_plural = "送达"
        indexes = [
            models.Index(fields=["sent_on"], name="request_delivery_open", condition=models.Q(sent_on__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.way}"


class Message(models.Model):
    """What the applicant wrote on the status page, or what was told there (补充说明、告知)."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="messages")
    from_applicant = models.BooleanField()
    text = SealedTextField("内容")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = "往来留言"
        verbose_name_plural = "往来留言"

    def __str__(self) -> str:
        return f"{self.request_id} {self.at}"


class Draft(models.Model):
    """An application that somebody is filling in: sealed, found by the digest of a random cookie, forgotten after a day."""

    key = models.CharField(max_length=64, unique=True)
    content = SealedJSONField("已填写的内容")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)
    # Told when the draft is read for a page.
    with_files = False

    class Meta:
        verbose_name = "申请草稿"
        verbose_name_plural = "申请草稿"

    def __str__(self) -> str:
        return f"{self.pk}"


class DraftFile(models.Model):
    """A file that waits with a draft; its content lies sealed in the store."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    name = SealedTextField("文件名")
    digest = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField("大小")
    content_type = models.CharField("类型", max_length=120)

    class Meta:
        ordering = ["id"]
        verbose_name = "草稿附件"
        verbose_name_plural = "草稿附件"

    def __str__(self) -> str:
        return f"{self.pk}"


class MailLink(models.Model):
    """A link that was sent to a mailbox and shows its requests once; kept as a digest, with the mark of the address."""

    secret = models.CharField(max_length=64, unique=True)
    email_mark = FingerprintField(db_index=False)
    created_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "邮箱查询链接"
        verbose_name_plural = "邮箱查询链接"

    def __str__(self) -> str:
        return f"{self.pk}"


class Submission(models.Model):
    """A form that was sent: the same form sent twice (a double click, a retry after a fault) is one request."""

    key_mark = FingerprintField(unique=True, db_index=False, blank=False)
    content_mark = FingerprintField(db_index=False)
    request = models.OneToOneField(Request, models.PROTECT, related_name="submission")

    class Meta:
        verbose_name = "提交记录"
        verbose_name_plural = "提交记录"

    def __str__(self) -> str:
        return f"{self.request_id}"


class Wording(models.Model):
    """One band of the signature of a request's words: requests that share a band may be alike."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="wordings")
    band = models.BigIntegerField()

    class Meta:
        verbose_name = "文字特征"
        verbose_name_plural = "文字特征"
        indexes = [models.Index(fields=["band", "-id"], name="request_wording_band")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.band}"


class Resemblance(models.Model):
    """An earlier request that this one resembles: shown by the machine, judged by people."""

    class Finding(models.TextChoices):
        OPEN = "", "未判断"
        SAME = "same", "属于重复申请"
        RELATED = "related", "内容相关"
        DIFFERENT = "different", "不是同一事项"

    request = models.ForeignKey(Request, models.CASCADE, related_name="resemblances")
    earlier = models.ForeignKey(Request, models.CASCADE, related_name="+")
    same_applicant = models.BooleanField("同一申请人")
    percent = models.PositiveSmallIntegerField("内容相似度")
    finding = models.CharField("判断", max_length=10, choices=Finding.choices, blank=True, default=Finding.OPEN)
    words = models.CharField("判断理由", max_length=500, blank=True)

    class Meta:
        ordering = ["-same_applicant", "-percent", "id"]
        verbose_name = "相似申请"
        verbose_name_plural = "相似申请"
        constraints = [models.UniqueConstraint(fields=["request", "earlier"], name="resemblance_unique")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.earlier_id} {self.percent}"


__all__ = [
    "Approval",
    "Case",
    "Category",
    "Channel",
    "Clock",
    "Consultation",
    "Delivery",
    "Draft",
    "DraftFile",
    "Fee",
    "Form",
    "Help",
    "MailLink",
    "Material",
    "Meeting",
    "Message",
    "Reply",
    "ReplyStep",
    "Request",
    "Resemblance",
    "Search",
    "Submission",
    "Supplement",
    "Way",
    "Wording",
]
