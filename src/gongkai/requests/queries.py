"""What the page of a request reads: everything that hangs on it, in few queries, as tables for the template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from gongkai.core import bundles, clocks
from gongkai.core.days import day_words
from gongkai.core.models import Clock, User
from gongkai.core.privacy.showing import part
from gongkai.core.roles import STAFF, Role
from gongkai.law import annual_tables
from gongkai.law.clock import last_day
from gongkai.law.requests.decisions import DECISIONS
from gongkai.requests import archive, materials, outstanding, personal
from gongkai.requests.models import Form, ReplyStep, Request, Supplement

_UNIT = ("unit__id", "unit__name", "unit__short_name")
_OTHER = ("case_ptr_id", "id", "kind", "number", "title", "state", "unit_id", *_UNIT)
_OPINION = ("case_ptr_id", "id", "kind", "number", "title", "state", "sort", "parts", "verdict", "adopted",
            "counsel__case_ptr_id", "counsel__id", "counsel__name")  # fmt: skip
_REVIEWERS = frozenset({Role.REVIEWER, Role.SECRECY, Role.LEGAL, Role.LEADER})
# Waited for outside: state -> words. Elsewhere the case itself says whose turn it is.
_WAITING = {
    "supplementing": "等申请人补正",
    "consulting": "等被征求意见的一方答复，答复期限暂停",
    "explaining": "等申请人说明理由",
    "paying": "等申请人缴费",
}
# More of the same sort than fit a row of links: the last ones of a list are cut off.
MOST = 60


@dataclass(slots=True)
class Cell:
    """One cell of a table: words, perhaps a link, a light, a second line, links below it."""

    words: str = ""
    url: str = ""
    light: str = ""
    small: str = ""
    links: Sequence[tuple[str, str]] = ()
    # The column's head, said again where the table is told as a list.
    head: str = ""


@dataclass(slots=True)
class Sheet:
    """One table of the page."""

    key: str
    title: str
    heads: Sequence[str]
    rows: list[list[Cell]] = field(default_factory=list)
    note: str = ""
    link: tuple[str, str] | None = None


def page_rows(rows: Any) -> Any:
    """The query that loads a case for its page, with what the page reads of other rows."""
    return rows.select_related("origin", "merged_into").defer(
        *(f"{name}__{column}" for name in ("origin", "merged_into") for column in ("applicant", "content", "code"))
    )


def crumbs(case: Request) -> list[tuple[str, str]]:
    """Where the case's page stands."""
    return [("依申请公开", reverse("requests:index")), (case.number, "")]


def case_context(case: Request, user: User) -> dict[str, Any]:
    """What the room's part of the case page shows: two questions to the database beside those of counsel and messages."""
    now = timezone.now()
    may_see = personal.may(case, user)
    lists = bundles.gather(_lists(case))
    # What acts ask about rounds and fees is answered by what was read.
    bundles.hold(case, "supplement_rounds", lists["rounds"])
    bundles.hold(case, "fees", lists["fees"])
    hold_steps(case, lists["steps"])
    running = _running(case)
    sheets = [sheet for sheet in _sheets(case, user, lists, may_see, now) if sheet.rows]
    shown_clocks(case, now)
    return {
        "request_case": case,
        "standing": standing(case, running, now),
        "form": application(case),
        "personal": part(case, user),
        "sheets": sheets,
        "reply": reply_part(case, user, lists),
        "papers": papers(case, lists["deliveries"], may_see),
        "messages_shown": list(case.messages.order_by("-pk")[:MOST]) if may_see else [],
        "may_see": may_see,
        "figures_in": figures_in(case),
        "ways": links(case, user),
        "room_aside": "requests/case/aside.html",
        "counsel_opinions": lists["advice"],
        "counsel_url": counsel_url(case, user),
    }


def hold_steps(case: Request, steps: list[Any]) -> None:
    """Let `acts.reply.steps_now` answer with the steps of the last round that were read with everything else."""
    last = max((step.round for step in steps), default=0)
    case.__dict__["_reply_steps"] = ((case.pk, case.event_count), [step for step in steps if step.round == last])


