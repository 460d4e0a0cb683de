"""What the tests of handling share: a request that came in on a day, and moments."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from gongkai.core.acts import Act, Work, perform
from gongkai.core.models import Membership, Unit, User
from gongkai.core.roles import Role
from gongkai.requests import clocks
from gongkai.requests.models import Request


class OpenForTest(Act):
    """A request out of nothing, so that handling is tested apart from intake. Without a name it is not registered."""

    label = "收件"
    creates = system = True

    def __init__(self, case: Request) -> None:
        self.made = case

    def apply(self, work: Work) -> None:
        work.open(self.made, clocks=clocks.first(self.made, work.now))


def at(text: str, hour: int = 10) -> dt.datetime:
    """A moment here, at ten o'clock unless the text says another hour."""
    moment = dt.datetime.fromisoformat(text)
    if len(text) == 10:
        moment = moment.replace(hour=hour)
    return timezone.make_aware(moment)


def person(username: str, unit: Unit, *roles: Role) -> User:
    """Somebody with roles in a unit."""
    user = User.objects.create(username=username, post=username)
    for role in roles:
        Membership.objects.create(user=user, unit=unit, role=role, main=True)
    return user


def world() -> SimpleNamespace:
    """云溪区: a bureau that was asked, another department, people for every role."""
    cache.clear()
    root = Unit.objects.create(code="YX", name="临江市云溪区人民政府", short_name="区政府", kind="government")
    bureau = Unit.objects.create(
        code="JYJ", name="云溪区教育局", short_name="区教育局", kind="department", parent=root,
        address="云溪区文津路8号", telephone="0000-1234567",
    )  # fmt: skip
    finance = Unit.objects.create(
        code="CZJ", name="云溪区财政局", short_name="区财政局", kind="department", parent=root
    )
    return SimpleNamespace(
        root=root,
        bureau=bureau,
        finance=finance,
        officer=person("gongkai", bureau, Role.OFFICER),
        handler=person("jingban", bureau, Role.HANDLER),
        leader=person("fuze", bureau, Role.LEADER),
        legal=person("guwen", bureau, Role.LEGAL),
        treasurer=person("caizheng", finance, Role.OFFICER),
        stranger=person("waidanwei", root, Role.OFFICER),
    )


def request_of(place: SimpleNamespace, received: str, *, channel: str = "post", state: str = "handling", **more: Any):
    """A request received on a day, in handling."""
    moment = at(received)
    values: dict[str, Any] = {
        "channel": channel,
        "category": "natural",
        "applicant": {"name": "李某某", "identity_kind": "身份证", "identity_number": "000000000000000000"},
        "applicant_label": "李**",
        "content": "2025年全区义务教育学校维修经费的明细",
        "subject": "维修经费明细",
        "arrived_at": moment,
        "entered_at": moment,
        "received_on": moment.date(),
        "counted_year": moment.year,
    }
    case = Request(kind="request", title="维修经费明细", state=state, unit=place.bureau, **{**values, **more})
    perform(OpenForTest(case), None, None, {}, now=moment)
    case.refresh_from_db()
    return case


def do(act: str, case: Any, user: User | None, now: str | dt.datetime, **data: Any):
    """Perform an act of a request on a moment; afterwards stored days equal those derived."""
    moment = at(now) if isinstance(now, str) else now
    event = perform(f"request.{act}" if "." not in act else act, case, user, data, now=moment)
    case.refresh_from_db()
    if isinstance(case, Request):
        assert clocks.check(Request.objects.get(pk=case.pk), moment) == []
    return event


def due(case: Any, code: str = "reply") -> dt.date | None:
    """The last day of a clock as it is stored."""
    from gongkai.law.clock import last_day

    moment = case.clocks.get(code=code).due_at
    return last_day(moment) if moment else None
