"""The kinds of cases of offline places: zones, outlets, and what is posted there."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from gongkai.channels.zones import queries
from gongkai.channels.zones.models import Outlet, Posting, Zone
from gongkai.core.kinds import Kind, State, register
from gongkai.core.roles import STAFF, Where


def _crumbs(case: Any) -> list[tuple[str, str]]:
    return [("政务公开专区", reverse("zones:index")), (case.number, "")]


ZONE = Kind(
    code=Zone.KIND,
    label="政务公开专区",
    prefix="ZQ",
    model=Zone,
    states={
        "preparing": State("筹备中", turn=Where.OWNER, roles=STAFF, ask="备齐服务后开放", light="wait"),
        "open": State("开放", turn=None, roles=(), light="ok"),
        "suspended": State("暂停开放", turn=Where.OWNER, roles=STAFF, ask="恢复开放，或者关闭", light="paused"),
        "closed": State("已关闭", open=False, turn=None, roles=(), light="done"),
    },
    template="zones/case/zone.html",
    context=queries.case_context,
    crumbs=_crumbs,
    counted=False,
)


OUTLET = Kind(
    code=Outlet.KIND,
    label="定点公开载体",
    prefix="DD",
    model=Outlet,
    states={
        "active": State("在用", turn=None, roles=()),
        "closed": State("已停用", open=False, turn=None, roles=()),
    },
    template="zones/case/outlet.html",
    context=queries.outlet_context,
    crumbs=lambda case: [("定点公开", reverse("zones:outlets")), (case.number, "")],
    counted=False,
)
POSTING = Kind(
    code=Posting.KIND,
    label="定点公开",
    prefix="DG",
    model=Posting,
    states={
        "planned": State("待张贴", turn=Where.OWNER, roles=STAFF, ask="张贴并上传照片", light="wait"),
        "up": State("张贴中", turn=None, roles=(), light="ok"),
        "due": State("该撤下", turn=Where.OWNER, roles=STAFF, ask="撤下，或者延长", light="soon"),
        "down": State("已撤下", open=False, turn=None, roles=(), light="done"),
        "cancelled": State("已取消", open=False, turn=None, roles=(), light="paused"),
    },
    template="zones/case/posting.html",
    context=queries.posting_context,
    crumbs=lambda case: [("定点公开", reverse("zones:postings")), (case.number, "")],
    load=lambda rows: rows.select_related("outlet", "document").defer("document__body"),
)


def register_all() -> None:
    """Make the kinds known to core."""
    for kind in (ZONE, OUTLET, POSTING):
        register(kind)