def shown_clocks(case: Request, now: dt.datetime) -> None:
    """Leave out of the page's head what bounds only a choice and is over: nobody is late with it."""
    kept = [
        clock
        for clock in case.clocks.all()
        if clock.code not in Request.QUIET_CLOCKS
        or not clock.is_open
        or (outstanding.notice_runs(case, clock) and (clock.due_at is None or clock.due_at > now))
    ]
    bundles.hold(case, "clocks", kept)


def counsel_url(case: Request, user: User) -> str:
    """Where the advice of legal counsel is asked for; empty for those who do not ask."""
    own = user.roles_at(case.unit)
    return f"{reverse('counsel:ask')}?case={case.pk}" if own & {*STAFF, Role.LEADER} else ""


def _lists(case: Request) -> dict[str, bundles.Rows]:
    """All rows that hang on a request and hold nothing sealed that the page reads."""
    from gongkai.requests.appeals.models import Appeal
    from gongkai.requests.counsel.models import Opinion

    pk, rows = case.pk, bundles.rows
    other = Request.objects.select_related("unit")
    return {
        "rounds": rows(case.supplement_rounds.order_by("pk"), "id", "items", "asked_on", "received_on", "workdays", "due_on", "answered_on", "state", limit=MOST),
        "asked": rows(case.consultations.order_by("pk"), "id", "kind", "party_label", "matter", "pauses", "sent_on", "received_on", "due_on", "answer", "answered_on", "ended_on", "meeting_id", *_UNIT, limit=MOST),
        "meetings": rows(case.meetings.order_by("pk"), "id", "topic", "held_on", "place", "attended", "minutes", "result", "recorded_at", limit=MOST),
        "approvals": rows(case.approvals.order_by("pk"), "id", "kind", "workdays", "reason", "asked_on", "state", "decided_on", "words", limit=MOST),
        "fees": rows(case.fees.order_by("pk"), "id", "basis", "count", "amount", "noticed_on", "received_on", "due_on", "paid_on", "receipt_number", "reason", "state", limit=MOST),
        "searches": rows(case.searches.order_by("pk"), "id", "place", "method", "searched_on", "searcher", "result", "found", limit=MOST),
        "materials": rows(case.materials.order_by("position", "pk"), "id", "title", "treatment", "pages", "reason", "original_id", "masked_id", limit=MOST),
        "deliveries": rows(case.deliveries.order_by("pk"), "id", "letter_id", "addressee", "way", "sent_on", "received_on", "tracking_number", "remark", limit=MOST),
        "replies": rows(case_replies(case), "id", "decision", "round", "signed_at", "letter_id", "updated_at", "author__id", "author__username", "author__post"),
        "steps": rows(ReplyStep.objects.filter(reply__request=pk).order_by("round", "position"), "id", "round", "position", "reply_id", "role", "decision", "digest", "decided_at", "unit_id", "user_id", *_UNIT, "unit__kind", "unit__parent_id", "user__id", "user__username", "user__post", limit=MOST),
        "resemblances": rows(case.resemblances.order_by("-same_applicant", "-percent", "pk"), "id", "percent", "same_applicant", "finding", "words", "earlier__case_ptr_id", "earlier__id", "earlier__kind", "earlier__number", "earlier__title", "earlier__state", "earlier__unit_id", "earlier__received_on", "earlier__unit__id", "earlier__unit__name", "earlier__unit__short_name", limit=10),
        "descendants": rows(other.filter(origin=pk).order_by("pk"), *_OTHER, "origin_reason", limit=MOST),
        "merged": rows(other.filter(merged_into=pk).order_by("pk"), *_OTHER, limit=MOST),
        "advice": rows(Opinion.objects.filter(subject=pk).order_by("-pk"), *_OPINION, limit=20),
        "appeals": rows(Appeal.objects.filter(request=pk).order_by("pk"), "case_ptr_id", "id", "kind", "number", "title", "state", "sort", "organ", "file_number", "received_on", "result", "decided_on", "unit_id", limit=MOST),
    }  # fmt: skip


def case_replies(case: Request) -> Any:
    """The reply as it stands, without its sealed sentences."""
    from gongkai.requests.models import Reply

    return Reply.objects.filter(request=case.pk)


