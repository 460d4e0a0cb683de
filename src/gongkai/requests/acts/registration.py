"""After a request came in: registered and given to a handler, or moved, split, merged, withdrawn; and what resembles it.

Moving and splitting are rules of this product, told to the applicant each time. A request moves to another body only while
nobody was asked anything yet and within the days of `requests.transfer_workdays`; unless the place decides otherwise the
reply is counted from the first receipt, so that nobody waits longer for it. The parts of a split request keep the day of
receipt and are counted one by one; the request they came from is not counted any more.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from gongkai.core import calendars, jurisdiction
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, DayField, PersonField, UnitField
from gongkai.core.models import Attachment, Unit, User
from gongkai.core.roles import STAFF, Role
from gongkai.law.requests.likeness import several_matters
from gongkai.requests import clocks, decisions, duplicates, letters
from gongkai.requests.acts import common, submission
from gongkai.requests.acts.common import (
    EARLY,
    KIND,
    OFFICER_OF_OWNER,
    STAFF_OF_OWNER,
    WORKING,
    check_day,
    close_with,
    day_words,
    tell_applicant,
    text_area,
    today,
)
from gongkai.requests.acts.handling import send_along
from gongkai.requests.forms import FewFilesField, asked_units, plain
from gongkai.requests.models import Category, Request, Resemblance

IDENTITY = [
    ("complete", "已核对，身份证明和联系方式齐全"),
    ("lacking", "不齐全或者有误，另请申请人补正"),
]
MOST_PARTS = 10
SPLIT, TRANSFER = "split", "transfer"


def areas() -> list[str]:
    """The fields of life by which requests are sorted here."""
    text = str(jurisdiction.value("requests.areas")).replace("，", ",")
    return [word.strip()[:40] for word in text.split(",") if word.strip()]


# --- registering ------------------------------------------------------------------------------------------------------


class RegisterForm(ActForm):
    """What the review of a request that came in settles."""

    area = forms.ChoiceField(label="所属领域")
    handler = PersonField(label="经办人")
    identity = forms.ChoiceField(label="身份证明", choices=IDENTITY, widget=forms.RadioSelect)
    category = forms.ChoiceField(
        label="申请人类型", choices=Category.choices, required=False, help_text="年度报告按它统计，请核对。"
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        fields: dict[str, Any] = self.fields
        fields["area"].choices = [("", "请选择"), *((word, word) for word in areas())]
        fields["handler"].queryset = people_of(case.unit, *STAFF)


class Register(Act):
    """登记审查: area, handler, proof of identity; then it is handled (004-7)."""

    kind, name, label, icon = KIND, "register", "登记", "clipboard-check"
    from_states = frozenset({"received"})
    to_state = "handling"
    permits = STAFF_OF_OWNER
    form_class = RegisterForm
    expected = True
    order = 10
    hint = "状态变为“办理中”，由经办人办理。内容不明确、身份证明不齐的，接着办“要求补正”。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"category": case.category, "area": case.area} if case is not None else {}

    def describe(self, case: Any, user: User) -> str:
        matters, alike = several_matters(case.content), duplicates.open_count(case)
        said = [f"内容看起来有{len(matters)}件事，可以“分拆办理”。"] if matters else []
        said += [f"有{alike}件相似的申请，请先看一看。"] if alike else []
        place = counts(case)["place"]
        if place > jurisdiction.value("requests.excessive_in_month"):
            said.append(f"这是该申请人本月的第{place}件，请“判断数量频次”。")
        return "".join([*said, self.hint])

    def apply(self, work: Work) -> None:
        case: Request = work.case
        case.registered_at = work.now
        case.area, case.handler = work.data["area"], work.data["handler"]
        case.category = work.data["category"] or case.category
        duplicates.refresh(case)
        proof = dict(IDENTITY)[work.data["identity"]]
        work.summary = f"{case.area}，经办人：{case.handler}；身份证明：{proof}"
        work.notify([case.handler], f"申请{case.number}由你办理，{due_words(case)}。")


def due_words(case: Request) -> str:
    """By when the reply is due."""
    due = submission.due_day(case)
    return f"最晚{day_words(due)}答复" if due else "答复期限还没有起算"


class AssignForm(ActForm):
    """To whom."""

    handler = PersonField(label="新的经办人")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        handler: Any = self.fields["handler"]
        handler.queryset = people_of(case.unit, *STAFF).exclude(pk=case.handler_id)


class Assign(Act):
    """转经办人."""

    kind, name, label, icon = KIND, "assign", "转经办人", "users"
    from_states = WORKING - {"received"}
    permits = STAFF_OF_OWNER
    form_class = AssignForm
    batch = True
    order = 80
    hint = "转办后，待办出现在新的经办人名下，期限不变。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        case.handler = work.data["handler"]
        work.summary = f"转给{case.handler}"
        work.notify([case.handler], f"申请{case.number}转给你办理，{due_words(case)}。")


# --- moving and splitting ---------------------------------------------------------------------------------------------


def untouched(case: Request) -> str:
    """Why a request can no longer be moved or split: somebody was asked already. Empty when it can."""
    if case.supplement_rounds.exists() or case.consultations.filter(pauses=True).exists() or case.fees.exists():
        return "已经要求补正、征求意见或者收费，不能再转送、分拆。请作出答复。"
    return ""


def copied(case: Request, unit: Unit, reason: str, **more: Any) -> Request:
    """A new request that goes on from another one: same applicant, same days, same query code. Not saved yet."""
    same = (
        "channel", "category", "applicant", "applicant_label", "identity_mark", "phone_mark", "email_mark", "code",
        "code_mark", "subject", "content", "forms", "way", "accepts_other", "tell_by_email", "arrived_at", "entered_at",
        "received_on", "area", "title", "state",
    )  # fmt: skip
    values = {name: getattr(case, name) for name in same}
    return Request(
        kind=KIND,
        unit=unit,
        supervisor=common.supervising(unit),
        origin=case,
        origin_reason=reason,
        **{**values, **more},
    )


def copy_files(case: Request, new: Request) -> int:
    """What came with a request goes along; the content lies in the store once. Returns how many."""
    event = new.events.order_by("sequence").first()
    rows = [
        Attachment(
            case=new, event=event, digest=file.digest, name=file.name, size=file.size, content_type=file.content_type,
            remark=file.remark, sealed=file.sealed, private_name=file.private_name, uploaded_by_id=file.uploaded_by_id,
        )
        for file in case.attachments.filter(erased_at__isnull=True).order_by("pk")
    ]  # fmt: skip
    return len(Attachment.objects.bulk_create(rows))


def leave(work: Work, outcome: str) -> None:
    """The request goes on elsewhere: it is closed here and counted there."""
    case: Request = work.case
    clocks.ended(case, work.now)
    case.outcome, case.counted_year, case.result_year = outcome[:40], None, None


class TransferForm(ActForm):
    """To which body, and why."""

    unit = UnitField(label="转送机关", queryset=Unit.objects.none(), empty_label="请选择机关")
    reason = text_area(
        "转送理由", rows=3, limit=300, help_text="会写进给申请人的告知书。写明这些信息为什么由该机关负责公开。"
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        unit: Any = self.fields["unit"]
        unit.queryset = asked_units().exclude(pk=case.unit_id)


class Transfer(Act):
    """转送: another body answers for this information; the applicant is told by letter and on the status page."""

    kind, name, label, icon = KIND, "transfer", "转送其他机关", "forward"
    from_states = EARLY
    to_state = "moved"
    permits = OFFICER_OF_OWNER
    form_class = TransferForm
    private = frozenset({"reason"})
    order = 70
    hint = "申请转到该机关登记答复，同时向申请人发转送告知书；查询码不变。"

    def blocked(self, case: Any, user: User) -> str:
        """Not once somebody was asked: a body that has begun with a request answers it."""
        return untouched(case)

    def _too_late(self, case: Request, now: dt.datetime) -> str:
        if case.received_on is None:
            return ""
        days = jurisdiction.value("requests.transfer_workdays")
        last = calendars.current().add_workdays(case.received_on, days)
        if today(now) > last:
            return f"收到申请已超过{days}个工作日，不能再转送。请答复申请人，告知负责公开的机关和联系方式。"
        return ""

    def apply(self, work: Work) -> None:
        case: Request = work.case
        if late := self._too_late(case, work.now):
            raise ActError(late)
        unit: Unit = work.data["unit"]
        anew: dict[str, Any] = {"state": "received" if case.received_on else "unconfirmed", "area": ""}
        if case.received_on and jurisdiction.value("requests.transfer_counts_from") == TRANSFER:
            anew |= {"received_on": today(work.now), "arrived_at": work.now, "entered_at": work.now}
        new = copied(case, unit, TRANSFER, **anew)
        submission.open_on(work, new, summary=f"由{case.unit}转送", origin=case.number, received_on=new.received_on)
        copy_files(case, new)
        leave(work, f"转送{unit}")
        told_of = letters.issue(
            work, "transfer", moved_on=today(work.now), reason=work.data["reason"],
            body=f"{unit.name}（{letters.contact_of(unit)}）",
            next=f"新的登记号是{new.number}，查询码不变，今后的进度请向该机关查询",
        )  # fmt: skip
        send_along(work, told_of)
        if new.received_on is not None:
            submission.issue_receipt(work, new)
        told = f"您的申请转送{unit.name}办理，新的登记号是{new.number}，查询码不变。{due_words(new)}。"
        for one in (case, new):
            tell_applicant(one, told, work.now)
        work.summary = f"转送{unit}，新的登记号{new.number}"
        work.record["new"] = new.number
        work.notify(people_of(unit, Role.OFFICER), f"{case.unit}转来申请{new.number}，请登记并审查。")


class SplitForm(ActForm):
    """The parts, one a line."""

    parts = text_area(
        "各件内容", rows=8, limit=8000, help_text=f"一行一件，2到{MOST_PARTS}件。每件单独登记、单独答复，收到日期不变。"
    )

    def clean_parts(self) -> list[str]:
        """Each line is a request of its own."""
        parts = [line for line in (plain(line) for line in self.cleaned_data["parts"].splitlines()) if line]
        if not 2 <= len(parts) <= MOST_PARTS:
            raise forms.ValidationError(f"请写2到{MOST_PARTS}件，一行一件。")
        if len(set(parts)) < len(parts):
            raise forms.ValidationError("有两行内容一样。请合并或者改写。")
        return parts


class Split(Act):
    """分拆办理 (一事一申请): each matter becomes a request of its own, counted each, with the same day of receipt."""

    kind, name, label, icon = KIND, "split", "分拆办理", "layers"
    from_states = frozenset({"received", "handling"})
    to_state = "moved"
    permits = STAFF_OF_OWNER
    form_class = SplitForm
    private = frozenset({"parts"})
    order = 75
    hint = "每件单独登记、单独答复、分别计数，收到日期和查询码不变；申请人在进度页面看到各件的登记号。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"parts": "\n".join(several_matters(case.content))} if case is not None else {}

    def blocked(self, case: Any, user: User) -> str:
        """A part of a split request is one matter."""
        if case.origin_reason == SPLIT:
            return "这件已经是分拆出来的一件，不再分拆。"
        return untouched(case)

    def apply(self, work: Work) -> None:
        case: Request = work.case
        parts = [self._part(work, case, words) for words in work.data["parts"]]
        leave(work, f"分拆为{len(parts)}件")
        numbers = "、".join(part.number for part in parts)
        told = f"您的申请涉及{len(parts)}件事，分别办理，登记号是{numbers}，查询码不变。{due_words(parts[0])}。"
        for one in (case, *parts):
            tell_applicant(one, told, work.now)
        work.summary = f"分拆为{len(parts)}件：{numbers}"
        work.record["parts"] = [part.number for part in parts]

    def _part(self, work: Work, case: Request, words: str) -> Request:
        title = submission.title_of("", words, case.applicant.values())
        new = copied(
            case, case.unit, SPLIT, subject="", content=words, title=title, handler=case.handler,
            registered_at=case.registered_at,
        )  # fmt: skip
        submission.open_on(work, new, summary=f"由{case.number}分拆", origin=case.number, received_on=new.received_on)
        copy_files(case, new)
        submission.issue_receipt(work, new)
        return new


# --- merging and withdrawing ------------------------------------------------------------------------------------------


class MergeForm(ActForm):
    """Into which request."""

    number = forms.CharField(
        label="并入的申请（登记号）", max_length=40, help_text="同一申请人、同一事项、还在办理的申请。"
    )

    case: Any = None
    target: Request | None = None

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        self.case = case

    def clean_number(self) -> str:
        """An open request of the same applicant to the same body."""
        number = self.cleaned_data["number"].strip().upper()
        found = Request.objects.filter(number=number, unit=self.case.unit_id).exclude(pk=self.case.pk).first()
        if found is None:
            raise forms.ValidationError("没有找到这件申请。请核对登记号，只能并入本单位的申请。")
        if not self.case.identity_mark or found.identity_mark != self.case.identity_mark:
            raise forms.ValidationError("不是同一申请人，不能并案。请各自答复。")
        if found.state not in WORKING:
            raise forms.ValidationError(f"{number}现在是“{found.state_label}”，不能并入。")
        self.target = found
        return number

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["target"] = self.target
        return data


class Merge(Act):
    """并案办理: the same person asked for the same twice; one of the two goes on, the other ends as O3."""

    kind, name, label, icon = KIND, "merge", "并案办理", "link"
    from_states = frozenset({"received", "handling"})
    to_state = "ended"
    permits = OFFICER_OF_OWNER
    form_class = MergeForm
    order = 85
    danger = True
    hint = "这件申请终止，计入“其他处理”；内容由并入的申请一并答复，并告知申请人。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        target: Request = work.data["target"]
        case.merged_into = target
        finish(work, today(work.now), f"并入{target.number}")
        closing = letters.issue(
            work,
            "L12",
            decision="O3",
            facts=f"这件申请与{target.number}为同一申请人、同一事项，并案办理",
            reason=f"由{target.number}一并答复",
            remedy=decisions.remedy_of(case.unit, "O3"),
        )
        send_along(work, closing)
        told = f"{case.number}与{target.number}内容相同，并案办理，由{target.number}一并答复。"
        for one in (case, target):
            tell_applicant(one, told, work.now)
        work.summary = f"并入{target.number}"
        work.record |= {"target": target.number, "number": target.number}
        work.notify(common.case_people(target), f"{case.number}并入你办理的{target.number}。")


def finish(work: Work, on: dt.date, outcome: str) -> None:
    """A request ends without a reply: what it carries for the figures, and no clock any more."""
    case: Request = work.case
    if case.received_on is not None:
        close_with(work, "O3", on, outcome)
    else:
        # Never received in the sense of the law: it is in no table.
        case.outcome, case.replied_on = outcome, on
    clocks.ended(case, work.now)


class WithdrawForm(ActForm):
    """When, and the paper that says so."""

    withdrawn_on = DayField(label="申请撤回的日期", required=False, help_text="不填就是今天。")
    reason = text_area("撤回原因", rows=3, limit=500, required=False)
    files = FewFilesField(label="撤回申请的书面材料", required=False, help_text="加密保存。")  # type: ignore[assignment]


class Withdraw(Act):
    """撤回申请: by the applicant on the status page, or by staff on the applicant's word; L15 confirms it."""

    kind, name, label, icon = KIND, "withdraw", "撤回申请", "undo"
    from_states = WORKING | {"unconfirmed"}
    to_state = "ended"
    permits = STAFF_OF_OWNER
    form_class = WithdrawForm
    private = frozenset({"reason", "files"})
    actor_label = common.APPLICANT
    order = 90
    danger = True
    hint = "申请终止，计入“其他处理”，并向申请人出具撤回确认。只在申请人自己提出时办理。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        on = work.data.get("withdrawn_on") or today(work.now)
        check_day(on, work.now, "撤回日期", after=case.received_on or today(case.arrived_at), of="收到申请的日期")
        submission.keep_files(work, work.data.get("files") or [], "撤回材料", work.data.get("kept") or [])
        finish(work, on, "申请人撤回")
        send_along(work, letters.issue(work, "L15", withdrawn_on=on))
        work.summary = f"{'工作人员代为办理' if work.user else '申请人在进度页面'}撤回"
        work.notify(common.case_people(case), f"申请{case.number}已由申请人撤回。")


