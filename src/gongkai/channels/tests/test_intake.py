"""A request for any body is taken at a zone: the body has it at once, the applicant a receipt, the zone nothing personal."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from gongkai.channels.tests.helpers import fresh, taking
from gongkai.channels.zones.models import ServiceMonth, ServiceNote, ZoneRequest
from gongkai.core import letters
from gongkai.core.acts import ActError, InvalidData, NotPermitted, perform
from gongkai.core.models import Attachment, Event, Notification
from gongkai.core.privacy.models import PersonalAccess
from gongkai.requests.models import Channel, Request
from gongkai.requests.tests.helpers import NAME, PERSONAL, upload

pytestmark = pytest.mark.django_db
STATEMENT = "将依申请公开作为服务人民群众生产生活的重要方式，满足合理的个性化需求"


def take(place, zone, user=None, files=None, **more) -> Request:
    return Request.objects.get(
        pk=perform("zone.take", None, user or place.desk, taking(place, zone, **more), files=files).case.pk
    )


@pytest.mark.duty("001-12i", "003-32b", "004-50")
def test_a_request_for_another_body_is_taken_and_handled_there(place, open_zone):
    case = take(place, open_zone)
    today = timezone.localdate()
    assert (case.unit, case.channel, case.state) == (place.bureau, Channel.IN_PERSON, "received")
    assert (case.received_on, case.counted_from) == (today, today)
    assert [letter.title for letter in case.letters.all()] == ["政府信息公开申请登记回执"]
    assert Notification.objects.filter(user=place.officer, text__contains=case.number).exists()
    assert not Notification.objects.filter(user=place.neighbour).exists()
    taken = ZoneRequest.objects.get()
    assert (taken.zone_id, taken.request_id, taken.taken_by) == (open_zone.pk, case.pk, place.desk)
    assert (ServiceMonth.objects.get().service, ServiceMonth.objects.get().people) == ("intake", 1)
    assert Event.objects.filter(case=open_zone.pk, act="zone.took", summary__contains=case.number).exists()


def test_what_the_applicant_gave_stays_with_the_request(place, open_zone):
    case = take(place, open_zone, files={"scans": [upload("申请表.png")], "proof": [upload("证件.png")]})
    files = list(Attachment.objects.filter(digest__in=case.attachments.values("digest")))
    assert {file.case_id for file in files} == {case.pk}
    assert all(file.sealed for file in files)
    said = "".join(f"{event.summary}{event.words}{event.data}{event.changes}" for event in Event.objects.all())
    said += "".join(note.words for note in ServiceNote.objects.all())
    said += "".join(Notification.objects.values_list("text", flat=True))
    for words in PERSONAL:
        assert words not in said
    assert not open_zone.attachments.exists()


def test_what_is_handed_in_today_counts_from_today_and_an_earlier_paper_from_its_day(place, open_zone):
    open_zone.opened_on = timezone.localdate() - dt.timedelta(days=30)
    open_zone.save()
    on = timezone.localdate() - dt.timedelta(days=1)
    case = take(place, open_zone, arrived_on=on.isoformat())
    assert (case.received_on, timezone.localdate(case.arrived_at)) == (on, on)
    assert ServiceNote.objects.get().on == on


def test_a_form_with_gaps_is_taken_as_it_was_written(place, open_zone):
    with pytest.raises(InvalidData):
        take(place, open_zone, identity_number="")
    case = take(place, open_zone, identity_number="", as_written="on", dictated="on")
    event = case.events.get(sequence=1)
    assert (event.act, event.data["lacking"], event.data["dictated"]) == ("zone.take", ["identity_number"], True)


def test_only_an_open_zone_that_takes_requests_takes_them(place, open_zone):
    with pytest.raises(InvalidData):
        take(place, open_zone, place.neighbour)
    with pytest.raises(NotPermitted):
        take(place, open_zone, place.head)
    with pytest.raises(ActError, match="不能晚于今天"):
        take(place, open_zone, arrived_on="2099-01-01")
    with pytest.raises(ActError, match="早于专区开放"):
        take(place, open_zone, arrived_on="2020-01-01")
    perform("zone.suspend", fresh(open_zone), place.desk, {"reason": "装修"})
    with pytest.raises(InvalidData):
        take(place, open_zone)
    assert not Request.objects.exists()


@pytest.mark.duty("004-50")
def test_taking_at_the_counter_through_the_pages(place, open_zone, client, django_assert_max_num_queries):
    client.force_login(place.desk)
    url = reverse("zones:take")
    client.get(url)
    with django_assert_max_num_queries(14):
        page = client.get(url).content.decode()
    assert "区交通运输局" in page
    data = taking(place, open_zone)
    wrong = client.post(url, {**data, "identity_number": "110101199003071234", "scans": [upload("申请表.png")]})
    assert wrong.status_code == 422
    for words in ("证件号码不对", NAME, "申请表.png", "不用再传一遍"):
        assert words in wrong.content.decode()
    kept = Attachment.objects.get(draft_of=place.desk)
    response = client.post(url, {**data, "kept": [kept.pk]}, follow=True)
    case = Request.objects.get()
    kept.refresh_from_db()
    assert kept.case_id == case.pk
    page = response.content.decode()
    assert case.number in page
    for words in PERSONAL:
        assert words not in page
    # The zone's own staff have no business in the case itself.
    assert client.get(case.get_absolute_url()).status_code == 404
    client.force_login(place.officer)
    assert client.get(case.get_absolute_url()).status_code == 200


@pytest.mark.skipif(bool(letters.pdf_missing()), reason="PDF cannot be made here")
def test_the_receipt_is_printed_by_whoever_took_the_request_and_nobody_else(place, open_zone, client):
    take(place, open_zone)
    taken = ZoneRequest.objects.get()
    url = reverse("zones:receipt", args=[taken.pk])
    client.force_login(place.desk)
    response = client.get(url)
    assert response.content[:4] == b"%PDF"
    assert PersonalAccess.objects.get().labels == ["登记回执"]
    client.force_login(place.clerk)
    assert client.get(url).status_code == 403
    client.force_login(place.neighbour)
    assert client.get(url).status_code == 404
    ZoneRequest.objects.update(taken_at=timezone.now() - dt.timedelta(days=4))
    client.force_login(place.desk)
    assert client.get(url).status_code == 403


@pytest.mark.duty("002-21")
def test_a_programme_statement_is_a_ledger_task_with_evidence(place):
    from gongkai.ledger.models import Assignment, Notice
    from gongkai.ledger.tests.helpers import NOTICE, settle

    text = NOTICE.replace("各镇街、", "")
    for theirs, ours in (("区教育局", "区住房城乡建设局"), ("区财政局", "区交通运输局")):
        text = text.replace(theirs, ours)
    text = text.replace("持续做好政策咨询服务", STATEMENT)
    notice = perform("notice.import", None, place.supervisor, {"text": text}).case
    notice = Notice.objects.get(pk=notice.pk)
    settle(notice, place.supervisor, now=timezone.now())
    data = {"receipt_by": (timezone.localdate() + dt.timedelta(days=7)).isoformat()}
    perform("notice.dispatch", notice, place.supervisor, data)
    assignment = Assignment.objects.get(task__notice=notice, task__text__contains="依申请公开作为服务")
    perform("assignment.receive", assignment, place.officer, {})
    data = {"text": "专区今年代其他机关受理申请，当场出具回执。", "percent": 50}
    perform("assignment.report", assignment, place.officer, data, files={"files": [upload("台账.png")]})
    report = assignment.reports.get()
    assert "专区" in report.text
    assert assignment.attachments.exists()
