"""One notice for staff: duties, units, plans, supervisions, publication; the cases behind every figure; files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from gongkai.core import figures, listing
from gongkai.core.icons import LIGHTS, STAFF_WORDS, worst
from gongkai.core.models import Case, CaseQuerySet, Unit
from gongkai.core.navigation import frame, frame_counts, shell
from gongkai.ledger import queries, reports
from gongkai.ledger.models import Assignment, Notice, Plan, Supervision, Task
from gongkai.ledger.views import words
from gongkai.ledger.views.common import act_url, address, do, is_office, may, notice_of, overseeing, oversees, working

TABS = (
    ("", "任务"),
    ("units", "单位"),
    ("plans", "方案"),
    ("supervisions", "督办"),
    ("compare", "对照"),
    ("public", "公开"),
)
MOST_URGED = 200
ACTS = ("edit", "link", "publish", "unpublish", "archive", "withdraw", "reconsider")


@working
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The notice with one of its tabs."""
    found = notice_of(request.user, pk, "previous", "upstream")
    if found.state in ("reading", "failed"):
        return redirect("ledger:progress", pk)
    tab = request.GET.get("tab", "") if request.GET.get("tab") in dict(TABS) else ""
    whole = oversees(request.user)
    if not whole and tab not in ("", "plans"):
        tab = ""
    if tab == "compare":
        return redirect("ledger:compare", pk)
    context = {
        "notice": found,
        "crumbs": [{"label": "工作要点台账", "url": reverse("ledger:notices")}, {"label": found.name}],
        "tab": tab,
        "buttons": _buttons(request, found),
        "acts": _acts(request, found),
        "facts": _facts(found),
        "whole": whole,
    }
    reader = {"": _tasks, "units": _units, "plans": _plans, "supervisions": _supervisions, "public": _public}[tab]
    counts = _counts(found)
    context |= reader(request, found)
    context = shell(request, current="ledger:notices", counts=counts, **context)
    context["tabs"] = _tabs(found, tab, context["figures"], whole)
    return render(request, "ledger/notice.html", context)


def _counts(found: Notice) -> dict[str, QuerySet]:
    return {
        "tab:": Task.objects.filter(notice=found, candidate=False).exclude(state__in=["dropped", "cancelled"]),
        "tab:plans": Plan.objects.filter(notice=found).exclude(state="cancelled"),
        "tab:supervisions": Supervision.objects.filter(series=found.ledger_series),
    }


def _tabs(found: Notice, tab: str, asked: figures.Figures, whole: bool) -> list[dict[str, Any]]:
    home = reverse("ledger:notice", args=[found.pk])
    rows = []
    for name, label in TABS:
        if (not whole and name not in ("", "plans")) or (
            found.level == Notice.Level.UPSTREAM and name not in ("", "compare")
        ):
            continue
        url = (
            reverse("ledger:compare", args=[found.pk]) if name == "compare" else f"{home}?tab={name}" if name else home
        )
        rows.append({"label": label, "url": url, "count": asked.numbers.get(f"tab:{name}"), "current": name == tab})
    return rows


def _facts(found: Notice) -> list[str]:
    rows = [
        found.get_level_display(),
        found.document_number,
        f"{words.day(found.issued_on)}成文" if found.issued_on else "",
        f"{words.day(found.dispatched_on)}派发" if found.dispatched_on else found.state_label,
    ]
    return [row for row in rows if row]


def _buttons(request: HttpRequest, found: Notice) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    if found.state in ("review", "approved") and is_office(request.user):
        step = "review" if found.state == "review" or found.level == Notice.Level.UPSTREAM else "dispatch"
        label = {"review": "去核对" if found.state == "review" else "看核对", "dispatch": "去派发"}[step]
        rows.append({"label": label, "url": address(step, found.pk), "primary": True})
    elif oversees(request.user):
        rows.append({"label": "看原文和核对", "url": address("review", found.pk), "phone": False})
    files = [("breakdown", "分解表", "docx"), ("breakdown", "分解表", "xlsx")]
    if found.state in ("dispatched", "archived"):
        files = [
            ("ledger", "任务台账", "xlsx"),
            ("ledger", "任务台账", "docx"),
            ("implementation", "落实情况报告", "docx"),
            *files,
        ]
    menu = [
        {
            "label": f"{label}（{'Excel' if form == 'xlsx' else 'Word'}）",
            "url": address("export", found.pk, what, form=form),
        }
        for what, label, form in files
    ]
    rows.append({"label": "导出", "menu": menu, "icon": "download"})
    return rows


