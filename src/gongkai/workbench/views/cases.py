"""The page of a case: head, clocks, acts, panels, timeline; derivations; watching."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from gongkai.core import bundles, clocks, figures, letters, listing, privacy
from gongkai.core.acts import Act, acts, available
from gongkai.core.days import day_words
from gongkai.core.kinds import kinds
from gongkai.core.models import (
    Attachment,
    Case,
    CaseRelation,
    CaseWatch,
    Clock,
    ClockExtension,
    ClockPause,
    Event,
    Letter,
    Notification,
    User,
)
from gongkai.core.models.cases import Light
from gongkai.core.navigation import frame, frame_counts, frame_sums, shell, signed_in
from gongkai.core.roles import STAFF, Role
from gongkai.law.workdays import UnknownYearError
from gongkai.workbench.views import lists, todo

EVENTS = 20
RUNS = 20
JOINED = (
    "unit",
    "unit__parent",
    "supervisor",
    "supervisor__parent",
    "lead",
    "lead__parent",
    "handler",
    "clock",
    "turn_unit",
)


def find(user: User, pk: int) -> Any:
    """The room's record of a case this person may read; 404 for all others, so that ids tell nothing."""
    key = f"gongkai.kind.{pk}"
    code = cache.get(key)
    if code not in kinds:
        code = Case.objects.filter(pk=pk).values_list("kind", flat=True).first()
        if code not in kinds:
            raise Http404
        # A case never changes its kind.
        cache.set(key, code, 3600)
    kind = kinds[code]
    case = kind.load(kind.model.objects.visible_to(user).select_related(*JOINED)).filter(pk=pk).first()
    if case is None:
        raise Http404
    return case


