"""Acts on what is public or filed: withdrawn, repealed, renewed, lapsed, its attribute decided anew."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import clocks, jurisdiction, notifications
from gongkai.core.acts import Act, ActError, Work, people_of, perform
from gongkai.core.forms import ActForm, DayField
from gongkai.core.models import User
from gongkai.core.roles import Role, owner
from gongkai.core.schedule import every
from gongkai.law import documents, validity
from gongkai.law.workdays import shift_months
from gongkai.publications import content, outward
from gongkai.publications.acts import common
from gongkai.publications.acts.common import KIND, OFFICE, STAFF_OF_OWNER
from gongkai.publications.models import Attribute, DocumentRelation, Publication, PublicDocument, Validity

IN_FORCE = ("", Validity.VALID, Validity.AMENDED)
WITHDRAWERS = (*STAFF_OF_OWNER, *owner(Role.LEADER, Role.SECRECY), *OFFICE)


class WithdrawForm(ActForm):
    """Why it is taken down; the public reads it."""

    reason = common.text_area(
        "撤回原因", rows=3, limit=300, help_text="原因会显示在原来的网址上，不要写个人信息和不宜公开的内容。"
    )
    successor = forms.CharField(
        label="替代文件", max_length=300, required=False, help_text="填发文字号、索引号或编号，读者会被指引过去。"
    )


class Withdraw(Act):
    """撤回: at once and everywhere."""

    kind, name, label, icon = KIND, "withdraw", "撤回", "ban"
    from_states = frozenset({"published", "draft", "returned", "review", "approved", "scheduled"})
    to_state = "withdrawn"
    permits = WITHDRAWERS
    form_class = WithdrawForm
    danger = True
    order = 90
    hide_blocked = True
    hint = "页面、附件、下载、检索、订阅和缓存立即清除，原网址只留撤回说明。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.is_public else "还没有公开，可以作废。"

    def apply(self, work: Work) -> None:
        from gongkai.publications import queries

        case: Publication = work.case
        words = work.data.get("successor", "").strip()
        successor = queries.find_document(words, work.user) if words else None
        if words and (successor is None or not successor.is_public or successor.pk == case.pk):
            raise ActError(f"没有找到已公开的“{words}”。请填写它的发文字号、索引号或编号，或者留空。")
        outward.hide(work, case, work.data["reason"], successor)
        case.withdrawn_at = work.now
        case.outcome = "已撤回"
        case.release_at = None
        case.steps.filter(round=case.round, decision="").delete()
        for clock in case.clocks.all():
            clocks.cancel(clock, work.now)
        work.words = work.data["reason"]


class ValidityForm(ActForm):
    """What it is from which day on, and by which document."""

    validity = forms.ChoiceField(
        label="有效性",
        choices=[
            (Validity.REPEALED, "废止"),
            (Validity.AMENDED, "已修改"),
            (Validity.VALID, "有效"),
        ],
        widget=forms.RadioSelect,
    )
    day = DayField(label="废止日期", required=False, help_text="废止的填写；从这一天起失去效力。")
    by = forms.CharField(
        label="依据的文件", max_length=300, required=False, help_text="修改或废止它的文件：发文字号、索引号或名称。"
    )
    reason = common.text_area("说明", rows=2, limit=300, required=False)

    def clean(self) -> dict[str, Any]:
        """A repeal has its day."""
        data = super().clean() or self.cleaned_data
        if data.get("validity") == Validity.REPEALED and not data.get("day"):
            self.add_error("day", "请填写废止日期。")
        return data


class ChangeValidity(Act):
    """变更有效性."""

    kind, name, label, icon = KIND, "change_validity", "变更有效性", "scale"
    from_states = frozenset({"published"})
    permits = (*owner(Role.REVIEWER, Role.LEADER), *STAFF_OF_OWNER)
    form_class = ValidityForm
    order = 50
    hint = "公开页面上的有效性标识、检索和文件库立即更新，并写入存证。"

    def apply(self, work: Work) -> None:
        from gongkai.publications import queries

        data, case = work.data, work.case
        words = (data.get("by") or "").strip()
        by = queries.find_document(words, work.user) if words else None
        set_validity(work, case, data["validity"], data.get("day"))
        work.words = data.get("reason") or ""
        work.summary = (
            f"{Validity(data['validity']).label}{'，' + common.day_words(data['day']) if data.get('day') else ''}"
        )
        if by is not None and by.pk != case.pk and data["validity"] != Validity.VALID:
            kind = "repeals" if data["validity"] == Validity.REPEALED else "amends"
            DocumentRelation.objects.get_or_create(source=by, target=case, kind=kind, outside="")
            outward.related(work, case, by)


def set_validity(work: Work, case: Publication, wanted: str, day: dt.date | None) -> None:
    """Repealed from a day, amended, or in force again."""
    case.repealed_on = day if wanted == Validity.REPEALED else None
    case.validity = wanted
    outward.mark(work, case)


class ExtendForm(ActForm):
    """Until when it stays in force, after an assessment."""

    until = DayField(label="有效期延长至")
    reason = common.text_area("评估结论", rows=3, limit=300)


class Extend(Act):
    """延长有效期: after an assessment, before it lapses."""

    kind, name, label, icon = KIND, "extend_validity", "延长有效期", "calendar-plus"
    from_states = frozenset({"published"})
    permits = STAFF_OF_OWNER
    form_class = ExtendForm
    order = 55
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        if case.expires_on is None:
            return "没有有效期。"
        return "已经废止。" if case.validity == Validity.REPEALED else ""

    def apply(self, work: Work) -> None:
        case, until = work.case, work.data["until"]
        if until <= timezone.localdate(work.now) or until <= case.expires_on:
            raise ActError(f"新的有效期要晚于今天，也要晚于原来的{common.day_words(case.expires_on)}。")
        before, case.expires_on = case.expires_on, until
        case.validity = ""
        content.refresh(case)
        case.approved_digest = case.content_digest
        outward.mark(work, case)
        work.words = work.data["reason"]
        work.summary = f"由{common.day_words(before)}延长至{common.day_words(until)}"


class Lapse(Act):
    """失效, by the system on the day after the last valid one; what is public lapses while an amendment is written."""

    kind, name, label, icon = KIND, "lapse", "失效", "calendar-x-2"
    from_states = frozenset({"published", "draft", "returned", "review", "approved", "scheduled"})
    system = True

    def apply(self, work: Work) -> None:
        row = outward.mark_day(work, work.case)
        if row is None:
            raise ActError("没有公开的版本。")
        repealed = row.validity == Validity.REPEALED
        work.summary = (
            f"{common.day_words(row.repealed_on)}起废止"
            if repealed
            else f"有效期至{common.day_words(row.expires_on)}，期满未延长"
        )
        work.notify(common.staff(work.case.unit), f"规范性文件已失效：{work.case.title}")


@every("publications.validity", minutes=10)
def validity_due(now: dt.datetime) -> int:
    """Documents whose term or repeal takes effect today, and notice to units some months before a lapse."""
    today = timezone.localdate(now)
    changed = 0
    for row in _ended(today):
        try:
            perform(Lapse, row.publication, None, now=now)
        except ActError:
            # Withdrawn in the same moment.
            continue
        changed += 1
    current = Publication.objects.filter(state="published", validity__in=[Validity.VALID, Validity.AMENDED])
    months = jurisdiction.value("publications.notice_months")
    horizon = shift_months(today, months)
    nearing = current.filter(normative=True, expires_on__gte=today, expires_on__lte=horizon).select_related("unit")
    for case in nearing[:500]:
        notifications.tell(
            people_of(case.unit, Role.OFFICER),
            f"{common.day_words(case.expires_on)}有效期届满，请评估是否延长：{case.title}",
            case=case,
            kind="validity",
            key=f"validity-{case.pk}-{case.expires_on}",
            now=now,
        )
    return changed


def _ended(today: dt.date) -> list[PublicDocument]:
    """Public documents whose last day is over or whose repeal has come; two questions, each read from its own index."""
    rows = PublicDocument.objects.select_related("publication").order_by("pk")
    # Named one by one, the index answers with a look for each.
    lapsed = rows.filter(validity__in=IN_FORCE, expires_on__lt=today)
    repealed = rows.filter(validity__in=[*IN_FORCE, Validity.LAPSED], repealed_on__lte=today)
    found = {row.pk: row for part in (lapsed, repealed) for row in part[:500]}
    return list(found.values())


class AttributeForm(ActForm):
    """The attribute decided anew."""

    attribute = forms.ChoiceField(label="公开属性", choices=Attribute.choices, widget=forms.RadioSelect)
    ground = forms.ChoiceField(
        label="不予公开情形",
        required=False,
        choices=[("", "请选择"), *((g.code, f"{g.label}（{g.article}）") for g in documents.GROUNDS)],
    )
    reason = common.text_area("理由", rows=3, limit=500, required=False)

    def clean(self) -> dict[str, Any]:
        """What is not proactively disclosed needs its reason."""
        data = super().clean() or self.cleaned_data
        if data.get("attribute") == Attribute.PROACTIVE:
            return data
        for fault in documents.gate(
            attribute=data.get("attribute", ""), ground=data.get("ground", ""), reason=data.get("reason", "")
        ):
            self.add_error("ground" if "情形" in fault.words else "reason", fault.words)
        return data


class ReviewAttribute(Act):
    """复查公开属性: information that was held back is looked at again and may be converted to publication."""

    kind, name, label, icon = KIND, "review_attribute", "复查公开属性", "refresh-cw"
    from_states = frozenset({"filed"})
    permits = (*STAFF_OF_OWNER, *owner(Role.REVIEWER))
    form_class = AttributeForm
    expected = True
    batch = True
    order = 10
    hint = "转为主动公开的，进入送审，批准后发布；维持不公开的，写明理由，到期再复查。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        if case is None:
            return {}
        return {"attribute": case.attribute, "ground": case.ground, "reason": case.reason}

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        before = case.get_attribute_display() or "未定"
        case.attribute = work.data["attribute"]
        proactive = case.attribute == Attribute.PROACTIVE
        case.ground, case.reason = ("", "") if proactive else (work.data["ground"], work.data["reason"])
        content.refresh(case)
        common.wrote(work)
        work.words = work.data["reason"]
        work.summary = f"{before} → {case.get_attribute_display()}"
        if proactive:
            work.state = "draft"
            case.outcome = ""
            case.review_on = None
            _conversion_clock(work, case)
            return
        case.outcome = case.get_attribute_display()
        months = jurisdiction.value("publications.review_months")
        case.review_on = shift_months(timezone.localdate(work.now), months)


def _conversion_clock(work: Work, case: Publication) -> None:
    """Information that became disclosable goes out within the limit, counted from the decision."""
    clocks.start(
        case,
        now=work.now,
        code=f"convert:{case.clocks.filter(code__startswith='convert:').count() + 1}",
        name="转主动公开期限",
        unit="workday",
        amount=jurisdiction.value("publications.workdays"),
        basis="《政府信息公开条例》第十八条、第二十六条",
    )


def term_end(case: Publication) -> dt.date | None:
    """The last valid day by the place's usual term, for documents that name none."""
    start = case.effective_on or case.made_on
    if start is None:
        return None
    years = validity.term_years(
        case.title,
        general=jurisdiction.value("publications.term_years"),
        trial=jurisdiction.value("publications.trial_years"),
    )
    return validity.last_valid_day(start, years)
