"""复查和清理: campaigns, the items of a unit's share with their conclusions, texts side by side, reports."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import listing, sheets
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.models import Case
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day
from gongkai.publications.models import Attribute
from gongkai.publications.registers import queries
from gongkai.publications.registers.acts import cleanup as cleanup_acts
from gongkai.publications.registers.models import (
    AttributeCampaign,
    AttributeItem,
    AttributeShare,
    Cleanup,
    CleanupItem,
    CleanupShare,
)
from gongkai.publications.registers.views import common
from gongkai.publications.views.common import working

KINDS = (AttributeCampaign.KIND, AttributeShare.KIND, Cleanup.KIND, CleanupShare.KIND)
LABELS = {
    AttributeCampaign.KIND: "属性复查",
    AttributeShare.KIND: "单位属性复查",
    Cleanup.KIND: "规范性文件清理",
    CleanupShare.KIND: "单位文件清理",
}


@working
def index(request: HttpRequest) -> HttpResponse:
    """All campaigns the person sees: the office the whole ones, a unit its own shares."""
    user, now = request.user, timezone.now()
    rows = Case.objects.visible_to(user).filter(kind__in=KINDS).filter(listing.conditions(request.GET, user, now))
    if "kind" not in request.GET and queries.is_office(user):
        rows = rows.filter(Q(kind__in=[AttributeCampaign.KIND, Cleanup.KIND]) | Q(unit__in=list(user.roles_by_unit)))
    page = common.keyset(rows.select_related("unit", "clock"), request.GET, listing.size(), descending=True)
    lines = []
    for case in listing.with_faces(page.rows, now):
        face = case.face
        lines.append(
            {
                "cells": [
                    {"words": case.title, "url": case.get_absolute_url()},
                    {"words": LABELS[case.kind]},
                    {"words": str(case.unit)},
                    {"words": case.state_label},
                    {"words": face.words, "light": face.light} if face else {"words": ""},
                    {"words": day(case.opened_at)},
                ]
            }
        )
    buttons = [
        {
            "label": acts[key].label,
            "url": common.new_url(key, reverse("registers:campaigns")),
            "icon": acts[key].icon,
            "primary": number == 0,
        }
        for number, key in enumerate(("attribute-campaign.launch", "cleanup.launch"))
        if acts[key].permitted(None, user)
    ]
    context = shell(
        request,
        current="registers:campaigns",
        title="复查和清理",
        sub="公开属性定期复查，规范性文件定期清理",
        table={
            "caption": "复查和清理",
            "heads": [{"label": label} for label in ("名称", "类型", "单位", "状态", "时限", "发起")],
            "rows": lines,
        },
        chips=[
            common.chip(request, "kind", "类型", list(LABELS.items())),
            common.chip(request, "state", "状态", [("open", "在办"), ("closed", "办结")]),
        ],
        pager=common.paging(request, page),
        buttons=buttons,
        empty={"title": "还没有复查和清理", "words": "由政务公开主管发起，每个单位收到一件任务。"},
    )
    return render(request, "registers/list.html", context)


# --- items of a share -------------------------------------------------------------------------------------------------


def _share(request: HttpRequest, model: Any, pk: int) -> Any:
    rows = model.objects.visible_to(request.user).select_related("unit", "supervisor", "campaign", "clock")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("没有这件任务，或者你不能查看。")
    return found


def _answer(request: HttpRequest, act: Any, share: Any) -> tuple[Any, str]:
    """Do the act on the chosen items: (form to be shown again, or None when it is done; a sentence when it failed)."""
    try:
        event = perform(act, share, request.user, request.POST)
    except InvalidData as problem:
        return problem.form, ""
    except ActError as problem:
        return act.form(share, request.user, request.POST), str(problem)
    messages.success(request, f"已{act.label}：{event.summary}")
    return None, ""


def _items_page(
    request: HttpRequest, share: Any, rows: Any, offered: list[Any], template: str, **more: Any
) -> HttpResponse:
    """A share's items with the form of each act the person may do on them."""
    user = request.user
    usable = [act for act in offered if act.permitted(share, user) and act.starts_from(share)]
    forms, failure, status = {}, "", 200
    wanted = request.POST.get("act", "") if request.method == "POST" else ""
    for act in usable:
        if act.name == wanted:
            form, failure = _answer(request, act, share)
            if form is None:
                return redirect(f"{request.path}?{request.GET.urlencode()}")
            forms[act.name], status = form, 422
        else:
            # Two forms may stand on the page: each has ids of its own.
            forms[act.name] = act.form(share, user, auto_id=f"{act.name}-%s")
    if request.method == "POST" and wanted not in forms:
        return redirect(request.path)
    page = common.keyset(rows, request.GET, listing.size())
    chosen = set(listing.ids_of(request.POST.getlist("items"))) if status == 422 else set()
    context = shell(
        request,
        current="registers:campaigns",
        title=share.title,
        share=share,
        rows=page.rows,
        chosen=chosen,
        parts=[(act, forms[act.name]) for act in usable],
        failure=failure,
        pager=common.paging(request, page),
        crumbs=[
            {"label": "复查和清理", "url": reverse("registers:campaigns")},
            {"label": share.number, "url": share.get_absolute_url()},
            {"label": "清单", "url": ""},
        ],
        **more,
    )
    return render(request, template, context, status=status)