@signed_in
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case."""
    user, now = request.user, timezone.now()
    found = find(user, pk)
    kind = kinds[found.kind]
    tab = request.GET.get("tab", "") if request.GET.get("tab") in ("files", "related", "trace") else ""
    asked = _figures(request, found)
    if asked["unread"]:
        user.notifications.filter(case=found.pk, read_at__isnull=True).update(read_at=now)
        asked.numbers["frame:unread"] = max(asked["frame:unread"] - asked["unread"], 0)
    files = _load(found, user)
    events, more = _events(request, found)
    context = {
        # What hangs on the case is held by it from here on, and the acts ask it again.
        **(kind.context(found, user) if not tab else {}),
        **frame(request, asked),
        "case": found,
        "kind": kind,
        "crumbs": _crumbs(found, kind),
        "head": _head(found, user, now, asked, request),
        "acts": _acts(found, user),
        "hint": _hint(found, user),
        "tab": tab,
        "tabs": _tabs(found, tab, asked, len(files)),
        "files": files,
        "entries": [_entry(event, user, files) for event in events],
        "events": events,
        "more_url": _more_url(request, events) if more else "",
        "facts": _facts_of(found),
        "room_template": kind.template if not tab else "",
    }
    if tab == "related":
        context["related"] = _related(found, user, now)
    return render(request, "workbench/case.html", context)


def _figures(request: HttpRequest, found: Any) -> figures.Figures:
    """Every small figure of the page, and the neighbours in the list it was opened from, in one query."""
    user = request.user
    firsts = {}
    rows = lists.neighbours(request, request.GET.get("in", ""))
    if rows is not None:
        here = listing.cursor_of(found)
        firsts = {"next": listing.beyond(rows, here), "previous": listing.beyond(rows, here, backwards=True)}
    questions = found.questions()
    asked = figures.collect(
        {
            **frame_counts(request),
            "watchers": CaseWatch.objects.filter(case=found.pk),
            "watching": CaseWatch.objects.filter(case=found.pk, user=user),
            "unread": Notification.objects.filter(user=user, case=found.pk, read_at__isnull=True),
            "out": CaseRelation.objects.filter(source=found.pk),
            "in": CaseRelation.objects.filter(target=found.pk),
            **{f"case:{name}": rows for name, rows in questions.items()},
        },
        sums=frame_sums(request),
        firsts=firsts,
        exact=frozenset(f"case:{name}" for name in questions),
    )
    found.known = {name: asked[f"case:{name}"] for name in questions}
    return asked


def _crumbs(found: Any, kind: Any) -> list[dict[str, str]]:
    rows = [{"label": label, "url": url} for label, url in kind.crumbs(found)]
    if not rows:
        rows = [{"label": "我的待办", "url": reverse("workbench:todo")}, {"label": kind.label, "url": ""}]
        rows.append({"label": found.number, "url": ""})
    return rows


def _head(found: Any, user: User, now: dt.datetime, asked: figures.Figures, request: HttpRequest) -> dict[str, Any]:
    shown = _clocks(found, now)
    place = request.GET.get("in", "")

    def neighbour(name: str) -> str:
        pk = asked.firsts.get(name)
        return f"{reverse('workbench:case', args=[pk])}?in={place}" if pk else ""

    label = found.state_label
    if found.is_open and found.light in (Light.LATE, Light.SOON, Light.PAUSED):
        label = f"{label}，{Light(found.light).label}"
    return {
        "light": found.state_light,
        "state_words": label,
        "kind": kinds[found.kind].label,
        "role": found.get_role_display() if hasattr(found, "get_role_display") else "",
        "number": found.number,
        "title": found.title,
        "facts": _facts(found),
        "clocks": shown[:3],
        "more_clocks": max(len(shown) - 3, 0),
        "all_clocks": shown,
        "watchers": asked["watchers"],
        "watching": bool(asked["watching"]),
        "watch_url": reverse("workbench:watch", args=[found.pk]),
        "previous_url": neighbour("previous"),
        "next_url": neighbour("next"),
    }


def _facts(found: Any) -> list[dict[str, str]]:
    """The line under the title; a room adds its own through `facts` on its record: [(label, value, url)]."""
    rows = [{"label": "承办", "value": found.unit.name}]
    if found.lead_id and found.lead_id != found.unit_id:
        rows.append({"label": "牵头", "value": str(found.lead)})
    if found.handler_id:
        rows.append({"label": "经办", "value": str(found.handler)})
    rows.append({"label": "开始", "value": _day(found.opened_at)})
    if found.closed_at:
        rows.append({"label": "办结", "value": _day(found.closed_at)})
    own = getattr(found, "facts", None)
    for label, value, *url in own() if callable(own) else ():
        if value:
            rows.append({"label": label, "value": value, "url": url[0] if url else ""})
    return rows


def _facts_of(found: Any) -> list[dict[str, str]]:
    rows = [{"label": "承办", "value": found.unit.name}]
    if found.supervisor_id:
        rows.append({"label": "主管", "value": found.supervisor.name})
    if found.turn_unit_id and found.is_open:
        role = Role(found.turn_role).label if found.turn_role in Role.values else ""
        given = found.handler_id and found.turn_role in STAFF and found.turn_unit_id == found.unit_id
        rows.append({"label": "等谁办理", "value": f"{found.turn_unit} {found.handler if given else role}".strip()})
    if found.outcome:
        rows.append({"label": "结果", "value": found.outcome})
    return rows


def _day(moment: dt.datetime) -> str:
    return day_words(timezone.localtime(moment).date())


def _clocks(found: Any, now: dt.datetime) -> list[dict[str, Any]]:
    """The clocks of a case as core/parts/clock.html shows them: open ones first, the nearest first."""
    rows = list(found.clocks.all())
    far = dt.datetime.max.replace(tzinfo=dt.UTC)
    rows.sort(key=lambda clock: (not clock.is_open, not clock.judged, clock.due_at or far, clock.pk))
    return [clock_shown(clock, now) for clock in rows if clock.state != Clock.State.CANCELLED]


def clock_shown(clock: Clock, now: dt.datetime) -> dict[str, Any]:
    """One clock with its derivation in words."""
    face = clocks.face(clock, now)
    return {
        "name": clock.name,
        "light": face.light,
        "words": face.words,
        "date_words": face.date_words,
        "ruler": face.ruler,
        "start_on": face.start_on,
        "end_on": face.end_on,
        "label": f"{clock.name}：{face.words}，{face.date_words}",
        "why": why(clock, now),
    }


def why(clock: Clock, now: dt.datetime) -> dict[str, Any] | None:
    """How a due time comes about, as rows of words; None while the clock has not begun."""
    try:
        found = clocks.derivation(clock, now)
        if found is None:
            return None
        rows = [{"title": line.title, "count": line.count} for line in found.stretches]
        note = f"{found.calendar_note}。"
        if found.is_paused:
            note += found.conclusion
        else:
            rows.append({"title": "结果", "count": found.conclusion.rstrip("。")})
    except UnknownYearError as error:
        rows, note = [], str(error)
    rule = clocks.rule_of(clock)
    basis = (
        f"{clock.basis}：{rule.words}" if clock.basis and rule.words not in clock.basis else clock.basis or rule.words
    )
    if clock.trigger:
        basis += f"，从{clock.trigger}起算"
    for extension in clock.extensions.all():
        more = (
            f"延长{extension.amount}{clock.get_unit_display()}"
            if extension.amount
            else f"延至{day_words(extension.date)}"
        )
        basis += f"；经批准{more}，原因：{extension.reason}"
    return {
        "title": "这个时限是怎么算的",
        "basis": basis + "。",
        "rows": rows,
        "note": note,
        "print_url": reverse("workbench:derivation", args=[clock.case_id, clock.pk]) if clock.pk else "",
    }


def _acts(found: Any, user: User) -> list[dict[str, Any]]:
    rows = []
    for act in available(found, user):
        reason = act.blocked(found, user)
        if reason and act.hide_blocked:
            continue
        rows.append(
            {
                "label": act.label,
                "url": todo.act_url(found, act),
                "icon": act.icon,
                "danger": act.danger,
                "blocked": reason,
            }
        )
    return rows


def _hint(found: Any, user: User) -> list[str]:
    if not found.is_open:
        return []
    if found.turn_unit_id is None:
        return [found.ask] if found.ask else []
    role = found.turn_role
    if found.handler_id and role in STAFF and found.turn_unit_id == found.unit_id:
        # Handed to one person: nobody else of the unit is asked.
        mine, other = found.handler_id == user.pk, str(found.handler)
    else:
        mine, other = role in user.roles_at(found.turn_unit), Role(role).label if role in Role.values else ""
    who = "你" if mine else f"{found.turn_unit}{other}"
    return [f"下一步由{who}{found.ask or '办理'}"]


def _tabs(found: Any, tab: str, asked: figures.Figures, files: int) -> list[dict[str, Any]]:
    home = found.get_absolute_url()
    rows = (
        ("", "办理", None),
        ("files", "材料", files),
        ("related", "相关事项", asked["out"] + asked["in"]),
        ("trace", "留痕", found.event_count),
    )
    return [
        {"label": label, "url": f"{home}?tab={name}" if name else home, "count": count, "current": tab == name}
        for name, label, count in rows
    ]


_FILE = ("id", "name", "size", "uploaded_at", "event_id", "remark", "sealed")
_LETTER = ("id", "title", "issued_at", "event_id", "number", "sealed")


def _load(found: Any, user: User) -> list[dict[str, Any]]:
    """Clocks with their pauses and extensions, files and letters in one query; the clocks are held by the case."""
    lists = bundles.gather(
        {
            "clocks": bundles.rows(found.clocks.all()),
            "pauses": bundles.rows(ClockPause.objects.filter(clock__case=found.pk)),
            "extensions": bundles.rows(ClockExtension.objects.filter(clock__case=found.pk)),
            "files": bundles.rows(Attachment.objects.filter(case=found.pk).order_by("pk"), *_FILE),
            "letters": bundles.rows(found.letters.order_by("pk"), *_LETTER),
        }
    )
    bundles.hold(found, "clocks", lists["clocks"])
    bundles.hold(found, "letters", lists["letters"])
    for name in ("pauses", "extensions"):
        by_clock = bundles.grouped(lists[name], "clock_id")
        for clock in lists["clocks"]:
            bundles.hold(clock, name, by_clock.get(clock.pk, []))
    files = [_file(file) for file in lists["files"]] + [_letter(letter) for letter in lists["letters"]]
    if any(one.sealed for name in ("files", "letters") for one in lists[name]):
        _close_sealed(files, *privacy.sealed_opens(found, user))
    return sorted(files, key=lambda file: file["date"], reverse=True)


def _close_sealed(files: list[dict[str, Any]], letters_open: bool, files_open: bool) -> None:
    """What holds personal data that is not the person's to see is named without a link."""
    for file in files:
        if file["sealed"] and not (letters_open if file["letter"] else files_open):
            file |= {"url": "", "pdf_url": "", "view_url": "", "remark": f"{file['remark']}（含个人信息）".strip()}