# --- words ------------------------------------------------------------------------------------------------------------


def day(value: dt.date | None) -> str:
    """2026年6月3日; nothing for none."""
    return day_words(value, "")


def _moment_day(value: dt.datetime | None) -> str:
    return day(timezone.localdate(value)) if value else ""


def decision_words(code: str) -> str:
    """A result as the annual table calls it, in short."""
    known = DECISIONS.get(code)
    return known.short.partition("（")[0] if known else code


def _lines(*pairs: tuple[str, Any]) -> list[dict[str, Any]]:
    return [{"label": label, "value": value} for label, value in pairs if value]


# --- how it stands ----------------------------------------------------------------------------------------------------


def _running(case: Request) -> Clock | None:
    """The clock of the reply, else of the time to ask for confirmation: what the large date tells of."""
    by_code = {clock.code: clock for clock in case.clocks.all() if clock.state != Clock.State.CANCELLED}
    waiting = {"supplementing": "supplement", "explaining": "reasons", "paying": "payment"}.get(case.state, "")
    for code in (waiting, "reply", "confirmation"):
        if code in by_code:
            return by_code[code]
    return None


def standing(case: Request, clock: Clock | None, now: dt.datetime) -> dict[str, Any]:
    """Who waits for what, and until when; of a closed request, what came out of it."""
    found: dict[str, Any] = {"lines": [], "due_on": None, "light": case.light, "words": case.state_label}
    if clock is not None and clock.due_at is not None:
        face = clocks.face(clock, now)
        found |= {
            "name": clock.name,
            "due_on": last_day(clock.due_at),
            "light": face.light,
            "words": face.words,
            "why_url": reverse("workbench:derivation", args=[case.pk, clock.pk]) if clock.started_at else "",
            "provisional": clock.provisional,
        }
    if not case.is_open:
        found["title"], found["lines"] = case.state_label, _ended(case)
        return found
    given = case.handler_id and case.turn_role in STAFF and case.turn_unit_id == case.unit_id
    role = case.handler if given else Role(case.turn_role).label if case.turn_role in Role.values else ""
    who = f"{case.turn_unit}{role}" if case.turn_unit and role else ""
    found["title"] = _WAITING.get(case.state) or (f"等{who}{case.ask}" if who else case.ask or case.state_label)
    return found


def _ended(case: Request) -> list[str]:
    said = []
    if case.decision:
        said.append(f"结果：{decision_words(case.decision)}")
    elif case.outcome:
        said.append(f"结果：{case.outcome}")
    if case.replied_on:
        said.append(
            f"{day(case.replied_on)}答复" if case.state in ("replied", "archived") else f"{day(case.replied_on)}终止"
        )
    if case.workdays_used is not None:
        said.append(f"用去{case.workdays_used}个工作日")
    if case.answered_in_time is not None:
        said.append("按时" if case.answered_in_time else "逾期")
    return said


# --- what was asked for -----------------------------------------------------------------------------------------------


def application(case: Request) -> dict[str, Any]:
    """What was asked for, by whom, how it came in."""
    forms = "、".join(str(Form(name).label) for name in case.forms if name in Form.values)
    return {
        "facts": _lines(
            ("受理号", case.number),
            ("申请人", f"{case.applicant_label or '（没有填写）'}（{case.get_category_display()}）"),
            ("申请渠道", case.get_channel_display()),
            ("到达", _moment_day(case.arrived_at)),
            ("收到申请之日", day(case.received_on) or "等待确认"),
            ("起算日", day(case.counted_from) if case.counted_from != case.received_on else ""),
            ("提供形式", forms),
            ("获取方式", case.get_way_display() + ("，也接受其他形式" if case.accepts_other else "，不接受其他形式")),
            ("所属领域", case.area),
        ),
        "erased": case.erased_at,
    }


# --- tables -----------------------------------------------------------------------------------------------------------


