"""The ledger on paper: Excel and Word tables, the report of implementation, the list of the unfinished."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from gongkai.core.letters import day_words
from gongkai.core.models.cases import Light
from gongkai.core.sheets import word_table, workbook
from gongkai.ledger import queries
from gongkai.ledger.models import (
    AssignmentRole,
    Hearing,
    LookBack,
    Notice,
    Plan,
    Progress,
    Task,
)

LEDGER_HEAD = (
    "序号",
    "部分",
    "任务",
    "要求",
    "单位",
    "角色",
    "时限",
    "指标",
    "状态",
    "标识",
    "完成比例",
    "最近进展",
    "报送日期",
    "是否按时",
)
BREAKDOWN_HEAD = (
    "序号",
    "部分",
    "工作任务",
    "具体要求",
    "牵头单位",
    "责任单位",
    "配合单位",
    "完成时限",
    "指标",
    "需核对",
)


def ledger_rows(notice: Notice, *, unit: Any = None) -> list[list[Any]]:
    """The ledger, one line an assignment, in the order of the notice; a fixed number of queries."""
    now = timezone.now()
    rows = queries.assignments(notice, now).select_related("task__part")
    if unit is not None:
        rows = rows.filter(unit=unit)
    rows = rows.prefetch_related("task__deadlines", "task__targets").order_by("task__ordinal", "number")
    latest = _latest(notice)
    return [_ledger_row(one, latest.get(one.pk)) for one in rows]


def _latest(notice: Notice) -> dict[int, Progress]:
    """Assignment id -> its last report that stands."""
    found: dict[int, Progress] = {}
    reports = Progress.objects.filter(assignment__series=notice.ledger_series, returned_at__isnull=True)
    for report in reports.order_by("pk"):
        found[report.assignment_id] = report
    return found


def _ledger_row(one: Any, report: Progress | None) -> list[Any]:
    task = one.task
    return [
        task.ordinal,
        task.part.title if task.part else "",
        task.name,
        task.text,
        one.unit.name,
        AssignmentRole(one.role).label,
        limits_of(task),
        targets_of(task),
        one.state_label,
        Light(one.live).label,
        f"{one.percent}%",
        report.text if report else "",
        timezone.localdate(report.reported_at) if report else "",
        {True: "按时", False: "逾期", None: ""}[one.on_time],
    ]


def limits_of(task: Task) -> str:
    """A duty's deadlines in the notice's words; the year's end where it has none."""
    words = [deadline.text for deadline in task.deadlines.all()]
    return "；".join(words) or "全年"


def targets_of(task: Task) -> str:
    """A duty's figures in the notice's words."""
    return "；".join(target.text for target in task.targets.all())


def ledger_workbook(notice: Notice, *, unit: Any = None) -> bytes:
    """The ledger as Excel."""
    return workbook(_title(notice, unit, "任务台账"), LEDGER_HEAD, ledger_rows(notice, unit=unit))


def ledger_document(notice: Notice, *, unit: Any = None) -> bytes:
    """The ledger as a Word table."""
    rows = [
        [row[0], row[2], row[4], row[5], row[6], row[9], row[10], row[11]] for row in ledger_rows(notice, unit=unit)
    ]
    head = ("序号", "任务", "单位", "角色", "时限", "标识", "完成比例", "最近进展")
    return word_table(
        _title(notice, unit, "任务台账"),
        head,
        rows,
        note=f"{notice.document_number}　截至{_today()}",
        widths=(12, 60, 32, 20, 34, 20, 18, 60),
    )


def _title(notice: Notice, unit: Any, what: str) -> str:
    return f"{notice.name}{what}" + (f"（{unit}）" if unit is not None else "")


def _today() -> str:
    return day_words(timezone.localdate())


def breakdown_rows(notice: Notice) -> list[list[Any]]:
    """The breakdown table of a notice in review or later, in the layout offices use."""
    return [
        [
            task.ordinal,
            task.part.title if task.part else "",
            task.heading or task.name,
            task.text,
            _names(task, AssignmentRole.LEAD),
            _names(task, AssignmentRole.RESPONSIBLE),
            _names(task, AssignmentRole.COOPERATING),
            limits_of(task),
            targets_of(task),
            "；".join(doubt.message for doubt in task.doubts.all() if doubt.blocking and doubt.resolved_at is None),
        ]
        for task in queries.review_tasks(notice)
    ]


def _names(task: Task, role: str) -> str:
    return "、".join(one.name for one in task.named_units.all() if one.role == role)


def breakdown_workbook(notice: Notice) -> bytes:
    """The breakdown table as Excel."""
    return workbook(f"{notice.name}任务分解表", BREAKDOWN_HEAD, breakdown_rows(notice))


def breakdown_document(notice: Notice) -> bytes:
    """The breakdown table as Word."""
    rows = [[*row[:1], *row[2:9]] for row in breakdown_rows(notice)]
    head = (BREAKDOWN_HEAD[0], *BREAKDOWN_HEAD[2:9])
    return word_table(
        f"{notice.name}任务分解表", head, rows, note=notice.document_number, widths=(12, 34, 74, 28, 36, 28, 28, 24)
    )