def _file(file: Attachment) -> dict[str, Any]:
    return {
        "name": file.name,
        "url": reverse("workbench:attachment", args=[file.pk]),
        "pdf_url": "",
        "view_url": reverse("workbench:attachment-view", args=[file.pk]) if viewable(file.name) else "",
        "size": file.size,
        "date": file.uploaded_at,
        "remark": file.remark,
        "event": file.event_id,
        "letter": False,
        "sealed": file.sealed,
    }


def _letter(letter: Letter) -> dict[str, Any]:
    url, pdf = (reverse("workbench:letter", args=[letter.pk, form]) for form in ("docx", "pdf"))
    return {
        "name": f"{letter.title}.docx",
        "url": url,
        "pdf_url": pdf,
        "view_url": "",
        "size": None,
        "date": letter.issued_at,
        "remark": letter.number,
        "event": letter.event_id,
        "letter": True,
        "sealed": letter.sealed,
    }


def viewable(name: str) -> bool:
    """Whether the browser may show the file in place."""
    return name.lower().rsplit(".", 1)[-1] in ("pdf", "png", "jpg", "jpeg", "gif")


def _events(request: HttpRequest, found: Any) -> tuple[list[Event], bool]:
    rows = found.events.order_by("-id")
    before = request.GET.get("events_before", "")
    if before.isascii() and before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    only = request.GET.get("only", "")
    if only == "acts":
        rows = rows.filter(act__startswith=f"{found.kind}.")
    if only == "files":
        rows = rows.filter(attachments__isnull=False).distinct()
    events = list(rows[: EVENTS + 1])
    return events[:EVENTS], len(events) > EVENTS


