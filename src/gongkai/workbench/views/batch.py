"""One act on several cases: one form, each case on its own, and a report of what became of every one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from gongkai.core import listing
from gongkai.core.acts import Act, ActError, EmptyForm, InvalidData, acts, perform
from gongkai.core.kinds import kinds
from gongkai.core.models import Case
from gongkai.core.navigation import shell, signed_in

MOST = 200


@signed_in
def batch(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """Choose by `case` in the address, fill in once, see the result of each."""
    act = acts.get(f"{kind}.{name}")
    if act is None or not act.batch or act.creates or act.system:
        raise Http404
    if not act.permitted(None, request.user):
        raise PermissionDenied(f"你的角色不能{act.label}。")
    source = request.POST if request.method == "POST" else request.GET
    ids = listing.ids_of(source.getlist("case"))[:MOST]
    rows = listing.relations(Case.objects.visible_to(request.user).filter(pk__in=ids))
    cases = listing.with_units(list(rows.order_by("due_order", "id")))
    if not cases:
        return redirect("workbench:todo")
    fitting, left = _split(act, cases, request.user)
    if request.method == "POST" and fitting:
        return _do(request, act, fitting, left)
    form = act.form(fitting[0], request.user) if fitting else EmptyForm()
    return _page(request, act, fitting, left, form)


def _split(act: Act, cases: list[Any], user: Any) -> tuple[list[Any], list[tuple[Any, str]]]:
    """Those on which the act may start, and the others with the reason."""
    fitting, left = [], []
    for case in cases:
        if case.kind != act.kind:
            left.append((case, f"“{act.label}”不适用于这类事项"))
        elif not act.starts_from(case):
            left.append((case, f"现在是“{case.state_label}”，不能{act.label}"))
        elif not act.permitted(case, user):
            left.append((case, f"你的角色不能{act.label}"))
        else:
            fitting.append(case)
    return fitting, left


def _page(
    request: HttpRequest, act: Act, fitting: list[Any], left: list[tuple[Any, str]], form: forms.Form, status: int = 200
) -> HttpResponse:
    context = shell(
        request,
        title=f"批量{act.label}",
        sub=f"{kinds[act.kind].label}{len(fitting)}件",
        act=act,
        cases=fitting,
        left=left,
        form=form,
    )
    return render(request, "workbench/batch.html", context, status=status)


def _do(request: HttpRequest, act: Act, fitting: list[Any], left: list[tuple[Any, str]]) -> HttpResponse:
    done, failed, form = [], [], None
    for case in fitting:
        for uploads in request.FILES.lists():
            for file in uploads[1]:
                file.seek(0)
        try:
            event = perform(act, case, request.user, request.POST, files=request.FILES)
        except InvalidData as problem:
            form = problem.form
            failed.append((case, "；".join(f"{error}" for errors in form.errors.values() for error in errors)))
        except ActError as problem:
            failed.append((case, str(problem)))
        else:
            done.append((case, event.summary))
    if not done and form is not None and len(failed) == len(fitting):
        return _page(request, act, fitting, left, form, status=422)
    address = reverse("workbench:batch", args=[act.kind, act.name])
    context = shell(
        request,
        title=f"批量{act.label}的结果",
        act=act,
        done=done,
        failed=failed,
        left=left,
        done_words=f"{len(done)}件。",
        not_done=len(failed) + len(left),
        again_url=f"{address}?{urlencode([('case', case.pk) for case, _ in failed])}" if failed else "",
    )
    return render(request, "workbench/batch_result.html", context)
