"""Lists of cases: conditions from the address, keyset paging, clock faces, tables and exports.

Every list of the workbench is the same: the address holds its conditions, so that each figure elsewhere can link to
the cases behind it. A room lists its own records with `Listing` too.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.http import content_disposition_header

from gongkai.core import calendars, clocks, figures, jurisdiction
from gongkai.core.acts import Act, acts
from gongkai.core.bundles import revived
from gongkai.core.days import day_words
from gongkai.core.kinds import kinds
from gongkai.core.models import Case, Clock, ClockExtension, ClockPause, Unit, User
from gongkai.core.models.cases import NO_DUE, Light
from gongkai.core.roles import Role
from gongkai.law import clock as law_clock

LIMIT_OF_EXPORT = 20000
DUE_WORDS = {"late": "已超期", "today": "今天到期", "soon": "三个工作日内", "later": "以后", "none": "没有到期日"}
ROLE_WORDS = {"owner": "承办", "lead": "牵头", "supervisor": "主管"}
STATE_WORDS = {"open": "在办", "closed": "办结"}


def beginning(user: User, key: str, words: str) -> str:
    """What an empty list says: how to begin, and to whoever may not do the act that begins it, who does it."""
    act = acts[key]
    if act.permitted(None, user):
        return words
    who = "、".join(dict.fromkeys(str(permit.role.label) for permit in act.permits))
    return f"由{who}用“{act.label}”开始。"


# --- conditions ------------------------------------------------------------------------------------------------------


def ids_of(values: Iterable[str]) -> list[int]:
    """The numbers among what an address gives; anything else is passed over."""
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 12]


def day_start(day: dt.date) -> dt.datetime:
    """The first moment of a day here."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _soon_end(today: dt.date) -> dt.datetime:
    return day_start(calendars.current().add_workdays(today, 3) + dt.timedelta(days=1))


def due_condition(name: str, now: dt.datetime) -> Q:
    """Cases by urgency: late, today, soon (three working days), later, none. Due times are exclusive midnights."""
    today = timezone.localtime(now).date()
    tomorrow, soon = day_start(today + dt.timedelta(days=1)), _soon_end(today)
    return {
        "late": Q(due_order__lte=now),
        "today": Q(due_order__gt=now, due_order__lte=tomorrow),
        "soon": Q(due_order__gt=tomorrow, due_order__lte=soon),
        "later": Q(due_order__gt=soon, due_order__lt=NO_DUE),
        "none": Q(due_order=NO_DUE),
    }[name]


def urgency(case: Case, now: dt.datetime, ends: tuple[dt.datetime, dt.datetime]) -> str:
    """The group of a row: late, today, soon or later; paused and waiting clocks stand under later."""
    if case.light in (Light.PAUSED, Light.WAIT) or case.due_at is None or case.closed_at:
        return "later"
    if case.due_at <= now:
        return "late"
    return "today" if case.due_at <= ends[0] else "soon" if case.due_at <= ends[1] else "later"