def _more_url(request: HttpRequest, events: list[Event]) -> str:
    parameters = request.GET.copy()
    parameters["events_before"] = str(events[-1].pk)
    return f"?{parameters.urlencode()}#timeline"


def _entry(event: Event, user: User, files: list[dict[str, Any]]) -> dict[str, Any]:
    act: Act | None = acts.get(event.act)
    name = event.act.rpartition(".")[2]
    warns = name.startswith(("urge", "supervise", "escalate", "return", "reject"))
    return {
        "at": event.at,
        "label": event.label,
        "summary": event.summary,
        "who": event.actor_label,
        "words": event.words,
        "files": [file for file in files if file["event"] == event.pk],
        "icon": act.icon if act else "bell" if warns else "clock",
        "tone": "warn" if warns else "act" if event.actor_id == user.pk else "",
    }


def _related(found: Any, user: User, now: dt.datetime) -> list[dict[str, Any]]:
    """Cases linked with this one, from both ends; those the person may not read are named by number only."""
    pairs = list(CaseRelation.objects.filter(source=found.pk).values_list("target_id", "kind")[:200]) + [
        (pk, f"{kind}-of")
        for pk, kind in CaseRelation.objects.filter(target=found.pk).values_list("source_id", "kind")[:200]
    ]
    rows = Case.objects.visible_to(user).filter(pk__in=[pk for pk, _ in pairs])
    cases = {case.pk: case for case in listing.with_faces(list(listing.relations(rows)), now)}
    labels = dict(CaseRelation.Kind.choices)
    groups: dict[str, list[Any]] = {}
    for pk, kind in pairs:
        if pk in cases:
            label = labels[kind] if kind in labels else f"被{labels[kind.removesuffix('-of')]}"
            groups.setdefault("相关" if "相关" in label else label, []).append(cases[pk])
    return [
        {"title": title, "table": {**lists.table_of(rows, user), "select": False}} for title, rows in groups.items()
    ]


