"""Staff pages of zones: the list, the register at the desk, taking requests, figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from gongkai.channels.zones import intake, queries
from gongkai.channels.zones.kinds import ZONE
from gongkai.channels.zones.models import Place, Service, ServiceNote, ZoneRequest
from gongkai.core import entry, listing, sheets
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.days import day_words
from gongkai.core.navigation import shell, signed_in, workers
from gongkai.core.templatetags.gongkai import when

View = Callable[..., HttpResponse]
TABS = (
    ("index", "专区"),
    ("register", "服务登记"),
    ("figures", "统计"),
    ("taken", "受理的申请"),
    ("postings", "定点公开"),
    ("outlets", "载体"),
)


def working(view: View) -> View:
    """Pages for everybody who works; administrators alone have no business here."""

    @wraps(view)
    def inner(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not workers(request.user):
            raise PermissionDenied("你的角色不办理业务。需要时请联系安全保密管理员。")
        return view(request, *arguments, **named)

    return signed_in(inner)


def list_page(request: HttpRequest, here: str, template: str = "zones/staff/list.html", **context: Any) -> HttpResponse:
    """A page of the room: `here` is the tab that is open, `context` what the template reads."""
    tabs = [{"label": label, "url": reverse(f"zones:{name}"), "current": name == here} for name, label in TABS]
    return render(request, template, shell(request, current="zones:index", tabs=tabs, **context))


def chip(request: HttpRequest, name: str, label: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    """A filter of the bar, of (value, words)."""
    chosen = dict(options).get(request.GET.get(name, ""), "")
    return {
        "label": label,
        "value": chosen,
        "clear_url": listing.address(request.GET, **{name: None}) if chosen else "",
        "options": [{"label": words, "url": listing.address(request.GET, **{name: code})} for code, words in options],
    }


def _zone_chip(request: HttpRequest) -> list[dict[str, Any]]:
    """The filter by zone, where somebody sees several."""
    zones = queries.readable(request.user).exclude(state="preparing").order_by("pk").values_list("pk", "title")[:200]
    return [chip(request, "zone", "专区", [(str(pk), title) for pk, title in zones])] if len(zones) > 1 else []


def _take_button(request: HttpRequest, *, primary: bool) -> list[dict[str, Any]]:
    if not intake.zones_of(request.user).exists():
        return []
    url = reverse("zones:take")
    return [{"label": "受理申请", "url": url, "icon": "file-plus-corner", "primary": primary}]


@working
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Zones the person may read."""
    rows = queries.readable(request.user).select_related("unit")
    rows = rows.filter(listing.conditions(request.GET, request.user, timezone.now()))
    if request.GET.get("place") in Place.values:
        rows = rows.filter(place=request.GET["place"])
    rows = rows.annotate(offered=Count("services"))
    if request.GET.get("export") == "xlsx":
        found = rows.order_by("unit__path", "pk")[: listing.LIMIT_OF_EXPORT]
        lines = [
            [one.number, one.title, one.unit.name, one.get_place_display(), one.address, one.sign, one.telephone, one.hours,
             one.offered, one.state_label, one.opened_on] for one in found
        ]  # fmt: skip
        head = ("编号", "名称", "主办单位", "场所", "地址", "标识", "电话", "开放时间", "服务项数", "状态", "开放日期")
        return listing.download(sheets.workbook("政务公开专区", head, lines), "政务公开专区.xlsx", "xlsx")
    page = listing.page_of(rows, request.GET, listing.size())
    heads = (
        ("名称", False),
        ("主办单位", False),
        ("场所", False),
        ("开放时间", False),
        ("服务", True),
        ("状态", False),
    )
    lines = [
        {
            "cells": [
                {"words": one.title, "url": one.get_absolute_url()},
                {"words": str(one.unit)},
                {"words": one.get_place_display()},
                {"words": one.hours},
                {"words": f"{one.offered}项", "number": True},
                {"words": one.state_label, "light": one.state_light},
            ]
        }
        for one in page.rows
    ]
    buttons = _take_button(request, primary=True)
    if acts["zone.set_up"].permitted(None, request.user):
        url = f"{reverse('workbench:new', args=['zone', 'set_up'])}?back={reverse('zones:index')}"
        buttons.append({"label": "设立专区", "url": url, "icon": "plus", "primary": not buttons})
    buttons.append(
        {"label": "导出", "url": listing.address(request.GET, export="xlsx"), "icon": "download", "phone": False}
    )
    return list_page(
        request,
        "index",
        title="政务公开专区",
        sub="大厅、镇街、图书馆等处的专区：有哪些服务、谁来服务、什么时间",
        buttons=buttons,
        chips=[
            chip(request, "state", "状态", [(code, state.label) for code, state in ZONE.states.items()]),
            chip(request, "place", "场所", list(Place.choices)),
        ],
        table={
            "caption": "政务公开专区",
            "heads": [{"label": label, "number": number} for label, number in heads],
            "rows": lines,
        },
        pager=listing.paging(request.GET, page),
        empty={
            "title": "没有专区",
            "words": listing.beginning(request.user, "zone.set_up", "点“设立专区”登记场所和开放时间，再逐项设置服务。"),
        },
    )


