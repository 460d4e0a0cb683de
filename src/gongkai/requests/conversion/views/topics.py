"""热点排行: what was asked about most, why it belongs together, and who could publish it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import charts, listing, sheets
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.forms import DayField
from gongkai.core.navigation import shell
from gongkai.core.roles import Role
from gongkai.core.templatetags.gongkai import day
from gongkai.requests.conversion import queries, settings, topics
from gongkai.requests.conversion.models import Analysis, HotTopic, TopicMember
from gongkai.requests.conversion.views import common
from gongkai.requests.models import Request

HERE = "conversion:topics"
HEAD = (
    "名次",
    "热点",
    "代表表述",
    "领域",
    "重点领域",
    "合计",
    "对比期",
    "变化",
    "申请",
    "表述重复",
    "各来源",
    "涉及单位",
)
CHARTED = 12
ANALYSTS = (Role.OFFICE, Role.OFFICER)


class PeriodForm(forms.Form):
    """Which days."""

    since = DayField(label="从")
    until = DayField(label="至")


@common.working
def index(request: HttpRequest) -> HttpResponse:
    """The ranking of an analysis, the latest by default."""
    may = bool(request.user.role_set & set(ANALYSTS))
    form, failure, status = _period_form(), "", 200
    if request.method == "POST":
        if not may:
            raise PermissionDenied("热点分析由政务公开主管和信息公开员做。")
        form = PeriodForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                made = topics.analyse(data["since"], data["until"], request.user, timezone.now())
            except ActError as problem:
                failure, status = str(problem), 409
            else:
                messages.success(
                    request, f"已分析{made.requests}件申请和其他来源{made.signals}条，找到{made.topics.count()}个热点。"
                )
                return redirect(f"{reverse(HERE)}?analysis={made.pk}")
        else:
            status = 422
    recent = list(Analysis.objects.order_by("-until", "-pk")[:12])
    chosen = listing.ids_of([request.GET.get("analysis", "")])
    analysis = Analysis.objects.filter(pk=chosen[0]).first() if chosen else (recent[0] if recent else None)
    found = _topics(request, analysis)
    readable = queries.readable(request.user, *(one for topic in found for one in topic.proposals.all()))
    if request.GET.get("export") == "xlsx" and analysis is not None:
        return _export(analysis, found)
    context = shell(
        request,
        current=HERE,
        title="热点排行",
        sub=_sub(analysis),
        tabs=common.topic_tabs("topics"),
        analysis=analysis,
        table={
            "caption": "热点排行",
            "heads": [
                *common.heads("热点", "领域"),
                {"label": "合计", "number": True},
                *common.heads("比上一期", "来自", "建议"),
            ],
            "rows": [_row(topic, readable) for topic in found],
        },
        chart=_chart(analysis, found[:CHARTED]) if found else "",
        figures_table=_figures_table(found[:CHARTED]) if found else "",
        chips=_chips(request, analysis, recent),
        buttons=[common.export_button(request)] if found else [],
        form=form if may else None,
        failure=failure,
        empty={"title": "这段时间没有热点", "words": "同一内容的申请和诉求达到设置的件数，才列为热点。"},
    )
    return render(request, "conversion/topics.html", context, status=status)


def _period(analysis: Analysis) -> str:
    """The days of an analysis in words."""
    return f"{day(analysis.since)}至{day(analysis.until)}"


def _period_form() -> PeriodForm:
    since, until = topics.period_before(timezone.localdate())
    return PeriodForm(initial={"since": since, "until": until})


def _sub(analysis: Analysis | None) -> str:
    if analysis is None:
        return "还没有分析。每期结束后自动分析一次。"
    return f"{_period(analysis)}：申请{analysis.requests}件，其他来源{analysis.signals}件次"


def _topics(request: HttpRequest, analysis: Analysis | None) -> list[HotTopic]:
    if analysis is None:
        return []
    rows = analysis.topics.prefetch_related("proposals")
    area = request.GET.get("area", "")
    if area:
        rows = rows.filter(key_area=True) if area == "key" else rows.filter(area=area[:40])
    return list(rows.order_by("rank"))


def _row(topic: HotTopic, readable: set[int]) -> dict[str, Any]:
    asked = {"words": ""}
    for proposal in topic.proposals.all():
        url = proposal.get_absolute_url() if proposal.pk in readable else ""
        asked = {"words": proposal.state_label, "url": url}
    return {
        "cells": [
            {"words": f"{topic.rank}. {topic.name}", "url": reverse("conversion:topic", args=[topic.pk])},
            {"words": f"{topic.area}（重点）" if topic.key_area else topic.area},
            {"words": topic.number, "number": True},
            {"words": queries.growth_words(topic)},
            {"words": queries.source_words(topic.by_source)},
            asked,
        ]
    }


def _chart(analysis: Analysis | None, found: list[HotTopic]) -> Any:
    columns = [
        charts.Column(
            label=str(topic.rank),
            values=(topic.requests, topic.number - topic.requests),
            url=reverse("conversion:topic", args=[topic.pk]),
        )
        for topic in found
    ]
    words = "；".join(f"第{topic.rank}名{topic.name}{topic.number}件" for topic in found[:5])
    return charts.stacked_bars(columns, ("申请", "其他来源"), "热点件数，横轴是名次", words)


def _figures_table(found: list[HotTopic]) -> Any:
    rows = [
        (f"{topic.rank}. {topic.name}", topic.requests, topic.number - topic.requests, topic.number, topic.earlier)
        for topic in found
    ]
    return charts.data_table(("热点", "申请", "其他来源", "合计", "上一期"), rows, "热点件数")


def _chips(request: HttpRequest, analysis: Analysis | None, recent: list[Analysis]) -> list[dict[str, Any]]:
    if analysis is None:
        return []
    areas = analysis.topics.exclude(area="").order_by().values_list("area", flat=True).distinct()
    return [
        common.chip(request, "analysis", "时间", [(str(one.pk), _period(one)) for one in recent]),
        common.chip(request, "area", "领域", [("key", "重点领域"), *((area, area) for area in areas)]),
    ]


def _export(analysis: Analysis, found: list[HotTopic]) -> HttpResponse:
    names = topics.unit_names([pk for pk, _ in topic.by_unit] for topic in found)
    lines = [
        (
            topic.rank,
            topic.name,
            topic.example,
            topic.area,
            "是" if topic.key_area else "",
            topic.number,
            topic.earlier,
            queries.growth_words(topic),
            topic.requests,
            topic.repeated,
            queries.source_words(topic.by_source),
            "，".join(f"{names.get(pk, '')}{number}" for pk, number in topic.by_unit),
        )
        for topic in found
    ]
    note = (
        f"{_period(analysis)}；{analysis.rules.get('least')}件以上，表述相似{analysis.rules.get('alike')}%以上归为一组"
    )
    return listing.download(sheets.workbook("热点排行", HEAD, lines, note), f"热点排行{_period(analysis)}.xlsx", "xlsx")


@common.working
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A topic: why it is one, what it stands on, and the proposal to publish."""
    topic = HotTopic.objects.select_related("analysis").filter(pk=pk).first()
    if topic is None:
        raise Http404("没有这个热点。")
    act = acts["topic_proposal.propose"]
    may = act.permitted(None, request.user)
    names = topics.unit_names([[unit for unit, _ in topic.by_unit]])
    form = act.form(None, request.user, initial=_proposal(topic)) if may else None
    failure, status = "", 200
    if request.method == "POST":
        if not may:
            raise PermissionDenied("主动公开建议由政务公开主管和信息公开员提出。")
        data = request.POST.copy()
        data["topic"] = str(topic.pk)
        try:
            event = perform(act, None, request.user, data)
        except InvalidData as problem:
            form, status = problem.form, 422
        except ActError as problem:
            form, failure, status = act.form(None, request.user, data), str(problem), 409
        else:
            messages.success(request, f"已提出：{event.summary}")
            return redirect(event.case.get_absolute_url())
    members, pager = _members(request, topic)
    proposals = list(topic.proposals.select_related("unit"))
    context = shell(
        request,
        current=HERE,
        title=topic.name,
        sub=f"{_period(topic.analysis)}，第{topic.rank}名",
        topic=topic,
        growth=queries.growth_words(topic),
        sources=queries.source_words(topic.by_source),
        units=[(names.get(unit, ""), number) for unit, number in topic.by_unit],
        members=members,
        pager=pager,
        proposals=proposals,
        open_to_user=queries.readable(request.user, *proposals),
        form=form,
        failure=failure,
        crumbs=[{"label": "热点排行", "url": reverse(HERE)}, {"label": f"第{topic.rank}名", "url": ""}],
    )
    return render(request, "conversion/topic.html", context, status=status)


