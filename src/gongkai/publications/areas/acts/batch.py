"""Acts on the rows of a batch: opened, a row put in, a table taken in, rows removed, the batch dropped."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import attachments, clocks, jurisdiction
from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, ReasonForm
from gongkai.core.models import Attachment, Case, User
from gongkai.core.roles import STAFF, anywhere, owner
from gongkai.publications.acts.common import supervising
from gongkai.publications.areas import excel, rows, screen, values
from gongkai.publications.areas.catalog.model import Template
from gongkai.publications.areas.forms import RowForm, RowsForm, TableForm
from gongkai.publications.areas.models import Batch, BatchRow, Dataset

KIND = Batch.KIND
EDITABLE = frozenset({"draft", "returned"})
STAFF_OF_OWNER = owner(*STAFF)


def changed(work: Work) -> None:
    """After a change of the rows: whoever made it does not review it; the clock of the first decision runs."""
    batch: Batch = work.case
    batch.content_digest = rows.digest(batch)
    if work.user is not None and work.user.pk not in batch.authors:
        batch.authors = [*batch.authors, work.user.pk]
    _limit(batch, work.now)


def _limit(batch: Batch, now: dt.datetime) -> None:
    """Where decisions have to be public within some workdays, the earliest one of the batch sets the clock."""
    template = batch.dataset.template
    if not template.limit:
        return
    held = batch.rows.filter(faulty=False, action=BatchRow.Action.ADD).values_list("values", flat=True)
    days = [day for day in (values.day_of(one.get(template.day, "")) for one in held) if day]
    clock = clocks.get(batch, "publish")
    if not days:
        if clock is not None and clock.state in clocks.OPEN:
            clocks.cancel(clock, now)
        return
    started = timezone.make_aware(dt.datetime.combine(min(days), dt.time(9)))
    if clock is None:
        clocks.start(
            batch,
            now=now,
            code="publish",
            name="公示期限",
            unit="workday",
            amount=int(jurisdiction.value(template.limit)),
            started_at=started,
            basis=template.limit_basis,
        )
    elif clock.started_at != started or clock.state not in clocks.OPEN:
        clock.started_at = started
        clocks.reopen(clock, now)


class WriteForm(ActForm):
    """For which dataset."""

    dataset = forms.ModelChoiceField(label="数据集", queryset=Dataset.objects.none(), empty_label="请选择")
    source_document = forms.CharField(
        label="来源文件", max_length=200, required=False, help_text="这批数据出自哪份文件，可以填文号。"
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["dataset"]
        field.queryset = datasets_of(user)


def datasets_of(user: User | None) -> Any:
    """The datasets for which a person may enter rows."""
    held = Dataset.objects.filter(active=True).select_related("unit", "own")
    if user is None:
        return held
    units = [unit for unit, roles in user.roles_by_unit.items() if roles & set(STAFF)]
    return held.filter(unit__in=units)


class Write(Act):
    """新建批次."""

    kind, name, label, icon = KIND, "write", "新建批次", "file-plus"
    creates = True
    permits = anywhere(*STAFF)
    form_class = WriteForm
    hint = "新建后录入数据或上传表格，再送审。"

    def apply(self, work: Work) -> None:
        held: Dataset = work.data["dataset"]
        if held.batches.filter(state__in=EDITABLE).exists():
            raise ActError("这个数据集已有一批没有送审的数据，请接着填那一批。")
        batch = Batch(
            kind=KIND,
            state="draft",
            unit=held.unit,
            supervisor=supervising(held.unit),
            handler=work.user,
            title=f"{held.template.title}：{held.unit}{timezone.localdate(work.now):%Y年%-m月%-d日}数据"[:300],
            series="areas",
            dataset=held,
            authors=[work.user.pk] if work.user else [],
            source_document=work.data.get("source_document") or "",
        )
        work.open(batch, summary=held.template.title)


class Put(Act):
    """录入: one row, new or mended."""

    kind, name, label, icon = KIND, "put", "录入一条", "pencil-line"
    from_states = EDITABLE
    permits = STAFF_OF_OWNER
    form_class = RowForm
    order = 20
    hint = "保存后可以接着录入，全部录完再送审。"

    def apply(self, work: Work) -> None:
        batch: Batch = work.case
        template = batch.dataset.template
        found = {
            field.name: work.data[f"cell_{field.name}"]
            for field in template.fields
            if work.data.get(f"cell_{field.name}") is not None
        }
        key = values.key_of(template, found)
        row = batch.rows.filter(pk=work.data["row"]).first() if work.data.get("row") else None
        if row is None:
            row = batch.rows.filter(faulty=False, key=key).first()
        elif batch.rows.filter(faulty=False, key=key).exclude(pk=row.pk).exists():
            raise ActError("这一批里已经有同一条数据。请修改那一条，把这一条去掉。")
        base, held = rows.published(batch.dataset, [key]).get(key, (0, None))
        if held == found:
            raise ActError("内容和已经公开的完全一样，不用再报。")
        if row is None:
            last = batch.rows.order_by("-ordinal").values_list("ordinal", flat=True).first() or 0
            row = BatchRow(batch=batch, ordinal=last + 1, place=f"第{last + 1}条")
        row.key, row.values = key, found
        row.title = values.title_of(template, values.shown_of(template, found))
        row.action, row.base = (BatchRow.Action.CHANGE if base else BatchRow.Action.ADD), base
        row.raw, row.faults, row.faulty = {}, {}, False
        row.save()
        changed(work)
        screen.refresh(batch, only=row)
        work.summary = f"{row.get_action_display()}：{row.title}"[:300]
        # Cells may hold what must not be read by everybody who reads the trace.
        work.data = {"row": row.pk}


class Take(Act):
    """导入表格."""

    kind, name, label, icon = KIND, "take", "上传表格", "upload"
    from_states = EDITABLE
    permits = STAFF_OF_OWNER
    form_class = TableForm
    order = 21
    hint = "没有错误的行收进这一批；有错误的行也留着，在页面上改好再送审。同一份表再传一次不会有变化。"

    def apply(self, work: Work) -> None:
        batch: Batch = work.case
        uploads, kept = _everything(work.data)
        attachment = kept[0] if kept else attachments.store(uploads[0], user=work.user)
        made = plan_of(batch, attachment)
        work.attachments = [attachment]
        taken = rows.take(batch, made)
        changed(work)
        screen.refresh(batch)
        parts = [f"新增{made.added}条", f"修改{made.changed}条", f"没有变化{made.unchanged}条"]
        if made.faulty:
            parts.append(f"有误{len(made.faulty)}条")
        work.summary = f"{attachment.name}：{'，'.join(parts)}"[:300]
        work.record = {"rows": len(taken)}
        work.data = {}


def _everything(data: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    return list(data.get("files") or []), list(data.get("kept") or [])


def plan_of(batch: Batch, table: Attachment) -> rows.Plan:
    """What a table would change in a batch. Raises ActError when it is no table of the template."""
    lines, notes = lines_of(table, batch.dataset.template)
    made = rows.plan(batch.dataset, lines, batch)
    made.notes = notes
    return made


def lines_of(table: Attachment, template: Template) -> tuple[list[rows.Line], list[str]]:
    """The lines of a table that was uploaded. Raises ActError when it is no table of the template.

    What the dry run has read is kept for the act, so that other acts do not wait while a large table is read.
    """
    try:
        return _read(table.digest, table.name, template)
    except excel.NotTheTemplate as error:
        raise ActError(str(error)) from None


@lru_cache(maxsize=2)
def _read(digest: str, name: str, template: Template) -> tuple[list[rows.Line], list[str]]:
    return excel.read(attachments.load(digest), name, template)


class Remove(Act):
    """去掉数据."""

    kind, name, label, icon = KIND, "remove", "去掉几条", "list-x"
    from_states = EDITABLE
    permits = STAFF_OF_OWNER
    form_class = RowsForm
    order = 60
    hide_blocked = True
    hint = "只从这一批里去掉，已经公开的不受影响。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["rows"] else "这一批还没有数据。"

    def apply(self, work: Work) -> None:
        batch: Batch = work.case
        ids = [row.pk for row in work.data["rows"]]
        batch.hits.filter(row__in=ids).delete()
        batch.rows.filter(pk__in=ids).delete()
        changed(work)
        screen.refresh(batch)
        work.summary = f"去掉{len(ids)}条"


class Drop(Act):
    """作废."""

    kind, name, label, icon = KIND, "drop", "作废", "trash-2"
    from_states = EDITABLE
    to_state = "dropped"
    permits = STAFF_OF_OWNER
    form_class = ReasonForm
    danger = True
    order = 90
    hint = "整批作废，不会公开。"

    def apply(self, work: Work) -> None:
        case: Case = work.case
        for clock in case.clocks.filter(state__in=clocks.OPEN):
            clocks.cancel(clock, work.now)
        work.words = work.data["reason"]