def _sheets(case: Request, user: User, lists: dict[str, list[Any]], may_see: bool, now: dt.datetime) -> Iterable[Sheet]:
    yield clock_sheet(case, now)
    yield supplement_sheet(lists["rounds"], _answers(case, lists["rounds"]) if may_see else {})
    yield opinion_sheet(lists["asked"])
    yield meeting_sheet(lists["meetings"])
    yield reasons_sheet(case, may_see)
    yield approval_sheet(lists["approvals"])
    yield fee_sheet(lists["fees"])
    yield search_sheet(lists["searches"])
    yield material_sheet(lists["materials"], may_see or personal.opens(case, user))
    yield resemblance_sheet(case, user, lists["resemblances"])
    yield related_sheet(case, user, lists)
    yield appeal_sheet(user, lists["appeals"])


def clock_sheet(case: Request, now: dt.datetime) -> Sheet:
    """Every clock, those of earlier runs too, each with its derivation."""
    rows = []
    for clock in case.clocks.all():
        face = clocks.face(clock, now)
        rule = clocks.rule_of(clock)
        words = face.words if clock.state != Clock.State.CANCELLED else "已取消"
        light = str(face.light) if clock.state != Clock.State.CANCELLED else ""
        if clock.code in Request.QUIET_CLOCKS and clock.is_open and face.light == "late":
            words, light = "时间已过", "wait"
        elif not outstanding.notice_runs(case, clock):
            words, light = "没有要求补正", "wait"
        run = clock.code.partition(":")[2] if clock.code.startswith("reply:") else ""
        small = f"第{run}次计时" if run.isdigit() else ""
        if clock.on_time is not None and clock.stopped_at:
            small = f"{_moment_day(clock.stopped_at)}{'按时完成' if clock.on_time else '逾期完成'}"
        why = reverse("workbench:derivation", args=[case.pk, clock.pk]) if clock.started_at else ""
        rows.append(
            [
                Cell(clock.name, small=rule.words),
                Cell(_moment_day(clock.started_at) or "尚未起算"),
                Cell(
                    day(last_day(clock.due_at)) if clock.due_at else "", small="（暂定）" if clock.provisional else ""
                ),
                Cell(words, light=light, small=small),
                Cell("逐日推算" if why else "", why),
            ]
        )
    return Sheet("clocks", "全部时限", ("时限", "起算", "最后一日", "现在", "怎么算的"), rows)


def _answers(case: Request, rounds: list[Any]) -> dict[int, str]:
    """What was supplemented, by round; asked only where something came, for it is sealed."""
    if not any(one.answered_on for one in rounds):
        return {}
    return {one.pk: one.answer for one in Supplement.objects.filter(request=case.pk).only("answer")}


def supplement_sheet(rounds: list[Any], answers: Mapping[int, str]) -> Sheet:
    """Rounds of supplement, with the answers that may be seen."""
    rows = [
        [
            Cell(day(one.asked_on), small=f"申请人{day(one.received_on)}收到" if one.received_on else "申请人尚未收到"),
            Cell(one.items, small=f"补正：{answers[one.pk]}" if answers.get(one.pk) else ""),
            Cell(day(one.due_on), small=f"{one.workdays}个工作日"),
            Cell(one.get_state_display(), small=day(one.answered_on)),
        ]
        for one in rounds
    ]
    return Sheet("supplements", "补正", ("告知", "需要补正的内容", "最后一日", "结果"), rows)


def opinion_sheet(asked: list[Any]) -> Sheet:
    """Whom was asked what: third parties, other bodies, departments, counsel."""
    rows = []
    for one in asked:
        stood = "不计入答复期限" if one.pauses else "不停表"
        ended = day(one.answered_on) or (f"期满 {day(one.ended_on)}" if one.ended_on else "")
        rows.append(
            [
                Cell(one.party_label or str(one.unit or ""), small=one.get_kind_display()),
                Cell(one.matter),
                Cell(day(one.sent_on), small=f"{day(one.received_on)}收到" if one.received_on else ""),
                Cell(day(one.due_on), small=stood),
                Cell(one.get_answer_display() or "等待答复", small=ended),
            ]
        )
    return Sheet("opinions", "征求意见和协办", ("征求对象", "事项", "发出", "最后一日", "答复"), rows)