def _acts(request: HttpRequest, found: Notice) -> list[dict[str, Any]]:
    """Acts on the notice itself, under 更多操作."""
    from gongkai.core.acts import acts

    return [
        {"label": acts[f"notice.{name}"].label, "icon": acts[f"notice.{name}"].icon, "url": act_url(found, name)}
        for name in ACTS
        if may("notice", name, found, request.user)
    ]


def _chosen(request: HttpRequest) -> tuple[str, str, str]:
    light = request.GET.get("light", "")
    return request.GET.get("section", ""), light if light in LIGHTS else "", request.GET.get("unit", "")


def _tasks(request: HttpRequest, found: Notice) -> dict[str, Any]:
    """Duties by section with their lights; before dispatch the drafts."""
    section, light, unit = _chosen(request)
    if found.state not in ("dispatched", "archived"):
        drafts = queries.review_tasks(found)
        return {"sections": _grouped([{"task": task, "light": "", "draft": True} for task in drafts]), "chips": []}
    rows = queries.task_rows(found)
    own = list(request.user.roles_by_unit)
    mine = dict(
        Assignment.objects.filter(series=found.ledger_series, unit__in=own).order_by("pk").values_list("task", "pk")
    )
    concerned = _tasks_of_unit(found, unit)
    kept = []
    for row in rows:
        if section and (row.task.part is None or row.task.part.code != section):
            continue
        if light and row.light != light:
            continue
        if concerned is not None and row.task.pk not in concerned:
            continue
        kept.append({"task": row.task, "light": row.light, "lights": row.lights, "percent": row.percent,
                     "figures": row.figures, "units": row.units, "mine": mine.get(row.task.pk)})  # fmt: skip
    counted = Counter(row.light for row in rows)
    return {
        "sections": _grouped(kept),
        "chips": _task_chips(request, found, rows, counted),
        "strip": {name: counted[name] for name in LIGHTS if counted[name]},
        "filtered": bool(section or light or unit),
        "total": len(rows),
    }


def _tasks_of_unit(found: Notice, unit: str) -> set[int] | None:
    if not (unit.isascii() and unit.isdigit() and len(unit) < 12):
        return None
    return set(Assignment.objects.filter(series=found.ledger_series, unit=int(unit)).values_list("task", flat=True))


def _grouped(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["task"].part.title if row["task"].part else "任务", []).append(row)
    return list(groups.items())


def _task_chips(request: HttpRequest, found: Notice, rows: list[Any], counted: Counter[str]) -> list[dict[str, Any]]:
    section, light, unit = _chosen(request)
    parts = {row.task.part.code: words.section(row.task.part) for row in rows if row.task.part}
    link = listing.address
    chips: list[dict[str, Any]] = [
        {
            "label": "部分",
            "value": parts.get(section, ""),
            "clear_url": link(request.GET, section=None),
            "options": [
                {"label": label, "url": link(request.GET, section=code)} for code, label in sorted(parts.items())
            ],
        },
        {
            "label": "标识",
            "value": STAFF_WORDS.get(light, ""),
            "clear_url": link(request.GET, light=None),
            "options": [
                {"label": STAFF_WORDS[name], "url": link(request.GET, light=name), "count": counted[name]}
                for name in LIGHTS
                if counted[name]
            ],
        },
    ]
    if oversees(request.user):
        units = queries.units_of(found)
        chips.append(
            {
                "label": "单位",
                "value": next((str(one) for one in units if str(one.pk) == unit), ""),
                "clear_url": link(request.GET, unit=None),
                "options": [{"label": str(one), "url": link(request.GET, unit=str(one.pk))} for one in units],
            }
        )
    return [chip for chip in chips if chip["options"]]