# --- what resembles it, and how many there are ------------------------------------------------------------------------


class FindingForm(ActForm):
    """What people say of one of the hints, or of a request the machine did not find."""

    earlier = forms.ChoiceField(label="相似的申请", required=False)
    number = forms.CharField(
        label="没有列出的，写登记号", max_length=40, required=False, help_text="只能是本单位收到的申请。"
    )
    finding = forms.ChoiceField(
        label="判断", choices=[item for item in Resemblance.Finding.choices if item[0]], widget=forms.RadioSelect
    )
    words = text_area("理由", rows=3, limit=500)

    case: Any = None

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        self.case = case
        earlier: Any = self.fields["earlier"]
        earlier.choices = [("", "请选择"), *((str(row.pk), _hint_words(row)) for row in duplicates.shown(case))]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        number = (data.get("number") or "").strip().upper()
        if bool(data.get("earlier")) == bool(number):
            self.add_error("earlier", "请选一件，或者写一个登记号。")
        elif number:
            found = Request.objects.filter(number=number, unit=self.case.unit_id).exclude(pk=self.case.pk).first()
            if found is None:
                self.add_error("number", "没有找到这件申请。请核对登记号。")
            data["found"] = found
        return data


def _hint_words(row: Resemblance) -> str:
    who = "同一申请人" if row.same_applicant else "其他申请人"
    return f"{row.earlier.number}，{row.earlier.unit}，{who}，内容相似{row.percent}%"