def meeting_sheet(meetings: list[Any]) -> Sheet:
    """Meetings of departments."""
    rows = [
        [
            Cell(day(one.held_on), small=one.place),
            Cell(one.topic, small=one.attended),
            Cell(one.result or ("已登记" if one.recorded_at else "还没有登记结果")),
        ]
        for one in meetings
    ]
    return Sheet("meetings", "部门会商", ("会商", "事项", "结论"), rows)


def reasons_sheet(case: Request, may_see: bool) -> Sheet:
    """What was found of number and frequency, reasons asked and given, a delayed reply (art. 35)."""
    rows = []
    if case.excessive is not None:
        verdict = "明显超过合理范围" if case.excessive else "没有明显超过合理范围"
        rows.append([Cell("数量、频次"), Cell(verdict), Cell("")])
    if case.reasons_asked_on:
        given = f"{day(case.reasons_given_on)}说明" if case.reasons_given_on else "等待说明"
        judged = {True: "理由合理", False: "理由不合理"}.get(case.reasons_accepted, "")  # type: ignore[call-overload]
        words = case.reasons_words if may_see else ""
        rows.append([Cell("说明理由"), Cell(f"{day(case.reasons_asked_on)}告知，{given}", small=words), Cell(judged)])
    if case.delayed_on:
        rows.append([Cell("延迟答复"), Cell(f"{day(case.delayed_on)}告知"), Cell(f"延迟到{day(case.delayed_until)}")])
    return Sheet("reasons", "数量频次和说明理由", ("事项", "经过", "结论"), rows)


def approval_sheet(approvals: list[Any]) -> Sheet:
    """What a leader was asked to allow."""
    rows = [
        [
            Cell(one.get_kind_display(), small=f"{one.workdays}个工作日" if one.workdays else ""),
            Cell(one.reason),
            Cell(day(one.asked_on)),
            Cell(one.get_state_display(), small="，".join(filter(None, (day(one.decided_on), one.words)))),
        ]
        for one in approvals
    ]
    return Sheet("approvals", "报批", ("事项", "理由", "报批", "结果"), rows)


def fee_sheet(fees: list[Any]) -> Sheet:
    """Fee notices and what became of them."""
    rows = [
        [
            Cell(f"{one.amount}元", small=f"{one.get_basis_display()}，{one.count}{'件' if one.basis == 'items' else '页'}"),
            Cell(day(one.noticed_on), small=f"{day(one.received_on)}收到" if one.received_on else ""),
            Cell(day(one.due_on)),
            Cell(
                one.get_state_display(),
                small="，".join(filter(None, (day(one.paid_on), one.receipt_number and f"票据{one.receipt_number}", one.reason))),
            ),
        ]
        for one in fees
    ]  # fmt: skip
    return Sheet("fees", "信息处理费", ("金额", "通知", "缴费最后一日", "结果"), rows)


def search_sheet(searches: list[Any]) -> Sheet:
    """Where was looked for the information."""
    rows = [
        [
            Cell(one.place, small=one.method),
            Cell(day(one.searched_on), small=one.searcher),
            Cell("找到" if one.found else "没有找到", small=one.result),
        ]
        for one in searches
    ]
    return Sheet("searches", "检索记录", ("检索范围和方法", "日期和检索人", "结果"), rows)


def material_sheet(found: list[Any], may_see: bool) -> Sheet:
    """The files that were found, and what goes out of each."""
    rows = []
    for one in found:
        shown = []
        if may_see:
            shown.append(("原件", reverse("workbench:attachment", args=[one.original_id])))
            if one.masked_id:
                shown.append(("遮盖后的文件", reverse("workbench:attachment", args=[one.masked_id])))
            mask = materials.mask_address(one)
            if mask:
                shown.append(("遮盖和核验", mask))
        rows.append(
            [
                Cell(one.title, small=f"{one.pages}页" if one.pages else ""),
                Cell(one.get_treatment_display(), small=one.reason),
                Cell(links=shown),
            ]
        )
    return Sheet("materials", "查找到的材料", ("材料", "处理", "文件"), rows)


