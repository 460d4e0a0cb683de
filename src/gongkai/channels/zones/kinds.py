"""The kind of case that a zone is."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from gongkai.channels.zones import queries
from gongkai.channels.zones.models import Zone
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
        "preparing": State("筹备中", turn=Where.OWNER, roles=STAFF, ask="备齐服务后开放"),
        "open": State("开放", turn=None, roles=()),
        "suspended": State("暂停开放", turn=Where.OWNER, roles=STAFF, ask="恢复开放，或者关闭"),
        "closed": State("已关闭", open=False, turn=None, roles=()),
    },
    template="zones/case/zone.html",
    context=queries.case_context,
    crumbs=_crumbs,
    counted=False,
)


def register_all() -> None:
    """Make the kind known to core."""
    register(ZONE)
