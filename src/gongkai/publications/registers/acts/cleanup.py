"""Acts of a clean-up of normative documents: launched, concluded unit by unit with counsel, approved, carried out."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.acts import Act, ActError, Work, people_of, perform
from gongkai.core.forms import ActForm, DayField, ReasonForm, WordsForm
from gongkai.core.models import User
from gongkai.core.roles import STAFF, Role, anywhere, owner, supervisor
from gongkai.publications import body, content, outward
from gongkai.publications.acts import common
from gongkai.publications.models import Publication, Validity
from gongkai.publications.registers.acts import campaigns
from gongkai.publications.registers.models import Cleanup, CleanupItem, CleanupShare

KIND = Cleanup.KIND
SHARE = CleanupShare.KIND
Outcome = CleanupItem.Outcome
IN_FORCE = (Validity.VALID, Validity.AMENDED)


class LaunchForm(campaigns.CampaignForm):
    """Up to which day documents are looked at."""

    until = DayField(label="清理到", help_text="这一天以前公布、现行有效的规范性文件都列入清理。")

    field_order = ("title", "until", "units", "due_on", "instruction")


class Launch(Act):
    """发起清理."""

    kind, name, label, icon = KIND, "launch", "发起规范性文件清理", "brush-cleaning"
    creates = True
    permits = anywhere(Role.OFFICE)
    form_class = LaunchForm
    hint = "每个单位收到一件任务，逐件提出继续有效、修改、废止或失效的结论。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        year = timezone.localdate().year
        return {"title": f"{year}年规范性文件清理", "until": dt.date(year, 12, 31)}

    def apply(self, work: Work) -> None:
        data = work.data
        units = campaigns.chosen_units(data["units"])
        due_on, plan = campaigns.deadline(work)
        campaign = Cleanup(
            kind=KIND,
            state="open",
            title=data["title"],
            unit=campaigns.office_of(work.user),
            until=data["until"],
            due_on=due_on,
            instruction=data["instruction"],
        )
        work.open(campaign, summary=f"{len(units)}个单位，清理到{common.day_words(data['until'])}")
        shares = {share.unit_id: share for share in campaigns.open_shares(work, campaign, units, CleanupShare, plan)}
        end = timezone.make_aware(dt.datetime.combine(data["until"] + dt.timedelta(days=1), dt.time()))
        found = Publication.objects.filter(
            unit__in=units, normative=True, current_version__isnull=False, validity__in=IN_FORCE, published_at__lt=end
        )
        CleanupItem.objects.bulk_create(
            [
                CleanupItem(share=shares[row.unit_id], publication_id=row.pk)
                for row in found.order_by("made_on", "id").only("unit")
            ],
            batch_size=500,
        )


class SumUp(Act):
    """汇总送审."""

    kind, name, label, icon = KIND, "sum_up", "汇总报批", "send"
    from_states = frozenset({"open", "returned"})
    to_state = "approval"
    permits = owner(Role.OFFICE)
    form_class = WordsForm
    expected = True
    order = 10
    hint = "批准后，各单位的结论立即执行，并起草结果公告。"

    def blocked(self, case: Any, user: User) -> str:
        left = case.known.get("open_shares", 0)
        return f"还有{left}个单位没有报送。" if left else ""

    def apply(self, work: Work) -> None:
        from gongkai.publications.registers.queries import cleanup_figures

        found = cleanup_figures(campaign=work.case.pk)
        work.record["figures"] = found
        work.words = work.data.get("words") or ""
        work.summary = figures_words(found)
        work.notify(people_of(work.case.unit, Role.LEADER), f"待批准：{work.case.title}")


def figures_words(found: dict[str, int]) -> str:
    """共12件，继续有效9件，修改1件，废止1件，失效1件."""
    parts = [f"{outcome.label}{found.get(outcome.value, 0)}件" for outcome in Outcome]
    return f"共{found['items']}件，{'，'.join(parts)}"


class ReturnSum(Act):
    """退回."""

    kind, name, label, icon = KIND, "return", "退回", "undo-2"
    from_states = frozenset({"approval"})
    to_state = "returned"
    permits = owner(Role.LEADER)
    form_class = ReasonForm
    order = 20

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.notify(people_of(work.case.unit, Role.OFFICE), f"被退回：{work.case.title}")


class ApproveForm(ActForm):
    """The opinion."""

    opinion = common.text_area("审定意见", rows=3, limit=1000, required=False)


class Approve(Act):
    """批准: the results are carried out, and the announcement is drafted."""

    kind, name, label, icon = KIND, "approve", "批准并执行", "circle-check"
    from_states = frozenset({"approval"})
    to_state = "applied"
    permits = owner(Role.LEADER)
    form_class = ApproveForm
    expected = True
    order = 10
    hint = "废止、失效的文件立即标注；继续有效的按结论延长有效期；结果公告作为稿件送审后公布。"

    def apply(self, work: Work) -> None:
        case: Cleanup = work.case
        items = CleanupItem.objects.filter(share__campaign=case.pk).select_related("publication", "share__unit")
        rows = list(items.order_by("share__unit__ordinal", "id"))
        for item in rows:
            item.applied = _apply(work, item)[:300]
        CleanupItem.objects.bulk_update(rows, ["applied"], batch_size=500)
        case.opinion = work.data["opinion"]
        case.applied_at = work.now
        case.outcome = "已执行"
        case.result = _announce(work, case, rows)
        failed = [item for item in rows if item.applied.startswith("没有")]
        work.words = work.data["opinion"]
        work.summary = f"执行{len(rows) - len(failed)}件" + (f"，{len(failed)}件须另行处理" if failed else "")


def _apply(work: Work, item: CleanupItem) -> str:
    """Carry out one conclusion by the document's own acts; what could not be done is said in words."""
    publication, reason = item.publication, item.reason
    if publication.state != "published":
        return f"没有执行：文件现在是“{publication.state_label}”"
    try:
        if item.outcome == Outcome.REPEAL:
            data = {"validity": Validity.REPEALED, "day": item.day or timezone.localdate(work.now), "reason": reason}
            work.perform("publication.change_validity", publication, data)
            return f"{common.day_words(data['day'])}起废止"
        if item.outcome == Outcome.LAPSE:
            work.perform(DeclareLapsed, publication, {"day": item.day, "reason": reason})
            return "已标注失效"
        if item.outcome == Outcome.CONTINUE and item.until is not None and publication.expires_on is not None:
            work.perform("publication.extend_validity", publication, {"until": item.until, "reason": reason})
            return f"有效期延长至{common.day_words(item.until)}"
    except ActError as problem:
        return f"没有执行：{problem}"
    return "列入修改计划" if item.outcome == Outcome.AMEND else "继续有效"