def _readable(user: User, unit: Any) -> bool:
    """Whether a person reads the requests of a unit; overseers as a rule, so the link is worth showing."""
    return unit is not None and (unit.pk in user.roles_by_unit or bool(user.role_set & {Role.OFFICE, Role.AUDITOR}))


def _other(one: Any, user: User, small: str = "") -> Cell:
    url = one.get_absolute_url() if _readable(user, one.unit) else ""
    return Cell(one.number, url, small=small)


def resemblance_sheet(case: Request, user: User, found: list[Any]) -> Sheet:
    """Earlier requests that this one resembles: shown by the machine, judged by people."""
    rows = []
    for one in found:
        earlier = one.earlier
        who = "同一申请人" if one.same_applicant else "其他申请人"
        rows.append(
            [
                _other(earlier, user, f"{earlier.unit}，{day(earlier.received_on)}收到"),
                Cell(earlier.title, small=earlier.state_label),
                Cell(who, small=f"内容{one.percent}%相似"),
                Cell(one.get_finding_display() or "等待判断", small=one.words),
            ]
        )
    judge = ("判断相似申请", reverse("workbench:act", args=[case.pk, "judge_resemblance"]))
    may = case.is_open and bool(set(user.roles_at(case.unit)) & set(STAFF))
    return Sheet(
        "resemblances",
        "相似的申请",
        ("申请", "内容", "相似", "判断"),
        rows,
        note="由系统找出，是不是重复申请由人判断。",
        link=judge if may and rows else None,
    )


_ORIGINS = {"split": "由这件分拆", "transfer": "由这件转出", "redo": "依复议、诉讼重新办理"}
_FROM = {"split": "这件由它分拆而来", "transfer": "这件由它转来", "redo": "重新办理它的答复"}


def related_sheet(case: Request, user: User, lists: dict[str, list[Any]]) -> Sheet:
    """Where the request came from, and what it became."""
    rows = []
    if case.origin is not None:
        rows.append([_other(case.origin, user), Cell(case.origin.title), Cell(_FROM.get(case.origin_reason, "来源"))])
    if case.merged_into is not None:
        rows.append([_other(case.merged_into, user), Cell(case.merged_into.title), Cell("并入它一并答复")])
    for one in lists["descendants"]:
        rows.append([_other(one, user), Cell(one.title, small=str(one.unit)), Cell(_ORIGINS.get(one.origin_reason, "后续"), small=one.state_label)])  # fmt: skip
    for one in lists["merged"]:
        rows.append([_other(one, user), Cell(one.title), Cell("并入这件一并答复")])
    return Sheet("related", "来源和后续", ("申请", "内容", "关系"), rows)


def appeal_sheet(user: User, appeals: list[Any]) -> Sheet:
    """Reconsideration and suits about the reply."""
    rows = [
        [
            Cell(one.get_sort_display(), one.get_absolute_url(), small=one.number),
            Cell(one.organ, small=one.file_number),
            Cell(day(one.received_on)),
            Cell(one.get_result_display() or one.state_label, small=day(one.decided_on)),
        ]
        for one in appeals
    ]
    return Sheet("appeals", "行政复议和诉讼", ("类型", "机关和案号", "收到通知", "结果"), rows)


# --- reply and papers -------------------------------------------------------------------------------------------------


def works_on(case: Request, user: User) -> bool:
    """Whether a draft of the reply is this person's business: staff and reviewers of the body, reviewers above it."""
    own = set(user.roles_at(case.unit)) & {*STAFF, *_REVIEWERS}
    above = set(user.roles_at(case.supervisor)) & _REVIEWERS if case.supervisor_id else set()
    return bool(own or above)