def ends(now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """The exclusive ends of today and of the third working day after it."""
    today = timezone.localtime(now).date()
    return day_start(today + dt.timedelta(days=1)), _soon_end(today)


def conditions(parameters: QueryDict, user: User, now: dt.datetime) -> Q:
    """The conditions of an address. Unknown names and values are passed over, so that old links keep working."""
    found = Q()
    for name, column in (("kind", "kind"), ("series", "series"), ("section", "section"), ("state", "state")):
        values = [value[:60] for value in parameters.getlist(name) if value and value not in STATE_WORDS]
        if values:
            found &= Q(**{f"{column}__in": values})
    lights = [value for value in parameters.getlist("light") if value in Light.values]
    if lights:
        found &= Q(light__in=lights)
    for name in ("unit", "lead", "turn_unit", "supervisor"):
        numbers = ids_of(parameters.getlist(name))
        if numbers:
            found &= Q(**{f"{name}__in": numbers})
    found &= _handler(parameters.get("handler", ""), user)
    found &= _role(parameters.get("role", ""), user)
    found &= _times(parameters, now)
    found &= _words(parameters.get("q", ""))
    return found


def _handler(value: str, user: User) -> Q:
    if value == "me":
        return Q(handler=user)
    if value == "nobody":
        return Q(handler__isnull=True)
    chosen = ids_of([value])
    return Q(handler__in=chosen) if chosen else Q()


def _role(value: str, user: User) -> Q:
    if value not in ROLE_WORDS:
        return Q()
    column = {"owner": "unit", "lead": "lead", "supervisor": "supervisor"}[value]
    return Q(**{f"{column}__in": list(user.roles_by_unit)})


def _times(parameters: QueryDict, now: dt.datetime) -> Q:
    found = Q()
    state = parameters.get("state")
    if state in STATE_WORDS:
        found &= Q(closed_at__isnull=state == "open")
    due = parameters.get("due", "")
    if due in DUE_WORDS:
        found &= due_condition(due, now) & Q(closed_at__isnull=True)
    month = parameters.get("month", "")
    if len(month) == 7:
        # Said outright, so that the index of closed cases serves.
        found &= Q(closed_month=month, closed_at__isnull=False)
    if parameters.get("on_time") in ("0", "1"):
        found &= Q(on_time=parameters["on_time"] == "1")
    for name, before in (("due_from", False), ("due_to", True)):
        day = day_of(parameters.get(name, ""))
        if day:
            # The due time is the midnight after the due day.
            moment = day_start(day + dt.timedelta(days=1)) if before else day_start(day)
            found &= Q(due_order__lte=moment) if before else Q(due_order__gt=moment)
    return found


def day_of(text: str) -> dt.date | None:
    """A day as an address writes it (2026-11-22); None for anything else."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _words(text: str) -> Q:
    text = text.strip()[:80]
    if not text:
        return Q()
    return Q(title__contains=text) | Q(number__istartswith=text)


# --- paging ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Page:
    """One page of a list, in order of due time. `after` and `before` are the cursors of its neighbours."""

    rows: list[Any]
    after: str = ""
    before: str = ""


def cursor_of(case: Case) -> str:
    """Where a case stands in the order (due_order, id)."""
    moment = case.due_order.astimezone(dt.UTC)
    return f"{moment:%Y%m%d%H%M%S%f}-{case.pk}"


def _read_cursor(text: str) -> tuple[dt.datetime, int] | None:
    stamp, _, number = text.partition("-")
    try:
        return dt.datetime.strptime(stamp, "%Y%m%d%H%M%S%f").replace(tzinfo=dt.UTC), int(number)
    except ValueError:
        return None


def beyond(rows: QuerySet, cursor: str, *, backwards: bool = False) -> QuerySet:
    """Rows after a cursor in order (due_order, id), or before it in the opposite order."""
    order = ("-due_order", "-id") if backwards else ("due_order", "id")
    place = _read_cursor(cursor)
    if place:
        moment, number = place
        if backwards:
            rows = rows.filter(Q(due_order__lte=moment), Q(due_order__lt=moment) | Q(due_order=moment, pk__lt=number))
        else:
            rows = rows.filter(Q(due_order__gte=moment), Q(due_order__gt=moment) | Q(due_order=moment, pk__gt=number))
    return rows.order_by(*order)


def page_of(rows: QuerySet, parameters: QueryDict, size: int) -> Page:
    """The page an address asks for (`after` or `before`), without ever counting or skipping rows."""
    before, after = parameters.get("before", ""), parameters.get("after", "")
    if before:
        found = list(beyond(rows, before, backwards=True)[: size + 1])
        more, found = len(found) > size, found[:size][::-1]
        return Page(
            found,
            after=cursor_of(found[-1]) if found else "",
            before=cursor_of(found[0]) if more else "",
        )
    found = list(beyond(rows, after)[: size + 1])
    more, found = len(found) > size, found[:size]
    return Page(
        found,
        after=cursor_of(found[-1]) if more else "",
        before=cursor_of(found[0]) if after and found else "",
    )


_PERSON = ("password", "last_login", "is_superuser", "first_name", "last_name", "email", "is_staff", "date_joined",
           "telephone", "shortcuts", "mail_digest")  # fmt: skip


def relations(rows: QuerySet) -> QuerySet:
    """The rows with handler and clock joined; columns no list shows stay behind. `with_units` brings the units."""
    return rows.select_related("handler", "clock").defer(*(f"handler__{name}" for name in _PERSON))


# Columns of a row that no list reads.
_UNREAD = ("light_until", "late_at", "opened_at", "closed_month", "outcome", "event_count", "updated_at")
_CASE = tuple(field.attname for field in Case._meta.concrete_fields if field.name not in _UNREAD)
_CLOCK = tuple(field.attname for field in Clock._meta.concrete_fields)
_HANDLER = ("username", "post")


def first_page(rows: QuerySet, size: int) -> figures.Part:
    """The question for the first page of a list and one row more, to be kept and asked by `page_asked`.

    The rows are chosen first, in the index alone: PostgreSQL takes what is open for a sixteenth of what it is, and would
    fetch and sort all of it.
    """
    names = [*_CASE, *(f"clock__{name}" for name in _CLOCK), *(f"handler__{name}" for name in _HANDLER)]
    chosen = rows.order_by("due_order", "id").values("pk")[: size + 1]
    return figures.question(Case.objects.filter(pk__in=chosen).order_by("due_order", "id"), *names)


def page_asked(question: figures.Part, size: int) -> Page:
    """The first page of a list, as `page_of` and `relations` give it, with only what lists show."""
    lines = figures.lines(question)
    more, lines = len(lines) > size, lines[:size]
    database, people = connection.alias, {}
    cases = []
    for line in lines:
        found = [read(value) if read else value for read, value in zip(_READERS, line, strict=False)]
        case = revived(Case, database, _CASE, found)
        held = case._state.fields_cache
        if case.clock_id:
            held["clock"] = revived(Clock, database, _CLOCK, found[len(_CASE) :])
        if case.handler_id:
            if case.handler_id not in people:
                people[case.handler_id] = revived(User, database, ("id", *_HANDLER), (case.handler_id, *line[-2:]))
            held["handler"] = people[case.handler_id]
        cases.append(case)
    return Page(cases, after=cursor_of(cases[-1]) if more else "")


_NAMES = ("id", "name", "short_name", "kind", "parent_id")
_NAMES_KEY = "gongkai.unit-names"
_names: dict[int, dict[int, tuple]] = {}


def _unit_names() -> dict[int, tuple]:
    """What lists show of every unit; kept for a minute, renewed when a unit is saved."""
    stamp = cache.get(_NAMES_KEY)
    held = _names.get(stamp) if stamp else None
    if held is None:
        stamp = time.time_ns()
        held = {row[0]: row for row in Unit.objects.order_by().values_list(*_NAMES)}
        _names.clear()
        _names[stamp] = held
        cache.set(_NAMES_KEY, stamp, 60)
    return held


@receiver([post_save, post_delete], sender=Unit, dispatch_uid="gongkai.unit-names")
def _forget_unit_names(**kwargs: Any) -> None:
    cache.delete(_NAMES_KEY)
    figures.forget()


def with_units(cases: list[Any]) -> list[Any]:
    """Give cases their units without joining them: a list names few units many times."""
    names, units = _unit_names(), {}
    for case in cases:
        for field_name in ("unit", "supervisor", "lead"):
            pk = getattr(case, f"{field_name}_id")
            if pk in names and field_name not in case._state.fields_cache:
                if pk not in units:
                    units[pk] = revived(Unit, case._state.db, _NAMES, names[pk])
                case._state.fields_cache[field_name] = units[pk]
    return cases


# --- faces -----------------------------------------------------------------------------------------------------------


def load_stretches(found: Sequence[Any]) -> None:
    """Give clocks their pauses and extensions with one query, as if they had been prefetched."""
    ids = [clock.pk for clock in found]
    pauses: dict[int, list[ClockPause]] = {pk: [] for pk in ids}
    extensions: dict[int, list[ClockExtension]] = {pk: [] for pk in ids}
    if ids:
        for what, pk, clock_id, first, last, reason, document, amount, day in _stretches(ids):
            common = {"pk": pk, "clock_id": clock_id, "reason": reason, "document": document}
            if what == "pause":
                pauses[clock_id].append(ClockPause(**common, start_at=first, end_at=last))
            else:
                extensions[clock_id].append(ClockExtension(**common, approved_at=first, amount=amount, date=day))
    no_pauses, no_extensions = _held(ClockPause, []), _held(ClockExtension, [])
    for clock in found:
        mine, more = pauses[clock.pk], extensions[clock.pk]
        clock._prefetched_objects_cache = {
            "pauses": _held(ClockPause, mine) if mine else no_pauses,
            "extensions": _held(ClockExtension, more) if more else no_extensions,
        }


_STRETCHES = """
SELECT 'pause' AS what, id, clock_id, start_at AS first, end_at AS last, reason, document, NULL AS amount,
    NULL AS day FROM core_clockpause WHERE clock_id IN ({ids})
UNION ALL
SELECT 'extension', id, clock_id, approved_at, NULL, reason, document, amount, date FROM core_clockextension
    WHERE clock_id IN ({ids})
ORDER BY first, id"""


def _stretches(ids: list[int]) -> list[tuple]:
    """Pauses and extensions of clocks, in plain SQL: lists ask this every time and mostly nothing is found."""
    sql = _STRETCHES.replace("{ids}", ", ".join(["%s"] * len(ids)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*ids, *ids])
        return [
            (what, pk, clock, moment_of(first), moment_of(last), reason, document, amount, _date(day))
            for what, pk, clock, first, last, reason, document, amount, day in cursor.fetchall()
        ]


@lru_cache(maxsize=4096)
def moment_of(value: Any) -> dt.datetime | None:
    """A moment as `figures.lines` gives it; a list shows few of them often."""
    found = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=dt.UTC) if found is not None and found.tzinfo is None else found


def _date(value: Any) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _truth(value: Any) -> bool | None:
    return None if value is None else bool(value)


_READ: dict[str, Callable[[Any], Any]] = {"DateTimeField": moment_of, "DateField": _date, "BooleanField": _truth}
_READERS: tuple[Callable[[Any], Any] | None, ...] = tuple(
    _READ.get(model._meta.get_field(name).get_internal_type())
    for model, names in ((Case, _CASE), (Clock, _CLOCK))
    for name in names
)


def _held(model: Any, rows: list[Any]) -> QuerySet:
    held = model.objects.all()
    held._result_cache = rows
    return held


def with_faces(cases: list[Any], now: dt.datetime) -> list[Any]:
    """Give each case the face of its nearest clock as `case.face`; one query, the units come along. The clock must be joined."""
    found = [case.clock for case in cases if case.clock_id]
    load_stretches(found)
    with_units(cases)
    ground = clocks.ground()
    for case in cases:
        case.face = clocks.face(case.clock, now, ground=ground) if case.clock_id else None
    return cases


# --- rows ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _expected_acts(kind: str, registered: int) -> tuple[Act, ...]:
    """The acts a row's button may do, the first one first; `registered` renews the answer when acts are added."""
    found = (act for act in acts.values() if act.kind == kind and act.expected and not act.creates and not act.system)
    return tuple(sorted(found, key=lambda act: (act.order, act.name)))


def expected_act(case: Case, user: User) -> Act | None:
    """The act a row's button does: the first expected one this person may do now.

    An act that asks the room's own record whether it starts, or is hidden while the record stands against it, is left to
    the case page: a list reads cases only.
    """
    whole = isinstance(case, kinds[case.kind].model)
    for act in _expected_acts(case.kind, len(acts)):
        if not whole and (type(act).starts_from is not Act.starts_from or act.hide_blocked):
            continue
        if act.starts_from(case) and act.permitted(case, user):
            return act
    return None


def light_now(case: Any) -> str:
    """The light of a row: the stored one, or worse if its nearest clock has turned since the last sweep."""
    face = case.face
    if face is None or not case.is_open or not face.clock.judged:
        return str(case.light)
    return law_clock.worst([case.light, face.light]) or str(case.light)


def standing(case: Any) -> tuple[str, str]:
    """Light and words of a row: those of its clocks; of an open case that has no clock to speak of, its state's."""
    light = light_now(case)
    if case.face is None and case.is_open and light == Light.OK:
        return case.state_light, case.state_label
    return light, ""


def row_of(case: Any, user: User, act_url: Callable[[Case, Act], str], url: str = "") -> dict[str, Any]:
    """A case as a row of core/parts/todo_list.html; `case.face` must be set."""
    face = case.face
    act = expected_act(case, user) if case.is_open else None
    meta = [kinds[case.kind].label, case.number]
    if case.unit_id not in user.roles_by_unit:
        meta.append(str(case.unit))
    elif case.lead_id and case.lead_id != case.unit_id:
        meta.append(f"牵头：{case.lead}")
    if case.handler_id:
        meta.append(f"经办：{case.handler}")
    light, words = standing(case)
    return {
        "id": case.pk,
        "title": case.title,
        "url": url or case.get_absolute_url(),
        "meta": meta,
        "ask": case.ask or case.state_label,
        # Mark and words tell of the same clock: the one that is due next.
        "light": case.face.light if case.face else light,
        "words": words,
        "face": face,
        "act": {"label": act.label, "url": act_url(case, act), "dialog": True} if act else None,
    }


HEAD = (
    "编号",
    "名称",
    "类型",
    "状态",
    "标识",
    "承办单位",
    "牵头单位",
    "经办人",
    "要办什么",
    "到期日",
    "时限",
    "办结时间",
)


def cells_of(case: Any) -> list[Any]:
    """A case as a line of an export."""
    face = case.face
    return [
        case.number,
        case.title,
        kinds[case.kind].label,
        case.state_label,
        Light(case.light).label,
        case.unit.name,
        case.lead.name if case.lead else "",
        str(case.handler) if case.handler else "",
        case.ask,
        timezone.localtime(case.due_at - dt.timedelta(microseconds=1)).date() if case.due_at else None,
        face.words if face else "",
        case.closed_at,
    ]


def export(cases: QuerySet, form: str, title: str, now: dt.datetime) -> HttpResponse:
    """A list as Excel (`xlsx`) or Word (`docx`), in order of due time; at most 20,000 lines, said in the file."""
    from gongkai.core import sheets

    rows = list(relations(cases).order_by("due_order", "id")[: LIMIT_OF_EXPORT + 1])
    note = f"导出时间：{timezone.localtime(now):%Y-%m-%d %H:%M}，共{min(len(rows), LIMIT_OF_EXPORT)}件"
    if len(rows) > LIMIT_OF_EXPORT:
        rows = rows[:LIMIT_OF_EXPORT]
        note += "，超过的部分没有导出，请加上筛选条件"
    lines = []
    for at in range(0, len(rows), 500):
        lines += [cells_of(case) for case in with_faces(rows[at : at + 500], now)]
    if form == "docx":
        data = sheets.word_table(title, HEAD, [[_short(value) for value in line] for line in lines], note)
        return download(data, f"{title}.docx", "docx")
    return download(sheets.workbook(title, HEAD, lines, note), f"{title}.xlsx", "xlsx")


def _short(value: Any) -> Any:
    return day_words(value) if isinstance(value, dt.date) else value


TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def download(data: bytes, name: str, form: str) -> HttpResponse:
    """Bytes as a file to be saved, under a name that may be Chinese."""
    response = HttpResponse(data, content_type=TYPES.get(form, "application/octet-stream"))
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


# --- the filter bar --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Choice:
    """A filter of the bar: its parameter, label, and the values with their words."""

    name: str
    label: str
    options: list[tuple[str, str]] = field(default_factory=list)


# Rooms say which series and sections exist and how they are called: f() -> [(series, words)].
series_words: list[Callable[[], list[tuple[str, str]]]] = []
section_words: list[Callable[[str], list[tuple[str, str]]]] = []


def choices_for(parameters: QueryDict, user: User) -> list[Choice]:
    """The filters every list has."""
    rows = [
        Choice("due", "时限", list(DUE_WORDS.items())),
        Choice("kind", "类型", [(kind.code, kind.label) for kind in kinds.values() if kind.counted]),
    ]
    series = [pair for give in series_words for pair in give()]
    if series:
        rows.append(Choice("series", "来源", series))
        chosen = parameters.get("series", "")
        sections = [pair for give in section_words for pair in give(chosen)] if chosen else []
        if sections:
            rows.append(Choice("section", "部分", sections))
    rows.append(Choice("role", "我的角色", list(ROLE_WORDS.items())))
    rows.append(Choice("handler", "经办人", [("me", "我经办的"), ("nobody", "还没有经办人")]))
    return rows


def wide(user: User) -> bool:
    """Whether a person sees cases of other units, so that a filter by unit makes sense."""
    return bool(user.role_set & {Role.OFFICE, Role.AUDITOR})


def light_choice() -> Choice:
    """The filter by light."""
    return Choice("light", "标识", list(Light.choices))


def unit_choice() -> Choice:
    """The filter by unit, for those who see several. Names are kept for a minute."""
    options = cache.get("gongkai.unit-choice")
    if options is None:
        units = Unit.objects.filter(active=True).order_by("path").only("id", "short_name", "name")[:400]
        options = [(str(unit.pk), str(unit)) for unit in units]
        cache.set("gongkai.unit-choice", options, 60)
    return Choice("unit", "单位", options)


# Parameters that place a reader in a list and no conditions of it.
_PLACE = ("after", "before", "export", "print")


def chips(request: HttpRequest, choices: Iterable[Choice], extra: Iterable[tuple[str, str]] = ()) -> list[dict]:
    """The chips of core/parts/filters.html; active conditions without a chip of their own are shown too."""
    parameters = request.GET
    rows: list[dict[str, Any]] = []
    known = {"q", "tab", "saved", *_PLACE}
    for choice in choices:
        known.add(choice.name)
        value = parameters.get(choice.name, "")
        words = dict(choice.options).get(value, value[:20]) if value else ""
        if not choice.options and not value:
            continue
        rows.append(
            {
                "label": choice.label,
                "value": words,
                "clear_url": address(parameters, **{choice.name: None}) if value else "",
                # A filter that is set shows no menu, only the way to take it away.
                "options": [{"label": words, "url": "", "current": True}] if value else _options(parameters, choice),
            }
        )
    if parameters.get("q"):
        rows.append({"label": f"含“{parameters['q'][:20]}”", "url": address(parameters, q=None), "on": True})
    names = {"month": "办结月份", "on_time": "按时", "due_from": "到期日从", "due_to": "到期日至", "lead": "牵头单位",
             "turn_unit": "等谁办理", "unit": "单位", "light": "标识", "state": "状态", "section": "部分", "series": "来源",
             "supervisor": "主管单位", **dict(extra)}  # fmt: skip
    for name in parameters:
        value = parameters.get(name, "")
        if name in known or name not in names or not value:
            continue
        said = {"1": "是", "0": "否"}.get(value, value) if name == "on_time" else _said(name, value)
        rows.append({"label": f"{names[name]}：{said}", "url": address(parameters, **{name: None}), "on": True})
    return rows


def _said(name: str, value: str) -> str:
    if name == "state":
        return STATE_WORDS.get(value) or next(
            (kind.states[value].label for kind in kinds.values() if value in kind.states), value
        )
    if name == "light" and value in Light.values:
        return str(Light(value).label)
    return value[:20]


def address(parameters: QueryDict, **changes: str | None) -> str:
    """The address of the same list with other conditions; the place within the list is left."""
    changed: dict[str, list[str]] = {name: values for name, values in parameters.lists() if name not in _PLACE}
    for name, value in changes.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = [value]
    return "?" + urlencode(changed, doseq=True)


def _options(parameters: QueryDict, choice: Choice) -> list[dict[str, Any]]:
    """The menu of a filter that is not set: what stays in the address is written once, a menu may hold 400 lines."""
    rest = address(parameters, **{choice.name: None})
    start = f"{rest}&" if len(rest) > 1 else rest
    return [
        {"label": label, "url": f"{start}{_encoded(choice.name, code)}", "current": not code}
        for code, label in choice.options
    ]


@lru_cache(maxsize=4096)
def _encoded(name: str, code: str) -> str:
    return urlencode({name: code})


def paging(parameters: QueryDict, page: Page) -> dict[str, str]:
    """`previous_url` and `next_url` of core/parts/pager.html."""
    return {
        "previous_url": address(parameters, before=page.before) if page.before else "",
        "next_url": address(parameters, after=page.after) if page.after else "",
    }


def size() -> int:
    """Rows on a page."""
    return int(jurisdiction.value("case.page_size"))
