"""Acts of a proposal: a body is asked to publish what many ask for, answers, publishes (003-29d)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import clocks, jurisdiction
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, DayField, ReasonForm, UnitField
from gongkai.core.models import CaseRelation, User
from gongkai.core.roles import STAFF, Role, anywhere, lead, supervisor
from gongkai.requests.acts.common import STAFF_OF_OWNER, day_words, supervising, text_area, today
from gongkai.requests.appeals import anonymous
from gongkai.requests.appeals.acts.common import home_unit
from gongkai.requests.conversion.acts import common
from gongkai.requests.conversion.models import HotTopic, ProposalPublication, TopicProposal

KIND = TopicProposal.KIND
DECIDERS = (*lead(Role.OFFICE, Role.OFFICER), *supervisor(Role.OFFICE))


class ProposeForm(ActForm):
    """Which topic, to whom, what should be published."""

    topic = forms.ModelChoiceField(
        label="热点", queryset=HotTopic.objects.none(), required=False, empty_label="不针对某个热点"
    )
    title = forms.CharField(label="建议公开什么", max_length=200)
    unit = UnitField(label="建议由哪个单位公开")
    area = forms.CharField(label="领域", max_length=40, required=False)
    reason = text_area("建议公开的内容和理由", rows=4, limit=2000, help_text="不写申请人的信息。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["topic"]
        field.queryset = HotTopic.objects.select_related("analysis").order_by("-analysis", "rank")
        if not self.is_bound:
            # Only the latest are offered; a topic's own page may name any.
            latest = HotTopic.objects.order_by("-analysis").values_list("analysis", flat=True).first()
            field.queryset = field.queryset.filter(analysis=latest)


class Propose(Act):
    """提出主动公开建议."""

    kind, name, label, icon = KIND, "propose", "提出主动公开建议", "lightbulb"
    creates = True
    permits = anywhere(Role.OFFICE, Role.OFFICER)
    form_class = ProposeForm

    def apply(self, work: Work) -> None:
        data = work.data
        anonymous.check({"建议公开什么": data["title"], "内容和理由": data["reason"]})
        topic: HotTopic | None = data["topic"]
        unit = data["unit"]
        case = TopicProposal(
            kind=KIND, state="proposed", title=f"主动公开建议：{data['title']}"[:300], unit=unit,
            supervisor=supervising(unit), lead=home_unit(work.user), topic=topic,
            area=data["area"] or (topic.area if topic else ""), words=topic.words if topic else [],
            example=topic.example if topic else "", asked=topic.number if topic else 0, reason=data["reason"],
            proposed_on=today(work.now),
        )  # fmt: skip
        plan = {
            "code": "answer",
            "name": "回复建议",
            "unit": "workday",
            "amount": jurisdiction.value("conversion.reply_workdays"),
            "basis": "公开工作要点：热点推送主动公开",
            "trigger": "提出建议",
        }
        work.open(case, clocks=[plan], summary=data["title"])
        work.words = data["reason"]
        work.notify(people_of(unit, *STAFF), f"{case.lead}建议主动公开：{data['title']}"[:200])


class AcceptForm(ActForm):
    """Where and when it will be published."""

    plan_column = forms.CharField(label="拟公开的栏目", max_length=120)
    plan_on = DayField(label="计划公开日期")
    plan_words = text_area("公开安排", rows=3, limit=1000, required=False)


class Accept(Act):
    """采纳."""

    kind, name, label, icon = KIND, "accept", "采纳，写明计划", "check"
    from_states = frozenset({"proposed"})
    to_state = "accepted"
    permits = STAFF_OF_OWNER
    form_class = AcceptForm
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        case: TopicProposal = work.case
        data = work.data
        common.check_ahead(data["plan_on"], work.now, "计划公开日期")
        case.plan_column, case.plan_on, case.plan_words = data["plan_column"], data["plan_on"], data["plan_words"]
        _answered(work)
        clocks.start(case, now=work.now, **common.date_plan("publish", "按计划公开", case.plan_on, "采纳时写明的计划"))
        work.summary = f"{day_words(case.plan_on)}前公开，栏目：{case.plan_column}"
        work.words = case.plan_words
        work.notify(_proposers(case), f"{case.unit}采纳了主动公开建议：{case.title}"[:200])


def _answered(work: Work) -> None:
    clock = clocks.get(work.case, "answer")
    if clock is not None and clock.is_open:
        clocks.stop(clock, work.now)


def _proposers(case: TopicProposal) -> Any:
    return people_of(case.lead or case.unit, Role.OFFICE, Role.OFFICER)


class Decline(Act):
    """提出不采纳."""

    kind, name, label, icon = KIND, "decline", "提出不采纳", "ban"
    from_states = frozenset({"proposed", "accepted"})
    to_state = "declining"
    permits = STAFF_OF_OWNER
    form_class = ReasonForm
    order = 40
    hint = "由提出建议的单位或者主管单位审定。"

    def apply(self, work: Work) -> None:
        case: TopicProposal = work.case
        case.declined_reason = work.words = work.data["reason"]
        anonymous.check({"原因": case.declined_reason})
        _answered(work)
        work.notify(_proposers(case), f"{case.unit}不采纳主动公开建议，请审定：{case.title}"[:200])


class Agree(Act):
    """同意不采纳."""

    kind, name, label, icon = KIND, "agree_decline", "同意不采纳", "check"
    from_states = frozenset({"declining"})
    to_state = "declined"
    permits = DECIDERS
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        work.case.outcome = "不采纳"
        for clock in work.case.clocks.all():
            if clock.is_open:
                clocks.cancel(clock, work.now)
        work.summary = work.case.declined_reason[:300]


class Insist(Act):
    """退回，仍应公开."""

    kind, name, label, icon = KIND, "insist", "退回，仍应公开", "undo-2"
    from_states = frozenset({"declining"})
    to_state = "proposed"
    permits = DECIDERS
    form_class = ReasonForm
    order = 20

    def apply(self, work: Work) -> None:
        case: TopicProposal = work.case
        work.words = work.data["reason"]
        clock = clocks.get(case, "answer")
        if clock is not None and not clock.is_open:
            clocks.reopen(clock, work.now)
        planned = clocks.get(case, "publish")
        if planned is not None:
            planned.delete()
        work.notify(people_of(case.unit, *STAFF), f"主动公开建议被退回，请重新回复：{case.title}"[:200])


class LinkForm(ActForm):
    """What was published for it."""

    publication = forms.CharField(
        label="政府信息", max_length=300, help_text="填编号，或者完整标题。还没有公开的，公开后自动办结。"
    )


class Link(Act):
    """关联公开的信息."""

    kind, name, label, icon = KIND, "link", "关联公开的信息", "link"
    from_states = frozenset({"proposed", "accepted", "published"})
    permits = STAFF_OF_OWNER
    form_class = LinkForm
    order = 20

    def apply(self, work: Work) -> None:
        case: TopicProposal = work.case
        found = common.find_publication(work.data["publication"], work.user)
        _, made = ProposalPublication.objects.get_or_create(proposal=case, publication=found)
        if not made:
            raise ActError("这条信息已经关联过了。")
        CaseRelation.objects.get_or_create(source_id=found.pk, target_id=case.pk, kind=CaseRelation.Kind.FOLLOWS)
        work.summary = f"{found.number}：{found.title}"[:300]
        if case.state == "published":
            return
        work.state = "accepted"
        _answered(work)
        at = common.public_since(found) if found.state == common.PUBLIC else None
        if at is not None:
            _published(work, at)


def _published(work: Work, at: Any) -> None:
    case: TopicProposal = work.case
    case.published_on = timezone.localdate(at)
    clock = clocks.get(case, "publish")
    if clock is not None and clock.is_open:
        clocks.stop(clock, max(at, clock.started_at) if clock.started_at else at)
    case.outcome = "已公开"
    work.state = "published"
    work.notify(_proposers(case), f"{case.unit}已按建议公开：{case.title}"[:200])


class Publish(Act):
    """已公开: by itself, when a linked publication becomes public."""

    kind, name, label, icon = KIND, "publish", "公开后自动办结", "badge-check"
    from_states = frozenset({"accepted"})
    system = True

    def apply(self, work: Work) -> None:
        _published(work, work.now)
        work.summary = f"{common.words_of_day(work.now)}公开"