def _proposal(topic: HotTopic) -> dict[str, Any]:
    return {
        "topic": topic.pk,
        "title": topic.name[:200],
        "unit": topic.by_unit[0][0] if topic.by_unit else None,
        "area": topic.area,
        "reason": f"{_period(topic.analysis)}，这一内容共有{topic.number}件（{queries.source_words(topic.by_source)}），"
        f"{queries.growth_words(topic)}。建议主动公开有关信息。",
    }


def _members(request: HttpRequest, topic: HotTopic) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The cases and signals behind a topic; a request that the person may not read shows only that it is there."""
    rows = TopicMember.objects.filter(topic=topic.pk).select_related("request__unit", "signal__unit")
    last = listing.ids_of([request.GET.get("after", "")])
    if last:
        rows = rows.filter(pk__gt=last[0])
    size = listing.size()
    found = list(rows.order_by("pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    pks = [member.request_id for member in found if member.request_id]
    readable = set(Request.objects.visible_to(request.user).filter(pk__in=pks).values_list("pk", flat=True))
    sources = settings.sources()
    shown = []
    for member in found:
        row = member.request or member.signal
        may = member.request is None or member.request_id in readable
        shown.append(
            {
                "words": (member.request.title if member.request else member.signal.words) if may else "其他单位的申请",
                "url": member.request.get_absolute_url() if member.request and may else "",
                "source": "依申请公开" if member.request else sources.get(member.signal.source, member.signal.source),
                "day": member.request.received_on if member.request else member.signal.day,
                "unit": str(row.unit) if row and row.unit else "",
                "number": 1 if member.request else member.signal.number,
                "percent": member.percent,
                "shared": member.shared,
            }
        )
    return shown, {
        "previous_url": listing.address(request.GET) if last else "",
        "next_url": listing.address(request.GET, after=str(found[-1].pk)) if more else "",
    }
