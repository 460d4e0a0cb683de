"""Background work: read the upload, compile it, and turn what was found into drafts with doubts."""

from __future__ import annotations

import datetime as dt
import logging
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django_tasks import task as background

from gongkai.core import attachments
from gongkai.core.acts import ActError, Work, perform
from gongkai.core.measures import measures
from gongkai.core.schedule import every
from gongkai.ledger import matching, recurrence
from gongkai.ledger.models import (
    AssignmentRole,
    Doubt,
    Notice,
    Section,
    Task,
    TaskCitation,
    TaskDeadline,
    TaskTarget,
    TaskUnit,
)
from gongkai.reading import Block, ReadingError, read

log = logging.getLogger(__name__)

_MOST_CELLS = 20_000
# A word that says what a unit is to the duty.
_ROLE_WORD = re.compile(
    r"牵头|责任|负责|落实|配合|协同|承办|主办|协办|实施|参与|主管|单位|部门|責任|負責|落實|單位|牽頭"
)
_VAGUE = frozenset(
    {"有关部门", "相关部门", "有关单位", "相关单位", "各有关部门", "各有关单位", "各相关部门", "各相关单位"}
)


@dataclass
class Counts:
    """How much was found."""

    tasks: int = 0
    units: int = 0
    deadlines: int = 0
    doubts: int = 0


@background()
def compile_notice(notice_id: int) -> None:
    """Read and compile one notice; whatever goes wrong is written down in words, and the upload stays."""
    notice = Notice.objects.filter(pk=notice_id, state="reading").first()
    if notice is None:
        return
    try:
        read_and_compile(notice)
        perform("notice.compiled", notice, None)
    except ReadingError as error:
        fail(notice, error.message)
    except ActError as error:
        log.info("notice %s was not compiled: %s", notice_id, error)
    except Exception:
        log.exception("notice %s", notice_id)
        fail(notice, "读取时出错，文件已保存。请重新读取；还不行的，把正文复制后粘贴导入，并联系系统管理员。")


def fail(notice: Notice, reason: str) -> None:
    """Write down why a notice could not be read."""
    try:
        perform("notice.failed", notice, None, {"reason": reason[:400]})
    except ActError:
        log.info("notice %s is no longer being read", notice.pk)


# What is said while a notice is read; the page shows the number of the step as a share.
STEPS = (
    "第1步，共3步：正在读取文件",
    "第2步，共3步：已读出{held}，正在识别任务",
    "第3步，共3步：已识别{count}条任务，正在对应单位",
)


def say(notice: Notice, words: str) -> None:
    """Progress for those who wait."""
    Notice.objects.filter(pk=notice.pk).update(progress=words)


def read_and_compile(notice: Notice) -> None:
    """Fill text, blocks, compiled answer and metadata from the upload. Raises ReadingError with a sentence."""
    from gongkai.compiler import compile_document

    if notice.source is None:
        raise ReadingError("empty", "没有找到原文件。请重新导入。")
    say(notice, STEPS[0])
    document = read(attachments.load(notice.source.digest), notice.source_name)
    tables = sum(block.table is not None for block in document.blocks)
    held = f"{len(document.text)}字、{tables}张表格" if tables else f"{len(document.text)}字"
    say(notice, STEPS[1].format(held=held))
    result = compile_document(document, notice.source_name).to_dict()
    say(notice, STEPS[2].format(count=len(result["tasks"])))
    result["warnings"] = list(document.warnings)
    about = result["notice"]
    values: dict[str, Any] = {
        "text": document.text,
        "blocks": [block_row(block) for block in document.blocks],
        "compiled": result,
        "issuer": (about.get("issuer") or "")[:120],
        "document_number": (about.get("doc_number") or "")[:80],
        "issued_on": day(about.get("issued_on")),
        "published_on": day(about.get("published_on")),
        "year": about.get("year"),
    }
    title = (about.get("title") or "").strip()
    if title and notice.title == notice.source_name:
        values["title"] = title[:300]
    Notice.objects.filter(pk=notice.pk).update(**values)