class LapseForm(ActForm):
    """From which day it is not in force any more."""

    day = DayField(label="失效日期", required=False)
    reason = common.text_area("原因", rows=2, limit=500)


class DeclareLapsed(Act):
    """宣布失效: by a clean-up, of a document whose purpose is fulfilled."""

    kind, name, label, icon = Publication.KIND, "declare_lapsed", "宣布失效", "calendar-x-2"
    from_states = frozenset({"published"})
    system = True
    form_class = LapseForm

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        day = work.data["day"] or timezone.localdate(work.now)
        case.expires_on = min(day - dt.timedelta(days=1), case.expires_on or dt.date.max)
        content.refresh(case)
        case.approved_digest = case.content_digest
        outward.mark(work, case)
        work.words = work.data["reason"]
        work.summary = f"{common.day_words(day)}起失效"


def _announce(work: Work, case: Cleanup, rows: list[CleanupItem]) -> Publication:
    """The list of results as a draft of the office, on its way through the usual review."""
    parts = [f"<p>根据清理结果，现将{escape(case.title)}的结论公布如下。</p>"]
    for number, outcome in zip("一二三四", Outcome, strict=True):
        found = [row for row in rows if row.outcome == outcome]
        parts.append(f"<h2>{number}、{outcome.label}的规范性文件（{len(found)}件）</h2>")
        if not found:
            parts.append("<p>无。</p>")
            continue
        lines = "".join(
            f"<tr><td>{at}</td><td>{escape(row.publication.title)}</td><td>{escape(row.publication.document_number)}</td>"
            f"<td>{escape(row.share.unit.name)}</td></tr>"
            for at, row in enumerate(found, 1)
        )
        parts.append(
            "<table><thead><tr><th>序号</th><th>文件名称</th><th>发文字号</th><th>制定机关</th></tr></thead>"
            f"<tbody>{lines}</tbody></table>"
        )
    values = {
        "unit": case.unit_id,
        "title": f"关于公布{case.title}结果的公告"[:300],
        "body": "".join(parts),
        "document_kind": "公告",
        "attribute": "proactive",
        "made_on": timezone.localdate(work.now).isoformat(),
        "subject": "综合政务\\政务公开",
    }
    writer = people_of(case.unit, *STAFF).first()
    if writer is None:
        raise ActError("政府办没有登记信息公开员或经办人，结果公告没有人起草。请先登记人员。")
    event = perform("publication.write", None, writer, values, now=work.now, consequence=True)
    return Publication.objects.get(pk=event.case_id)