# --- the register -----------------------------------------------------------------------------------------------------


def _notes_page(
    rows: QuerySet[ServiceNote], request: HttpRequest, size: int
) -> tuple[list[ServiceNote], dict[str, str]]:
    """A page of lines, the newest day first, by keys."""
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    day, _, number = (before or after).partition("~")
    on, pk = listing.day_of(day), next(iter(listing.ids_of([number])), None)
    backwards = bool(before)
    if on is not None and pk is not None:
        step = "gt" if backwards else "lt"
        rows = rows.filter(Q(**{f"on__{step}": on}) | Q(**{"on": on, f"pk__{step}": pk}))
    order = ("on", "pk") if backwards else ("-on", "-pk")
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return [], {}
    first, last = (f"{one.on.isoformat()}~{one.pk}" for one in (found[0], found[-1]))
    earlier, later = (more, True) if backwards else (on is not None, more)
    return found, {
        "previous_url": listing.address(request.GET, before=first) if earlier else "",
        "next_url": listing.address(request.GET, after=last) if later else "",
    }


@working
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """服务登记: the lines of the register, and what they come to."""
    rows = queries.register_rows(request.user, request.GET)
    if request.GET.get("export") == "xlsx":
        return _register_file(rows)
    found, pager = _notes_page(rows, request, listing.size())
    total = queries.sums(rows)
    lines = [
        {
            "cells": [
                {"words": day_words(one.on)},
                {"words": one.zone.title, "url": one.zone.get_absolute_url()},
                {"words": one.get_service_display()},
                {"words": "作废" if one.voided_at else str(one.people), "number": True},
                {"words": f"{one.words}（作废：{one.voided_reason}）" if one.voided_at else one.words},
                {"words": one.noted_by},
            ]
        }
        for one in found
    ]
    heads = (
        ("日期", False),
        ("专区", False),
        ("服务", False),
        ("人数", True),
        ("简要内容", False),
        ("登记岗位", False),
    )
    this = timezone.localdate()
    recent = [
        (f"{month.year}-{month.month:02}", f"{month.year}年{month.month}月")
        for month in _recent_months(this.year, this.month)
    ]
    asked_day = listing.day_of(request.GET.get("day", ""))
    extra = []
    if asked_day:
        words = day_words(asked_day)
        extra.append({"label": words, "url": listing.address(request.GET, day=None), "on": True})
    return list_page(
        request,
        "register",
        title="服务登记",
        sub=f"符合条件的共{total.notes:,}笔，{total.people:,}人次；只登记事，不登记人",
        buttons=[
            *_take_button(request, primary=True),
            {"label": "导出", "url": listing.address(request.GET, export="xlsx"), "icon": "download", "phone": False},
        ],
        chips=[
            *_zone_chip(request),
            chip(request, "service", "服务", list(Service.choices)),
            chip(request, "month", "月份", recent),
            *extra,
        ],
        table={
            "caption": "服务登记",
            "heads": [{"label": label, "number": number} for label, number in heads],
            "rows": lines,
        },
        pager=pager,
        empty={"title": "没有登记", "words": "在专区的事项页点“登记服务”。"},
    )


