"""What the tests of requests share: moments, people, filled-in forms, and the steps to each state."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from gongkai.core.acts import perform
from gongkai.core.models import Membership, Unit, User
from gongkai.core.roles import Role
from gongkai.requests.acts.submission import submit
from gongkai.requests.models import Request

# Nobody's: the check characters are right, the people are invented.
NAME, NUMBER, PHONE, EMAIL = "欧阳青禾", "110101199003071233", "13800138000", "qinghe@example.cn"
ADDRESS = "临江市云溪区桥头街道柳荫巷8号2单元"
PERSONAL = (NAME, "青禾", NUMBER, PHONE, EMAIL, ADDRESS, "柳荫巷", "云溪第三纺织厂")
CREDIT_CODE = "91350100M000100Y43"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


def at(text: str, hour: int = 10) -> dt.datetime:
    """A moment here, at ten o'clock unless the text gives a time."""
    moment = dt.datetime.fromisoformat(text)
    return timezone.make_aware(moment.replace(hour=hour) if len(text) == 10 else moment)


def person(username: str, unit: Unit, *roles: Role) -> User:
    """Somebody with roles in a unit."""
    user = User.objects.create(username=username, post=username)
    for role in roles:
        Membership.objects.create(user=user, unit=unit, role=role, main=True)
    return user


def district() -> SimpleNamespace:
    """云溪区: `bureau` is asked, `beside` is another body, `office` supervises; one person for each role."""
    cache.clear()
    root = Unit.objects.create(code="YX", name="临江市云溪区人民政府", short_name="区政府", kind="government")

    def unit(code: str, name: str, short: str, kind: str) -> Unit:
        return Unit.objects.create(
            code=code, name=name, short_name=short, kind=kind, parent=root, address="云溪区安澜路1号",
            telephone="0000-1234567",
        )  # fmt: skip

    office = unit("BGS", "临江市云溪区人民政府办公室", "区政府办公室", "office")
    bureau = unit("ZJJ", "云溪区住房和城乡建设局", "区住房城乡建设局", "department")
    beside = unit("JTJ", "云溪区交通运输局", "区交通运输局", "department")
    return SimpleNamespace(
        root=root,
        office=office,
        bureau=bureau,
        beside=beside,
        supervisor=person("zhuguan", office, Role.OFFICE, Role.OFFICER),
        officer=person("gongkai", bureau, Role.OFFICER),
        second=person("gongkai-2", bureau, Role.OFFICER),
        handler=person("jingban", bureau, Role.HANDLER),
        reviewer=person("shenhe", bureau, Role.REVIEWER),
        secrecy=person("baomi", bureau, Role.SECRECY),
        legal=person("guwen", bureau, Role.LEGAL),
        leader=person("fenguan", bureau, Role.LEADER),
        neighbour=person("jiaotong", beside, Role.OFFICER),
        auditor=person("jiancha", office, Role.AUDITOR),
        admin=person("guanli", office, Role.SYSTEM_ADMIN),
    )


def application(place: Any, **more: Any) -> dict[str, Any]:
    """What a citizen types into a complete form; give None to leave a field out."""
    values = {
        "unit": place.bureau.pk,
        "subject": "清平路雨污分流改造工程管道检测报告",
        "content": "清平路（安澜路至望江大道段）雨污分流改造工程2025年1月至2026年5月的管道检测报告。",
        "applicant_kind": "citizen",
        "name": NAME,
        "identity_kind": "id_card",
        "identity_number": NUMBER,
        "employer": "云溪第三纺织厂",
        "phone": PHONE,
        "email": EMAIL,
        "address": ADDRESS,
        "postcode": "350000",
        "forms": ["electronic"],
        "way": "online",
        "accepts_other": "yes",
        **more,
    }
    return {name: value for name, value in values.items() if value is not None}


def organisation(place: Any, **more: Any) -> dict[str, Any]:
    """What an organisation types into a complete form."""
    return application(
        place,
        **{
            "applicant_kind": "organisation",
            "category": "business",
            "name": "临江市望江建材有限公司",
            "identity_kind": None,
            "identity_number": None,
            "employer": None,
            "credit_code": CREDIT_CODE,
            "representative": "夏侯远山",
            "contact": "夏侯远山",
            **more,
        },
    )


def entry(place: Any, channel: str = "in_person", arrived_on: str = "2026-06-01", **more: Any) -> dict[str, Any]:
    """What staff type when they enter a request from paper."""
    return application(place, **{"channel": channel, "arrived_on": arrived_on, "way": "post", **more})


def upload(name: str = "身份证.png", data: bytes = PNG) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, data)


def fresh(case: Any) -> Request:
    """The record as it stands in the database."""
    return Request.objects.select_related("unit", "handler").get(pk=case.pk)


def submitted(place: Any, now: str = "2026-06-01", files: Any = None, **more: Any) -> Request:
    """A request sent through the web."""
    return fresh(submit(application(place, **more), files, now=at(now)).case)


def entered(place: Any, now: str = "2026-06-01", user: Any = None, files: Any = None, **more: Any) -> Request:
    """A request entered by staff."""
    event = perform("request.enter", None, user or place.officer, entry(place, **more), files=files, now=at(now))
    return fresh(event.case)


def act(name: str, case: Any, user: Any, now: str = "2026-06-02", files: Any = None, **data: Any) -> Request:
    """Do an act at a moment and read the record anew."""
    perform(f"request.{name}", case, user, data, files=files, now=at(now))
    return fresh(case)


def registered(place: Any, case: Request, now: str = "2026-06-02", **more: Any) -> Request:
    """Register a request that was received and give it to the handler."""
    data = {"area": "城乡规划", "handler": place.handler.pk, "identity": "complete", **more}
    return act("register", case, place.officer, now, **data)


def clock_of(case: Any, code: str) -> Any:
    """A clock by its code."""
    return case.clocks.get(code=code)


def last_day(clock: Any) -> dt.date:
    """The last day of a clock, inclusive."""
    return timezone.localdate(clock.due_at - dt.timedelta(microseconds=1))