def _units(request: HttpRequest, found: Notice) -> dict[str, Any]:
    """Every unit with its lights."""
    table = queries.matrix(found)
    rows = []
    for row in table.rows:
        total = row.total
        rows.append(
            {
                "unit": row.unit,
                "light": worst([light for light in LIGHTS if total[light] > 0]),
                "lights": {light: total[light] for light in LIGHTS if total[light] > 0},
                "total": sum(total.values()),
                "late": total["late"],
                "done": total["done"] + total["donelate"],
                "url": address("cases", found.pk, unit=row.unit.pk),
                "report_url": address("export", found.pk, "implementation", form="docx", unit=row.unit.pk),
            }
        )
    return {"unit_rows": rows}


def _plans(request: HttpRequest, found: Notice) -> dict[str, Any]:
    """The units' own plans and how far they are."""
    rows = queries.plans(found)
    if not oversees(request.user):
        rows = rows.filter(unit__in=list(request.user.roles_by_unit))
    listed = list(rows[:400])
    return {
        "plans": listing.with_faces(listed, timezone.now()),
        "plan_states": dict(Counter(plan.state_label for plan in listed)),
    }


def _supervisions(request: HttpRequest, found: Notice) -> dict[str, Any]:
    rows = Supervision.objects.filter(series=found.ledger_series).visible_to(request.user)
    rows = rows.select_related("unit", "clock", "assignment__task").order_by("due_order", "pk")[:400]
    return {"supervisions": listing.with_faces(list(rows), timezone.now())}


def _public(request: HttpRequest, found: Notice) -> dict[str, Any]:
    """What of it the public reads, and what waits to be released."""
    return {
        "public_url": request.build_absolute_uri(reverse("ledger-public:notice", args=[found.slug]))
        if found.public and found.slug
        else "",
        "waiting": queries.unreleased(found, 60),
        "may_publish": may("notice", "publish", found, request.user),
        "may_release": may("assignment", "release", None, request.user),
    }


@overseeing
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """公开进展: one report of a unit."""
    found = notice_of(request.user, pk)
    case = get_object_or_404(Assignment, series=found.ledger_series, pk=request.POST.get("case") or 0)
    do(request, "assignment.release", case, {"progress": request.POST.get("progress", "")}, told="已公开这条进展。")
    return redirect(address("notice", pk, tab="public"))


def cases_of(found: Notice, user: Any) -> CaseQuerySet:
    """The cases behind the notice's figures that the person may read."""
    return Case.objects.visible_to(user).filter(kind=Assignment.KIND, series=found.ledger_series)


@working
def cases(request: HttpRequest, pk: int) -> HttpResponse:
    """The cases behind a figure, open and closed, with the conditions of the address; paged by keyset, exportable."""
    found, now, user = notice_of(request.user, pk), timezone.now(), request.user
    parameters = request.GET.copy()
    bare = parameters.get("section") == "-"
    if bare:
        parameters.pop("section")
    rows = cases_of(found, user).filter(listing.conditions(parameters, user, now))
    if bare:
        rows = rows.filter(section="")
    if parameters.get("export") in ("xlsx", "docx"):
        return listing.export(rows, parameters["export"], f"{found.name}任务", now)
    page = listing.page_of(listing.relations(rows), parameters, listing.size())
    listed = listing.with_faces(page.rows, now)
    context = {
        "notice": found,
        "crumbs": [
            {"label": "工作要点台账", "url": reverse("ledger:notices")},
            {"label": found.name, "url": reverse("ledger:notice", args=[pk])},
            {"label": "各单位任务"},
        ],
        "chips": listing.chips(request, _case_choices(found, user)),
        "table": _case_table(listed),
        "empty": {
            "title": "没有符合条件的任务",
            "words": "可以去掉几个条件再看。",
            "link": {"label": "去掉全部条件", "url": "?"},
        },
        "pager": listing.paging(parameters, page),
        "order_words": f"按到期先后排列，每页{listing.size()}件",
        "may_urge": may("assignment", "urge", None, user),
        "export_url": listing.address(parameters, export="xlsx"),
        "word_url": listing.address(parameters, export="docx"),
    }
    asked = figures.collect({**frame_counts(request), "rows": rows, "late": rows.filter(light="late")})
    context["sub"] = f"共{figures.words(asked['rows'])}件" + (
        f"，其中超期{figures.words(asked['late'])}件" if asked["late"] else ""
    )
    return render(request, "ledger/cases.html", {**frame(request, asked, "ledger:notices"), **context})