# --- a unit's share ---------------------------------------------------------------------------------------------------


class DecideForm(campaigns.ItemsForm):
    """One conclusion for the documents chosen."""

    items = campaigns.choice_of_items(CleanupItem)  # type: ignore[assignment]
    outcome = forms.ChoiceField(label="清理结论", choices=Outcome.choices, widget=forms.RadioSelect)
    reason = common.text_area("理由", rows=3, limit=500)
    evaluation = forms.CharField(
        label="依据的评估结果", max_length=300, required=False, help_text="做过后评估的，写评估报告的名称或编号和结论。"
    )
    day = DayField(label="废止、失效日期", required=False, help_text="不填就是批准之日。")
    until = DayField(label="有效期延长至", required=False, help_text="继续有效、需要延长有效期的填写。")


class Decide(Act):
    """提出结论."""

    kind, name, label, icon = SHARE, "decide", "提出结论", "list-checks"
    from_states = frozenset({"open", "returned"})
    permits = owner(*STAFF)
    form_class = DecideForm
    order = 10

    def apply(self, work: Work) -> None:
        data = work.data
        items = _chosen(work, CleanupItem.objects.filter(share=work.case.pk), left={"outcome": ""})
        items.update(
            outcome=data["outcome"],
            reason=data["reason"],
            evaluation=data["evaluation"],
            day=data["day"] if data["outcome"] in (Outcome.REPEAL, Outcome.LAPSE) else None,
            until=data["until"] if data["outcome"] == Outcome.CONTINUE else None,
            decided_by=work.user.who if work.user else "系统",
            decided_at=work.now,
            # Counsel speaks of a conclusion; another conclusion is another question.
            counsel="",
            counsel_by="",
            counsel_at=None,
        )
        work.summary = f"{len(data['items'])}件{Outcome(data['outcome']).label}"
        work.words = data["reason"]


def _chosen(work: Work, rows: Any, left: dict[str, Any]) -> Any:
    """The items an act is about, as a queryset; their ids stay in the event. Raises ActError when there are none."""
    if work.data["all_left"]:
        ids = list(rows.filter(**left).order_by("id").values_list("pk", flat=True)[: campaigns.MOST_AT_ONCE])
    else:
        ids = [item.pk for item in work.data["items"]]
    if not ids:
        raise ActError("没有还要处理的文件。")
    work.data["items"] = ids
    return rows.filter(pk__in=ids)


class CounselForm(campaigns.ItemsForm):
    """What counsel says of the conclusions chosen."""

    items = campaigns.choice_of_items(CleanupItem)  # type: ignore[assignment]
    counsel = common.text_area("法律顾问意见", rows=4, limit=500, help_text="一事一议：写明同意或不同意，理由和建议。")


class Counsel(Act):
    """法律顾问意见: asked case by case, the part taken is recorded (000-7b)."""

    kind, name, label, icon = SHARE, "counsel", "提出法律意见", "scale"
    from_states = frozenset({"open", "returned"})
    permits = (*owner(Role.LEGAL), *supervisor(Role.LEGAL))
    form_class = CounselForm
    order = 20

    def apply(self, work: Work) -> None:
        rows = CleanupItem.objects.filter(share=work.case.pk).exclude(outcome="")
        items = _chosen(work, rows, left={"counsel": ""})
        number = items.update(
            counsel=work.data["counsel"], counsel_by=work.user.who if work.user else "系统", counsel_at=work.now
        )
        if not number:
            raise ActError("所选文件还没有清理结论。请等单位提出结论后再提意见。")
        work.summary = f"{number}件"
        work.words = work.data["counsel"]


