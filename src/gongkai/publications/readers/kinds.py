"""The kind of case of a topic."""

from __future__ import annotations

from typing import Any

from gongkai.core.kinds import Kind, State, register
from gongkai.core.roles import STAFF, Role, Where
from gongkai.publications import public_queries
from gongkai.publications.readers.models import Topic


def _context(case: Any, user: Any) -> dict[str, Any]:
    chosen = [pk for section in case.sections for pk in section["documents"]]
    rows = {row.pk: row for row in public_queries.documents(chosen)} if chosen else {}
    sections = [{**section, "documents": [rows.get(pk) for pk in section["documents"]]} for section in case.sections]
    return {"topic": case, "sections": sections}


TOPIC = Kind(
    code=Topic.KIND,
    label="专题",
    prefix="ZT",
    model=Topic,
    states={
        "draft": State("编辑中", turn=Where.OWNER, roles=STAFF, ask="完善后送审", light="wait"),
        "returned": State("已退回", turn=Where.OWNER, roles=STAFF, ask="修改后重新送审", light="soon"),
        "review": State("待批准", turn=Where.OWNER, roles=(Role.REVIEWER, Role.LEADER), ask="批准", light="ok"),
        "published": State("已公开", open=False, turn=None, roles=(), light="done"),
        "withdrawn": State("已撤回", open=False, turn=None, roles=(), light="paused"),
    },
    template="publications/topics/case.html",
    context=_context,
    counted=False,
)


def register_all() -> None:
    """Make the kind known to core."""
    register(TOPIC)
