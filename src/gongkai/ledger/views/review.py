"""The review screen: the source on the left, the tasks on the right, one of them open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gongkai.core.acts import ActError, perform
from gongkai.core.locks import writing
from gongkai.core.measures import measures
from gongkai.core.navigation import shell
from gongkai.ledger.matching import HOW_LABELS
from gongkai.ledger.models import Notice, Task
from gongkai.ledger.views import review_data, words
from gongkai.ledger.views.common import STEPS, address, may, notice_of, overseeing, sentences

# Acts that a link on a line may do, besides those of the editor.
ANSWERS = frozenset({"set_roles", "change_unit", "drop", "review", "restore", "merge", "split", "take_over"})
_SENTENCE = re.compile(r"[^。；;！？\n]+[。；;！？\n]*")


@overseeing
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice under review; with `task` that task is open."""
    notice = notice_of(request.user, pk, "previous", "upstream", "source")
    if notice.state in ("reading", "failed"):
        return redirect("ledger:progress", pk)
    return _show(request, notice, request.GET)


def _show(
    request: HttpRequest,
    notice: Notice,
    parameters: QueryDict,
    *,
    failure: str = "",
    posted: Mapping[str, Any] | None = None,
    before: int | None = None,
) -> HttpResponse:
    found = review_data.load(notice, parameters)
    context = _context(request, notice, found, parameters, failure, posted or {})
    if request.headers.get("HX-Request") and request.headers.get("HX-Target") == "rv-tasks":
        before = before or _number(request.headers.get("HX-Trigger-Task", "") or parameters.get("from", ""))
        context["changed_parts"] = [part for part in found.parts if part.current or before in part.tasks]
        response = render(request, "ledger/review_swap.html", context)
        response["HX-Push-Url"] = address("review", notice.pk, **_place(parameters))
        return response
    context = shell(request, current="ledger:notices", **context)
    return render(request, "ledger/review.html", context, status=422 if failure else 200)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _place(parameters: QueryDict) -> dict[str, str]:
    """What of the address stays when a person goes on."""
    return {name: parameters.get(name, "") for name in ("show", "part", "task", "pane") if parameters.get(name)}


def _context(
    request: HttpRequest,
    notice: Notice,
    found: review_data.Review,
    parameters: QueryDict,
    failure: str,
    posted: Mapping[str, Any],
) -> dict[str, Any]:
    place = _place(parameters)
    # The same people may change drafts as may add one; asked of the notice, whose unit is at hand.
    editable = may("notice", "add_task", notice, request.user)
    current = found.current
    return {
        "notice": notice,
        "review": found,
        "totals": found.counts,
        "editable": editable,
        "steps": STEPS,
        "step": {"review": 3, "approved": 5}.get(notice.state, 6),
        "crumbs": [
            {"label": "工作要点台账", "url": reverse("ledger:notices")},
            {"label": notice.name, "url": reverse("ledger:notice", args=[notice.pk])},
            {"label": "核对"},
        ],
        "facts": [value for value in (
            notice.document_number,
            f"{words.day(notice.issued_on)}成文" if notice.issued_on else "",
            notice.issuer,
            notice.source_name,
        ) if value],
        "chips": _chips(notice, found, place),
        "pane": parameters.get("pane", "tasks"),
        "pane_tabs": [
            {"label": label, "url": address("review", notice.pk, **{**place, "pane": name}),
             "current": parameters.get("pane", "tasks") == name}
            for name, label in (("source", "原文"), ("tasks", "任务"))
        ],
        "left": review_data.progress_words(found),
        "may_approve": may("notice", "approve", notice, request.user),
        "next_url": address("dispatch", notice.pk),
        "failure": failure,
        "place": place,
        "edit": _editor(current, found, posted) if current and editable else None,
        "splitting": parameters.get("do") == "split",
        "closed_url": address("review", notice.pk, **{**place, "task": ""}),
        "from": current.task.pk if current else "",
        "add_url": address("add-task", notice.pk),
    }  # fmt: skip


def _chips(notice: Notice, found: review_data.Review, place: dict[str, str]) -> list[dict[str, Any]]:
    """The filters of the right side."""
    kept = {name: value for name, value in place.items() if name != "task"}
    rows: list[dict[str, Any]] = []
    for name, label in review_data.FILTERS:
        number = found.counts["all"] if not name else found.counts.get(name, 0)
        if name == "dropped" and not number:
            continue
        rows.append(
            {
                "label": label,
                "count": number,
                "light": review_data.LIGHT.get(name, ""),
                "url": address("review", notice.pk, **{**kept, "show": name}),
                "on": place.get("show", "") == name,
            }
        )
    return rows


