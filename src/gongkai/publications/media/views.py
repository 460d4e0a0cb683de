"""政务新媒体: posts on their way and released, accounts on record; and the public list of accounts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from gongkai.core import listing, pages
from gongkai.core.acts import acts
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day, when
from gongkai.publications import pages as public
from gongkai.publications.media import queries
from gongkai.publications.media.kinds import ACCOUNT, POST
from gongkai.publications.media.models import MediaAccount, MediaPost
from gongkai.publications.registers.views import common
from gongkai.publications.views.common import working


def _frame(request: HttpRequest, here: str, key: str, **context: Any) -> HttpResponse:
    tabs = [("publications:media", "稿件"), ("publications:media-accounts", "账号")]
    buttons = []
    if acts[key].permitted(None, request.user):
        url = common.new_url(key, reverse(here))
        buttons.append({"label": acts[key].label, "url": url, "icon": "plus", "primary": True})
    frame = shell(
        request,
        current="publications:media",
        title="政务新媒体",
        sub="先审后发：批准的文字才能发布；原文有变化、账号超期未更新，都成为待办",
        tabs=[{"label": label, "url": reverse(name), "current": name == here} for name, label in tabs],
        buttons=buttons,
        **context,
    )
    return render(request, "media/list.html", frame)


@working
def posts(request: HttpRequest) -> HttpResponse:
    """Posts the person may read, newest first."""
    now = timezone.now()
    rows = MediaPost.objects.visible_to(request.user).exclude(state="dropped").select_related("unit", "account")
    rows = rows.filter(listing.conditions(request.GET, request.user, now)).defer("text")
    page = common.keyset(rows, request.GET, listing.size(), descending=True)
    heads = ("标题", "账号", "稿件来源", "状态", "发布时间")
    lines = [
        {
            "cells": [
                {"words": one.title, "url": one.get_absolute_url()},
                {"words": str(one.account)},
                {"words": one.get_origin_display()},
                {"words": one.state_label, "light": one.state_light},
                {"words": when(one.posted_at) if one.posted_at else ""},
            ]
        }
        for one in page.rows
    ]
    states = [(code, state.label) for code, state in POST.states.items() if code != "dropped"]
    return _frame(
        request,
        "publications:media",
        "media-post.write",
        table={"caption": "新媒体稿件", "heads": [{"label": label} for label in heads], "rows": lines},
        chips=[common.chip(request, "state", "状态", states)],
        pager=common.paging(request, page),
        empty={
            "title": "没有稿件",
            "words": listing.beginning(
                request.user, "media-post.write", "在已公开文件的事项页点“发到新媒体”，或点“拟新媒体稿”。"
            ),
        },
    )


@working
def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts the person may read."""
    rows = MediaAccount.objects.visible_to(request.user).select_related("unit")
    rows = rows.filter(listing.conditions(request.GET, request.user, timezone.now()))
    page = common.keyset(rows, request.GET, listing.size())
    heads = ("账号", "平台", "主办单位", "责任岗位", "最近发布", "状态")
    lines = [
        {
            "cells": [
                {"words": one.title, "url": one.get_absolute_url()},
                {"words": one.get_platform_display()},
                {"words": str(one.unit)},
                {"words": one.post},
                {"words": day(one.last_posted_at) if one.last_posted_at else ""},
                {"words": one.state_label, "light": one.state_light},
            ]
        }
        for one in page.rows
    ]
    return _frame(
        request,
        "publications:media-accounts",
        "media-account.register",
        table={"caption": "新媒体账号", "heads": [{"label": label} for label in heads], "rows": lines},
        chips=[common.chip(request, "state", "状态", [(code, one.label) for code, one in ACCOUNT.states.items()])],
        pager=common.paging(request, page),
        empty={
            "title": "没有账号",
            "words": listing.beginning(request.user, "media-account.register", "先申报账号，政务公开主管备案后启用。"),
        },
    )


@require_safe
def public_accounts(request: HttpRequest) -> HttpResponse:
    """The accounts of all bodies, so that readers know which ones are real."""
    pages.tag(request, "media-accounts")
    groups: dict[str, list[MediaAccount]] = {}
    for account in queries.public_accounts():
        groups.setdefault(account.unit.name, []).append(account)
    context = public.shell(
        request,
        groups=list(groups.items()),
        crumbs=[{"label": "首页", "url": "/"}, {"label": "政务新媒体", "url": ""}],
        column_name="政务新媒体",
    )
    return render(request, "media/public.html", context)
