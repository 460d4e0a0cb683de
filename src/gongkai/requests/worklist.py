"""Which requests stand on the work list: whose they are, by what they are filtered, a page at a time, and as a register.

A list is asked as cases in order of due time; what only requests have is read for the rows of the page, in one question.
Requests of other bodies that wait for the person's units (a reviewer above the body) are few and are put among them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from gongkai.core import clocks, figures, listing
from gongkai.core.acts import people_of
from gongkai.core.kinds import kinds
from gongkai.core.models import Case, CaseCount, Unit, User
from gongkai.core.models.cases import Light
from gongkai.core.roles import ADMINISTRATORS, STAFF, Role
from gongkai.core.search.index import scope_of
from gongkai.core.search.service import find
from gongkai.law.clock import last_day
from gongkai.requests import outstanding
from gongkai.requests.models import Approval, Category, Channel, Consultation, Delivery, Fee, Request, Supplement, Way
from gongkai.requests.queries import day, decision_words

SOURCE = "request"
# The list's name where filters are kept and in the address of a case that was opened from it.
PLACE = "requests"
HITS = 200
# What else may be asked for: code -> words.
HAS = {
    "opinion": "正在征求意见",
    "contested": "有复议诉讼",
    "archive": "等待归档",
    "extended": "已延期",
    "fee": "有收费",
    "supplement": "补正过",
    "redo": "重新办理",
    "excessive": "数量频次异常",
}
WEEK = "week"
CLOSED = ("replied", "ended", "moved")
_OWN = {"channel": Channel.values, "category": Category.values}


# --- whose ------------------------------------------------------------------------------------------------------------


def _paths() -> list[tuple[int, str]]:
    """Every unit and its place in the tree; kept for a minute."""
    held = cache.get("gongkai.requests.paths")
    if held is None:
        held = list(Unit.objects.order_by("path").values_list("pk", "path"))
        cache.set("gongkai.requests.paths", held, 60)
    return held


def roots(user: User) -> tuple[str, ...]:
    """The parts of the tree that a person oversees, as `visible_to` has it."""
    found = []
    for membership in user.memberships_now:
        if membership.role in (Role.OFFICE, Role.AUDITOR):
            path = membership.unit.path
            found.append(path[: path.rstrip("/").rindex("/") + 1] if membership.unit.parent_id else path)
    return tuple(found)


def units(user: User) -> list[int]:
    """The units whose requests a person reads: the person's own, and those below what the person oversees."""
    own = {one.unit_id for one in user.memberships_now if one.role not in ADMINISTRATORS}
    above = roots(user)
    if above:
        own |= {pk for pk, path in _paths() if path.startswith(above)}
    return sorted(own)


def mine(user: User, *, opened: bool = False) -> QuerySet[Case]:
    """Requests of these units.

    Whoever oversees the tree sees most units: the few outside are named, so that the order of due times is walked and
    nothing collected and sorted. With `opened` only open ones are asked for, which have an index of their own.
    """
    rows = Case.objects.filter(_of_units(user), kind=Request.KIND)
    return rows.filter(closed_at__isnull=True) if opened else rows


def _of_units(user: User) -> Q:
    seen, above = units(user), roots(user)
    known = set(seen)
    outside = [pk for pk, _ in _paths() if pk not in known] if above else []
    if above and len(outside) < len(seen):
        return ~Q(unit__in=outside)
    return Q(unit=seen[0]) if len(seen) == 1 else Q(unit__in=seen)


def late(user: User) -> figures.Part:
    """How many requests of these units are late, from the counters that the acts keep."""
    rows = CaseCount.objects.filter(_of_units(user), kind=Request.KIND, light=Light.LATE)
    return figures.adding(rows, "number")


def visiting(user: User) -> QuerySet[Case]:
    """Open requests of other bodies that wait for one of the person's units."""
    own = list(user.roles_by_unit)
    return Case.objects.open().filter(kind=Request.KIND, turn_unit__in=own).exclude(unit__in=units(user))


def in_order(user: User) -> QuerySet[Case]:
    """The open requests of the work list, for previous and next on the page of one."""
    own = list(user.roles_by_unit)
    return Case.objects.open().filter(_of_units(user) | Q(turn_unit__in=own), kind=Request.KIND)


def unfiled(rows: QuerySet) -> QuerySet:
    """Of these cases the requests that are closed and wait to be archived."""
    return rows.filter(closed_at__isnull=False, requests_request__unfiled=True)


def named(pks: Iterable[int]) -> QuerySet[Unit]:
    """Units with just their names, in the order of the tree."""
    return Unit.objects.filter(pk__in=list(pks)).order_by("path").only("id", "name", "short_name")