class CompareForm(forms.Form):
    """The official text of one document."""

    item = forms.ModelChoiceField(label="文件", queryset=CleanupItem.objects.none(), empty_label=None)
    official = common.text_area(
        "国家规定库文本", rows=14, limit=400_000, help_text="从国家规章库、行政法规库复制全文粘贴。"
    )

    def prepare(self, case: Any, user: User | None) -> None:
        """Only documents of this share."""
        if case is not None:
            field: Any = self.fields["item"]
            field.queryset = CleanupItem.objects.filter(share=case.pk).select_related("publication")


class Compare(Act):
    """比对文本: with the copy of the official database (002-16)."""

    kind, name, label, icon = SHARE, "compare", "与官方库比对", "git-compare"
    from_states = frozenset({"open", "returned", "submitted"})
    permits = (*owner(*STAFF), *owner(Role.LEGAL, Role.REVIEWER), *supervisor(Role.OFFICE, Role.LEGAL))
    form_class = CompareForm
    order = 40
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known.get("items") else "没有列入清理的文件。"

    def apply(self, work: Work) -> None:
        item: CleanupItem = work.data["item"]
        item.official_text = work.data["official"]
        item.compared_at = work.now
        item.differences = sum(row.kind != "same" for row in compared(item))
        item.save(update_fields=["official_text", "compared_at", "differences"])
        work.data["official"] = body.digest(body.from_text(item.official_text).html)
        work.data["item"] = item.pk
        words = f"{item.differences}处不同" if item.differences else "一致"
        work.summary = f"{item.publication.title}：{words}"[:300]


def compared(item: CleanupItem) -> tuple[body.Row, ...]:
    """The document as it is public, beside the official text, paragraph by paragraph."""
    version = item.publication.current_version
    own = version.body if version is not None else item.publication.body
    return body.compare(body.from_text(item.official_text).html, body.from_text(body.to_text(own)).html)


class SubmitShare(Act):
    """报送."""

    kind, name, label, icon = SHARE, "submit", "报送清理结论", "send"
    from_states = frozenset({"open", "returned"})
    to_state = "submitted"
    permits = owner(*STAFF)
    expected = True
    order = 30
    hint = "由本单位负责人审定后报主管单位汇总。"

    def blocked(self, case: Any, user: User) -> str:
        return _gaps(case.known)

    def apply(self, work: Work) -> None:
        work.notify(people_of(work.case.unit, Role.LEADER, Role.REVIEWER), f"待审定：{work.case.title}")


def _gaps(known: dict[str, int]) -> str:
    if known.get("undecided"):
        return f"还有{known['undecided']}件没有结论。"
    if known.get("without_counsel") and jurisdiction.value("registers.counsel"):
        return f"还有{known['without_counsel']}件没有法律顾问意见。"
    return ""


class SettleShare(Act):
    """审定."""

    kind, name, label, icon = SHARE, "settle", "审定", "circle-check"
    from_states = frozenset({"submitted"})
    to_state = "done"
    permits = owner(Role.LEADER, Role.REVIEWER)
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        from gongkai.publications.registers.queries import cleanup_figures

        found = cleanup_figures(share=work.case.pk)
        work.record["figures"] = found
        work.summary = figures_words(found)
        work.case.outcome = "已审定"


class ReturnShare(Act):
    """退回."""

    kind, name, label, icon = SHARE, "return", "退回", "undo-2"
    from_states = frozenset({"submitted", "done"})
    to_state = "returned"
    permits = (*owner(Role.LEADER, Role.REVIEWER), *supervisor(Role.OFFICE))
    form_class = ReasonForm
    order = 20

    def blocked(self, case: Any, user: User) -> str:
        campaign = getattr(case, "campaign", None)
        return "清理结果已经执行。" if campaign is not None and campaign.state == "applied" else ""

    def apply(self, work: Work) -> None:
        from gongkai.core import clocks

        if work.case.campaign.state == "applied":
            raise ActError("清理结果已经执行，不能退回。")
        work.words = work.data["reason"]
        work.case.outcome = ""
        clock = clocks.get(work.case, "share")
        if clock is not None and not clock.is_open:
            clocks.reopen(clock, work.now)
        work.notify(common.staff(work.case.unit), f"被退回：{work.case.title}")