@signed_in
@require_POST
def watch(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow a case, or stop following it."""
    found = find(request.user, pk)
    if request.POST.get("on") == "1":
        CaseWatch.objects.get_or_create(user=request.user, case_id=found.pk)
    else:
        CaseWatch.objects.filter(user=request.user, case_id=found.pk).delete()
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = found.get_absolute_url()
    return redirect(target)


def _clock(user: User, pk: int, clock: int) -> tuple[Any, Clock]:
    found = find(user, pk)
    return found, get_object_or_404(found.clocks.prefetch_related("pauses", "extensions"), pk=clock)


def _derived(found: Any, row: Clock, now: dt.datetime) -> dict[str, Any]:
    derived = clocks.derivation(row, now)
    if derived is None:
        raise Http404
    return {
        "case": found,
        "clock": row,
        "derived": derived,
        "why": why(row, now),
        "face": clocks.face(row, now),
        "others": _runs(found, row, now),
    }


def _runs(found: Any, row: Clock, now: dt.datetime) -> list[dict[str, Any]]:
    """The other clocks of the same sort that have begun, each with its derivation: a restart numbers those before it."""
    base = row.code.partition(":")[0]
    rows = found.clocks.filter(Q(code=base) | Q(code__startswith=f"{base}:"), started_at__isnull=False)
    runs = rows.exclude(pk=row.pk).prefetch_related("pauses", "extensions").order_by("started_at", "pk")
    return [_run(clock, now) for clock in runs[:RUNS]]


def _run(clock: Clock, now: dt.datetime) -> dict[str, Any]:
    shown = clock_shown(clock, now)
    if clock.state == Clock.State.CANCELLED:
        shown |= {"light": "wait", "words": "不再计算", "date_words": ""}
    return shown | {"began": timezone.localdate(clock.started_at)}


@signed_in
def derivation(request: HttpRequest, pk: int, clock: int) -> HttpResponse:
    """推算单: how a due day comes about, day by day, to be printed."""
    found, row = _clock(request.user, pk, clock)
    crumbs = [
        {"label": found.number, "url": found.get_absolute_url()},
        {"label": f"时限推算单：{row.name}", "url": ""},
    ]
    context = shell(request, crumbs=crumbs, pdf_missing=letters.pdf_missing(), **_derived(found, row, timezone.now()))
    return render(request, "workbench/derivation.html", context)


@signed_in
def derivation_pdf(request: HttpRequest, pk: int, clock: int) -> HttpResponse:
    """The same as PDF."""
    found, row = _clock(request.user, pk, clock)
    reason = letters.pdf_missing()
    if reason:
        raise PermissionDenied(reason)
    from gongkai.core.paper import page

    context = _derived(found, row, timezone.now())
    told = context["why"]
    lines = [
        ("title", "时限推算单"),
        ("flush", f"{found.number}　{found.title}"),
        ("flush", f"时限：{row.name}"),
        ("body", told["basis"]),
        *[("body", f"{line['title']}：{line['count']}。") for line in told["rows"]],
        ("body", told["note"]),
        *[line for other in context["others"] if other["why"] for line in _run_lines(other)],
        ("right", f"制表时间：{timezone.localtime():%Y-%m-%d %H:%M}"),
    ]
    return listing.download(to_pdf(page(f"时限推算单 {found.number}", lines)), f"时限推算单 {found.number}.pdf", "pdf")


def _run_lines(other: dict[str, Any]) -> list[tuple[str, str]]:
    """Another run on the printed sheet."""
    told = other["why"]
    return [
        ("flush", f"时限：{other['name']}"),
        ("body", told["basis"]),
        *[("body", f"{line['title']}：{line['count']}。") for line in told["rows"]],
    ]


def to_pdf(html: str) -> bytes:
    """A page of our own as PDF; nothing is loaded from anywhere."""
    from weasyprint import HTML

    def refuse(url: str, *args: Any, **kwargs: Any) -> Any:
        raise ValueError(f"pages load nothing: {url}")

    return HTML(string=html, url_fetcher=refuse).write_pdf()