def _case_choices(found: Notice, user: Any) -> list[listing.Choice]:
    from gongkai.core.kinds import kinds

    rows = [
        listing.light_choice(),
        listing.Choice("section", "部分", [(part.code, words.section(part)) for part in found.sections.all()]),
        listing.Choice("state", "状态", [*listing.STATE_WORDS.items(), *[(code, state.label) for code, state in kinds["assignment"].states.items()]]),
        listing.Choice("due", "时限", list(listing.DUE_WORDS.items())),
    ]  # fmt: skip
    if oversees(user):
        rows.append(listing.unit_choice())
    return rows


def _case_table(listed: list[Any]) -> dict[str, Any]:
    heads = ("任务", "编号", "单位", "牵头", "状态", "经办人", "标识", "到期")
    rows = []
    for case in listed:
        face = case.face
        rows.append(
            {
                "id": case.pk,
                "cells": [
                    {"words": case.title, "url": case.get_absolute_url()},
                    {"words": case.number},
                    {"words": str(case.unit)},
                    {"words": str(case.lead) if case.lead_id else "–"},
                    {"words": case.state_label},
                    {"words": str(case.handler) if case.handler_id else ""},
                    {"words": face.words if face and face.light == case.light else "", "light": case.light},
                    {"words": face.date_words if face else ""},
                ],
            }
        )
    return {"caption": "各单位任务", "heads": [{"label": label} for label in heads], "rows": rows, "select": True}


@overseeing
def urge(request: HttpRequest, pk: int) -> HttpResponse:
    """批量催办: the late cases of the notice, handed to the form for several cases."""
    found = notice_of(request.user, pk)
    late = cases_of(found, request.user).open().filter(due_order__lte=timezone.now()).order_by("due_order", "id")
    ids = list(late.values_list("pk", flat=True)[:MOST_URGED])
    query = urlencode([("case", number) for number in ids])
    return redirect(f"{reverse('workbench:batch', args=['assignment', 'urge'])}?{query}")


FILES: dict[tuple[str, str], tuple[Callable[..., bytes], str]] = {
    ("breakdown", "docx"): (reports.breakdown_document, "分解表"),
    ("breakdown", "xlsx"): (reports.breakdown_workbook, "分解表"),
    ("ledger", "docx"): (reports.ledger_document, "任务台账"),
    ("ledger", "xlsx"): (reports.ledger_workbook, "任务台账"),
    ("implementation", "docx"): (reports.implementation_document, "落实情况报告"),
}


@working
def export(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """A file of the notice; units get their own part of the ledger and of the report."""
    found = notice_of(request.user, pk)
    form = request.GET.get("form", "docx")
    if (what, form) not in FILES:
        raise Http404
    make, label = FILES[what, form]
    if what == "breakdown":
        return listing.download(make(found), f"{found.name}{label}.{form}", form)
    unit = _unit_for(request)
    name = f"{found.name}{label}" + (f"（{unit}）" if unit else "")
    return listing.download(make(found, unit=unit), f"{name}.{form}", form)


def _unit_for(request: HttpRequest) -> Unit | None:
    """All units for those who oversee; one's own for everybody else."""
    wanted = request.GET.get("unit", "")
    if oversees(request.user):
        return Unit.objects.filter(pk=int(wanted)).first() if wanted.isascii() and wanted.isdigit() else None
    return request.user.main_unit