class JudgeResemblance(Act):
    """判断相似申请: whether this repeats an earlier request; a note for the reply, no decision by itself."""

    kind, name, label, icon = KIND, "judge_resemblance", "判断相似申请", "copy"
    from_states = WORKING
    permits = STAFF_OF_OWNER
    form_class = FindingForm
    private = frozenset({"words"})
    order = 78
    hint = "只作记录。属于重复申请的，在答复时选“重复申请”并写明此前答复的文号。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        found: Request | None = work.data.pop("found", None)
        if found is not None:
            same = bool(case.identity_mark) and found.identity_mark == case.identity_mark
            row, _ = Resemblance.objects.get_or_create(
                request=case,
                earlier=found,
                defaults={"same_applicant": same, "percent": duplicates.percent(case, found)},
            )
        else:
            row = case.resemblances.select_related("earlier").get(pk=work.data["earlier"])
        row.finding, row.words = work.data["finding"], work.data["words"]
        row.save(update_fields=["finding", "words"])
        work.summary = f"{row.earlier.number}：{row.get_finding_display()}"
        work.record["earlier"] = row.earlier.number


def counts(case: Request) -> dict[str, int]:
    """How many requests this applicant made to this body until this one: in its calendar month, and in its year.

    Requests that went on elsewhere, moved or split, are not counted; their parts are.
    """
    if not case.identity_mark or case.received_on is None:
        return {"month": 0, "year": 0, "place": 0}
    on = case.received_on
    rows = Request.objects.filter(
        identity_mark=case.identity_mark, unit=case.unit_id, counted_year=on.year,
        received_on__gte=dt.date(on.year, 1, 1), received_on__lte=dt.date(on.year, 12, 31),
    )  # fmt: skip
    days = list(rows.values_list("received_on", "pk"))
    month = [(day, pk) for day, pk in days if day is not None and day.month == on.month]
    return {
        "month": len(month),
        "year": len(days),
        "place": sum((day, pk) <= (on, case.pk) for day, pk in month),
    }


