"""What the ledger's tests share: a small notice, moments, people, and the steps to a running ledger."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from gongkai.core.acts import perform
from gongkai.core.models import Membership, Unit, User
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


def settle(notice, user, now=None) -> None:
    """Confirm every draft, drop the candidates, resolve what is left, and approve."""
    now = now or at("2026-04-01 11:00")
    for task in notice.tasks.filter(state="draft"):
        perform("task.drop" if task.candidate else "task.review", task, user, {}, now=now)
    for doubt in notice.doubts.filter(resolved_at__isnull=True):
        perform("notice.resolve", notice, user, {"doubt": doubt.pk}, now=now)
    perform("notice.approve", notice, user, {}, now=now)
    notice.refresh_from_db()


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


def act(key, case, user, now, **data):
    """Do an act at a moment and bring the record up to date; returns the event."""
    event = perform(key, case, user, data, now=at(now))
    if case is not None:
        case.refresh_from_db()
    return event


def clock_of(case, code):
    """A clock by its code."""
    return case.clocks.get(code=code)


def last_day(clock):
    """The last day of a clock, inclusive."""
    return timezone.localdate(clock.due_at - dt.timedelta(microseconds=1))
