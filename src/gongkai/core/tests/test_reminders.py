"""Reminders before due days and escalation after: everybody hears once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from gongkai.core import notifications, reminders
from gongkai.core.acts import perform
from gongkai.core.models import Delivery, Membership, Notification, Unit, User
from gongkai.core.roles import Role
from gongkai.core.tests import sample

pytestmark = pytest.mark.django_db


def moment(text: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime.fromisoformat(text))


@pytest.fixture
def people():
    root = Unit.objects.create(code="qu", name="云溪区人民政府", short_name="区政府", kind="government")
    office = Unit.objects.create(code="bgs", name="区政府办公室", short_name="区政府办公室", kind="office", parent=root)
    bureau = Unit.objects.create(code="jyj", name="云溪区教育局", short_name="区教育局", parent=root)
    found = {}
    for name, unit, role in (
        ("boss", office, Role.OFFICE),
        ("officer", bureau, Role.OFFICER),
        ("leader", bureau, Role.LEADER),
    ):
        found[name] = User.objects.create(username=name, email=f"{name}@yunxi.example")
        Membership.objects.create(user=found[name], unit=unit, role=role, main=True)
    found["case"] = perform(
        sample.OpenSample,
        None,
        found["boss"],
        {"title": "公开预算", "unit": bureau.pk, "workdays": 5},
        now=moment("2026-05-11T10:00"),
    ).case
    return found


def texts(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("id").values_list("text", flat=True))


@pytest.mark.duty("001-18d")
def test_before_the_due_day_and_after_it_everybody_hears_once(people):
    for day in ("2026-05-13", "2026-05-14", "2026-05-18", "2026-05-18"):
        reminders.run(moment(f"{day}T08:00"))
    # Due on Monday the 18th: two working days before is Thursday the 14th.
    assert texts(people["officer"]) == ["公开预算：办理还剩2个工作日（5月18日）", "公开预算：办理今天到期（5月18日）"]
    for day in ("2026-05-19", "2026-05-20", "2026-05-25", "2026-05-26"):
        reminders.run(moment(f"{day}T08:00"))
    assert texts(people["officer"])[2:] == ["公开预算：已超期1个工作日"]
    assert len(texts(people["leader"])) == 1
    assert texts(people["boss"]) == ["区教育局“公开预算”已超期5个工作日，建议发督办单"]


def test_one_mail_a_day_with_what_is_unread(people):
    reminders.run(moment("2026-05-14T08:00"))
    assert notifications.queue_digests(moment("2026-05-14T08:30")) == 1
    assert notifications.queue_digests(moment("2026-05-14T08:31")) == 0
    assert notifications.deliver(moment("2026-05-14T08:32")) == 1
    assert notifications.deliver(moment("2026-05-14T08:33")) == 0
    assert len(mail.outbox) == 1
    assert "公开预算" in mail.outbox[0].body
    assert Delivery.objects.get().state == "sent"


@pytest.mark.parametrize("address", ["http://127.0.0.1/", "http://10.0.0.5/hook", "ftp://example.com/", "http:///x"])
def test_webhooks_never_point_inside(address):
    with pytest.raises(ValueError, match="推送地址"):
        notifications.check_address(address)