def reply_part(case: Request, user: User, lists: dict[str, list[Any]]) -> dict[str, Any]:
    """How far the reply is: its result, the steps of its review, where it is written."""
    found = lists["replies"][0] if lists["replies"] else None
    mine = works_on(case, user)
    told = case.decision and not case.is_open
    # The annual table's row may be wider than the result that was told.
    code = found.decision if found is not None and (mine or told) else case.decision if told else ""
    known = DECISIONS.get(code)
    last = max((step.round for step in lists["steps"]), default=0)
    steps = [
        {
            "label": Role(step.role).label if step.role in Role.values else step.role,
            "unit": step.unit if step.unit and step.unit.pk != case.unit_id else None,
            "decision": step.get_decision_display(),
            "light": {"passed": "done", "returned": "late"}.get(step.decision, "wait"),
            "at": step.decided_at,
            "who": str(step.user) if step.user else "",
        }
        for step in lists["steps"]
        if step.round == last
    ]
    drafting = case.is_open and case.state in ("handling", "consulting", "paying")
    return {
        "there": found is not None,
        "decision": known,
        "label": decision_words(code) if code else "",
        "group": known.group if known and known.leaf else "",
        "articles": known.articles if known else (),
        "steps": steps,
        "round": last,
        "author": str(found.author) if found is not None and found.author else "",
        "saved_at": found.updated_at if found is not None else None,
        "signed_at": found.signed_at if found is not None else None,
        "url": reverse("requests:reply", args=[case.pk]) if mine and (found is not None or drafting) else "",
        "url_words": "打开答复" if found is not None else "拟写答复",
    }


def papers(case: Request, deliveries: list[Any], may_see: bool) -> list[dict[str, Any]]:
    """The letters of the request in order, each with how it reached whom; files only for who may open them."""
    by_letter = bundles.grouped(deliveries, "letter_id")
    rows = []
    for letter in case.letters.all():
        opens = not letter.erased_at and (may_see or not letter.sealed)
        rows.append(
            {
                "title": letter.title,
                "number": letter.number,
                "issued_at": letter.issued_at,
                "word": reverse("workbench:letter", args=[letter.pk, "docx"]) if opens else "",
                "pdf": reverse("workbench:letter", args=[letter.pk, "pdf"]) if opens else "",
                "deliveries": [_delivery(one) for one in by_letter.get(letter.pk, ())],
            }
        )
    loose = [_delivery(one) for one in by_letter.get(None, ())]
    if loose:
        rows.append({"title": "其他送达", "number": "", "issued_at": None, "deliveries": loose})
    return rows


def _delivery(one: Any) -> dict[str, str]:
    whom = "" if one.addressee == "applicant" else f"{one.get_addressee_display()}，"
    sent = f"{day(one.sent_on)}发出" if one.sent_on else "还没有发出"
    got = f"，{day(one.received_on)}签收" if one.received_on else ""
    number = f"，邮件号{one.tracking_number}" if one.tracking_number else ""
    return {"words": f"{whom}{one.get_way_display()}，{sent}{got}{number}", "remark": one.remark}


# --- figures and ways on ----------------------------------------------------------------------------------------------


def figures_in(case: Request) -> list[dict[str, str]]:
    """The cells of the annual table this request counts in, each with the address of the requests behind it."""
    column = annual_column(case.category)
    if not column:
        return []
    rows = []
    if case.counted_year:
        rows.append((case.counted_year, "r1"))
    known = DECISIONS.get(case.decision)
    if case.result_year and known is not None:
        rows.append((case.result_year, known.row))
    found = []
    for year, row in rows:
        try:
            url = f"{reverse('request-figures:cases')}?year={year}&row={row}&column={column}&unit={case.unit_id}"
        except NoReverseMatch:
            url = ""
        found.append({"year": str(year), "words": annual_tables.cell_label("B", row, column), "url": url})
    return found


def annual_column(category: str) -> str:
    """The column of table B for a sort of applicant."""
    keys = {column.key for column in annual_tables.COLUMNS}
    return category if category in keys else ""


def links(case: Request, user: User) -> list[dict[str, str]]:
    """Papers and records of the whole request: receipt, file."""
    found = []
    if personal.may(case, user) and case.received_on:
        for form, words in (("pdf", "登记回执（PDF）"), ("docx", "登记回执（Word）")):
            found.append(
                {"label": words, "url": reverse("requests:receipt", args=[case.pk, form]), "icon": "receipt-text"}
            )
    if archive.may_open(case, user):
        found.append(
            {"label": "整卷：一个 PDF，一个 ZIP", "url": reverse("requests:file", args=[case.pk]), "icon": "archive"}
        )
    return found
