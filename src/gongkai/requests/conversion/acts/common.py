"""What several acts share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from gongkai.core.acts import ActError
from gongkai.core.models import Case, Event, User
from gongkai.requests.acts.common import day_words
from gongkai.requests.conversion.following import PUBLIC

PUBLICATION = "publication"


def find_publication(words: str, user: User | None) -> Case:
    """A publication by its number or whole title, of those the person may read; ActError if there is none."""
    rows = Case.objects.visible_to(user) if user is not None else Case.objects.all()
    rows = rows.filter(kind=PUBLICATION)
    words = words.strip()
    found = rows.filter(number=words).first() or rows.filter(title=words).order_by("-pk").first()
    if found is None:
        raise ActError("没有找到这条政府信息。请填写它的编号，或者完整标题。")
    return found


def public_since(publication: Case) -> dt.datetime | None:
    """When a publication first became public; None if it never did."""
    rows = Event.objects.filter(case=publication.pk, state_after=PUBLIC).order_by("sequence")
    event = rows.only("at").first()
    return event.at if event is not None else None


def words_of_day(moment: dt.datetime) -> str:
    """2026年6月3日 of a moment."""
    return day_words(timezone.localdate(moment))


def check_ahead(day: dt.date, now: dt.datetime, what: str, most: int = 366) -> None:
    """A planned day lies ahead, not too far; ActError with a sentence."""
    today = timezone.localdate(now)
    if day < today:
        raise ActError(f"{what}已经过了。请填写今天或者以后的日期。")
    if day > today + dt.timedelta(days=most):
        raise ActError(f"{what}太远。请填写一年以内的日期。")


def date_plan(code: str, name: str, day: dt.date, basis: str, *, judged: bool = True) -> dict[str, Any]:
    """A clock that ends on a day."""
    return {"code": code, "name": name, "unit": "date", "date": day, "basis": basis, "judged": judged}