class ExcessiveForm(ActForm):
    """Whether number and frequency clearly exceed what is reasonable."""

    excessive = forms.TypedChoiceField(
        label="数量、频次",
        choices=[("yes", "明显超过合理范围"), ("no", "没有明显超过合理范围")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    words = text_area("判断的依据", rows=3, limit=500, help_text="写明数量、频次和内容的关联，不写申请人的姓名和号码。")


class JudgeExcessive(Act):
    """判断数量频次 (art. 35): the numbers are counted, people decide; asking for reasons comes after."""

    kind, name, label, icon = KIND, "judge_excessive", "判断数量频次", "gauge"
    from_states = frozenset({"received", "handling", "explaining"})
    permits = STAFF_OF_OWNER
    form_class = ExcessiveForm
    order = 79
    hint = "明显超过合理范围的，可以要求申请人说明理由，或者按规定收取信息处理费。"

    def describe(self, case: Any, user: User) -> str:
        found = counts(case)
        return f"该申请人本月向本机关提出{found['month']}件（本件为第{found['place']}件），本年{found['year']}件。{self.hint}"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        case.excessive = work.data["excessive"]
        found = counts(case)
        verdict = "明显超过合理范围" if case.excessive else "没有明显超过合理范围"
        work.summary = f"本月{found['month']}件，本年{found['year']}件：{verdict}"
        work.words = work.data["words"]
        work.record["counts"] = found


__all__ = [
    "Assign",
    "JudgeExcessive",
    "JudgeResemblance",
    "Merge",
    "Register",
    "Split",
    "Transfer",
    "Withdraw",
    "areas",
    "copied",
    "counts",
    "finish",
]
