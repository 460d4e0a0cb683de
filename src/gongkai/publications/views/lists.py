"""The list of information in the workbench."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import listing
from gongkai.core.acts import acts
from gongkai.core.kinds import kinds
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day
from gongkai.publications.models import Attribute, Publication
from gongkai.publications.views.common import working


@working
def index(request: HttpRequest) -> HttpResponse:
    """信息发布: what the person's units write, review and have published."""
    user, now = request.user, timezone.now()
    rows = Publication.objects.visible_to(user).exclude(state="dropped")
    rows = rows.filter(listing.conditions(request.GET, user, now))
    attribute = request.GET.get("attribute", "")
    if attribute in Attribute.values:
        rows = rows.filter(attribute=attribute)
    if request.GET.get("export") in ("xlsx", "docx"):
        return listing.export(rows, request.GET["export"], "信息发布", now)
    page = listing.page_of(rows.select_related("unit", "clock").defer("body"), request.GET, listing.size())
    table = {
        "caption": "信息",
        "heads": [{"label": label} for label in ("标题", "单位", "公开属性", "发文字号", "状态", "时限", "成文日期")],
        "rows": [_row(one) for one in listing.with_faces(page.rows, now)],
    }
    choices = [listing.unit_choice()] if listing.wide(user) else []
    buttons: list[dict[str, Any]] = [
        {"label": "导出", "url": listing.address(request.GET, export="xlsx"), "icon": "download", "phone": False}
    ]
    if acts["publication.write"].permitted(None, user):
        buttons.append(
            {"label": "拟稿", "url": reverse("publications:new"), "icon": "file-plus-corner", "primary": True}
        )
    context = shell(
        request,
        current="publications:index",
        title="信息发布",
        sub="先审后发，一事一审：拟稿、检查、审核、批准，才能公开",
        table=table,
        chips=[*_chips(request), *listing.chips(request, choices)],
        pager=listing.paging(request.GET, page),
        buttons=buttons,
        empty={
            "title": "没有符合条件的信息",
            "words": listing.beginning(user, "publication.write", "用“拟稿”上传 Word 或粘贴正文，检查后送审。"),
        },
    )
    return render(request, "publications/list.html", context)


def _row(one: Any) -> dict[str, Any]:
    face = one.face
    return {
        "cells": [
            {"words": one.title, "url": one.get_absolute_url()},
            {"words": str(one.unit)},
            {"words": one.get_attribute_display() or "未定"},
            {"words": one.document_number},
            {"words": one.state_label, "light": one.state_light},
            {"words": face.words if face and one.is_open else "", "light": one.light if face and one.is_open else ""},
            {"words": day(one.made_on) if one.made_on else ""},
        ]
    }


def _chips(request: HttpRequest) -> list[dict[str, Any]]:
    states = [("open", "在办"), ("closed", "办结")]
    states += [(code, state.label) for code, state in kinds[Publication.KIND].states.items() if code != "dropped"]
    return [
        _chip(request, "state", "状态", states),
        _chip(request, "attribute", "公开属性", list(Attribute.choices)),
    ]


def _chip(request: HttpRequest, name: str, label: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    chosen = request.GET.get(name, "")
    return {
        "label": label,
        "value": dict(options).get(chosen, ""),
        "clear_url": listing.address(request.GET, **{name: None}),
        "options": [{"label": words, "url": listing.address(request.GET, **{name: code})} for code, words in options],
    }