def plan_document(plan: Plan) -> bytes:
    """A unit's own plan as Word."""
    rows = [
        [
            at,
            f"第{item.task.ordinal}条" if item.task else "本单位增加",
            item.measure,
            item.responsible,
            day_words(item.due_on) if item.due_on else "",
        ]
        for at, item in enumerate(plan.items.select_related("task"), start=1)
    ]
    return word_table(
        plan.title, ("序号", "对应任务", "具体举措", "责任科室或岗位", "完成时限"), rows, note=plan.unit.name,
        widths=(14, 26, 140, 44, 33),
    )  # fmt: skip


def unfinished_rows(lookback: LookBack) -> list[list[Any]]:
    """The unfinished of a look-back with what was ordered."""
    rows = []
    for at, item in enumerate(queries.unfinished(lookback), start=1):
        orders = list(item.rectifications.all())
        rows.append(
            [
                at,
                f"第{item.ordinal}条",
                item.title,
                item.get_finding_display(),
                item.note,
                "、".join(str(one.unit) for one in orders),
                "；".join(f"{one.unit}{one.state_label}，限{day_words(one.due_on)}" for one in orders),
            ]
        )
    return rows


UNFINISHED_HEAD = ("序号", "条目", "任务", "核查结果", "说明", "整改单位", "整改情况")


def unfinished_workbook(lookback: LookBack) -> bytes:
    """The list of the unfinished as Excel."""
    return workbook(f"{lookback.notice.name}未完成清单", UNFINISHED_HEAD, unfinished_rows(lookback))


def unfinished_document(lookback: LookBack) -> bytes:
    """The list of the unfinished as Word."""
    return word_table(
        f"{lookback.notice.name}未完成清单",
        UNFINISHED_HEAD,
        unfinished_rows(lookback),
        note=f"核查截至{_today()}",
        widths=(12, 18, 60, 22, 60, 35, 50),
    )


def hearing_rows(year: int, units: Iterable[Any]) -> list[list[Any]]:
    """The ledger of leadership hearings and training of a year."""
    units = list(units)
    rows = (
        Hearing.objects.filter(state="recorded", held_on__year=year, unit__in=units)
        .select_related("unit")
        .prefetch_related("tasks", "attachments")
        .order_by("unit__ordinal", "held_on", "pk")
    )
    return [
        [
            one.unit.name,
            one.get_form_display(),
            one.held_on,
            one.chair,
            one.content,
            one.settled,
            one.attendees or "",
            "、".join(f"第{task.ordinal}条" for task in one.tasks.all()),
            "、".join(file.name for file in one.attachments.all()),
        ]
        for one in rows
    ]


HEARING_HEAD = ("单位", "形式", "日期", "主持人职务", "内容", "议定事项", "参加人数", "对应任务", "佐证")


def hearings_workbook(year: int, units: Iterable[Any]) -> bytes:
    """The ledger of leadership hearings and training as Excel."""
    return workbook(f"{year}年听取汇报和培训台账", HEARING_HEAD, hearing_rows(year, units))


def comparison_workbook(left: Notice, right: Notice, relation: str) -> bytes:
    """Two notices side by side as Excel."""
    kinds = {"same": "一致", "changed": "有变化", "new": "新增", "dropped": "没有对应"}
    rows = []
    for row in queries.comparison(left, right, relation):
        changes = "；".join(
            f"{_FIELDS[change.field]}由“{'、'.join(change.before)}”改为“{'、'.join(change.after)}”"
            for change in row.changes
        )
        rows.append(
            [
                row.left.ordinal if row.left else "",
                row.left.name if row.left else "",
                row.right.ordinal if row.right else "",
                row.right.name if row.right else "",
                kinds[row.kind],
                f"{row.score:.0%}" if row.left and row.right else "",
                changes,
            ]
        )
    head = ("左侧条目", left.name, "右侧条目", right.name, "对照", "相近程度", "变化")
    return workbook("要点对照", head, rows)


_FIELDS = {"text": "要求", "assignments": "单位", "deadlines": "时限", "targets": "指标"}


# The report of implementation (001-18c, 002-31, 003-38, 004-6b).


def implementation(notice: Notice, *, unit: Any = None) -> dict[str, Any]:
    """What the report says: `opening`, `sections` [(title, [sentences])], `unfinished` [sentences], `other_matters`.

    With a unit it is that unit's report, else that of all.
    """
    now = timezone.now()
    rows: list[Any] = list(
        queries.assignments(notice, now)
        .filter(**({"unit": unit} if unit is not None else {}))
        .select_related("task__part")
        .order_by("task__ordinal", "number")
    )
    by_task: dict[int, list[Any]] = defaultdict(list)
    for one in rows:
        by_task[one.task_id].append(one)
    latest = _latest(notice)
    figures = queries.target_figures(notice)
    tasks = list(Task.objects.filter(pk__in=by_task).select_related("part").order_by("ordinal"))
    sections: dict[str, list[str]] = {}
    left: list[str] = []
    for task in tasks:
        title = task.part.title if task.part else "各项任务"
        sections.setdefault(title, []).append(_task_sentence(task, by_task[task.pk], latest, figures.get(task.pk, [])))
        left += [_unfinished_sentence(task, one, latest.get(one.pk)) for one in by_task[task.pk] if one.is_open]
    counted = Counter(one.live for one in rows)
    return {
        "opening": _opening(notice, unit, len(tasks), rows, counted),
        "sections": list(sections.items()),
        "unfinished": left,
        "other_matters": _other_matters(notice, unit, len(tasks), rows, left),
    }


