"""Two notices side by side: last year and this year, upstream and local; a person confirms what belongs together."""

from __future__ import annotations

import difflib
from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from gongkai.core.listing import download
from gongkai.core.navigation import shell
from gongkai.ledger import queries, reports
from gongkai.ledger.models import Notice, TaskMatch
from gongkai.ledger.views.common import act_url, address, do, may, notice_of, overseeing

RELATIONS = ((TaskMatch.Relation.YEAR, "上年与本年"), (TaskMatch.Relation.LEVEL, "上级与本级"))
KINDS = {
    TaskMatch.Relation.YEAR: {"new": "新增", "dropped": "不再出现", "changed": "有变化", "same": "一致"},
    TaskMatch.Relation.LEVEL: {
        "new": "本级自加",
        "dropped": "本级没有对应",
        "changed": "有对应，有变化",
        "same": "一致",
    },
}
LIGHTS = {"new": "ok", "dropped": "soon", "changed": "paused", "same": "done"}
FIELDS = {"text": "要求", "assignments": "单位", "deadlines": "时限", "targets": "指标"}


def _sides(notice: Notice, wanted: str) -> tuple[str, Notice | None]:
    """The relation shown and the notice on the left: the one wanted, else the first that is linked."""
    linked = {TaskMatch.Relation.YEAR: notice.previous, TaskMatch.Relation.LEVEL: notice.upstream}
    if wanted in linked:
        return wanted, linked[TaskMatch.Relation(wanted)]
    for relation, other in linked.items():
        if other is not None:
            return relation, other
    return TaskMatch.Relation.YEAR, None


@overseeing
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """The comparison with its filters; with `export` as Excel."""
    notice = notice_of(request.user, pk, "previous", "upstream")
    relation, left = _sides(notice, request.GET.get("relation", ""))
    if left is not None and request.GET.get("export") == "xlsx":
        return download(reports.comparison_workbook(left, notice, relation), f"{notice.name}对照.xlsx", "xlsx")
    rows = queries.comparison(left, notice, relation) if left is not None else []
    show = request.GET.get("show", "")
    kept = [row for row in rows if not show or row.kind == show]
    counted = Counter(row.kind for row in rows)
    context = {
        "notice": notice,
        "left": left,
        "relation": relation,
        "crumbs": [
            {"label": "工作要点台账", "url": reverse("ledger:notices")},
            {"label": notice.name, "url": reverse("ledger:notice", args=[pk])},
            {"label": "对照"},
        ],
        "tabs": [
            {"label": label, "url": address("compare", pk, relation=name), "current": name == relation}
            for name, label in RELATIONS
        ],
        "chips": [
            {"label": "全部", "count": len(rows), "url": address("compare", pk, relation=relation), "on": not show},
            *[
                {"label": label, "light": LIGHTS[kind], "count": counted[kind], "on": show == kind,
                 "url": address("compare", pk, relation=relation, show=kind)}
                for kind, label in KINDS[TaskMatch.Relation(relation)].items()
            ],
        ],
        "rows": [_row(row, TaskMatch.Relation(relation)) for row in kept],
        "export_url": address("compare", pk, relation=relation, export="xlsx"),
        "link_url": act_url(notice, "link") if may("notice", "link", notice, request.user) else "",
        "may_decide": may("notice", "decide_match", notice, request.user),
        "show": show,
        "left_tasks": [row.left for row in rows if row.left and not row.right],
    }  # fmt: skip
    return render(request, "ledger/compare.html", shell(request, current="ledger:notices", **context))


def _row(row: Any, relation: TaskMatch.Relation) -> dict[str, Any]:
    before = after = None
    if row.left and row.right and any(change.field == "text" for change in row.changes):
        before, after = marked_difference(row.left.text, row.right.text)
    return {
        "left": row.left,
        "right": row.right,
        "kind": row.kind,
        "light": LIGHTS[row.kind],
        "label": KINDS[relation][row.kind],
        "score": f"{row.score:.0%}" if row.left and row.right else "",
        "raw_score": f"{row.score:.4f}",
        "before": before,
        "after": after,
        "changes": [
            {
                "label": FIELDS[change.field],
                "before": "、".join(change.before) or "没有",
                "after": "、".join(change.after) or "没有",
            }
            for change in row.changes
            if change.field != "text"
        ],
        "decision": row.decision,
    }


def marked_difference(before: str, after: str) -> tuple[SafeString, SafeString]:
    """Two sentences with what went (del) and what came (ins) marked."""
    left: list[tuple[str, str]] = []
    right: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        left.append(("span" if tag == "equal" else "del", before[a:b]))
        right.append(("span" if tag == "equal" else "ins", after[c:d]))

    def html(pieces: list[tuple[str, str]]) -> SafeString:
        return format_html_join("", "<{}>{}</{}>", ((name, words, name) for name, words in pieces if words))

    return html(left), html(right)


@overseeing
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """确认对应, or not."""
    notice = notice_of(request.user, pk, "previous", "upstream")
    do(request, "notice.decide_match", notice, told="已记下。")
    where = address("compare", pk, relation=request.POST.get("relation", ""), show=request.POST.get("show", ""))
    return redirect(f"{where}#r-{request.POST.get('right', '')}")
