"""The list of notices, importing one, and watching it being read."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.models import CaseCount
from gongkai.core.navigation import shell
from gongkai.ledger.models import Assignment, Notice, Task
from gongkai.ledger.views.common import (
    STEPS,
    act_url,
    address,
    back,
    do,
    is_office,
    may,
    notice_of,
    notices_for,
    overseeing,
    sentences,
    working,
)

NEXT = {"reading": "看进度", "failed": "看原因", "review": "去核对", "approved": "去派发"}
WAYS = (("file", "上传文件"), ("text", "粘贴正文"), ("page", "网页另存文件"))
MOST_NOTICES = 120
_STEPS = re.compile(r"第(\d+)步，共(\d+)步")


@working
def notices(request: HttpRequest) -> HttpResponse:
    """工作要点台账: every notice the person may read, by year."""
    office = is_office(request.user)
    rows = notices_for(request.user).select_related("unit")
    year = request.GET.get("year", "")
    if year.isascii() and year.isdigit() and len(year) == 4:
        rows = rows.filter(year=int(year))
    if request.GET.get("withdrawn") != "1":
        rows = rows.exclude(state="withdrawn")
    listed = list(rows.order_by("-year", "-issued_on", "-pk")[:MOST_NOTICES])
    duties = _duties([notice.pk for notice in listed])
    lights = _lights([notice.ledger_series for notice in listed])
    years: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for notice in listed:
        years[notice.plan_year].append(
            {
                "notice": notice,
                "url": _open_url(notice, office),
                "next": NEXT.get(notice.state, "") if office else "",
                "light": notice.state_light,
                "duties": duties.get(notice.pk, 0),
                "lights": lights.get(notice.ledger_series, {}),
                "cases": sum(lights.get(notice.ledger_series, {}).values()),
            }
        )
    context = shell(
        request,
        current="ledger:notices",
        years=sorted(years.items(), reverse=True),
        year=year,
        may_import=may("notice", "import", None, request.user),
        buttons=_list_buttons(request, office),
    )
    return render(request, "ledger/notices.html", context)


def _list_buttons(request: HttpRequest, office: bool) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    if office:
        rows.append({"label": "回头看", "url": reverse("ledger:lookbacks"), "icon": "history", "phone": False})
    if may("notice", "import", None, request.user):
        rows.append({"label": "导入通知", "url": reverse("ledger:import"), "icon": "upload", "primary": True})
    return rows


def _open_url(notice: Notice, office: bool) -> str:
    if office and notice.state in ("reading", "failed"):
        return reverse("ledger:progress", args=[notice.pk])
    if office and notice.state == "review":
        return reverse("ledger:review", args=[notice.pk])
    if office and notice.state == "approved" and notice.level == Notice.Level.OWN:
        return reverse("ledger:dispatch", args=[notice.pk])
    return reverse("ledger:notice", args=[notice.pk])


def _duties(ids: list[int]) -> dict[int, int]:
    rows = Task.objects.filter(notice__in=ids, candidate=False).exclude(state__in=["dropped", "cancelled"])
    return dict(rows.values_list("notice").annotate(number=Count("pk")).order_by())


def _lights(series: list[str]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    rows = CaseCount.objects.filter(kind=Assignment.KIND, series__in=series)
    for name, light, number in rows.values_list("series", "light").annotate(number_of=Sum("number")).order_by():
        if number > 0:
            found[name][light] += number
    return found


@overseeing
def import_notice(request: HttpRequest) -> HttpResponse:
    """导入通知: a file, pasted text or a saved page."""
    act = acts["notice.import"]
    way = request.POST.get("way") or request.GET.get("how", "file")
    way = way if way in dict(WAYS) else "file"
    failure, status = "", 200
    form = act.form(None, request.user)
    if request.method == "POST":
        try:
            event = perform(act, None, request.user, request.POST, files=request.FILES)
        except InvalidData as error:
            form, status = error.form, 422
        except ActError as error:
            failure, status = sentences(error), 422
            form = act.form(None, request.user, request.POST)
        else:
            _remember_links(request, event.case_id)
            return redirect("ledger:progress", event.case_id)
    others = list(_others(request))
    context = shell(
        request,
        current="ledger:notices",
        crumbs=[{"label": "工作要点台账", "url": reverse("ledger:notices")}, {"label": "导入通知"}],
        form=form,
        failure=failure,
        way=way,
        tabs=[{"label": label, "url": f"?how={name}", "current": name == way} for name, label in WAYS],
        steps=STEPS,
        upstream=[notice for notice in others if notice.level == Notice.Level.UPSTREAM],
        previous=[notice for notice in others if notice.level == Notice.Level.OWN],
        chosen={name: request.POST.get(name, "") for name in ("upstream", "previous")},
    )
    return render(request, "ledger/import.html", context, status=status)


def _others(request: HttpRequest) -> Any:
    rows = notices_for(request.user).filter(state__in=["review", "approved", "dispatched", "archived"])
    return rows.order_by("-year", "-pk")[:MOST_NOTICES]


def _remember_links(request: HttpRequest, pk: int) -> None:
    """The notice can be linked once it has been read; until then the choice stays with the person."""
    chosen = {name: request.POST.get(name, "") for name in ("upstream", "previous") if request.POST.get(name)}
    if chosen:
        request.session[f"ledger-links-{pk}"] = chosen


def _link(request: HttpRequest, notice: Notice) -> None:
    chosen = request.session.pop(f"ledger-links-{notice.pk}", None)
    if chosen and may("notice", "link", notice, request.user):
        do(request, "notice.link", notice, chosen)


@overseeing
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the reading is; the page asks again by itself, with and without script."""
    notice = notice_of(request.user, pk, "source")
    if notice.state not in ("reading", "failed"):
        if notice.state == "review":
            _link(request, notice)
        target = address("review", pk)
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=200)
            response["HX-Redirect"] = target
            return response
        return redirect(target)
    found = _STEPS.search(notice.progress)
    context: dict[str, Any] = {
        "notice": notice,
        "share": round(100 * (int(found.group(1)) - 1) / max(int(found.group(2)), 1)) if found else None,
        "may_recompile": may("notice", "recompile", notice, request.user),
    }
    if request.headers.get("HX-Request"):
        return render(request, "ledger/parts/reading.html", context)
    crumbs = [
        {"label": "工作要点台账", "url": reverse("ledger:notices")},
        {"label": "导入通知", "url": reverse("ledger:import")},
        {"label": "读取"},
    ]
    context |= {"crumbs": crumbs, "steps": STEPS, "withdraw_url": act_url(notice, "withdraw")}
    return render(request, "ledger/progress.html", shell(request, current="ledger:notices", **context))


@overseeing
@require_POST
def recompile(request: HttpRequest, pk: int) -> HttpResponse:
    """重新读取: the upload is read once more."""
    notice = notice_of(request.user, pk)
    done = do(request, "notice.recompile", notice, {})
    return back(request, "progress" if done or notice.state in ("reading", "failed") else "review", pk)


def open_notices(user: Any) -> Any:
    """Notices that wait for the office: the figure in the navigation."""
    if not is_office(user):
        return None
    return Notice.objects.visible_to(user).filter(Q(state__in=["failed", "review", "approved"]))


def label_of(notice: Notice) -> str:
    """A notice in a menu: 2026年要点."""
    return f"{notice.plan_year}年{'要点' if notice.level == Notice.Level.OWN else '上级要点'}"
