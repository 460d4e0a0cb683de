"""Pages of personal data: show what was asked for, and who looked at what."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongkai.core import listing
from gongkai.core.models import Case
from gongkai.core.navigation import shell, signed_in
from gongkai.core.privacy import showing
from gongkai.core.privacy.models import PersonalAccess

SIZE = 50


@never_cache
@signed_in
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The chosen fields of a case in plain, recorded; as a part of the page for htmx, else as a page of its own."""
    user: Any = request.user
    case = get_object_or_404(Case.objects.visible_to(user).select_related("unit", "unit__parent"), pk=pk)
    if request.method != "POST":
        return redirect(case.get_absolute_url())
    chosen, reason = set(request.POST.getlist("keys")), request.POST.get("reason", "")
    values, fault = {}, ""
    try:
        values = showing.reveal(case, user, reason, chosen)
    except showing.NotShown as told:
        fault = str(told)
    personal = showing.part(case, user, reason=reason, fault=fault, shown=bool(values))
    if personal is None:
        raise Http404
    for row in personal["rows"]:
        row["chosen"] = row["key"] in chosen
        row["value"] = values.get(row["key"])
    if getattr(request, "htmx", False):
        return render(request, "core/parts/personal.html", {"personal": personal})
    crumbs = [{"label": case.number, "url": case.get_absolute_url()}, {"label": "查看个人信息", "url": ""}]
    context = shell(request, crumbs=crumbs, case=case, personal=personal, title="查看个人信息")
    return render(request, "privacy/show.html", context, status=422 if fault else 200)


@require_GET
@never_cache
@signed_in
def looks(request: HttpRequest, pk: int) -> HttpResponse:
    """Who looked at personal data of one case, when, at what and why."""
    user: Any = request.user
    case = get_object_or_404(Case.objects.select_related("unit", "unit__parent"), pk=pk)
    if not showing.may_oversee(case, user):
        # Whoever may not read the case either learns nothing of it.
        if not Case.objects.visible_to(user).filter(pk=pk).exists():
            raise Http404
        raise PermissionDenied("查看记录只对本单位和主管单位的监督、审计、安全岗位开放。")
    return _list(request, PersonalAccess.objects.filter(case=case), f"{case.number}的个人信息查看记录", case)


@require_GET
@never_cache
@signed_in
def all_looks(request: HttpRequest) -> HttpResponse:
    """Who looked at personal data in all units a person oversees, newest first."""
    user: Any = request.user
    if not showing.overseen(user):
        raise PermissionDenied("查看记录只对监督、审计、安全岗位和主管科室开放。")
    rows = PersonalAccess.objects.filter(case__unit__in=showing.units_overseen(user).values("pk"))
    return _list(request, rows, "个人信息查看记录", None)


def _list(request: HttpRequest, rows: Any, title: str, case: Case | None) -> HttpResponse:
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        rows = rows.filter(pk__lt=int(before[:18]))
    found = list(rows.select_related("case", "case__unit").order_by("-id")[: SIZE + 1])
    more = len(found) > SIZE
    found = found[:SIZE]
    context = shell(
        request,
        current="privacy:all-looks",
        title=title,
        sub="谁在什么时候看了哪些内容，为什么看。只增不改，每次查看都进入审计链。",
        case=case,
        rows=found,
        next_url=listing.address(request.GET, before=None) + f"&before={found[-1].pk}" if more else "",
        previous_url="",
    )
    return render(request, "privacy/looks.html", context)
