"""Publishing's kinds of cases: states, their words, and whose turn it is."""

from __future__ import annotations

from gongkai.core.kinds import Kind, State, register
from gongkai.core.roles import STAFF, Role, Where
from gongkai.publications import queries
from gongkai.publications.models import Publication

PUBLICATION = Kind(
    code=Publication.KIND,
    label="信息发布",
    prefix="XX",
    model=Publication,
    states={
        "draft": State("拟稿中", turn=Where.OWNER, roles=STAFF, ask="完善后送审", light="wait"),
        "returned": State("已退回", turn=Where.OWNER, roles=STAFF, ask="修改后重新送审", light="soon"),
        # Whose turn it is in review depends on the step; the record refines it.
        "review": State("审核中", turn=Where.OWNER, roles=(Role.REVIEWER,), ask="审核", light="ok"),
        "approved": State("已批准", turn=Where.OWNER, roles=STAFF, ask="发布", light="ok"),
        "scheduled": State("待定时发布", turn=None, roles=(), light="wait"),
        "published": State("已公开", open=False, turn=None, roles=(), light="done"),
        "filed": State("已归档，不主动公开", open=False, turn=None, roles=(), light="paused"),
        "withdrawn": State("已撤回", open=False, turn=None, roles=(), light="paused"),
        "dropped": State("已作废", open=False, turn=None, roles=(), light="paused"),
    },
    template="publications/case/publication.html",
    context=queries.case_context,
    load=queries.load,
)


def register_all() -> None:
    """Make the kinds known to core."""
    register(PUBLICATION)
