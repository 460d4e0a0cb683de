"""What registers hear of and do by themselves: units that change, columns that are filled, the clock of columns."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.db.models.signals import post_save
from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.acts import perform
from gongkai.core.models import Unit
from gongkai.core.schedule import every
from gongkai.publications import outward
from gongkai.publications.models import Publication, PublicDocument
from gongkai.publications.registers import columns
from gongkai.publications.registers.acts import guide
from gongkai.publications.registers.models import ColumnUpdate, RegisterVersion

# So many columns are looked at in one run; the rest the next time.
MOST = 2000


def listen() -> None:
    """Hear of documents that become public, and of units that change."""
    if published not in outward.listeners:
        outward.listeners.append(published)
    post_save.connect(unit_saved, sender=Unit, dispatch_uid="gongkai.guide-follows-unit")


def published(what: str, publication: Publication, row: PublicDocument | None) -> None:
    """Something became public in a column: its to-do is done, in the same transaction."""
    if what not in ("published", "amended") or row is None or row.column_id is None:
        return
    for update in ColumnUpdate.objects.filter(column=row.column_id, closed_at__isnull=True):
        perform("column-update.close", update, None, {"reason": "已发布新内容"}, consequence=True)


def unit_saved(sender: Any, instance: Unit, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """A unit was saved: does its guide still say the right things?"""
    if not created and not raw and instance.active:
        guide.look_at(instance)


@every("registers.guides", daily_at=dt.time(6, 10))
def guides_due(now: dt.datetime) -> int:
    """Units that were changed by other ways than their page (an import, the command line)."""
    opened = 0
    versions = RegisterVersion.objects.filter(kind=guide.KIND, current=True, unit__active=True).select_related("unit")
    for version in versions.iterator(chunk_size=200):
        if guide.differences(version.unit, version.content.get("unit", {})):
            opened += guide.look_at(version.unit)
    return opened


@every("registers.columns", daily_at=dt.time(6, 20))
def columns_due(now: dt.datetime) -> int:
    """Open a to-do for each column that nears its limit, close those that were filled otherwise; returns how many opened."""
    today = timezone.localdate(now)
    _close_filled()
    open_ones = ColumnUpdate.objects.filter(closed_at__isnull=True).values("column")
    rows = columns.asked_columns().exclude(pk__in=open_ones).exclude(freshness="", update_days__isnull=True)
    rows = rows.filter(Q(owner__isnull=False) | Q(unit__isnull=False)).select_related("unit", "owner")
    found = list(rows.order_by(F("updated_at").asc(nulls_first=True), "pk")[:MOST])
    excused = columns.excused_on(column.pk for column in found)
    windows, notice = columns.windows(), jurisdiction.value("registers.notice_days")
    opened = 0
    for column in found:
        last = columns.day_of(column.updated_at)
        base = max((day for day in (last, excused.get(column.pk)) if day), default=None)
        limit = windows.limit(base, column.freshness, column.update_days) if base else None
        if limit is not None and today <= limit - dt.timedelta(days=notice):
            continue
        perform("column-update.open", None, None, {"column": column.pk, "last_on": last, "limit": limit}, now=now)
        opened += 1
    return opened


def _close_filled() -> None:
    """To-dos whose column was filled by other ways, or is not in use any more."""
    updates = ColumnUpdate.objects.filter(closed_at__isnull=True).select_related("column")
    filled = updates.filter(
        Q(column__active=False) | Q(column__updated_at__gt=Coalesce("opened_at", "column__updated_at"))
    )
    for update in filled[:MOST]:
        reason = "已有新内容" if update.column.active else "栏目已停用"
        perform("column-update.close", update, None, {"reason": reason})
