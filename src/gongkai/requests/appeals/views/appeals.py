"""复议诉讼: the list with its filters, the figures with table C, the lessons."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import listing, sheets
from gongkai.core.measures import Figure, measures
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day
from gongkai.law import annual_tables
from gongkai.requests import decisions
from gongkai.requests.acts.registration import areas
from gongkai.requests.appeals import queries, results
from gongkai.requests.appeals.kinds import APPEAL, LESSON
from gongkai.requests.appeals.measures import incomplete, year_scope
from gongkai.requests.appeals.models import GROUPS, Appeal, Caution, Lesson, Result
from gongkai.requests.appeals.views import common

BACK = "appeals:index"
HEAD = (
    "编号", "类型", "本机关地位", "计入年度报告", "单位", "对应申请", "申请人或者原告", "争议事项", "争议的答复或者行为", "所属领域", "答复类型",
    "复议机关或者法院", "案号", "收到通知之日", "录入日期", "提交答复之日", "审级", "审理结果", "年度报告栏目", "文书", "文书日期", "收到文书之日",
    "重新办理", "状态",
)  # fmt: skip


def filtered(request: HttpRequest) -> QuerySet[Appeal]:
    """The appeals the person may read, with the conditions of the address."""
    get = request.GET
    rows = Appeal.objects.visible_to(request.user)
    rows = rows.filter(listing.conditions(get, request.user, timezone.now()))
    for name, allowed in (
        ("sort", Appeal.Sort.values),
        ("standing", Appeal.Standing.values),
        ("matter", Appeal.Matter.values),
        ("result", Result.values),
    ):
        if get.get(name) in allowed:
            rows = rows.filter(**{name: get[name]})
    if get.get("area"):
        rows = rows.filter(area=get["area"][:40])
    if get.get("decision"):
        rows = rows.filter(decision=get["decision"][:8])
    if get.get("group") in dict(GROUPS):
        rows = rows.filter(result__in=results.results_in(get["group"]))
    elif get.get("group") == results.PENDING:
        rows = rows.filter(decided_on__isnull=True).exclude(state="void")
    if get.get("lacking"):
        rows = rows.filter(incomplete()).exclude(state="void")
    return _of_year(rows, get.get("cell", ""), common.year_of(get.get("year", "")))


def _of_year(rows: QuerySet[Appeal], cell: str, year: int | None) -> QuerySet[Appeal]:
    """A cell of table C of a year, or the year of receipt."""
    if year is None:
        return rows
    if not cell:
        return rows.filter(received_on__year=year)
    sort, _, column = cell.partition(".")
    counted = results.counted_rows(None, year).values("pk")
    return results.cell_rows(rows.filter(pk__in=counted), sort, column, year)


@common.working
def index(request: HttpRequest) -> HttpResponse:
    """The list."""
    rows = filtered(request)
    if request.GET.get("export") == "xlsx":
        return _export(rows)
    related = ("unit", "clock", "handler", "request")
    found, pager = common.newest_first(request, rows.select_related(*related), "received_on")
    listing.with_faces(found, timezone.now())
    several = len({case.unit_id for case in found}) > 1 or listing.wide(request.user)
    context = shell(
        request,
        current=BACK,
        title="复议诉讼",
        sub="因政府信息公开被申请行政复议、提起行政诉讼的案件",
        tabs=_tabs("index"),
        table={
            "caption": "复议诉讼",
            "heads": common.heads(
                "案件", *(["单位"] if several else []), "复议机关或者法院", "收到通知", "状态", "时限", "结果"
            ),
            "rows": [_row(case, several) for case in found],
        },
        chips=_chips(request),
        pager=pager,
        buttons=[
            common.export_button(request),
            *common.new_button(request, "appeal.enter", reverse(BACK), primary=True),
        ],
        empty={
            "title": "没有符合条件的复议诉讼",
            "words": "收到答复通知书、应诉通知书后，从对应的申请或者这里登记。",
        },
    )
    return render(request, "appeals/list.html", context)


def _tabs(current: str) -> list[dict[str, Any]]:
    rows = (("index", "案件"), ("lessons", "教训和通报"), ("figures", "统计"))
    return [
        {"label": label, "url": reverse(f"appeals:{name}"), "count": None, "current": name == current}
        for name, label in rows
    ]


def _row(case: Appeal, several: bool) -> dict[str, Any]:
    face = case.face  # type: ignore[attr-defined]
    standing = {"words": face.words, "light": face.light} if face and case.is_open else {}
    ended = case.outcome if case.result else ""
    if case.standing != Appeal.Standing.RESPONDENT:
        ended = f"{ended}（不计入年度报告）" if ended else "不计入年度报告"
    return {
        "cells": [
            {"words": case.title, "url": case.get_absolute_url()},
            *([{"words": str(case.unit)}] if several else []),
            {"words": f"{case.organ} {case.file_number}".strip()},
            {"words": day(case.received_on)},
            {"words": case.state_label, **({} if standing else {"light": case.state_light})},
            standing or {"words": ""},
            {"words": ended},
        ]
    }


def _chips(request: HttpRequest) -> list[dict[str, Any]]:
    states = [(code, state.label) for code, state in APPEAL.states.items()]
    this_year = queries.this_year()
    years = [(str(year), f"{year}年") for year in range(this_year, this_year - 6, -1)]
    get = request.GET
    rows = [
        common.chip(request, "sort", "类型", list(Appeal.Sort.choices)),
        common.chip(request, "group", "结果", [*GROUPS, (results.PENDING, "尚未审结")]),
        common.chip(request, "state", "状态", states),
        common.chip(request, "year", "年度", years),
        common.chip(request, "area", "领域", [(word, word) for word in areas()]),
        common.chip(request, "standing", "本机关地位", list(Appeal.Standing.choices)),
    ]
    if listing.wide(request.user):
        rows.append(common.chip(request, "unit", "单位", listing.unit_choice().options))
    lacking = get.get("lacking", "")
    rows.append(
        {"label": "登记不全", "url": listing.address(get, lacking=None if lacking else "1"), "on": bool(lacking)}
    )
    if get.get("cell") and common.year_of(get.get("year", "")):
        label = _cell_words(get["cell"])
        rows.append({"label": label, "url": listing.address(get, cell=None), "on": True})
    return rows


def _cell_words(text: str) -> str:
    sort, _, column = text.partition(".")
    known = sort in {group.key for group in annual_tables.C_GROUPS} and column in {
        cell.key for cell in annual_tables.C_CELLS
    }
    return f"表四：{annual_tables.cell_label('C', sort, column)}" if known else "表四"


def _export(rows: QuerySet[Appeal]) -> HttpResponse:
    groups = results.GROUP_LABELS
    lines = []
    found = rows.select_related("unit", "request", "remade").order_by("-received_on", "-pk")
    for case in found[: listing.LIMIT_OF_EXPORT]:
        lines.append(
            (
                case.number,
                case.get_sort_display(),
                case.get_standing_display(),
                "是" if case.counted else "否",
                case.unit.name,
                case.request.number if case.request else "",
                case.party_label,
                case.get_matter_display(),
                case.challenged,
                case.area,
                decisions.short_of(case.decision) if case.decision else "",
                case.organ,
                case.file_number,
                case.received_on,
                timezone.localdate(case.entered_at),
                case.answered_on,
                case.instance,
                case.get_result_display(),
                groups.get(results.group_of(case.result), ""),
                case.result_document,
                case.decided_on,
                case.told_on,
                case.remade.number if case.remade else "",
                case.state_label,
            )
        )
    return listing.download(sheets.workbook("复议诉讼台账", HEAD, lines), "复议诉讼台账.xlsx", "xlsx")


# --- figures ----------------------------------------------------------------------------------------------------------

SHOWN = ("appeals.entry_on_time", "appeals.complete", "appeals.answer_on_time", "appeals.corrected", "appeals.cautions")
FIGURE_HEAD = ("分组", *(cell.label for cell in annual_tables.C_CELLS))


@common.working
def figures(request: HttpRequest) -> HttpResponse:
    """Table C live, each number opening its cases; what does not add up; what was in time."""
    year = common.year_of(request.GET.get("year", "")) or queries.this_year()
    units = _units(request)
    table = results.table_c(units, year)
    previous = results.table_c(units, year - 1)
    if request.GET.get("export") == "xlsx":
        return _export_table(table, year)
    this_year = queries.this_year()
    context = shell(
        request,
        current=BACK,
        title="复议诉讼统计",
        sub=f"{year}年，年度报告表四的数字由案件实时得出",
        tabs=_tabs("figures"),
        year=year,
        groups=_groups(request, table, year),
        cells=annual_tables.C_CELLS,
        table_title=annual_tables.TABLE_C_TITLE,
        violations=annual_tables.check_c(table, previous),
        shown=[_measure(name, units, year) for name in SHOWN],
        chips=[
            common.chip(
                request, "year", "年度", [(str(one), f"{one}年") for one in range(this_year, this_year - 6, -1)]
            ),
            *(
                [common.chip(request, "unit", "单位", listing.unit_choice().options)]
                if listing.wide(request.user)
                else []
            ),
        ],
        buttons=[common.export_button(request)],
        uncounted=_uncounted(request, units, year),
    )
    return render(request, "appeals/figures.html", context)


def _units(request: HttpRequest) -> tuple[int, ...] | None:
    """The units whose cases are counted: those the person oversees or works in, or of these the chosen ones."""
    user = request.user
    visible = Appeal.objects.visible_to(user).order_by().values_list("unit", flat=True).distinct()
    mine = set(visible) | set(user.roles_by_unit)
    chosen = set(listing.ids_of(request.GET.getlist("unit")))
    return tuple(sorted(mine & chosen if chosen else mine))


def _groups(request: HttpRequest, table: dict[annual_tables.Cell, int], year: int) -> list[dict[str, Any]]:
    base = reverse(BACK)
    unit = {"unit": request.GET["unit"]} if request.GET.get("unit") else {}
    found = []
    for group in annual_tables.C_GROUPS:
        cells = [
            {
                "number": table[group.key, cell.key],
                "url": base + listing.address(request.GET, year=str(year), cell=f"{group.key}.{cell.key}", **unit),
                "label": f"{group.label}，{cell.label}",
            }
            for cell in annual_tables.C_CELLS
        ]
        found.append({"group": group, "cells": cells})
    return found


def _measure(name: str, units: tuple[int, ...] | None, year: int) -> dict[str, Any]:
    measure = measures[name]
    figure: Figure = measure.compute(year_scope(units, year))
    return {"label": measure.label, "value": figure.value, "words": figure.words, "help": measure.help}


def _uncounted(request: HttpRequest, units: tuple[int, ...] | None, year: int) -> int:
    rows = Appeal.objects.filter(standing=Appeal.Standing.CO_DEFENDANT, received_on__year=year).exclude(state="void")
    return (rows if units is None else rows.filter(unit__in=units)).count()


def _export_table(table: dict[annual_tables.Cell, int], year: int) -> HttpResponse:
    lines = [
        (
            f"{group.group}：{group.label}" if group.group else group.label,
            *(table[group.key, cell.key] for cell in annual_tables.C_CELLS),
        )
        for group in annual_tables.C_GROUPS
    ]
    title = f"{year}年{annual_tables.TABLE_C_TITLE}"
    return listing.download(sheets.workbook(title, FIGURE_HEAD, lines), f"{year}年年度报告表四.xlsx", "xlsx")


# --- lessons ----------------------------------------------------------------------------------------------------------


@common.working
def lessons(request: HttpRequest) -> HttpResponse:
    """What was learned, and who was warned."""
    rows = Lesson.objects.visible_to(request.user).select_related("unit", "appeal", "clock")
    state = request.GET.get("state", "")
    if state in LESSON.states:
        rows = rows.filter(state=state)
    cause = request.GET.get("cause", "")
    if cause in Lesson.Cause.values:
        # The list of causes is JSON text in every database; each code stands in it in quotes.
        rows = rows.filter(causes__icontains=f'"{cause}"')
    if request.GET.get("export") == "xlsx":
        return _export_lessons(rows)
    found, pager = common.newest_first(request, rows, "opened_at")
    told = _told([lesson.pk for lesson in found])
    table = {
        "caption": "教训和通报",
        "heads": common.heads("教训", "单位", "原因", "状态", "通报签收"),
        "rows": [
            {
                "cells": [
                    {"words": lesson.title, "url": lesson.get_absolute_url()},
                    {"words": str(lesson.unit)},
                    {"words": lesson.cause_words},
                    {"words": lesson.state_label, "light": lesson.light},
                    {"words": "{1}个单位，已签收{0}个".format(*told[lesson.pk]) if lesson.pk in told else ""},
                ]
            }
            for lesson in found
        ],
    }
    context = shell(
        request,
        current=BACK,
        title="教训和通报",
        sub="败诉、被纠正案件的原因和整改，向有关单位通报警示",
        tabs=_tabs("lessons"),
        table=table,
        chips=[
            common.chip(request, "state", "状态", [(code, one.label) for code, one in LESSON.states.items()]),
            common.chip(request, "cause", "原因", list(Lesson.Cause.choices)),
        ],
        pager=pager,
        buttons=[common.export_button(request)],
        empty={"title": "还没有教训", "words": "登记审理结果时，被纠正的案件会自动要求总结。"},
    )
    return render(request, "appeals/list.html", context)


def _told(pks: list[int]) -> dict[int, tuple[int, int]]:
    """Lesson -> (warnings acknowledged, warnings sent)."""
    found: dict[int, tuple[int, int]] = {}
    for lesson, state in Caution.objects.filter(lesson__in=pks).values_list("lesson", "state"):
        done, sent = found.get(lesson, (0, 0))
        found[lesson] = (done + (state == "acknowledged"), sent + 1)
    return found


def _export_lessons(rows: QuerySet[Lesson]) -> HttpResponse:
    found = list(rows.order_by("-opened_at", "-pk")[: listing.LIMIT_OF_EXPORT])
    told = _told([lesson.pk for lesson in found])
    lines = [
        (
            lesson.number,
            lesson.unit.name,
            lesson.appeal.number,
            lesson.appeal.get_sort_display(),
            lesson.appeal.outcome,
            lesson.cause_words,
            lesson.reason,
            lesson.rectification,
            lesson.rectified_on,
            lesson.advice,
            lesson.state_label,
            *told.get(lesson.pk, (0, 0))[::-1],
        )
        for lesson in found
    ]
    head = (
        "编号", "单位", "案件", "类型", "结果", "原因类别", "原因分析", "整改措施", "整改完成日期", "对各单位的提示", "状态", "通报单位数", "已签收数",
    )  # fmt: skip
    return listing.download(sheets.workbook("案件教训", head, lines), "案件教训.xlsx", "xlsx")
