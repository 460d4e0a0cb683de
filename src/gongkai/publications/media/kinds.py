"""The kinds of cases of new media."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from gongkai.core.kinds import Kind, State, register
from gongkai.core.roles import STAFF, Role, Where
from gongkai.publications.media import queries
from gongkai.publications.media.models import MediaAccount, MediaPost


def _crumbs(case: Any) -> list[tuple[str, str]]:
    name = "publications:media-accounts" if case.kind == MediaAccount.KIND else "publications:media"
    return [("政务新媒体", reverse(name)), (case.number, "")]


def _closed(label: str, light: str = "") -> State:
    return State(label, open=False, turn=None, roles=(), light=light)


ACCOUNT = Kind(
    code=MediaAccount.KIND,
    label="新媒体账号",
    prefix="ZH",
    model=MediaAccount,
    states={
        "proposed": State("待备案", turn=Where.SUPERVISOR, roles=(Role.OFFICE,), ask="备案新媒体账号", light="wait"),
        "active": _closed("正常更新", light="done"),
        "silent": State("超期未更新", turn=Where.OWNER, roles=STAFF, ask="更新账号，或申请关停", light="late"),
        "closed": _closed("已关停", light="paused"),
    },
    template="media/case/media-account.html",
    context=queries.account_context,
    crumbs=_crumbs,
    counted=False,
)
POST = Kind(
    code=MediaPost.KIND,
    label="新媒体稿件",
    prefix="XM",
    model=MediaPost,
    states={
        "draft": State("拟稿中", turn=Where.OWNER, roles=STAFF, ask="写好后送审", light="wait"),
        "returned": State("已退回", turn=Where.OWNER, roles=STAFF, ask="修改后重新送审", light="soon"),
        # Whose turn it is in review depends on the step; the record refines it.
        "review": State("审核中", turn=Where.OWNER, roles=(Role.REVIEWER,), ask="审核", light="ok"),
        "approved": State("已批准", turn=Where.OWNER, roles=STAFF, ask="在平台发布并登记", light="ok"),
        "posted": _closed("已发布", light="done"),
        "recheck": State("须处理", turn=Where.OWNER, roles=STAFF, ask="更正或删除新媒体上的内容", light="late"),
        "removed": _closed("已删除", light="paused"),
        "dropped": _closed("已作废", light="paused"),
    },
    template="media/case/media-post.html",
    context=queries.post_context,
    crumbs=_crumbs,
    load=lambda rows: rows.select_related("account", "account__unit", "document").defer("document__body"),
)


def register_all() -> None:
    """Make the kinds known to core."""
    register(ACCOUNT)
    register(POST)