def _editor(line: review_data.Line, found: review_data.Review, posted: Mapping[str, Any]) -> dict[str, Any]:
    """The open task as the form shows it; what was typed comes before what is stored."""
    task = line.task
    return {
        "line": line,
        "task": task,
        "heading": posted.get("heading", task.heading),
        "text": posted.get("text", task.text),
        "units": [_unit_row(one, found.registry, posted) for one in line.units],
        "new_unit": posted.get("unit-new-target", ""),
        "deadlines": [_deadline_row(one, posted) for one in line.deadlines],
        "targets": [_target_row(one, posted) for one in line.targets],
        "roles": review_data.SHORT_ROLES,
        "all_units": [{"key": str(pk), "name": unit.name} for pk, unit in found.registry.units.items()],
        "all_groups": [
            {"key": str(pk), "name": group.name, "number": len(found.registry.members[pk])}
            for pk, group in found.registry.groups.items()
        ],
        "length_units": list(words.UNITS.items()),
        "measures": sorted(measures.values(), key=lambda one: one.label),
        "sentences": _sentences(task.text),
        "action": reverse("ledger:review-task", args=[task.notice_id, task.pk]),
    }


def _sentences(text: str) -> list[dict[str, Any]]:
    """The sentences of a task with the place at which each begins."""
    return [
        {"offset": one.start(), "words": one.group().strip()} for one in _SENTENCE.finditer(text) if one.group().strip()
    ]


def _unit_row(one: Any, known: review_data.Registry, posted: Mapping[str, Any]) -> dict[str, Any]:
    target = (
        f"unit:{one.unit_id}"
        if one.unit_id
        else f"group:{one.group_id}"
        if one.group_id
        else "outside"
        if one.outside
        else ""
    )
    members = len(known.members.get(one.group_id, ())) if one.group_id else 0
    if one.outside:
        light, said = "wait", "到时再定"
    elif one.group_id:
        light, said = "done", f"已展开{members}个"
    elif one.unit_id:
        light, said = "done", HOW_LABELS.get(one.how, "一致")
    else:
        light, said = "soon", "未对应"
    return {
        "one": one,
        "role": posted.get(f"unit-{one.pk}-role", one.role),
        "target": posted.get(f"unit-{one.pk}-target", target),
        "suggestions": [(f"{kind}:{pk}", label) for kind, pk, label in review_data.suggested(one, known)],
        "light": light,
        "said": said,
    }


def _deadline_row(one: Any, posted: Mapping[str, Any]) -> dict[str, Any]:
    fields = ("kind", "date", "amount", "unit", "day", "months_after", "trigger", "count")
    stored = {name: getattr(one, name) for name in fields}
    stored["date"] = one.date.isoformat() if one.date else ""
    values = {
        name: posted.get(f"deadline-{one.pk}-{name}", "" if value is None else value) for name, value in stored.items()
    }
    return {"one": one, "key": str(one.pk), "words": words.deadline(one), "value": values}


def _target_row(one: Any, posted: Mapping[str, Any]) -> dict[str, Any]:
    stored = {"operator": one.operator, "value": words.plain(one.value), "unit": one.unit, "metric": one.metric}
    values = {name: posted.get(f"target-{one.pk}-{name}", value) for name, value in stored.items()}
    bound = measures.get(one.metric)
    return {
        "one": one,
        "key": str(one.pk),
        "words": words.target(one),
        "value": values,
        "said": f"自动计算：{bound.label}" if bound else "由各单位报送数值",
    }