def block_row(block: Block) -> list[Any]:
    """A block as it is stored: [kind, start, end, level], for a table also its cells.

    A cell is [start, end, row, column, rowspan, colspan], rows and columns counted from 0. The cells of a very large
    table are not stored; its tabs and line ends show where they are.
    """
    row: list[Any] = [block.kind, block.start, block.end, block.level]
    if block.table is not None and len(block.table.cells) <= _MOST_CELLS:
        cells = sorted(block.table.cells, key=lambda cell: (cell.row, cell.column))
        row.append([[c.start, c.end, c.row, c.column, c.rowspan, c.colspan] for c in cells])
    return row


def day(text: str | None) -> dt.date | None:
    """An ISO day, or None."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None


def take_over(work: Work, notice: Notice) -> Counts:
    """Make sections, drafts and doubts from the compiled answer; runs inside the act `notice.compiled`."""
    from gongkai.ledger.acts.notice import OWN_PLAN_WORDS

    discard(work, notice)
    compiled = notice.compiled
    notice.own_plan = bool(OWN_PLAN_WORDS.search(notice.text))
    sections = make_sections(notice, compiled)
    root = notice.unit.parent or notice.unit
    builder = Builder(work, notice, sections, matching.load(root.path))
    ordered = sorted(
        [*((row, False) for row in compiled["tasks"]), *((row, True) for row in compiled["candidates"])],
        key=lambda pair: (pair[0].get("span") or [0, 0])[0],
    )
    for ordinal, (row, candidate) in enumerate(ordered, start=1):
        builder.add(row, ordinal, candidate)
    builder.finish(compiled)
    return builder.counts


def discard(work: Work, notice: Notice) -> None:
    """What an earlier reading found is put aside."""
    for task in Task.objects.filter(notice=notice, state="draft"):
        work.perform("task.discard", task)
    Doubt.objects.filter(notice=notice, resolved_at__isnull=True).update(resolved_at=work.now, resolution="重新读取")


def make_sections(notice: Notice, compiled: dict[str, Any]) -> dict[str, Section]:
    """One section for each heading of the first level, in the order of the notice."""
    titles: dict[str, int] = {}
    rows = [*compiled["tasks"], *compiled["candidates"]]
    for row in sorted(rows, key=lambda row: (row.get("span") or [0, 0])[0]):
        if row.get("path"):
            titles.setdefault(row["path"][0][:200], len(titles) + 1)
    Task.objects.filter(notice=notice).update(part=None)
    notice.sections.all().delete()
    made = Section.objects.bulk_create(
        [Section(notice=notice, ordinal=ordinal, title=title) for title, ordinal in titles.items()]
    )
    return {section.title: section for section in made}


class Builder:
    """Makes the drafts of one notice."""

    def __init__(self, work: Work, notice: Notice, sections: dict[str, Section], index: matching.Index) -> None:
        self.work, self.notice, self.sections, self.index = work, notice, sections, index
        self.counts = Counts()
        self.doubts: list[Doubt] = []
        self.spans: list[tuple[int, int, Task]] = []
        self.number = Task.objects.filter(notice=notice).count()

    def add(self, row: dict[str, Any], ordinal: int, candidate: bool) -> Task:
        """One draft with all that hangs on it."""
        section = self.sections.get(row["path"][0][:200]) if row.get("path") else None
        start, end = row.get("span") or [0, 0]
        self.number += 1
        task = Task(
            kind=Task.KIND,
            number=f"{self.notice.number}-{self.number:03d}",
            state="draft",
            unit=self.notice.unit,
            supervisor=self.notice.unit,
            series=self.notice.ledger_series,
            section=section.code if section else "",
            notice=self.notice,
            part=section,
            ordinal=ordinal,
            ref=str(row.get("ref") or "")[:40],
            path=list(row.get("path") or []),
            heading=(row.get("title") or "")[:300],
            text=row["text"],
            span_start=start,
            span_end=end,
            compiled=row,
            candidate=candidate,
        )
        task.title = task.name[:300]
        self.work.open(task)
        self.spans.append((start, end, task))
        before = len(self.doubts)
        self._units(task, row)
        self._deadlines(task, row)
        self._targets(task, row)
        self._citations(task, row)
        if not any(doubt.blocking for doubt in self.doubts[before:]):
            task.reviewed = True
            Task.objects.filter(pk=task.pk).update(reviewed=True)
        self.counts.tasks += not candidate
        return task

    def doubt(
        self, task: Task | None, code: str, message: str, span: Any = None, *, blocking: bool = True, named: Any = None
    ) -> None:
        """Something to look at."""
        start, end = span or (None, None)
        self.doubts.append(
            Doubt(
                notice=self.notice,
                task=task,
                named_unit=named,
                code=code[:40],
                message=message[:400],
                blocking=blocking,
                span_start=start,
                span_end=end,
            )
        )

    def _units(self, task: Task, row: dict[str, Any]) -> None:
        found = row.get("assignments") or []
        if not found:
            self.doubt(
                task, "unit.missing", "没有责任单位。请指定单位，或定为“不作为任务”。", (task.span_start, task.span_end)
            )
            return
        matches = matching.match_list([one["unit"] for one in found], self.index, self.notice.issued_on)
        for ordinal, (one, match) in enumerate(zip(found, matches, strict=True)):
            self._unit(task, ordinal, one, match)
        self.counts.units += len(found)
        self._role_words(task, row, found)

    def _unit(self, task: Task, ordinal: int, one: dict[str, Any], match: matching.Match) -> None:
        start, end = one.get("span") or (None, None)
        named = TaskUnit.objects.create(
            task=task,
            ordinal=ordinal,
            name=one["unit"][:200],
            role=one["role"],
            scope=(one.get("scope") or "")[:60],
            span_start=start,
            span_end=end,
            inherited=bool(one.get("inherited")),
            unit_id=match.id if match.kind == "unit" else None,
            group_id=match.id if match.kind == "group" else None,
            how=match.how,
            suggestions=[{"kind": c.kind, "id": c.id, "label": c.label, "score": c.score} for c in match.candidates],
        )
        span = (start, end)
        if not match.found and len(match.candidates) > 1 and match.candidates[0].score == 1.0:
            names = "、".join(c.label for c in match.candidates)
            self.doubt(task, "unit.ambiguous", f"“{named.name}”可能是：{names}。请选定。", span, named=named)
        elif not match.found:
            if plainly_vague(named.name):
                words = f"没有找到“{named.name}”对应的单位，由事件确定，请指定，或标为“到时再指定”。"
            elif matching.collective(named.name):
                words = f"“{named.name}”指一组单位，还没有登记。请系统管理员在“单位组”里登记后选定，或者逐个选单位。"
            else:
                words = f"没有找到“{named.name}”对应的单位，请选定单位。"
            self.doubt(task, "unit.unmatched", words, span, named=named)
        elif match.how == "former":
            self.doubt(task, "unit.former", f"“{named.name}”已更名或并入“{named.unit}”，请确认。", span, named=named)
        elif match.others:
            self.doubt(task, "unit.others", f"“{named.name}”没有列全，请看还有哪些单位。", span, named=named)

    def _role_words(self, task: Task, row: dict[str, Any], found: list[dict[str, Any]]) -> None:
        span = row.get("responsibility_span")
        if not span or any(one.get("column") or one["role"] != AssignmentRole.RESPONSIBLE for one in found):
            return
        words = self.notice.text[span[0] : span[1]]
        for one in found:
            words = words.replace(one["unit"], "")
        if not _ROLE_WORD.search(words):
            names = "、".join(one["unit"] for one in found)
            self.doubt(task, "role.missing", f"没有写明角色。“{names}”暂按责任单位处理。", span)

    def _deadlines(self, task: Task, row: dict[str, Any]) -> None:
        for ordinal, one in enumerate(row.get("deadlines") or []):
            start, end = one.get("span") or (None, None)
            recurring = one["kind"] == "recurring"
            TaskDeadline.objects.create(
                task=task,
                ordinal=ordinal,
                text=one["text"][:200],
                kind=one["kind"],
                date=day(one.get("date")),
                amount=one.get("amount"),
                unit=one.get("unit") or "",
                day=recurrence.day_of(one["text"]) if recurring else None,
                months_after=recurrence.months_after_of(one["text"]) if recurring else 0,
                trigger=(one.get("trigger") or "")[:200],
                count=one.get("count"),
                span_start=start,
                span_end=end,
            )
            self.counts.deadlines += 1
            self._check_deadline(task, one)

    def _check_deadline(self, task: Task, one: dict[str, Any]) -> None:
        span = one.get("span")
        if one["kind"] == "date" and not day(one.get("date")):
            self.doubt(task, "deadline.unclear", f"“{one['text']}”是哪一天？请填写日期。", span)
        elif one["kind"] == "duration" and not one.get("trigger"):
            self.doubt(task, "deadline.trigger", f"“{one['text']}”从什么事起算？请写明。", span)
        elif one["kind"] == "date" and (day(one["date"]) or dt.date.max) < (self.notice.issued_on or dt.date.min):
            self.doubt(task, "deadline.past", f"“{one['text']}”早于成文日期，请核对年份。", span)

    def _targets(self, task: Task, row: dict[str, Any]) -> None:
        for ordinal, one in enumerate(row.get("targets") or []):
            start, end = one.get("span") or (None, None)
            try:
                value = Decimal(str(one["value"])).quantize(Decimal("0.01"))
            except InvalidOperation:
                continue
            TaskTarget.objects.create(
                task=task,
                ordinal=ordinal,
                text=one["text"][:200],
                metric=(one.get("metric") or "") if (one.get("metric") or "") in measures else "",
                operator=one["op"],
                value=min(value, Decimal("9999999999")),
                unit=(one.get("unit") or "")[:20],
                span_start=start,
                span_end=end,
            )

    def _citations(self, task: Task, row: dict[str, Any]) -> None:
        TaskCitation.objects.bulk_create(
            [
                TaskCitation(
                    task=task,
                    title=one["title"][:300],
                    document_number=(one.get("doc_number") or "")[:80],
                    span_start=(one.get("span") or (None, None))[0],
                    span_end=(one.get("span") or (None, None))[1],
                )
                for one in row.get("citations") or []
            ]
        )

    def finish(self, compiled: dict[str, Any]) -> None:
        """Diagnostics of the compiler and warnings of the reader, then all doubts in one go."""
        for one in compiled.get("diagnostics") or []:
            span = one.get("span")
            self.doubt(
                self._task_at(span), f"compiler.{one['code']}", one["message"], span, blocking=one["level"] != "info"
            )
        for warning in compiled.get("warnings") or []:
            self.doubt(None, "reading.warning", warning, blocking=False)
        if not self.notice.issued_on and not self.notice.year:
            self.doubt(None, "notice.year", "没有找到成文日期和年度，请在“修改信息”里填写，时限才算得准。")
        Doubt.objects.bulk_create(self.doubts)
        touched = {doubt.task_id for doubt in self.doubts if doubt.task_id and doubt.blocking}
        Task.objects.filter(pk__in=touched).update(reviewed=False)
        self.counts.doubts = sum(doubt.blocking for doubt in self.doubts)

    def _task_at(self, span: Any) -> Task | None:
        if not span:
            return None
        return next((task for start, end, task in self.spans if start <= span[0] < max(end, start + 1)), None)


def plainly_vague(name: str) -> bool:
    """Whether a name stands for units that only the event tells."""
    return matching.plain(name) in _VAGUE or name.startswith(("事发", "涉事", "属地"))


@every("ledger-reading", minutes=5)
def resume_reading(now: dt.datetime) -> int:
    """Take up again what a stopped worker left behind."""
    stuck = Notice.objects.filter(state="reading", updated_at__lt=now - dt.timedelta(minutes=15))
    for notice in stuck:
        Notice.objects.filter(pk=notice.pk).update(updated_at=timezone.now())
        compile_notice.enqueue(notice.pk)
    return len(stuck)
