"""Steps of an appeal that tests share."""

from __future__ import annotations

from typing import Any

from gongkai.core.acts import perform
from gongkai.requests.appeals.models import Appeal
from gongkai.requests.tests.helpers import at

PARTY = "欧阳青禾"


def notice(**more: Any) -> dict[str, Any]:
    """What staff type from a notice of the organ of reconsideration."""
    values = {
        "way": "reconsideration",
        "organ": "临江市云溪区人民政府",
        "file_number": "云政复〔2026〕15号",
        "received_on": "2026-07-01",
        "accepted_on": "2026-06-29",
        "procedure": "ordinary",
        "matter": "reply",
        "challenged": "云公复〔2026〕1号答复",
        "standing": "respondent",
        "party": PARTY,
        **more,
    }
    return {name: value for name, value in values.items() if value is not None}


def fresh(case: Any) -> Appeal:
    """The record as it stands in the database."""
    return Appeal.objects.select_related("unit", "request", "earlier").get(pk=case.pk)


def entered(place: Any, request: Any, now: str = "2026-07-02", files: Any = None, **more: Any) -> Appeal:
    """An appeal entered on a request."""
    perform("request.enter_appeal", request, place.officer, notice(**more), files=files, now=at(now))
    return Appeal.objects.select_related("unit").latest("pk")


def alone(place: Any, now: str = "2026-07-02", user: Any = None, **more: Any) -> Appeal:
    """An appeal about another disclosure dispute."""
    values = {"matter": "proactive", "challenged": "没有公开征收补偿方案", "area": "征地拆迁", **more}
    event = perform("appeal.enter", None, user or place.officer, notice(**values), now=at(now))
    return fresh(event.case)


def act(name: str, case: Any, user: Any, now: str = "2026-07-08", files: Any = None, **data: Any) -> Appeal:
    """Do an act at a moment and read the record anew."""
    perform(f"appeal.{name}", case, user, data, files=files, now=at(now))
    return fresh(case)


def result(place: Any, case: Any, how: str, on: str = "2026-08-03", **more: Any) -> Appeal:
    """Enter a result on the day of the paper."""
    data = {"result": how, "document": f"云政复决〔2026〕{case.pk}号", "decided_on": on, "told_on": on, **more}
    return act("enter_result", case, place.officer, on, **data)
