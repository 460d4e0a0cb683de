"""The kinds of cases of one voice."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from gongkai.core.kinds import Kind, State, register
from gongkai.core.roles import STAFF, Where
from gongkai.publications.clearance import queries
from gongkai.publications.clearance.models import Clearance, ClearanceShare


def _crumbs(case: Any) -> list[tuple[str, str]]:
    return [("统一口径", reverse("publications:clearance")), (case.number, "")]


def _closed(label: str, light: str = "") -> State:
    return State(label, open=False, turn=None, roles=(), light=light)


CLEARANCE = Kind(
    code=Clearance.KIND,
    label="统一口径",
    prefix="KJ",
    model=Clearance,
    states={
        "open": State("征求中", turn=Where.OWNER, roles=STAFF, ask="汇总答复，确定口径", light="wait"),
        "settled": _closed("口径已统一", light="done"),
        "dropped": _closed("已结束", light="paused"),
    },
    template="clearance/case/clearance.html",
    context=queries.clearance_context,
    crumbs=_crumbs,
    load=lambda rows: rows.select_related("publication").defer("publication__body"),
    counted=False,
)
SHARE = Kind(
    code=ClearanceShare.KIND,
    label="口径答复",
    prefix="KD",
    model=ClearanceShare,
    states={
        "open": State("待答复", turn=Where.OWNER, roles=STAFF, ask="核对情况，答复口径"),
        "answered": _closed("已答复"),
        "over": _closed("征求已结束"),
    },
    template="clearance/case/clearance-share.html",
    context=queries.share_context,
    crumbs=_crumbs,
    load=lambda rows: rows.select_related("clearance", "clearance__unit"),
)


def register_all() -> None:
    """Make the kinds known to core."""
    register(CLEARANCE)
    register(SHARE)