def _opening(notice: Notice, unit: Any, tasks: int, rows: Sequence[Any], lights: Counter[str]) -> str:
    closed = lights["done"] + lights["donelate"]
    who = f"{unit}承担" if unit is not None else "全区各单位共同承担"
    number = f"（{notice.document_number}）" if notice.document_number else ""
    text = f"《{notice.name}》{number}部署的任务中，{who}{tasks}项"
    if unit is None:
        text += f"，分解到单位共{len(rows)}件"
    text += f"。截至{_today()}，已办结{closed}件，其中按时办结{lights['done']}件；"
    return text + (
        f"未办结{len(rows) - closed}件，其中已超期{lights['late']}件。" if len(rows) > closed else "全部办结。"
    )


def _task_sentence(
    task: Task, rows: Sequence[Any], latest: dict[int, Progress], figures: Sequence[queries.TargetFigure]
) -> str:
    done = sum(not one.is_open for one in rows)
    parts = [f"{task.ordinal}.{task.name}。"]
    if len(rows) > 1:
        parts.append(f"{len(rows)}个单位中{done}个已办结。")
    else:
        parts.append("已办结。" if done else "正在推进。")
    words = task.summary_text.strip()
    if not words:
        reports = [latest[one.pk] for one in rows if one.pk in latest]
        newest = max(reports, key=lambda report: report.pk, default=None)
        words = newest.text.strip() if newest else ""
    if words:
        parts.append(words if words.endswith(("。", "！")) else f"{words}。")
    parts += [
        f"{figure.target.text}：{figure.value_words}（目标{figure.target_words}）。"
        for figure in figures
        if figure.value is not None
    ]
    return "".join(parts)


def _unfinished_sentence(task: Task, one: Any, report: Progress | None) -> str:
    reason = report.answer or report.text if report else "没有报送进展"
    return f"第{task.ordinal}条“{task.name}”，{one.unit}，完成{one.percent}%，{Light(one.live).label}。情况：{reason.rstrip('。')}。"


def _other_matters(notice: Notice, unit: Any, tasks: int, rows: Sequence[Any], left: Sequence[str]) -> str:
    """The text for 其他需要报告的事项 of the annual report."""
    closed = sum(not one.is_open for one in rows)
    who = str(unit) if unit is not None else "全区"
    number = f"（{notice.document_number}）" if notice.document_number else ""
    text = f"落实《{notice.name}》{number}情况：{who}共承担{tasks}项任务"
    text += f"、{len(rows)}件，已办结{closed}件" if len(rows) != tasks else f"，已办结{closed}项"
    if not left:
        return f"{text}，各项任务全部完成。"
    return f"{text}，未办结{len(left)}件，将继续推进，完成情况在任务台账上公布。"


def implementation_document(notice: Notice, *, unit: Any = None) -> bytes:
    """The report of implementation as Word, in the layout of official documents."""
    report = implementation(notice, unit=unit)
    lines: list[tuple[str, str]] = [("body", report["opening"])]
    for title, sentences in report["sections"]:
        lines.append(("heading", title))
        lines += [("body", sentence) for sentence in sentences]
    lines.append(("heading", "未办结的任务和原因"))
    lines += [("body", sentence) for sentence in report["unfinished"]] or [("body", "无。")]
    lines.append(("heading", "其他需要报告的事项"))
    lines.append(("body", report["other_matters"]))
    who = f"{unit.name}" if unit is not None else notice.unit.name
    return _official(f"{notice.name}落实情况报告", lines, [who, _today()])


def _official(title: str, lines: Sequence[tuple[str, str]], ending: Sequence[str]) -> bytes:
    """A Word file with a centred title, headings in 黑体 and body in 仿宋 16 pt on 29 pt lines."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)

    def write(text: str, font: str, size: int, *, indent: bool = True, align: Any = None) -> None:
        paragraph = document.add_paragraph()
        run = paragraph.add_run("".join(sign for sign in text if sign >= " "))
        run.font.name, run.font.size = font, Pt(size)
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        form = paragraph.paragraph_format
        form.line_spacing, form.space_after, form.space_before = Pt(29), Pt(0), Pt(0)
        if indent:
            form.first_line_indent = Pt(32)
        if align is not None:
            paragraph.alignment = align

    write(title, "方正小标宋简体", 22, indent=False, align=WD_ALIGN_PARAGRAPH.CENTER)
    for kind, text in lines:
        write(text, "黑体" if kind == "heading" else "仿宋_GB2312", 16)
    for text in ending:
        write(text, "仿宋_GB2312", 16, indent=False, align=WD_ALIGN_PARAGRAPH.RIGHT)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
