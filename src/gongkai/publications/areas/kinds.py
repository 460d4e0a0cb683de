"""Key areas' kinds of cases: states, their words, and whose turn it is."""

from __future__ import annotations

from django.urls import reverse

from gongkai.core.kinds import Kind, State, register
from gongkai.core.roles import STAFF, Role, Where
from gongkai.publications.areas import queries
from gongkai.publications.areas.models import Batch, DatasetUpdate


def _crumbs(case: Batch | DatasetUpdate) -> list[tuple[str, str]]:
    return [("重点领域", reverse("areas:index")), (str(case.dataset), case.dataset.get_absolute_url())]


BATCH = Kind(
    code=Batch.KIND,
    label="重点领域数据",
    prefix="SJ",
    model=Batch,
    states={
        "draft": State("填报中", turn=Where.OWNER, roles=STAFF, ask="填好后送审", light="wait"),
        "returned": State("已退回", turn=Where.OWNER, roles=STAFF, ask="修改后重新送审", light="soon"),
        # Whose turn it is in review depends on the step; the record refines it.
        "review": State("审核中", turn=Where.OWNER, roles=(Role.REVIEWER,), ask="审核", light="ok"),
        "published": State("已公开", open=False, turn=None, roles=(), light="done"),
        "withdrawn": State("已撤回", open=False, turn=None, roles=(), light="paused"),
        "dropped": State("已作废", open=False, turn=None, roles=(), light="paused"),
    },
    template="areas/case/batch.html",
    context=queries.batch_context,
    crumbs=_crumbs,
    load=lambda rows: rows.select_related("dataset", "dataset__own", "dataset__unit"),
)

UPDATE = Kind(
    code=DatasetUpdate.KIND,
    label="数据集更新",
    prefix="GX",
    model=DatasetUpdate,
    states={
        "open": State("待更新", turn=Where.OWNER, roles=STAFF, ask="更新数据"),
        "done": State("已办结", open=False, turn=None, roles=()),
    },
    template="areas/case/update.html",
    context=queries.update_context,
    crumbs=_crumbs,
    load=lambda rows: rows.select_related("dataset", "dataset__own", "dataset__unit"),
)


def register_all() -> None:
    """Make the kinds known to core."""
    register(BATCH)
    register(UPDATE)