@overseeing
@require_POST
def review_task(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """What was done on one task: saved, confirmed, answered, split, merged, dropped."""
    notice = notice_of(request.user, pk)
    found = get_object_or_404(Task.objects.select_related("notice", "unit", "supervisor"), notice=notice, pk=task)
    do = request.POST.get("do", "confirm")
    stay = QueryDict(mutable=True)
    for name in ("show", "part", "pane"):
        if request.POST.get(name):
            stay[name] = request.POST[name]
    try:
        goes_on = _perform(request, found, do)
    except ActError as error:
        stay["task"] = str(found.pk)
        shown = sentences(error)
        return _show(request, notice, stay, failure=shown, posted=request.POST.dict(), before=found.pk)
    if goes_on == "next":
        following = review_data.next_after(review_data.load(notice, stay).lines, found.pk)
        if following:
            stay["task"] = str(following.task.pk)
        else:
            messages.success(request, "全部任务都核对过了，可以批准并派发。")
    elif goes_on == "stay":
        stay["task"] = str(found.pk)
    if request.headers.get("HX-Request"):
        return _show(request, notice, stay, before=found.pk)
    return redirect(address("review", notice.pk, **stay.dict()))


def _perform(request: HttpRequest, task: Task, do: str) -> str:
    """Do it; returns where to go on: next, stay or close."""
    user, data = request.user, request.POST
    if do == "answer":
        name = data.get("act", "")
        if name not in ANSWERS:
            raise Http404
        perform(f"task.{name}", task, user, data)
        return "close"
    with writing():
        if do in ("confirm", "save", "add_unit") or do.startswith("remove_"):
            _save(user, task, data)
        if do == "confirm":
            perform("task.review", task, user)
        elif do.startswith("remove_"):
            kind, _, number = do.removeprefix("remove_").partition(":")
            names = {"unit": "named", "deadline": "deadline", "target": "target"}
            if kind not in names:
                raise Http404
            perform(f"task.remove_{kind}", task, user, {names[kind]: number})
        elif do == "split":
            perform("task.split", task, user, {"offset": data.get("offset", "")})
        elif do in ("merge", "drop", "restore"):
            perform(f"task.{do}", task, user)
            return "next" if do == "drop" else "close"
    return "next" if do == "confirm" else "stay"


def _save(user: Any, task: Task, data: Mapping[str, Any]) -> None:
    """Write what differs from what is stored, each difference as its own act."""
    heading, text = data.get("heading", task.heading).strip(), _lines(data.get("text", task.text))
    if heading != task.heading or text != _lines(task.text):
        perform("task.edit", task, user, {"heading": heading, "text": text})
    for one in task.named_units.all():
        _save_unit(user, task, one, data)
    chosen = data.get("unit-new-target", "")
    if chosen:
        perform(
            "task.take_over" if task.candidate else "task.add_unit",
            task,
            user,
            {"role": data.get("unit-new-role", "responsible"), **_target(chosen)},
        )
    for deadline in task.deadlines.all():
        _save_deadline(user, task, deadline, data)
    if data.get("deadline-new-kind"):
        perform("task.set_deadline", task, user, _fields(data, "deadline-new-", _DEADLINE))
    for target in task.targets.all():
        _save_target(user, task, target, data)
    if data.get("target-new-text"):
        perform("task.set_target", task, user, _fields(data, "target-new-", ("text", *_TARGET)))


_DEADLINE = ("kind", "date", "amount", "unit", "day", "months_after", "trigger", "count")
_TARGET = ("operator", "value", "unit", "metric")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _fields(data: Mapping[str, Any], prefix: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: data.get(f"{prefix}{name}", "") for name in names}


def _target(chosen: str) -> dict[str, Any]:
    kind, _, number = chosen.partition(":")
    return {"outside": "on"} if kind == "outside" else {kind: number} if kind in ("unit", "group") and number else {}


def _save_unit(user: Any, task: Task, one: Any, data: Mapping[str, Any]) -> None:
    role = data.get(f"unit-{one.pk}-role", one.role)
    before = (
        f"unit:{one.unit_id}"
        if one.unit_id
        else f"group:{one.group_id}"
        if one.group_id
        else "outside"
        if one.outside
        else ""
    )
    chosen = data.get(f"unit-{one.pk}-target", before)
    if role == one.role and chosen == before:
        return
    changed: dict[str, Any] = {"named": one.pk, "role": role}
    if chosen != before:
        changed |= _target(chosen)
        if data.get(f"unit-{one.pk}-remember"):
            changed["remember"] = "on"
    perform("task.change_unit", task, user, changed)


def _save_deadline(user: Any, task: Task, one: Any, data: Mapping[str, Any]) -> None:
    if f"deadline-{one.pk}-kind" not in data:
        return
    stored = _deadline_row(one, {})["value"]
    given = _fields(data, f"deadline-{one.pk}-", _DEADLINE)
    if any(str(stored[name]) != str(given[name]) for name in _DEADLINE):
        perform("task.set_deadline", task, user, {"deadline": one.pk, "text": one.text, **given})


def _save_target(user: Any, task: Task, one: Any, data: Mapping[str, Any]) -> None:
    if f"target-{one.pk}-operator" not in data:
        return
    stored = _target_row(one, {})["value"]
    given = _fields(data, f"target-{one.pk}-", _TARGET)
    if any(str(stored[name]) != str(given[name]) for name in _TARGET):
        perform("task.set_target", task, user, {"target": one.pk, "text": one.text, **given})
