"""A small invented district for the ledger's tests."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.utils import timezone

from gongkai.core.acts import perform
from gongkai.core.models import Membership, Unit, UnitAlias, UnitGroup, User
from gongkai.core.roles import Role

NOTICE = """临江市云溪区人民政府办公室关于印发《2026年云溪区政务公开工作要点》的通知

临云政办发〔2026〕11号

各镇街，区政府各部门：

《2026年云溪区政务公开工作要点》已经区政府同意，现印发给你们，请于印发之日起30日内制定本单位年度工作方案。

临江市云溪区人民政府办公室
2026年3月30日

2026年云溪区政务公开工作要点

一、公开内容管得清

1.更新主动公开目录，6月30日前在区政府网站集中发布。（牵头单位：区政府办公室；责任单位：区教育局、区财政局）

2.每月22日前报送上月以来进展，图解、短视频等形式占全年解读的比例不低于60%。（牵头单位：区政府办公室；责任单位：各镇街、区教育局；配合单位：区教育局、区财政局）

二、解读讲得明白

3.惠企政策文件印发后15个工作日内，面向企业至少举办1场讲解。（责任单位：区财政局）

4.主要负责人每年至少听取1次政务公开工作汇报。（责任单位：各镇街、区教育局、区财政局）

5.持续做好政策咨询服务。（责任单位：区教育局）
"""


def at(text: str) -> dt.datetime:
    """A moment here, from 2026-04-02 09:00 or 2026-04-02."""
    moment = dt.datetime.fromisoformat(text)
    if moment.hour == 0 and len(text) == 10:
        moment = moment.replace(hour=9)
    return timezone.make_aware(moment)


def person(username: str, unit: Unit, *roles: Role) -> User:
    """Somebody with roles in a unit."""
    user = User.objects.create(username=username, post=username)
    for role in roles:
        Membership.objects.create(user=user, unit=unit, role=role, main=True)
    return user


@pytest.fixture
def district(db):
    """云溪区: a government, its office, two departments, a street and a town; people for every role."""
    cache.clear()
    city = Unit.objects.create(code="LJ", name="临江市人民政府", short_name="市政府", kind="government")
    root = Unit.objects.create(
        code="YX", name="临江市云溪区人民政府", short_name="区政府", kind="government", parent=city
    )

    def unit(code: str, name: str, short: str, kind: str, ordinal: int) -> Unit:
        return Unit.objects.create(code=code, name=name, short_name=short, kind=kind, parent=root, ordinal=ordinal)

    office = unit("BGS", "临江市云溪区人民政府办公室", "区政府办公室", "office", 1)
    education = unit("JYJ", "云溪区教育局", "区教育局", "department", 2)
    finance = unit("CZJ", "云溪区财政局", "区财政局", "department", 3)
    street = unit("ALJD", "云溪区安澜街道办事处", "安澜街道", "street", 4)
    town = unit("WJZ", "云溪区文津镇人民政府", "文津镇", "town", 5)
    towns = UnitGroup.objects.create(name="各镇街", root=root, kinds=["street", "town"])
    UnitAlias.objects.create(name="各街镇", group=towns)
    return SimpleNamespace(
        city=city,
        root=root,
        office=office,
        education=education,
        finance=finance,
        street=street,
        town=town,
        towns=towns,
        chief=person("gongkai", office, Role.OFFICE, Role.OFFICER),
        teacher=person("jiaoyu", education, Role.OFFICER),
        clerk=person("jiaoyu-jingban", education, Role.HANDLER),
        reviewer=person("jiaoyu-shenhe", education, Role.REVIEWER),
        head=person("jiaoyu-fuzeren", education, Role.LEADER),
        treasurer=person("caizheng", finance, Role.OFFICER),
        streeter=person("anlan", street, Role.OFFICER),
        auditor=person("jiancha", office, Role.AUDITOR),
    )


@pytest.fixture
def imported(district):
    """The small notice, read and compiled."""
    event = perform("notice.import", None, district.chief, {"text": NOTICE}, now=at("2026-04-01"))
    notice = event.case
    notice.refresh_from_db()
    return notice


def settle(notice, user, now=None) -> None:
    """Confirm every draft, drop the candidates, resolve what is left, and approve."""
    now = now or at("2026-04-01 11:00")
    for task in notice.tasks.filter(state="draft"):
        perform("task.drop" if task.candidate else "task.review", task, user, {}, now=now)
    for doubt in notice.doubts.filter(resolved_at__isnull=True):
        perform("notice.resolve", notice, user, {"doubt": doubt.pk}, now=now)
    perform("notice.approve", notice, user, {}, now=now)
    notice.refresh_from_db()


@pytest.fixture
def dispatched(district, imported):
    """The small notice, approved, dispatched and public."""
    settle(imported, district.chief)
    perform(
        "notice.dispatch",
        imported,
        district.chief,
        {"receipt_by": "2026-04-09", "own_plan": "on"},
        now=at("2026-04-02"),
    )
    imported.refresh_from_db()
    perform("notice.publish", imported, district.chief, {}, now=at("2026-04-02 10:00"))
    imported.refresh_from_db()
    return imported


def assignment_of(notice, ordinal: int, unit):
    """The assignment of one duty to one unit."""
    from gongkai.ledger.models import Assignment

    return Assignment.objects.get(task__notice=notice, task__ordinal=ordinal, unit=unit)


def received(notice, ordinal: int, unit, user, now="2026-04-03"):
    """An assignment that its unit has confirmed."""
    assignment = assignment_of(notice, ordinal, unit)
    perform("assignment.receive", assignment, user, {}, now=at(now))
    assignment.refresh_from_db()
    return assignment


@pytest.fixture(autouse=True)
def clean_books(request):
    """After every test with a database: counters agree with the cases, and the audit chain is intact."""
    if "district" not in request.fixturenames:
        yield
        return
    # Asked for here, so that the database is still there afterwards.
    request.getfixturevalue("district")
    yield
    from gongkai.core import audit, counters

    assert counters.verify() == []
    assert audit.verify().intact
