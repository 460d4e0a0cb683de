"""What people search and what they do not find: counters by day, without a trace of who searched."""

from __future__ import annotations

import datetime as dt
import re
import threading
import time
from collections.abc import Iterable
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from gongkai.core.locks import writing
from gongkai.core.measures import Figure, Scope, measure, share
from gongkai.core.search.models import SearchCount
from gongkai.core.search.text import fold

LONGEST = 30
KEPT_DAYS = 400
# So often words must have been searched before they are shown to anybody as what people search.
LEAST = 3
_WAIT = 10.0
_MOST = 100
# Digits in a row like numbers of people, telephones, bank cards; signs of mail addresses.
_PERSONAL = re.compile(r"\d[\d\s-]{5,}[\dx]|@", re.IGNORECASE)

_lock = threading.Lock()
_held: dict[tuple[dt.date, str], list[int]] = {}
_since = 0.0


def normal(words: str) -> str:
    """The words under which a search is counted; empty when it must not be kept."""
    folded = " ".join(fold(words).split())
    if not folded or len(folded) > LONGEST or _PERSONAL.search(folded):
        return ""
    return folded


def note(words: str, *, empty: bool) -> None:
    """Count a search. Collected in memory and written now and then, so that searching does not wait for writing."""
    global _since
    counted = normal(words)
    if not counted:
        return
    now = time.monotonic()
    with _lock:
        times = _held.setdefault((timezone.localdate(), counted), [0, 0])
        times[0] += 1
        times[1] += empty
        if not _since:
            _since = now
        due = now - _since > _WAIT or len(_held) >= _MOST
    if due:
        flush()


def flush() -> int:
    """Write down what was collected; returns how many rows."""
    global _since
    with _lock:
        rows, _since = dict(_held), 0.0
        _held.clear()
    if not rows:
        return 0
    with writing():
        for (day, words), (times, empty) in sorted(rows.items()):
            SearchCount.objects.bulk_create([SearchCount(day=day, words=words)], ignore_conflicts=True)
            SearchCount.objects.filter(day=day, words=words).update(times=F("times") + times, empty=F("empty") + empty)
    return len(rows)


def forget_old(today: dt.date) -> int:
    """Drop counters older than a year and a month."""
    with writing():
        return SearchCount.objects.filter(day__lt=today - dt.timedelta(days=KEPT_DAYS)).delete()[0]


def _within(scope: Scope) -> QuerySet[SearchCount]:
    rows = SearchCount.objects.all()
    if scope.since:
        rows = rows.filter(day__gte=scope.since)
    if scope.until:
        rows = rows.filter(day__lt=scope.until)
    return rows


def top(since: dt.date, *, empty: bool = False, limit: int = 50) -> list[dict[str, Any]]:
    """The words searched most since a day, or those that found nothing most."""
    rows = SearchCount.objects.filter(day__gte=since).values("words").annotate(n=Sum("times"), none=Sum("empty"))
    order = "-none" if empty else "-n"
    rows = rows.filter(none__gt=0) if empty else rows
    return [dict(row) for row in rows.order_by(order, "words")[:limit]]


def popular(start: str = "", limit: int = 5, days: int = 90) -> list[str]:
    """What others search and find, beginning with some words."""
    rows = SearchCount.objects.filter(day__gte=timezone.localdate() - dt.timedelta(days=days))
    if start:
        rows = rows.filter(words__startswith=start)
    found = rows.values("words").annotate(n=Sum("times"), none=Sum("empty")).filter(n__gte=LEAST, n__gt=2 * F("none"))
    return [row["words"] for row in found.order_by("-n", "words")[:limit]]


def days(since: dt.date) -> Iterable[tuple[dt.date, int, int]]:
    """(day, searches, searches that found nothing), each day once."""
    rows = SearchCount.objects.filter(day__gte=since).values("day").annotate(n=Sum("times"), none=Sum("empty"))
    return [(row["day"], row["n"], row["none"]) for row in rows.order_by("day")]


@measure(
    "search.zero_results",
    "搜索无结果比例",
    "%",
    better="lower",
    help="公众搜索中一条也没有找到的占多少。看看大家在找什么而网站上没有。",
)
def zero_results(scope: Scope) -> Figure:
    """The share of public searches that found nothing; searches do not belong to units or series."""
    found = _within(scope).aggregate(n=Sum("times"), none=Sum("empty"))
    return share(found["none"] or 0, found["n"] or 0)


@measure("search.top_queries", "前十位搜索词占比", "%", help="公众搜索中最常用的十个词占多少。词表在“搜索统计”里。")
def top_queries(scope: Scope) -> Figure:
    """How much of all searching the ten most frequent queries are."""
    rows = _within(scope).values("words").annotate(n=Sum("times")).order_by("-n").values_list("n", flat=True)[:10]
    return share(sum(rows), _within(scope).aggregate(n=Sum("times"))["n"] or 0)