def _recent_months(year: int, month: int) -> list[Any]:
    import datetime as dt

    at = year * 12 + month - 1
    return [dt.date(number // 12, number % 12 + 1, 1) for number in range(at, at - 12, -1)]


def _register_file(rows: QuerySet[ServiceNote]) -> HttpResponse:
    found = rows.select_related("zone__unit").order_by("-on", "-pk")[: listing.LIMIT_OF_EXPORT]
    lines = [
        [one.on, one.zone.title, one.zone.unit.name, one.get_service_display(), one.people, one.words, one.noted_by,
         one.noted_at, one.voided_reason] for one in found
    ]  # fmt: skip
    head = ("日期", "专区", "主办单位", "服务", "人数", "简要内容", "登记岗位", "登记时间", "作废原因")
    return listing.download(sheets.workbook("服务登记", head, lines), "服务登记.xlsx", "xlsx")


# --- figures ----------------------------------------------------------------------------------------------------------


@working
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """统计: people served by service and month, by zone; with a month, by day. Each number opens its lines."""
    today = timezone.localdate()
    year = queries.year_of(request.GET.get("year", "")) or today.year
    month = queries.month_of(request.GET.get("month", ""))
    if month:
        year = int(month[:4])
    chosen = next(iter(listing.ids_of([request.GET.get("zone", "")])), None)
    counters = queries.months(request.user, year, chosen)
    titles = dict(
        queries.readable(request.user).filter(pk__in={one.zone_id for one in counters}).values_list("pk", "title")
    )
    base = {"zone": str(chosen)} if chosen else {}

    def link(**conditions: str) -> str:
        return f"{reverse('zones:register')}?{urlencode({**base, **conditions, 'counted': '1'})}"

    names = [f"{year}-{number:02}" for number in range(1, 13)]
    by_service = [
        _line(
            Service(code).label,
            [(_people(counters, service=code, month=name), link(service=code, month=name)) for name in names],
            (_people(counters, service=code), link(service=code, year=str(year))),
        )
        for code in Service.values
        if any(one.service == code for one in counters)
    ]
    every = _line(
        "合计",
        [(_people(counters, month=name), link(month=name)) for name in names],
        (_people(counters), link(year=str(year))),
    )
    if request.GET.get("export") == "xlsx":
        head = ("服务", *(f"{number}月" for number in range(1, 13)), "全年")
        table = [[line["label"], *(cell["number"] for cell in line["cells"])] for line in [*by_service, every]]
        return listing.download(sheets.workbook(f"{year}年专区服务人次", head, table), "专区服务人次.xlsx", "xlsx")
    by_zone = [
        {
            "label": title,
            "notes": sum(one.notes for one in counters if one.zone_id == pk),
            "people": sum(one.people for one in counters if one.zone_id == pk),
            "taken": sum(one.notes for one in counters if one.zone_id == pk and one.service == Service.INTAKE),
            "url": link(zone=str(pk), year=str(year)),
            "taken_url": link(zone=str(pk), year=str(year), service=Service.INTAKE.value),
        }
        for pk, title in titles.items()
    ]
    days = [
        {**one, "url": link(day=one["on"].isoformat())}
        for one in (queries.days_of(request.user, month, chosen) if month else [])
    ]
    years = [(str(one), f"{one}年") for one in range(today.year, today.year - 5, -1)]
    recent = [
        (f"{one.year}-{one.month:02}", f"{one.year}年{one.month}月") for one in _recent_months(today.year, today.month)
    ]
    return list_page(
        request,
        "figures",
        "zones/staff/figures.html",
        title=f"专区统计（{year}年）",
        sub="单位：人次。每个数字都可以点开看是哪些登记",
        buttons=[
            {"label": "导出", "url": listing.address(request.GET, export="xlsx"), "icon": "download", "phone": False}
        ],
        chips=[
            *_zone_chip(request),
            chip(request, "year", "年度", years),
            chip(request, "month", "按日看", recent),
        ],
        months=range(1, 13),
        lines=[*by_service, every] if by_service else [],
        by_zone=by_zone,
        days=days,
        day_title=f"{int(month[:4])}年{int(month[5:])}月按日" if month else "",
        empty_title=f"{year}年还没有服务登记",
    )


def _people(counters: list[Any], **conditions: str) -> int:
    return sum(one.people for one in counters if all(getattr(one, name) == value for name, value in conditions.items()))


def _line(label: str, cells: list[tuple[int, str]], total: tuple[int, str]) -> dict[str, Any]:
    return {"label": label, "cells": [{"number": number, "url": url} for number, url in [*cells, total]]}


# --- taking requests --------------------------------------------------------------------------------------------------

PANELS = (
    ("受理", ("zone", "arrived_on", "scans", "kept", "as_written", "dictated")),
    ("想要的信息", ("subject", "content", "files")),
    (
        "申请人",
        (
            "applicant_kind", "name", "identity_kind", "identity_number", "employer", "category", "credit_code",
            "representative", "contact", "agent", "agent_identity", "proof",
        ),
    ),
)  # fmt: skip
ASIDE = (
    ("被申请机关", ("unit",)),
    ("联系方式", ("phone", "email", "address", "postcode", "fax")),
    ("提供方式", ("forms", "way", "accepts_other", "tell_by_email")),
)
UPLOADS = {"scans": "申请表扫描件", "files": "补充材料", "proof": "身份证明"}
WORDS = {
    "title": "受理申请",
    "sub": "申请人在专区当面提交，可以是向任何一个机关申请；提交后直接转给被申请机关",
    "refused": "没有受理。",
    "verb": "受理",
}
ACT = "zone.take"


@working
def take(request: HttpRequest) -> HttpResponse:
    """受理申请: one page for the whole form; nothing typed or uploaded is lost when something is wrong."""
    act = acts[ACT]
    if not act.permitted(None, request.user):
        raise PermissionDenied("你的角色不能受理申请。需要时请联系安全保密管理员。")
    if not intake.zones_of(request.user).exists():
        raise PermissionDenied("你所在的单位没有受理申请的专区：专区要已经开放，并设置了“依申请公开受理”。")
    failure, form = "", None
    if request.method == "POST":
        try:
            perform(act, None, request.user, request.POST, files=request.FILES)
        except InvalidData as problem:
            form = problem.form
        except ActError as problem:
            form, failure = act.form(None, request.user, request.POST, request.FILES), str(problem)
            form.is_valid()
        else:
            messages.success(request, "已受理，并转给被申请机关。请打印登记回执，交给申请人。")
            return redirect("zones:taken")
        entry.keep_uploads(request, form, act=ACT, labels=UPLOADS)
    form = form or act.form(None, request.user)
    shown: Any = form
    content, subject = (str(shown[name].value() or "") for name in ("content", "subject"))
    context = shell(
        request,
        current="zones:index",
        form=form,
        failure=failure,
        advice=intake.advice_on(content, subject) if shown.is_bound else [],
        panels=entry.panels(shown, PANELS),
        aside=entry.panels(shown, ASIDE),
        after=act.hint,
        entry=WORDS,
        cancel_url=reverse("zones:index"),
        crumbs=[{"label": "政务公开专区", "url": reverse("zones:index")}, {"label": act.label, "url": ""}],
    )
    return render(request, "requests/entry/enter.html", context, status=422 if request.method == "POST" else 200)


@working
@require_safe
def taken(request: HttpRequest) -> HttpResponse:
    """受理的申请: what was taken at the zones, for whom, and the receipts still to be printed. Nothing of who asked."""
    user, now = request.user, timezone.now()
    rows = ZoneRequest.objects.filter(zone__in=queries.readable(user).values("pk")).select_related(
        "zone", "request", "request__unit"
    )
    chosen = listing.ids_of([request.GET.get("zone", "")])
    if chosen:
        rows = rows.filter(zone__in=chosen)
    after = next(iter(listing.ids_of([request.GET.get("after", "")])), None)
    size = listing.size()
    found = list((rows.filter(pk__lt=after) if after else rows).defer("request__content").order_by("-pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    mine = (
        set(
            type(found[0].request)
            .objects.visible_to(user)
            .filter(pk__in=[one.request_id for one in found])
            .values_list("pk", flat=True)
        )
        if found
        else set()
    )
    lines = [
        {
            "cells": [
                {"words": one.request.number, "url": one.request.get_absolute_url() if one.request_id in mine else ""},
                {"words": one.zone.title},
                {"words": str(one.request.unit)},
                {"words": when(one.taken_at)},
                {"words": one.request.state_label},
                _receipt_cell(one, user, now),
            ]
        }
        for one in found
    ]
    heads = ("登记号", "专区", "被申请机关", "受理时间", "办理情况", "登记回执")
    return list_page(
        request,
        "taken",
        title="受理的申请",
        sub="在专区受理、已转给被申请机关的申请；申请内容由被申请机关办理，这里不显示",
        buttons=_take_button(request, primary=True),
        chips=_zone_chip(request),
        table={"caption": "受理的申请", "heads": [{"label": label} for label in heads], "rows": lines},
        pager={
            "previous_url": listing.address(request.GET, after=None) if after else "",
            "next_url": listing.address(request.GET, after=str(found[-1].pk)) if more else "",
        },
        empty={"title": "还没有受理申请", "words": "专区开放并设置了“依申请公开受理”后，点“受理申请”。"},
    )


def _receipt_cell(one: ZoneRequest, user: Any, now: Any) -> dict[str, Any]:
    if not intake.may_print(one, user, now):
        return {"words": "已出具"}
    return {"words": "打印", "url": reverse("zones:receipt", args=[one.pk])}


@working
@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt of a request taken here, for whoever took it, while the applicant may still need it."""
    user: Any = request.user
    rows = ZoneRequest.objects.filter(zone__in=queries.readable(user).values("pk")).select_related(
        "request", "request__unit"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("没有这件申请，或者你不能查看。")
    if not intake.may_print(found, user, timezone.now()):
        raise PermissionDenied("登记回执含个人信息，只由受理人在受理后三天内打印；以后请找被申请机关。")
    try:
        content = intake.receipt_pdf(found, user)
    except ActError as problem:
        messages.error(request, str(problem))
        return redirect("zones:taken")
    response = HttpResponse(content, content_type=listing.TYPES["pdf"])
    name = f"{found.request.number}登记回执.pdf"
    response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=name) or ""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
