"""Rows of a batch in the workbench: one by form, many by spreadsheet with a dry run, all of them to look through."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gongkai.core import attachments, listing
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.locks import writing
from gongkai.core.models import Attachment
from gongkai.core.navigation import shell
from gongkai.publications.areas import excel, queries, rows
from gongkai.publications.areas.acts.batch import lines_of
from gongkai.publications.areas.forms import RowForm, TableForm, add_cells, initial_of
from gongkai.publications.areas.models import Batch, Dataset
from gongkai.publications.areas.views.common import batch_of, crumbs, dataset_of, filling
from gongkai.publications.views.common import working

SHOWN_ERRORS = 200
SHOWN_TAKEN = 20
ROWS = 100


def _keeper(request: HttpRequest, held: Dataset) -> None:
    if not queries.may_keep(request.user, held):
        raise PermissionDenied("只有责任单位的信息公开员和经办人能填报。")
    if not held.active:
        raise PermissionDenied("这个数据集已停用，不能填报。")


@working
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """录入一条: a new row of a dataset; the batch is opened when the first row is saved."""
    held = dataset_of(request.user, pk)
    _keeper(request, held)
    return _row_page(request, held, None, None)


@working
def row(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """修改一条: a row of a batch, with what was wrong said at its fields."""
    batch = batch_of(request.user, pk)
    _keeper(request, batch.dataset)
    found = batch.rows.filter(pk=row).first()
    if found is None:
        raise Http404("没有这一条。")
    if not acts["dataset-batch.put"].starts_from(batch):
        messages.error(request, f"这一批现在是“{batch.state_label}”，不能修改。")
        return redirect(batch)
    return _row_page(request, batch.dataset, batch, found)


def _row_page(request: HttpRequest, held: Dataset, batch: Batch | None, found: Any) -> HttpResponse:
    template, failure = held.template, ""
    form: Any
    if request.method == "POST":
        posted = {**request.POST.dict(), "row": str(found.pk) if found is not None else ""}
        try:
            with writing():
                case = batch or filling(request.user, held)
                event = perform("dataset-batch.put", case, request.user, posted)
        except InvalidData as problem:
            form = problem.form
        except ActError as problem:
            failure, form = str(problem), _form(held, posted)
        else:
            messages.success(request, f"已保存。{event.summary}。")
            return redirect("areas:enter", held.pk) if "again" in request.POST else redirect(event.case)
    else:
        form = _form(held, None, found)
    context = shell(
        request,
        current="areas:index",
        title="修改一条" if found is not None else "录入一条",
        sub=f"{template.title}，{held.unit}",
        form=form,
        cells=[form[f"cell_{one.name}"] for one in template.fields],
        failure=failure,
        faults=list(found.faults.values()) if found is not None and request.method != "POST" else [],
        held=held,
        template=template,
        back_url=batch.get_absolute_url() if batch is not None else held.get_absolute_url(),
        fresh=found is None,
        crumbs=crumbs((template.title, held.get_absolute_url()), ("修改一条" if found is not None else "录入一条", "")),
    )
    return render(request, "areas/staff/row.html", context, status=422 if request.method == "POST" else 200)


def _form(held: Dataset, posted: Any, found: Any = None) -> RowForm:
    initial = initial_of(held.template, found.values, found.raw) if found is not None else {}
    form = RowForm(posted, initial=initial)
    add_cells(form, held.template)
    return form


@working
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """上传表格: first what it would change and what is wrong, cell by cell; then it is taken in."""
    held = dataset_of(request.user, pk)
    _keeper(request, held)
    context: dict[str, Any] = {}
    status = 200
    form = TableForm()
    if request.method == "POST":
        form = TableForm(request.POST, request.FILES)
        form.prepare(None, request.user)
        status = 422
        if form.is_valid():
            try:
                file = _file_of(request, form)
                if "take" in request.POST:
                    return _take(request, held, file)
                context, status = _looked_through(held, file), 200
            except ActError as problem:
                context = {"failure": str(problem)}
    context = shell(
        request,
        current="areas:index",
        title="上传表格",
        sub=f"{held.template.title}，{held.unit}",
        form=form,
        held=held,
        most=excel.MOST_ROWS,
        crumbs=crumbs((held.template.title, held.get_absolute_url()), ("上传表格", "")),
        **context,
    )
    return render(request, "areas/staff/upload.html", context, status=status)


def _file_of(request: HttpRequest, form: TableForm) -> Attachment:
    """The table: a new upload is kept as a draft of the person, so that it need not be uploaded twice."""
    uploads, kept = form.everything()
    if kept:
        return kept[0]
    attachment = attachments.store(uploads[0], user=request.user)
    attachment.draft_of_id, attachment.draft_act = request.user.pk, "dataset-batch.take"
    attachment.save()
    return attachment


def _looked_through(held: Dataset, file: Attachment) -> dict[str, Any]:
    """The dry run: nothing is written."""
    lines, notes = lines_of(file, held.template)
    made = rows.plan(held, lines, queries.open_batch(held))
    errors = made.errors
    return {
        "file": file,
        "plan": made,
        "notes": notes,
        "errors": errors[:SHOWN_ERRORS],
        "more_errors": max(len(errors) - SHOWN_ERRORS, 0),
        "taken": made.taken[:SHOWN_TAKEN],
        "nothing": not made.taken and not made.faulty,
    }


def _take(request: HttpRequest, held: Dataset, file: Attachment) -> HttpResponse:
    if _looked_through(held, file)["nothing"]:
        messages.info(request, "表里的数据都已经公开或已在办理，没有变化。")
        return redirect(held)
    with writing():
        batch = filling(request.user, held)
        event = perform("dataset-batch.take", batch, request.user, {"kept": [file.pk]})
    messages.success(request, f"已收下。{event.summary}。")
    return redirect(event.case)


@working
@require_safe
def batch_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """All rows of a batch, faulty ones first, page by page."""
    batch = batch_of(request.user, pk)
    template = batch.dataset.template
    after = listing.ids_of([request.GET.get("after", "")])
    only_faulty = request.GET.get("faulty") == "1"
    found = batch.rows.filter(faulty=True) if only_faulty else batch.rows.all()
    # Places in a batch are given once and never change, so that they serve as the key of the page.
    found = found.order_by("ordinal", "id")
    page = list((found.filter(ordinal__gt=after[0]) if after else found)[: ROWS + 1])
    more, page = len(page) > ROWS, page[:ROWS]
    may_edit = queries.may_keep(request.user, batch.dataset) and batch.state in queries.EDITABLE
    columns = template.listed[:6]
    context = shell(
        request,
        current="areas:index",
        title="全部数据",
        sub=batch.title,
        batch=batch,
        columns=columns,
        lines=[queries.line(template, one, columns) for one in page],
        may_edit=may_edit,
        pager={"next_url": listing.address(request.GET, after=str(page[-1].ordinal)) if more else ""},
        chips=[
            {
                "label": "只看有误的",
                "url": listing.address(request.GET, faulty=None if only_faulty else "1"),
                "on": only_faulty,
            }
        ],
        crumbs=crumbs(
            (template.title, batch.dataset.get_absolute_url()),
            (batch.number, reverse("workbench:case", args=[batch.pk])),
            ("全部数据", ""),
        ),
    )
    return render(request, "areas/staff/rows.html", context)
