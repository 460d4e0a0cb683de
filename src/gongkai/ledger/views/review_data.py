"""What the review screen shows, read in a fixed number of queries however many tasks there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Value
from django.http import QueryDict

from gongkai.core.models import Unit, UnitGroup
from gongkai.ledger import matching
from gongkai.ledger.models import (
    AssignmentRole,
    Doubt,
    Notice,
    Task,
    TaskCitation,
    TaskDeadline,
    TaskTarget,
    TaskUnit,
)
from gongkai.ledger.views import marking, words

ROLES = list(AssignmentRole.choices)
SHORT_ROLES = (("lead", "牵头"), ("responsible", "责任"), ("cooperating", "配合"))
FILTERS = (
    ("", "全部"),
    ("doubt", "需核对"),
    ("nobody", "无责任单位"),
    ("checked", "已核对"),
    ("dropped", "不作为任务"),
)
LIGHT = {"doubt": "soon", "nobody": "wait", "checked": "done", "plain": "ok", "dropped": "paused"}
WORDS = {"doubt": "需核对", "nobody": "无责任单位", "checked": "已核对", "plain": "无疑问", "dropped": "不作为任务"}


@dataclass(slots=True)
class Line:
    """One task as a line of the right side."""

    task: Task
    status: str
    units: list[TaskUnit]
    deadlines: list[TaskDeadline]
    targets: list[TaskTarget]
    citations: list[TaskCitation]
    doubts: list[Doubt]
    people: str = ""
    times: str = ""
    aims: str = ""
    answers: list[tuple[Doubt, list[dict[str, Any]]]] = field(default_factory=list)

    @property
    def light(self) -> str:
        """The mark of its status."""
        return LIGHT[self.status]

    @property
    def label(self) -> str:
        """Its status in words."""
        return WORDS[self.status]

    @property
    def spans(self) -> str:
        """The keys of its marks in the source."""
        return " ".join(
            f"{letter}{row.pk}"
            for letter, rows in (("u", self.units), ("d", self.deadlines), ("t", self.targets), ("c", self.citations))
            for row in rows
        )


@dataclass(slots=True)
class Registry:
    """Units and groups of the registry, with the members of each group."""

    units: dict[int, Unit]
    groups: dict[int, UnitGroup]
    members: dict[int, frozenset[int]]


@dataclass(slots=True)
class Review:
    """Everything the screen needs."""

    notice: Notice
    lines: list[Line]
    parts: list[marking.Part]
    registry: Registry
    general: list[Doubt]
    counts: dict[str, int]
    sections: list[tuple[str, str]]
    shown: list[Line]
    current: Line | None


def registry() -> Registry:
    """Units in use and all groups with their members; three queries."""
    units = {unit.pk: unit for unit in Unit.objects.filter(active=True).order_by("path")}
    groups = {group.pk: group for group in UnitGroup.objects.all()}
    added, taken = (
        related.through.objects.values_list(Value(word, CharField()), "unitgroup_id", "unit_id")
        for related, word in ((UnitGroup.included, "added"), (UnitGroup.excluded, "taken"))
    )
    changes: dict[str, dict[int, set[int]]] = {"added": defaultdict(set), "taken": defaultdict(set)}
    for word, group, unit in added.union(taken, all=True):
        changes[word][group].add(unit)
    members = {}
    for pk, group in groups.items():
        below = {
            unit.pk
            for unit in units.values()
            if group.root_id and unit.parent_id == group.root_id and unit.kind in (group.kinds or ())
        }
        members[pk] = frozenset((below | (changes["added"][pk] & units.keys())) - changes["taken"][pk])
    return Registry(units, groups, members)


def _by_task(rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.task_id].append(row)
    return found


def load(notice: Notice, parameters: QueryDict) -> Review:
    """The screen of a notice as its address asks for it (`show`, `part`, `task`)."""
    tasks = list(
        Task.objects.filter(notice=notice).exclude(state="cancelled").select_related("part").order_by("ordinal", "pk")
    )
    ids = {"task__notice": notice}
    units = _by_task(TaskUnit.objects.filter(**ids).order_by("ordinal", "id"))
    deadlines = _by_task(TaskDeadline.objects.filter(**ids))
    targets = _by_task(TaskTarget.objects.filter(**ids))
    citations = _by_task(TaskCitation.objects.filter(**ids))
    doubts: dict[int | None, list[Doubt]] = defaultdict(list)
    for doubt in Doubt.objects.filter(notice=notice, resolved_at__isnull=True):
        doubts[doubt.task_id].append(doubt)
    known = registry()
    lines = []
    for task in tasks:
        line = Line(task, "", units[task.pk], deadlines[task.pk], targets[task.pk], citations[task.pk], doubts[task.pk])
        line.status = _status(line)
        line.people = people_words(line, known)
        line.times = "；".join(words.deadline(one) for one in line.deadlines)
        line.aims = "；".join(words.target(one) for one in line.targets)
        named = {one.pk: one for one in line.units}
        line.answers = [(doubt, answers_of(doubt, named.get(doubt.named_unit_id), known)) for doubt in line.doubts]
        lines.append(line)
    shown = [line for line in lines if _fits(line, parameters)]
    current = _current(lines, parameters)
    return Review(
        notice=notice,
        lines=lines,
        parts=_source(notice, lines, doubts, current),
        registry=known,
        general=doubts[None],
        counts=_counts(lines, known),
        sections=_sections(tasks),
        shown=shown if current is None or current in shown else sorted([*shown, current], key=lines.index),
        current=current,
    )


def _status(line: Line) -> str:
    if line.task.state == "dropped":
        return "dropped"
    if line.task.candidate or not line.units:
        return "nobody"
    if any(doubt.blocking for doubt in line.doubts) or not all(one.matched for one in line.units):
        return "doubt"
    return "checked" if line.task.reviewed else "plain"


def _fits(line: Line, parameters: QueryDict) -> bool:
    show, part = parameters.get("show", ""), parameters.get("part", "")
    if show == "checked" and line.status not in ("checked", "plain"):
        return False
    if show in ("doubt", "nobody", "dropped") and line.status != show:
        return False
    if not show and line.status == "dropped":
        return False
    return not part or (line.task.part is not None and line.task.part.code == part)


def _current(lines: list[Line], parameters: QueryDict) -> Line | None:
    wanted = parameters.get("task", "")
    return next((line for line in lines if str(line.task.pk) == wanted and line.status != "dropped"), None)


def _sections(tasks: list[Task]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for task in tasks:
        if task.part is not None:
            found.setdefault(task.part.code, words.section(task.part))
    return sorted(found.items())


def _counts(lines: list[Line], known: Registry) -> dict[str, int]:
    live = [line for line in lines if line.status != "dropped"]
    taken = [line for line in live if not line.task.candidate]
    counts = {name: sum(line.status == name for line in lines) for name in WORDS}
    counts["tasks"] = len(taken)
    counts["all"] = len(live)
    counts["checked"] += counts.pop("plain")
    counts["relations"] = sum(len(line.units) for line in taken)
    counts["cases"] = sum(len(units_of(line, known)) for line in taken)
    counts["deadlines"] = sum(len(line.deadlines) for line in taken)
    counts["targets"] = sum(len(line.targets) for line in taken)
    return counts


def units_of(line: Line, known: Registry) -> set[int]:
    """The units that a task reaches, groups expanded, each once."""
    found: set[int] = set()
    for one in line.units:
        if one.unit_id:
            found.add(one.unit_id)
        elif one.group_id:
            found |= known.members.get(one.group_id, frozenset())
    return found


def people_words(line: Line, known: Registry) -> str:
    """牵头1，责任31: how many units in each role."""
    said = []
    for role, label in SHORT_ROLES:
        named = [one for one in line.units if one.role == role]
        number = sum(
            len(known.members.get(one.group_id, ())) if one.group_id else 1 for one in named if not one.outside
        )
        if number:
            said.append(f"{label}{number}")
        elif named:
            said.append(f"{label}到时确定")
    return "，".join(said)


def _source(
    notice: Notice, lines: list[Line], doubts: Mapping[int | None, list[Doubt]], current: Line | None
) -> list[marking.Part]:
    live = [line for line in lines if line.status != "dropped"]
    marks = []
    for line in live:
        marks += marking.marks_of(line.units, line.deadlines, line.targets, line.citations)
    places = [(line.task.pk, line.task.span_start, line.task.span_end) for line in live]
    spans = [(line.task.span_start, line.task.span_end) for line in live if line.status in ("doubt", "nobody")]
    spans += [(d.span_start, d.span_end) for d in doubts[None] if d.span_start is not None and d.span_end is not None]
    return marking.parts_of(
        notice.text, notice.blocks, marks, places, current=current.task.pk if current else None, open_spans=spans
    )


def _post(label: str, act: str, **data: Any) -> dict[str, Any]:
    return {"label": label, "act": act, "data": list(data.items())}


def suggested(one: TaskUnit | None, known: Registry) -> list[tuple[str, str, str]]:
    """(field, id, words) of what a name may stand for, the likeliest first."""
    found = []
    for row in (one.suggestions if one else []) or []:
        row = row if isinstance(row, dict) else {"unit": row}
        for kind, place in (("unit", known.units), ("group", known.groups)):
            pk = row.get(kind) or (row.get("id") if row.get("kind") == kind else None)
            if isinstance(pk, int) and pk in place:
                found.append((kind, str(pk), str(place[pk])))
    return found


def answers_of(doubt: Doubt, one: TaskUnit | None, known: Registry) -> list[dict[str, Any]]:
    """The likely answers to a doubt, each an act with its data; one without an act opens the editor."""
    edit = {"label": "打开修改", "act": "", "data": []}
    if doubt.code == "role.missing":
        return [
            _post("按责任单位确认", "set_roles", role="responsible"),
            _post("改为牵头", "set_roles", role="lead"),
            edit,
        ]
    if doubt.code == "unit.missing":
        return [{**edit, "label": "指定单位"}, _post("不作为任务", "drop")]
    if doubt.code.startswith("unit.") and one is not None:
        if doubt.code == "unit.others":
            return [_post("没有别的单位", "review"), {**edit, "label": "补充单位"}]
        likely = suggested(one, known)[:2]
        if matching.collective(one.name):
            # Remembered as one unit, the name of many would lose all others for ever.
            likely = [row for row in likely if row[0] == "group"]
        if one.unit_id in known.units:
            likely = [("unit", str(one.unit_id), str(known.units[one.unit_id]))]
        rows = [
            _post(
                f"{'就是' if one.unit_id else '改为'}{label}，并记住",
                "change_unit",
                named=one.pk,
                remember="on",
                **{kind: pk},
            )
            for kind, pk, label in likely
        ]
        return [*rows, {**edit, "label": "另选单位"}, _post("到时再定", "change_unit", named=one.pk, outside="on")]
    return [_post("没有问题", "review"), edit]


def progress_words(found: Review) -> str:
    """What still stands against approval, in words; the act itself asks again."""
    counts, left = found.counts, []
    doubts = counts["doubt"] + sum(doubt.blocking for doubt in found.general)
    if doubts:
        left.append(f"{doubts}条需核对")
    if counts["nobody"]:
        left.append(f"{counts['nobody']}条无责任单位")
    if left:
        return f"还有{'、'.join(left)}；处理完才能批准"
    return "" if counts["all"] else "还没有任务，可以从原文新增"


def next_after(lines: list[Line], pk: int) -> Line | None:
    """The next task that needs a person after one, else the next at all."""
    at = next((place for place, line in enumerate(lines) if line.task.pk == pk), -1)
    around = [line for line in [*lines[at + 1 :], *lines[: max(at, 0)]] if line.status != "dropped"]
    for wanted in (("doubt", "nobody"), ("plain",)):
        found = next((line for line in around if line.status in wanted), None)
        if found:
            return found
    return None
