"""Topics in the workbench: the list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone

from gongkai.core import listing
from gongkai.core.acts import InvalidData, acts, perform
from gongkai.core.kinds import kinds
from gongkai.core.navigation import shell, signed_in
from gongkai.core.templatetags.gongkai import day
from gongkai.publications import public_queries
from gongkai.publications.readers.models import Topic

app_name = "topics"


@signed_in
def index(request: HttpRequest) -> HttpResponse:
    """专题: what the person's units put together."""
    user, now = request.user, timezone.now()
    rows = Topic.objects.visible_to(user).filter(listing.conditions(request.GET, user, now))
    page = listing.page_of(rows.select_related("unit").defer("sections", "released"), request.GET, listing.size())
    states = kinds[Topic.KIND].states
    table = {
        "caption": "专题",
        "heads": [{"label": label} for label in ("名称", "状态", "单位", "公开时间", "网址")],
        "rows": [
            {
                "id": topic.pk,
                "cells": [
                    {"words": topic.title, "url": topic.get_absolute_url()},
                    {"words": states[topic.state].label, "light": topic.state_light},
                    {"words": str(topic.unit)},
                    {"words": day(topic.released_at) if topic.released_at else ""},
                    {"words": topic.public_address, "url": topic.public_address if topic.released_at else ""},
                ],
            }
            for topic in page.rows
        ],
    }
    may_write = acts["topic.write"].permitted(None, user)
    context = shell(
        request,
        table=table,
        page=page,
        buttons=[
            {
                "label": "新建专题",
                "icon": "plus",
                "url": reverse("workbench:new", args=["topic", "write"]),
                "primary": True,
            }
        ]
        if may_write
        else [],
        crumbs=[{"label": "信息发布", "url": reverse("publications:index")}, {"label": "专题", "url": ""}],
        previous_url=f"?before={page.before}" if page.before else "",
        next_url=f"?after={page.after}" if page.after else "",
    )
    return render(request, "publications/topics/list.html", context)


@signed_in
def section(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """A section's form with what it says now; sending it does the act 修改栏目."""
    topic = get_object_or_404(Topic.objects.visible_to(request.user).select_related("unit"), pk=pk)
    act = acts["topic.change_section"]
    if not act.permitted(topic, request.user):
        raise PermissionDenied("你的角色不能修改这个专题。")
    if not act.starts_from(topic) or not 1 <= place <= len(topic.sections):
        raise Http404
    if request.method == "POST":
        try:
            perform(act, topic, request.user, {**request.POST.dict(), "section": str(place - 1)})
        except InvalidData as problem:
            form = problem.form
        else:
            messages.success(request, "栏目已修改。")
            return redirect(topic.get_absolute_url())
    else:
        form = act.form(topic, request.user, initial=_initial(topic.sections[place - 1], place))
    form.fields.pop("section", None)
    crumbs = [
        {"label": "专题", "url": reverse("topics:index")},
        {"label": topic.title, "url": topic.get_absolute_url()},
        {"label": "修改栏目", "url": ""},
    ]
    context = shell(request, current="topics:index", topic=topic, form=form, crumbs=crumbs)
    return render(request, "publications/topics/section.html", context, status=422 if form.is_bound else 200)


def _initial(section: dict[str, Any], place: int) -> dict[str, Any]:
    rows = public_queries.documents(section["documents"])
    lines = [row.document_number or row.get_absolute_url() for row in rows]
    return {"heading": section["title"], "text": section["text"], "documents": "\n".join(lines), "place": place}


urlpatterns = [
    path("", index, name="index"),
    path("<int:pk>/sections/<int:place>/", section, name="section"),
]