@working
def attribute_items(request: HttpRequest, pk: int) -> HttpResponse:
    """The documents of a unit's review, to be decided one by one or in batches."""
    share = _share(request, AttributeShare, pk)
    rows = AttributeItem.objects.filter(share=pk).select_related("publication")
    state = request.GET.get("decision", "")
    if state == "left":
        rows = rows.filter(decision="")
    elif state in Attribute.values:
        rows = rows.filter(decision=state)
    options = [("left", "还没有结论"), *Attribute.choices]
    return _items_page(
        request,
        share,
        rows,
        [acts["attribute-share.decide"]],
        "registers/attribute_items.html",
        chips=[common.chip(request, "decision", "结论", options)],
        grounds=queries.GROUNDS,
    )


@working
def cleanup_items(request: HttpRequest, pk: int) -> HttpResponse:
    """The documents of a unit's clean-up, with conclusions and what counsel said."""
    share = _share(request, CleanupShare, pk)
    rows = (
        CleanupItem.objects.filter(share=pk).select_related("publication").defer("publication__body", "official_text")
    )
    state = request.GET.get("outcome", "")
    if state == "left":
        rows = rows.filter(outcome="")
    elif state == "counsel":
        rows = rows.exclude(outcome="").filter(counsel="")
    elif state in CleanupItem.Outcome.values:
        rows = rows.filter(outcome=state)
    options = [("left", "还没有结论"), ("counsel", "等法律意见"), *CleanupItem.Outcome.choices]
    return _items_page(
        request,
        share,
        rows,
        [acts["cleanup-share.decide"], acts["cleanup-share.counsel"]],
        "registers/cleanup_items.html",
        chips=[common.chip(request, "outcome", "结论", options)],
    )


@working
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """A document beside the text of the official database (002-16)."""
    item = get_object_or_404(
        CleanupItem.objects.select_related("share", "publication__current_version", "publication__unit"), pk=pk
    )
    share = _share(request, CleanupShare, item.share_id)
    act = acts["cleanup-share.compare"]
    may = act.permitted(share, request.user) and act.starts_from(share)
    form: Any = act.form(share, request.user, initial={"item": item.pk}) if may else None
    failure = ""
    if request.method == "POST" and may:
        try:
            event = perform(act, share, request.user, {**request.POST.dict(), "item": item.pk})
        except InvalidData as problem:
            form = problem.form
        except ActError as problem:
            failure = str(problem)
        else:
            messages.success(request, f"已比对：{event.summary}")
            return redirect(request.path)
    context = shell(
        request,
        current="registers:campaigns",
        title="与官方库文本比对",
        sub=item.publication.title,
        item=item,
        rows=cleanup_acts.compared(item) if item.official_text else (),
        form=form,
        failure=failure,
        crumbs=[
            {"label": share.number, "url": share.get_absolute_url()},
            {"label": "清单", "url": reverse("registers:cleanup-items", args=[share.pk])},
            {"label": "比对", "url": ""},
        ],
    )
    return render(request, "registers/compare.html", context, status=422 if form is not None and form.errors else 200)


# --- reports ----------------------------------------------------------------------------------------------------------

_ATTRIBUTE_HEAD = (
    "单位", "标题", "发文字号", "成文日期", "原属性", "复查结论", "法定情形", "理由", "决定岗位", "决定日期", "现在状态",
)  # fmt: skip
_CLEANUP_HEAD = (
    "单位", "文件名称", "发文字号", "清理结论", "理由", "评估结果", "法律顾问意见", "法律顾问岗位", "废止失效日期",
    "延长至", "与官方库不同", "执行情况",
)  # fmt: skip


@working
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """A campaign's report as Excel: the figures in the note, then every item."""
    case = get_object_or_404(
        Case.objects.visible_to(request.user), pk=pk, kind__in=(AttributeCampaign.KIND, Cleanup.KIND)
    )
    if case.kind == AttributeCampaign.KIND:
        found = queries.attribute_figures(campaign=pk)
        note = (
            f"复查{found['items']}件，没有结论{found['undecided']}件，转主动公开{found['converted']}件"
            f"（已公开{found['published']}件），依申请公开{found['on_request']}件，不予公开{found['withheld']}件"
        )
        data = sheets.workbook(case.title, _ATTRIBUTE_HEAD, _attribute_lines(pk), note)
    else:
        note = cleanup_acts.figures_words(queries.cleanup_figures(campaign=pk))
        data = sheets.workbook(case.title, _CLEANUP_HEAD, _cleanup_lines(pk), note)
    return listing.download(data, f"{case.title}.xlsx", "xlsx")


def _attribute_lines(pk: int) -> Any:
    rows = AttributeItem.objects.filter(share__campaign=pk).select_related("share__unit", "publication")
    for item in rows.order_by("share__unit__ordinal", "id")[: listing.LIMIT_OF_EXPORT]:
        yield (
            item.share.unit.name,
            item.title,
            item.document_number,
            item.made_on,
            item.get_before_display() or "没有确定",
            item.get_decision_display(),
            queries.GROUNDS.get(item.ground, ""),
            item.reason,
            item.decided_by,
            timezone.localdate(item.decided_at) if item.decided_at else None,
            item.publication.state_label if item.publication else "",
        )


def _cleanup_lines(pk: int) -> Any:
    rows = CleanupItem.objects.filter(share__campaign=pk).select_related("share__unit", "publication")
    for item in rows.order_by("share__unit__ordinal", "id").defer("official_text")[: listing.LIMIT_OF_EXPORT]:
        yield (
            item.share.unit.name,
            item.publication.title,
            item.publication.document_number,
            item.get_outcome_display(),
            item.reason,
            item.evaluation,
            item.counsel,
            item.counsel_by,
            item.day,
            item.until,
            "" if item.differences is None else f"{item.differences}处",
            item.applied,
        )
