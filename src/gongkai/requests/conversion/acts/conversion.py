"""Acts of a conversion: judged, drafted, postponed, declined with a reason that a leader reviews, done when public (004-9)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import clocks
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, DayField, ReasonForm
from gongkai.core.models import CaseRelation, User
from gongkai.core.roles import STAFF, Role, owner
from gongkai.publications.public import draft_from
from gongkai.requests.acts.common import STAFF_OF_OWNER, day_words, staff, text_area
from gongkai.requests.appeals import anonymous
from gongkai.requests.conversion import giving
from gongkai.requests.conversion.acts import common
from gongkai.requests.conversion.models import Conversion, Verdict
from gongkai.requests.conversion.opening import CLOCK, LATER
from gongkai.requests.models import Material, Request

KIND = Conversion.KIND
DECIDERS = owner(Role.LEADER, Role.REVIEWER)
WAITING = frozenset({"open", "postponed"})
SOURCE = "依申请公开转为主动公开"


class VerdictForm(ActForm):
    """May all know it?"""

    verdict = forms.ChoiceField(label="可否转为主动公开", choices=Verdict.choices, widget=forms.RadioSelect)
    reason = text_area("理由", rows=3, limit=500, required=False, help_text="不可以的，写明理由。不写申请人的信息。")

    def clean(self) -> dict[str, Any]:
        """No needs its reason."""
        data = super().clean() or self.cleaned_data
        if data.get("verdict") == Verdict.NO and not (data.get("reason") or "").strip():
            self.add_error("reason", "不可以的，请写明理由。")
        return data


class JudgeBefore(Act):
    """判断可否转为主动公开, before the reply goes out: the answer is there when the clock begins."""

    kind, name, label, icon = Request.KIND, "judge_public_interest", "判断可否转为主动公开", "share-2"
    from_states = frozenset({"handling", "consulting", "review", "signed"})
    permits = STAFF_OF_OWNER
    form_class = VerdictForm
    order = 60
    hint = "答复提供信息的，送达时按这里的判断立一件“转为主动公开”，从答复之日起计时；还没有判断的，也会立件提醒判断。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"verdict": getattr(case, "public_interest", "")}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        reason = work.data["reason"].strip()
        anonymous.check({"理由": reason}, anonymous.known_of(case))
        case.public_interest, work.words = work.data["verdict"], reason
        work.summary = Verdict(case.public_interest).label


class Judge(Act):
    """判断可否转为主动公开."""

    kind, name, label, icon = KIND, "judge", "判断可否转为主动公开", "scale"
    from_states = frozenset({"judging"})
    permits = STAFF_OF_OWNER
    form_class = VerdictForm
    expected = True
    order = 10
    hint = "不可以转的，由分管负责人或者审核人审核理由。"

    def apply(self, work: Work) -> None:
        case: Conversion = work.case
        verdict, reason = work.data["verdict"], work.data["reason"].strip()
        anonymous.check({"理由": reason}, anonymous.known_of(case.request))
        Request.objects.filter(pk=case.request_id).update(public_interest=verdict)
        case.verdict, case.verdict_reason = verdict, reason
        case.judged_by = work.user.who[:120] if work.user else "系统"
        work.summary, work.words = Verdict(verdict).label, reason
        if verdict == Verdict.YES:
            work.state = "open"
        elif verdict == Verdict.NO:
            _put_to_leader(work)


def _put_to_leader(work: Work) -> None:
    case: Conversion = work.case
    case.declined_by = work.user
    work.state = "declining"
    work.notify(people_of(case.unit, Role.LEADER, Role.REVIEWER), f"请审核不转为主动公开的理由：{case.title}"[:200])


class DraftForm(ActForm):
    """Title and text with everything about people removed, and the files that go along."""

    title = forms.CharField(label="标题", max_length=300)
    text = text_area("正文", rows=14, limit=giving.MOST_TEXT, required=False, help_text="每一行是一段。")
    materials = forms.ModelMultipleChoiceField(
        label="一并公开的材料",
        queryset=Material.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="遮盖后提供的，只用遮盖后的文件。",
    )
    looked = forms.BooleanField(label="机器读不了的材料，已经人工看过，没有个人信息和不能公开的内容", required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["materials"]
            field.queryset = Material.objects.filter(pk__in=[row.pk for row in giving.files_of(case.concrete.request)])

    def clean(self) -> dict[str, Any]:
        """Something has to be published."""
        data = super().clean() or self.cleaned_data
        if not (data.get("text") or "").strip() and not data.get("materials"):
            self.add_error("text", "正文和材料至少要有一样。")
        return data


class Draft(Act):
    """起草公开稿件: into publishing, where it is reviewed like all other information."""

    kind, name, label, icon = KIND, "draft", "起草公开稿件", "file-plus-corner"
    # Its form shows what was found in the files.
    page = "conversion:draft"
    from_states = WAITING
    to_state = "drafted"
    permits = STAFF_OF_OWNER
    form_class = DraftForm
    private = frozenset({"title", "text"})
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        case: Conversion = work.case
        data = work.data
        request = Request.objects.get(pk=case.request_id)
        found = giving.hits_in({"标题": data["title"], "正文": data["text"]}, request)
        if found:
            places = "、".join(dict.fromkeys(f"{one.place}里的{one.label}" for one in found))
            raise ActError(f"还有不能公开的内容：{places}。请删去或者改写后再起草。")
        known = anonymous.known_of(request)
        chosen = list(data["materials"])
        for material in chosen:
            _check_file(giving.read(material, known), looked=data["looked"])
        try:
            files = [giving.as_upload(material) for material in chosen]
        except FileNotFoundError:
            raise ActError("有材料的文件已经不在，不能一并公开。请去掉后再起草。") from None
        draft = draft_from(
            case.unit,
            work.user,
            title=data["title"],
            html=giving.as_html(data["text"]),
            files=files,
            source=SOURCE,
            now=work.now,
        )
        case.publication = draft
        CaseRelation.objects.get_or_create(source_id=draft.pk, target_id=case.pk, kind=CaseRelation.Kind.FOLLOWS)
        _end_postponement(case, work.now)
        work.record |= {"publication": draft.number, "looked": data["looked"]}
        work.summary = f"{draft.number}，{len(chosen)}份材料"


def _check_file(given: giving.Given, *, looked: bool) -> None:
    title = given.material.title
    if given.failure:
        raise ActError(f"“{title}”不能一并公开：{given.failure}")
    if given.found:
        labels = "、".join(dict.fromkeys(one.label for one in given.found))
        raise ActError(f"“{title}”里有{labels}，不能原样公开。请去掉这份材料，把可以公开的内容写进正文。")
    if given.unread and not looked:
        raise ActError(f"“{title}”是图片或者扫描件，机器读不了。请人工看过，勾选确认后再起草。")


def _end_postponement(case: Conversion, now: dt.datetime) -> None:
    clock = clocks.get(case, LATER)
    if clock is not None and clock.is_open:
        clocks.stop(clock, now)


class LinkForm(ActForm):
    """Which information is public already, or is on its way."""

    publication = forms.CharField(label="政府信息", max_length=300, help_text="填编号，或者完整标题。")


class Link(Act):
    """关联已有的信息: what was given is public already, or drafted otherwise."""

    kind, name, label, icon = KIND, "link", "关联已有的公开信息", "link"
    from_states = frozenset({"judging", "open", "postponed", "drafted"})
    permits = STAFF_OF_OWNER
    form_class = LinkForm
    order = 40
    hint = "这些内容已经公开，或者已经另外起草的，关联以后不用再起草。"

    def apply(self, work: Work) -> None:
        case: Conversion = work.case
        found = common.find_publication(work.data["publication"], work.user)
        if found.unit_id != case.unit_id:
            raise ActError("这条信息是其他单位的。请关联本单位的信息。")
        case.publication = found
        case.verdict = Verdict.YES
        Request.objects.filter(pk=case.request_id).update(public_interest=Verdict.YES)
        CaseRelation.objects.get_or_create(source_id=found.pk, target_id=case.pk, kind=CaseRelation.Kind.FOLLOWS)
        _end_postponement(case, work.now)
        at = common.public_since(found) if found.state == common.PUBLIC else None
        work.summary = f"{found.number}：{found.title}"[:300]
        work.state = "drafted"
        if at is not None:
            finish(work, at)


def finish(work: Work, at: dt.datetime) -> None:
    """What was given is public since a moment: the clock ends there, and the case with it."""
    case: Conversion = work.case
    case.published_on = timezone.localdate(at)
    clock = clocks.get(case, CLOCK)
    if clock is not None:
        # What was public before the reply was in time.
        clocks.stop(clock, max(at, clock.started_at) if clock.started_at else at)
        case.in_time = clock.on_time
    _end_postponement(case, at)
    case.outcome = "已转为主动公开"
    work.state = "done"


class Publish(Act):
    """已公开: by itself, when the publication becomes public."""

    kind, name, label, icon = KIND, "publish", "公开后自动办结", "badge-check"
    from_states = frozenset({"judging", "open", "postponed", "drafted", "declining"})
    system = True

    def apply(self, work: Work) -> None:
        finish(work, work.now)
        in_time = {True: "在期限内", False: "超过期限", None: ""}[work.case.in_time]
        work.summary = "，".join(part for part in (f"{common.words_of_day(work.now)}公开", in_time) if part)


class DraftDropped(Act):
    """稿件作废: the draft will not be published, another one is needed."""

    kind, name, label, icon = KIND, "draft_dropped", "稿件已作废", "file-x"
    from_states = frozenset({"drafted"})
    to_state = "open"
    system = True

    def apply(self, work: Work) -> None:
        case: Conversion = work.case
        case.publication = None
        work.notify(staff(case.unit), f"公开稿件已作废，请重新起草或者写明不转的理由：{case.title}"[:200])


class PostponeForm(ActForm):
    """Until when, and why."""

    until = DayField(label="暂缓到")
    reason = text_area("暂缓的理由", rows=3, limit=500, help_text="例如：数据还在核实。不写申请人的信息。")


class Postpone(Act):
    """暂缓: "in principle" thirty days; the time after the reply goes on being counted."""

    kind, name, label, icon = KIND, "postpone", "暂缓", "clock-arrow-up"
    from_states = WAITING
    to_state = "postponed"
    permits = STAFF_OF_OWNER
    form_class = PostponeForm
    order = 50
    hint = "30日是原则要求。暂缓不改变原期限，按原期限统计是否按时；另按暂缓到的日期提醒。"

    def apply(self, work: Work) -> None:
        case: Conversion = work.case
        until, reason = work.data["until"], work.data["reason"]
        common.check_ahead(until, work.now, "暂缓到的日期")
        anonymous.check({"理由": reason}, anonymous.known_of(case.request))
        _end_postponement(case, work.now)
        old = clocks.get(case, LATER)
        if old is not None:
            old.delete()
        clocks.start(case, now=work.now, **common.date_plan(LATER, "暂缓", until, "暂缓的理由", judged=False))
        case.postponed_until = until
        work.summary, work.words = f"暂缓到{day_words(until)}", reason


class DeclineForm(ActForm):
    """Why the public may not know it."""

    reason = text_area("不转为主动公开的理由", rows=4, limit=500, help_text="写明依据。不写申请人的信息。")


class Decline(Act):
    """提出不转."""

    kind, name, label, icon = KIND, "decline", "提出不转为主动公开", "ban"
    from_states = frozenset({"open", "postponed", "drafted"})
    permits = STAFF_OF_OWNER
    form_class = DeclineForm
    order = 60
    hint = "由分管负责人或者审核人审核理由，提出的人不能审核。"

    def apply(self, work: Work) -> None:
        case: Conversion = work.case
        reason = work.data["reason"]
        anonymous.check({"理由": reason}, anonymous.known_of(case.request))
        case.verdict_reason = reason
        work.words = reason
        _put_to_leader(work)


class Deciding(Act):
    """What the one who did not propose may do."""

    kind = KIND
    from_states = frozenset({"declining"})
    permits = DECIDERS

    def blocked(self, case: Any, user: User) -> str:
        return "提出不转的人不能审核。请由另一位负责人审核。" if case.concrete.declined_by_id == user.pk else ""


class AgreeDecline(Deciding):
    """同意不转."""

    name, label, icon = "agree_decline", "同意不转", "check"
    to_state = "declined"
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        case: Conversion = work.case
        case.verdict = Verdict.NO
        case.outcome = "不转为主动公开"
        Request.objects.filter(pk=case.request_id).update(public_interest=Verdict.NO)
        for clock in case.clocks.all():
            clocks.cancel(clock, work.now)
        work.summary = case.verdict_reason[:300]


class ReturnDecline(Deciding):
    """退回."""

    name, label, icon = "return_decline", "退回，应当转为主动公开", "undo-2"
    to_state = "open"
    form_class = ReasonForm
    order = 20

    def apply(self, work: Work) -> None:
        case: Conversion = work.case
        case.verdict = Verdict.YES
        Request.objects.filter(pk=case.request_id).update(public_interest=Verdict.YES)
        if case.publication_id:
            work.state = "drafted"
        work.words = work.data["reason"]
        work.notify(people_of(case.unit, *STAFF), f"不转的理由被退回，请起草公开稿件：{case.title}"[:200])
