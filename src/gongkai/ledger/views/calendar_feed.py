"""Subscribing to what falls due: an address of one's own, made and withdrawn at will, that a calendar program reads.

The address holds a token over the person and the event that made it; withdrawing leaves another event, after which no
token fits. Nothing but the events is stored.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.http import require_POST, require_safe

from gongkai.core import audit
from gongkai.core.models import Case, Event, User
from gongkai.core.models.cases import NO_DUE
from gongkai.core.navigation import shell
from gongkai.law.clock import last_day
from gongkai.ledger.models import Assignment, Plan, Rectification, Supervision
from gongkai.ledger.views.common import oversees, working

SUBSCRIBE, WITHDRAW = "ledger.calendar.subscribe", "ledger.calendar.withdraw"
DAYS = 120
MOST = 1000
KINDS = (Assignment.KIND, Plan.KIND, Rectification.KIND, Supervision.KIND)


def _last(user: User) -> Event | None:
    """The event that made the person's address, unless it was withdrawn."""
    event = Event.objects.filter(act__in=[SUBSCRIBE, WITHDRAW], actor=user).order_by("-id").first()
    return event if event and event.act == SUBSCRIBE else None


def token_of(user: User, event: Event) -> str:
    """The secret part of an address."""
    return salted_hmac("gongkai.ledger.calendar", f"{user.pk}:{event.pk}", algorithm="sha256").hexdigest()[:40]


@working
def calendar(request: HttpRequest) -> HttpResponse:
    """订阅日历: the address, how to use it, and withdrawing it."""
    event = _last(request.user)
    url = ""
    if event:
        path = reverse("ledger:calendar-feed", args=[request.user.pk, token_of(request.user, event)])
        url = f"{settings.GONGKAI_PUBLIC_ADDRESS}{path}"
    crumbs = [{"label": "我的待办", "url": reverse("workbench:todo")}, {"label": "订阅日历"}]
    context = {"feed_url": url, "crumbs": crumbs, "since": event.at if event else None, "whole": oversees(request.user)}
    return render(request, "ledger/calendar.html", shell(request, **context))


@working
@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    """Make an address, or withdraw it."""
    if request.POST.get("withdraw"):
        audit.note(WITHDRAW, "停用日历订阅", request.user)
        messages.success(request, "订阅地址已停用，原来的地址不再更新。")
    else:
        audit.note(SUBSCRIBE, "生成日历订阅地址", request.user)
        messages.success(request, "订阅地址已生成，以前的地址随之停用。")
    return redirect("ledger:calendar")


@require_safe
def feed(request: HttpRequest, user: int, token: str) -> HttpResponse:
    """The calendar itself; anybody who knows the address may read it, so it holds titles and days only."""
    person = User.objects.filter(pk=user, is_active=True).first()
    event = _last(person) if person else None
    if person is None or event is None or not constant_time_compare(token_of(person, event), token):
        raise Http404("没有这个日历，或者地址已经停用。")
    response = HttpResponse(build(person, timezone.now()), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="gongkai.ics"'
    response["Cache-Control"] = "private, max-age=900"
    return response


def build(person: User, now: dt.datetime) -> bytes:
    """What falls due in the next months: one entry a case, or one a day for those who oversee many."""
    from icalendar import Calendar

    found = Calendar()
    found.add("prodid", "-//gongkai//ledger//ZH")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", f"{settings.GONGKAI_SITE_NAME} 到期事项")
    found.add("x-wr-timezone", settings.TIME_ZONE)
    since, until = now - dt.timedelta(days=30), now + dt.timedelta(days=DAYS)
    rows = Case.objects.open().visible_to(person).filter(kind__in=KINDS, due_order__gt=since, due_order__lte=until)
    if not oversees(person):
        rows = rows.filter(unit__in=list(person.roles_by_unit))
    listed = list(rows.select_related("unit").order_by("due_order", "id")[:MOST])
    if oversees(person):
        days: dict[dt.date, list[Any]] = {}
        for case in listed:
            days.setdefault(_day(case), []).append(case)
        for day, cases in days.items():
            words = "\n".join(f"{case.unit}：{case.title}" for case in cases[:30])
            url = f"{reverse('workbench:cases')}?due_from={day}&due_to={day}"
            found.add_component(_entry(f"day-{day}-{person.pk}", day, f"到期{len(cases)}件", words, url, now))
    else:
        for case in listed:
            found.add_component(
                _entry(
                    f"case-{case.pk}",
                    _day(case),
                    f"到期：{case.title}",
                    f"{case.number}，{case.ask}",
                    case.get_absolute_url(),
                    now,
                )
            )
    return found.to_ical()


def _day(case: Case) -> dt.date:
    return last_day(case.due_at or NO_DUE)


def _entry(key: str, day: dt.date, title: str, words: str, path: str, now: dt.datetime) -> Any:
    from icalendar import Event as Entry

    entry = Entry()
    entry.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:24]}@gongkai")
    entry.add("dtstamp", now)
    entry.add("dtstart", day)
    entry.add("dtend", day + dt.timedelta(days=1))
    entry.add("summary", title)
    entry.add("description", words)
    entry.add("url", f"{settings.GONGKAI_PUBLIC_ADDRESS}{path}")
    entry.add("transp", "TRANSPARENT")
    return entry
