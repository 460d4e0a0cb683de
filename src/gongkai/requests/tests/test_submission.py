"""A request comes in: through the web, and entered by staff; once, sealed, counted from the right day."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from gongkai.core import audit, jurisdiction
from gongkai.core.acts import ActError
from gongkai.core.attachments import is_sealed
from gongkai.core.models import Attachment, Letter, Notification, NumberSeries
from gongkai.core.search.cases import document as search_document
from gongkai.core.search.cases import rows as search_rows
from gongkai.requests import codes
from gongkai.requests.acts.submission import submit
from gongkai.requests.forms import ApplicationForm, advice_on, step
from gongkai.requests.models import Request, Submission
from gongkai.requests.tests.helpers import (
    EMAIL,
    NAME,
    NUMBER,
    PERSONAL,
    PHONE,
    act,
    application,
    at,
    clock_of,
    entered,
    fresh,
    last_day,
    organisation,
    registered,
    submitted,
    upload,
)

pytestmark = pytest.mark.django_db


@pytest.mark.duty("004-8a", "003-29a")
def test_a_request_through_the_web_is_received_on_the_day_it_was_sent(place):
    case = submitted(place)
    assert case.number == "SQ-2026-0001"
    assert (case.state, case.channel, case.category) == ("received", "web", "natural")
    assert (case.received_on, case.counted_from, case.counted_year) == (dt.date(2026, 6, 1), dt.date(2026, 6, 1), 2026)
    assert case.applicant_label == "欧阳**"
    assert [case.applicant[name] for name in ("name", "identity_number", "phone", "email")] == [
        NAME,
        NUMBER,
        PHONE,
        EMAIL,
    ]
    assert (len(case.identity_mark), len(case.code_mark), len(case.code)) == (64, 64, 10)
    assert last_day(clock_of(case, "reply")) == dt.date(2026, 6, 30)


def test_the_same_key_is_the_same_request(place):
    key = "k" * 22
    first = submit(application(place, key=key), now=at("2026-06-01"))
    again = submit(application(place, key=key), now=at("2026-06-01 10:00:05"))
    assert (again.repeated, again.changed, again.case.pk) == (True, False, first.case.pk)
    assert again.case.code == first.case.code
    assert Request.objects.count() == 1
    assert submit(application(place, key=key, subject="另一件"), now=at("2026-06-02")).changed
    assert submit(application(place, key="j" * 22), now=at("2026-06-02")).case.number == "SQ-2026-0002"


@pytest.mark.duty("004-8b")
def test_offline_requests_are_entered_with_the_day_of_their_channel(place):
    case = entered(place, now="2026-06-03", channel="post", arrived_on="2026-06-01")
    assert case.received_on == dt.date(2026, 6, 1)
    clock = clock_of(case, "registration")
    assert (clock.on_time, last_day(clock)) == (True, dt.date(2026, 6, 3))
    late = entered(place, now="2026-06-04", channel="in_person", arrived_on="2026-06-01")
    assert clock_of(late, "registration").on_time is False
    assert [letter.code for letter in late.letters.all()] == ["requests-l1"]


def test_mail_waits_for_the_day_of_confirmation(place):
    case = entered(place, now="2026-06-01", channel="ordinary_mail", arrived_on="2026-06-01")
    assert (case.state, case.received_on, case.counted_year) == ("unconfirmed", None, None)
    case = act("log_attempt", case, place.officer, "2026-06-01 11:00", how="phone", failure="no_answer")
    case = act("confirm", case, place.officer, "2026-06-02", confirmed_on="2026-06-02", how="phone")
    assert (case.state, case.received_on, case.counted_year) == ("received", dt.date(2026, 6, 2), 2026)
    assert last_day(clock_of(fresh(case), "reply")) == dt.date(2026, 7, 1)


def test_where_the_place_confirms_by_hand_the_web_request_waits(place):
    jurisdiction.change("requests.web_confirmation", "staff", place.admin)
    case = submitted(place)
    assert (case.state, case.received_on, case.counted_year) == ("unconfirmed", None, None)
    assert "请在1个工作日内与申请人确认收到" in Notification.objects.get(user=place.officer).text
    case = act("confirm", case, place.officer, "2026-06-02", confirmed_on="2026-06-02", how="phone")
    assert last_day(clock_of(case, "reply")) == dt.date(2026, 7, 1)


@pytest.mark.parametrize(
    ("channel", "arrived", "confirmed", "counted"),
    [
        ("in_person", "2025-06-07", None, "2025-06-07"),
        ("post", "2024-02-09", None, "2024-02-09"),
        ("ordinary_mail", "2026-05-25", "2026-05-26", "2026-05-26"),
        ("fax", "2026-05-25", "2026-05-25", "2026-05-25"),
        ("email", "2026-05-25", "2026-05-27", "2026-05-27"),
    ],
)
@pytest.mark.duty("004-8b")
def test_the_channel_says_which_day_counts(place, channel, arrived, confirmed, counted):
    case = entered(place, channel=channel, arrived_on=arrived, confirmed_on=confirmed)
    assert (str(case.received_on), case.counted_year) == (counted, int(counted[:4]))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"arrived_on": "2026-06-02"}, "收到日期不能晚于今天"),
        ({"channel": "fax", "confirmed_on": "2026-05-31"}, "确认日期不能早于收到日期"),
        ({"channel": "email", "confirmed_on": "2026-06-03"}, "确认日期不能晚于今天"),
    ],
)
def test_days_that_cannot_be_are_refused_in_words(place, values, words):
    with pytest.raises(ActError, match=words):
        entered(place, **values)
    assert not Request.objects.exists()


def test_two_at_once_with_one_key_are_one_request(place, monkeypatch):
    key = "k" * 22
    files = {"files": [upload()]}
    first = submit(application(place, key=key), files, now=at("2026-06-01"))
    kept = Attachment.objects.count()
    # The second one looked before the first was there.
    monkeypatch.setattr(Submission.objects, "filter", lambda **named: Submission.objects.none())
    again = submit(application(place, key=key), now=at("2026-06-01"))
    assert (again.repeated, again.changed, again.case.pk) == (True, True, first.case.pk)
    assert (Request.objects.count(), Attachment.objects.count()) == (1, kept)


def test_a_fault_on_the_way_leaves_nothing_behind_and_the_retry_works(place, monkeypatch):
    def fall(*args, **named):
        raise RuntimeError("out of order")

    key = "k" * 22
    with monkeypatch.context() as patch:
        patch.setattr(audit, "write_many", fall)
        with pytest.raises(RuntimeError):
            submit(application(place, key=key), now=at("2026-06-01"))
    assert (Request.objects.count(), Submission.objects.count(), NumberSeries.objects.filter(prefix="SQ").count()) == (
        0,
        0,
        0,
    )
    assert submit(application(place, key=key), now=at("2026-06-01")).case.number == "SQ-2026-0001"


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"identity_number": "110101199003071234"}, "identity_number", "校验不符"),
        ({"identity_number": "110101199002301236"}, "identity_number", "不对"),
        ({"identity_number": None}, "identity_number", "请填写证件号码"),
        ({"phone": "12800138000"}, "phone", "电话号码不对"),
        ({"email": "qinghe@"}, "email", "电子邮箱不对"),
        ({"phone": None, "email": None, "address": None}, "phone", "至少留一种联系方式"),
        ({"way": "post", "address": None}, "address", "选了邮寄"),
        ({"way": "email", "email": None}, "email", "选了电子邮件"),
        ({"content": "？？"}, "content", "还没有写"),
        ({"forms": None}, "forms", "还没有选择"),
        ({"postcode": "35"}, "postcode", "6位"),
        ({"identity_number": "320202201508080021"}, "agent", "监护人"),
    ],
)
def test_a_form_that_lacks_something_says_what(place, values, field, words):
    form = ApplicationForm(application(place, **values))
    assert not form.is_valid()
    assert words in str(form.errors[field])


def test_organisations_are_asked_for_other_things(place):
    form = ApplicationForm(organisation(place))
    assert form.is_valid(), form.errors
    assert not form.cleaned_data["identity_number"]
    for code, right in (("91350100M000100Y44", False), ("00001434-9", True), ("", False)):
        assert ApplicationForm(organisation(place, credit_code=code)).is_valid() == right
    case = submitted(place, **organisation(place))
    assert (case.category, case.applicant_label) == ("business", "临江市望江建材有限公司")
    assert not ApplicationForm(organisation(place, category=None)).is_valid()


def test_a_step_asks_only_its_own_fields(place):
    data = {"subject": "", "content": "清平路改造的检测报告；安澜路改造工程的结算审计报告"}
    form = ApplicationForm(data, only=step("matter"))
    assert form.is_valid(), form.errors
    assert set(form.fields) == {"subject", "content", "files", "kept"}
    assert {one.code for one in form.advice()} == {"several", "time"}
    late = ApplicationForm({"forms": ["paper"], "way": "post"}, only=step("delivery"))
    assert late.is_valid()


def test_advice_never_stops_anybody(place):
    case = submitted(place, subject="", content="本人手机13800138000，要补贴名单")
    assert case.state == "received"
    codes_found = {one.code for one in advice_on(case.content)}
    assert codes_found == {"time", "personal"}
    assert not advice_on("《云溪区城市更新办法》")


@pytest.mark.duty("004-8a")
def test_nothing_personal_stands_outside_the_sealed_columns(place):
    case = submitted(
        place, files={"proof": [upload("欧阳青禾的身份证.png")]}, subject="", content=f"{NAME}户2026年的补偿协议"
    )
    registered(place, case)
    paper = entered(place, files={"scans": [upload("青禾来信.png")]})
    act("withdraw", paper, place.officer, reason="欧阳青禾来电撤回")
    moved = submitted(place)
    act("transfer", moved, place.officer, unit=place.beside.pk, reason="欧阳青禾要的材料在区交通运输局")
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    text = (
                        bytes(value).decode("utf-8", "ignore") if isinstance(value, bytes | memoryview) else str(value)
                    )
                    # What is asked for is not sealed: the applicant named himself there.
                    if (table, column) != ("requests_request", "content"):
                        found += [(table, column, words) for words in PERSONAL if words in text]
    assert not found
    assert case.title == "＊＊户2026年的补偿协议"
    for one in Attachment.objects.all():
        assert is_sealed(one.digest)
    for letter in Letter.objects.all():
        assert letter.sealed
        assert is_sealed(letter.digest)
    for one in search_rows().filter(kind="request"):
        assert not [words for words in PERSONAL if words in repr(search_document(one))]


def test_a_number_alone_opens_nothing(place, received):
    assert codes.find(received.number, received.code.lower()) == received
    assert codes.find(f" {received.number} ", codes.shown(received.code)) == received
    for number, code in (
        (received.number, "ABCDE-FGHJK"),
        (received.number, ""),
        ("SQ-2026-0002", received.code),
        ("", ""),
    ):
        assert codes.find(number, code) is None
    assert len({codes.new() for _ in range(200)}) == 200