def readable(user: User) -> QuerySet[Case]:
    """Both together, where order does not matter."""
    return Case.objects.visible_to(user).filter(kind=Request.KIND)


# --- filters ----------------------------------------------------------------------------------------------------------


def conditions(parameters: QueryDict, user: User, now: dt.datetime) -> Q:
    """The conditions of an address; unknown names and values are passed over, so that old links keep working."""
    common = parameters.copy()
    for name in ("q", "kind", "series", "section"):
        common.pop(name, None)
    if common.get("state") in ("all", "waiting"):
        common.pop("state")
    found = listing.conditions(common, user, now)
    for name, known in _OWN.items():
        values = [value for value in parameters.getlist(name) if value in known]
        if values:
            found &= Q(**{f"requests_request__{name}__in": values})
    area = parameters.get("area", "")[:40]
    if area:
        found &= Q(requests_request__area=area)
    found &= _decision(parameters.get("decision", "")) & _has(parameters.get("has", ""))
    found &= _received(parameters) & _words(parameters.get("q", ""), user)
    if parameters.get("due") == WEEK:
        found &= due_this_week(now)
    if parameters.get("state") == "waiting":
        found &= Q(state__in=WAITING)
    if not _any_state(parameters):
        found &= Q(closed_at__isnull=True)
    return found


WAITING = ("supplementing", "consulting", "explaining", "paying")


def _any_state(parameters: QueryDict) -> bool:
    """Whether the address says itself which states it wants; else a list shows what is open."""
    if parameters.get("state") or parameters.get("month") or parameters.get("on_time") or parameters.get("decision"):
        return True
    return parameters.get("has") in ("archive", "contested", "redo") or parameters.get("light") in ("done", "donelate")


def only_open(parameters: QueryDict) -> bool:
    """Whether the address asks for open requests alone."""
    state = parameters.get("state", "")
    known = kinds[Request.KIND].states.get(state)
    return state in ("open", "waiting") or (known is not None and known.open) or not _any_state(parameters)


def only_closed(parameters: QueryDict) -> bool:
    """Whether the address asks for closed requests alone."""
    state = parameters.get("state", "")
    known = kinds[Request.KIND].states.get(state)
    return state == "closed" or parameters.get("has") == "archive" or (known is not None and not known.open)


def descending(parameters: QueryDict) -> bool:
    """Whether the list begins with the latest due time: where it shows what is closed."""
    state = parameters.get("state", "")
    known = kinds[Request.KIND].states.get(state)
    if known is not None:
        return not known.open
    return _any_state(parameters) and state not in ("open", "waiting")


def _decision(value: str) -> Q:
    """A result: a row of the annual table, or a group of rows (its letter)."""
    value = value[:8]
    if not value:
        return Q()
    if len(value) == 1:
        return Q(requests_request__decision__startswith=value)
    return Q(requests_request__decision=value)


def _has(value: str) -> Q:
    if value == "contested":
        return Q(requests_request__contested=True)
    if value == "archive":
        return Q(requests_request__unfiled=True, closed_at__isnull=False)
    if value == "redo":
        return Q(requests_request__origin_reason="redo")
    if value == "excessive":
        return Q(requests_request__excessive=True)
    if value == "supplement":
        return Q(requests_request__supplements__gt=0)
    rows: Any = {
        "opinion": Consultation.objects.filter(answered_on__isnull=True, ended_on__isnull=True),
        "extended": Approval.objects.filter(kind=Approval.Kind.EXTENSION, state=Approval.State.GRANTED),
        "fee": Fee.objects.all(),
    }.get(value)
    return Q(pk__in=rows.values("request")) if rows is not None else Q()


def _received(parameters: QueryDict) -> Q:
    found = Q()
    for name, step in (("received_from", "gte"), ("received_to", "lte")):
        on = listing.day_of(parameters.get(name, ""))
        if on:
            found &= Q(**{f"requests_request__received_on__{step}": on})
    return found


def _words(text: str, user: User) -> Q:
    """By number, else by the words of subject and content, as the index finds them."""
    text = " ".join(text.split())[:80]
    if not text:
        return Q()
    start = text.upper()
    number = Q(number__gte=start, number__lt=f"{start}\U0010ffff")
    if any(sign.isdigit() for sign in text) and text.isascii():
        return number
    hits = [hit.pk for hit in find(text, scope_of(user), size=HITS, sources=(SOURCE,)).hits]
    return number | Q(pk__in=hits) if hits else number | Q(title__contains=text)


