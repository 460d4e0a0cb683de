"""How a case of conversion begins: after a reply, or from a review of earlier ones."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gongkai.core import calendars, jurisdiction
from gongkai.core.acts import Opening, Work
from gongkai.core.models import CaseRelation
from gongkai.law.workdays import UnknownYearError
from gongkai.requests.acts.common import at_day, case_people, day_words, today
from gongkai.requests.conversion.models import Conversion, ConversionCampaign, Verdict
from gongkai.requests.models import Request

CLOCK, LATER = "convert", "postponed"
BASIS = "公开工作要点：可以广泛知晓的，原则上在作出答复后30日内转为主动公开"


def plan(since: dt.date, now: dt.datetime, *, trigger: str) -> list[dict[str, Any]]:
    """The clock of conversion as `clocks.start` takes it; none where the calendar does not reach."""
    amount = int(jurisdiction.value("conversion.days"))
    end = since + dt.timedelta(days=amount)
    known = calendars.current()
    try:
        # An end on a day off moves on, at most over the longest holiday.
        for day in (end, end + dt.timedelta(days=12)):
            known.year(day.year)
    except UnknownYearError:
        return []
    return [
        {
            "code": CLOCK,
            "name": "转为主动公开",
            "unit": "day",
            "amount": amount,
            "basis": BASIS,
            "trigger": trigger,
            "started_at": at_day(since, now),
        }
    ]


def open_conversion(
    work: Work, case: Request, verdict: str, *, reason: str = "", campaign: ConversionCampaign | None = None
) -> Conversion:
    """A case for what a request's reply gave; the clock counts from the reply, or from the review that found it."""
    since = case.replied_on or today(work.now)
    trigger = "作出答复"
    if campaign is not None:
        since, trigger = today(work.now), "复查决定转为主动公开"
    conversion = Conversion(
        kind=Conversion.KIND,
        state="open" if verdict == Verdict.YES else "judging",
        title=f"转为主动公开：{case.title}"[:300],
        unit=case.unit,
        supervisor=case.supervisor,
        handler=case.handler,
        request=case,
        replied_on=case.replied_on or since,
        verdict=verdict,
        verdict_reason=reason,
        judged_by=(work.user.who if work.user else "")[:120] if verdict == Verdict.YES else "",
        campaign=campaign,
    )
    clocks = tuple(plan(since, work.now, trigger=trigger))
    opening = Opening(conversion, clocks, summary=f"{case.number}，{day_words(conversion.replied_on)}答复")
    opened: Conversion = work.open_many([opening])[0]
    CaseRelation.objects.get_or_create(source=opened, target_id=case.pk, kind=CaseRelation.Kind.FOLLOWS)
    words = "请起草公开稿件" if verdict == Verdict.YES else "请判断可否转为主动公开"
    work.notify(case_people(case), f"答复提供了信息，{words}：{case.title}"[:200])
    return opened