def week_of(now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """The exclusive ends of last Sunday and of this one."""
    today = timezone.localtime(now).date()
    monday = today - dt.timedelta(days=today.weekday())
    return listing.day_start(monday), listing.day_start(monday + dt.timedelta(days=7))


def due_this_week(now: dt.datetime) -> Q:
    """本周到期: due from Monday to Sunday of this week, and open."""
    first, end = week_of(now)
    return Q(due_order__gt=first, due_order__lte=end, closed_at__isnull=True)


def handlers(user: User) -> list[tuple[str, str]]:
    """The people who may be named in the filter: staff of the person's own units. Kept for a minute."""
    own = sorted(user.roles_by_unit)
    key = f"gongkai.requests.handlers.{'-'.join(map(str, own))}"
    held = cache.get(key)
    if held is None:
        people = people_of(own[0], *STAFF) if len(own) == 1 else User.objects.none()
        held = [(str(person.pk), str(person)) for person in people.order_by("pk")[:60]]
        cache.set(key, held, 60)
    return held


# --- pages ------------------------------------------------------------------------------------------------------------


def page(parts: Sequence[QuerySet], parameters: QueryDict, size: int, *, down: bool = False) -> listing.Page:
    """The page an address asks for out of several lists together, in order of due time; `down` begins with the latest."""
    back = bool(parameters.get("before"))
    cursor = parameters.get("before") or parameters.get("after") or ""
    backwards = back != down
    found: list[Any] = []
    for rows in parts:
        found += listing.beyond(listing.relations(rows), cursor, backwards=backwards)[: size + 1]
    found.sort(key=lambda case: (case.due_order, case.pk), reverse=backwards)
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    after = found and (back or more)
    before = found and (more if back else cursor)
    return listing.Page(
        found,
        after=listing.cursor_of(found[-1]) if after else "",
        before=listing.cursor_of(found[0]) if before else "",
    )


def first_page(question: figures.Part, others: Iterable[Any], size: int) -> listing.Page:
    """The first page in order of due time, from a question that was kept, with the few visiting requests among it."""
    found = listing.page_asked(question, size)
    extra = list(others)
    if not extra:
        return found
    rows = sorted([*found.rows, *extra], key=lambda case: (case.due_order, case.pk))
    if len(rows) <= size and not found.after:
        return listing.Page(rows)
    rows = rows[:size]
    return listing.Page(rows, after=listing.cursor_of(rows[-1]))


_OWN_COLUMNS = ("pk", "applicant_label", "channel", "category", "subject", "received_on", "replied_on", "decision",
                "answered_in_time", "contested", "area")  # fmt: skip


def own_columns(cases: Sequence[Any]) -> dict[int, dict[str, Any]]:
    """What only requests have, for the rows of a page: one query."""
    rows = Request.objects.filter(pk__in=[case.pk for case in cases]).order_by().values(*_OWN_COLUMNS)
    return {row["pk"]: row for row in rows}


# --- the register -----------------------------------------------------------------------------------------------------

# 申请台账: what the register of requests shows, in order.
REGISTER = (
    "登记号", "收到日期", "渠道", "申请人", "申请人类型", "申请内容", "承办机构", "经办人", "状态", "补正", "征求意见", "延期", "收费",
    "答复日期", "答复类型", "按时", "送达方式及日期", "复议诉讼",
)  # fmt: skip
LIST = (
    "受理号",
    "信息",
    "申请人",
    "申请人类型",
    "承办单位",
    "渠道",
    "收到日期",
    "阶段",
    "时限",
    "最后一日",
    "经办人",
    "答复类型",
)
_CHUNK = 500


def _records(rows: QuerySet) -> list[Request]:
    """The requests of a list in its order, for a file: at most as many as an export holds, sealed columns left behind."""
    sealed = ("applicant", "code", "reasons_words")
    ids = rows.order_by("due_order", "id").values_list("pk", flat=True)[: listing.LIMIT_OF_EXPORT + 1]
    found: list[Request] = []
    listed = list(ids)
    for start in range(0, len(listed), _CHUNK):
        part = listed[start : start + _CHUNK]
        named = Request.objects.filter(pk__in=part).select_related("unit", "handler", "clock").defer(*sealed)
        by_id = {one.pk: one for one in named}
        found += [by_id[pk] for pk in part if pk in by_id]
    return found


def register_lines(found: Sequence[Request]) -> Iterable[list[Any]]:
    """The lines of the register; six questions for five hundred requests."""
    for start in range(0, len(found), _CHUNK):
        part = found[start : start + _CHUNK]
        beside = _beside([one.pk for one in part])
        yield from (_register_line(one, beside) for one in part)


def _beside(ids: list[int]) -> dict[str, dict[int, list[str]]]:
    """What the register says of rows that hang on requests, in words: column -> request -> words."""
    from gongkai.requests.appeals.models import Appeal

    found: dict[str, dict[int, list[str]]] = {
        name: {} for name in ("supplement", "opinion", "extension", "fee", "delivery", "appeal")
    }

    def say(column: str, pk: int, *words: str) -> None:
        found[column].setdefault(pk, []).append("，".join(word for word in words if word))

    for pk, asked, state, answered in Supplement.objects.filter(request__in=ids).values_list("request", "asked_on", "state", "answered_on"):  # fmt: skip
        say("supplement", pk, f"{day(asked)}告知", day(answered), Supplement.State(state).label)
    opinions = Consultation.objects.filter(request__in=ids)
    for pk, kind, label, sent, answer in opinions.values_list("request", "kind", "party_label", "sent_on", "answer"):
        outcome = Consultation.Answer(answer).label if answer else "等待答复"
        say("opinion", pk, f"{Consultation.Kind(kind).label}（{label}）", f"{day(sent)}发出", outcome)
    granted = Approval.objects.filter(request__in=ids, kind=Approval.Kind.EXTENSION, state=Approval.State.GRANTED)
    for pk, workdays, on in granted.values_list("request", "workdays", "decided_on"):
        say("extension", pk, f"{day(on)}批准延长{workdays}个工作日")
    for pk, amount, state in Fee.objects.filter(request__in=ids).values_list("request", "amount", "state"):
        say("fee", pk, f"{amount}元", Fee.State(state).label)
    delivered = Delivery.objects.filter(request__in=ids, addressee="applicant", sent_on__isnull=False)
    for pk, way, on in outstanding.of_result(delivered).order_by("pk").values_list("request", "way", "sent_on"):
        say("delivery", pk, f"{Way(way).label} {day(on)}")
    for one in Appeal.objects.filter(request__in=ids).exclude(state="void").only("sort", "result", "request_id", "file_number"):  # fmt: skip
        say("appeal", one.request_id, one.get_sort_display(), one.file_number, one.get_result_display() or "审理中")
    return found


def _register_line(one: Request, beside: dict[str, dict[int, list[str]]]) -> list[Any]:
    def said(name: str) -> str:
        return "；".join(beside[name].get(one.pk, ()))

    in_time = "" if one.answered_in_time is None else "按时" if one.answered_in_time else "逾期"
    return [
        one.number,
        one.received_on,
        one.get_channel_display(),
        one.applicant_label,
        one.get_category_display(),
        one.wanted,
        one.unit.name,
        str(one.handler) if one.handler else "",
        one.state_label,
        said("supplement"),
        said("opinion"),
        said("extension"),
        said("fee"),
        one.replied_on,
        decision_words(one.decision),
        in_time,
        # Delivered twice when it came back: the last one counts.
        (beside["delivery"].get(one.pk) or [""])[-1],
        said("appeal"),
    ]


def list_lines(found: Sequence[Request], now: dt.datetime) -> Iterable[list[Any]]:
    """The lines of the list as it stands on the page."""
    for start in range(0, len(found), _CHUNK):
        for one in listing.with_faces(list(found[start : start + _CHUNK]), now):
            face: clocks.Face | None = one.face
            yield [
                one.number,
                one.wanted,
                one.applicant_label,
                one.get_category_display(),
                one.unit.name,
                one.get_channel_display(),
                one.received_on,
                one.state_label,
                face.words if face and one.is_open else "",
                last_day(one.due_at) if one.due_at else None,
                str(one.handler) if one.handler else "",
                decision_words(one.decision),
            ]


def file(rows: QuerySet, what: str, form: str, now: dt.datetime) -> tuple[bytes, str]:
    """A list or the register as Excel or Word, and the name of the file."""
    from gongkai.core import sheets

    found = _records(rows)
    note = f"导出时间：{timezone.localtime(now):%Y-%m-%d %H:%M}，共{min(len(found), listing.LIMIT_OF_EXPORT)}件"
    if len(found) > listing.LIMIT_OF_EXPORT:
        found = found[: listing.LIMIT_OF_EXPORT]
        note += "，超过的部分没有导出，请加上筛选条件"
    title, head = ("依申请公开台账", REGISTER) if what == "register" else ("依申请公开", LIST)
    lines = register_lines(found) if what == "register" else list_lines(found, now)
    if form == "docx":
        written = [[day(value) if isinstance(value, dt.date) else value for value in line] for line in lines]
        return sheets.word_table(title, head, written, note), f"{title}.docx"
    return sheets.workbook(title, head, lines, note), f"{title}.xlsx"
