"""Hot topics from requests and elsewhere in one ranking, proposals, and what came of them (003-23i, 003-29d, 004-18b)."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from gongkai.core import schedule
from gongkai.core.acts import ActError, NotPermitted, perform
from gongkai.core.machine import tokens
from gongkai.publications.tests.helpers import draft as other_draft
from gongkai.requests.conversion import periodic, settings, signals, topics
from gongkai.requests.conversion.clusters import Grouping, Text
from gongkai.requests.conversion.models import Analysis, HotTopic, Signal, TopicMember, TopicProposal
from gongkai.requests.conversion.tests.test_conversion import public
from gongkai.requests.tests.helpers import NAME, PERSONAL, at, submitted

pytestmark = pytest.mark.django_db
ASKED = (
    "桥头村征地补偿安置方案",
    "桥头村征地补偿安置方案及补偿标准",
    "望江村征地补偿安置方案",
)


def grouped(*said, alike=0.4):
    """Groups of plain texts."""
    return Grouping([Text(number, words) for number, words in enumerate(said)], topics.cut, alike)


def test_the_same_wording_is_one_group_and_says_why():
    found = grouped(*ASKED, "小学入学划片范围", "小学入学的划片范围是什么", "路灯不亮").groups
    assert [group.number for group in found] == [3, 2, 1]
    assert {"征地", "补偿", "安置"} & set(found[0].words)
    assert found[0].members[1].percent > found[0].members[2].percent > 40
    assert found[1].repeated in (0, 1)


def test_grouping_is_the_same_whatever_was_counted_before():
    first, second = grouped(*ASKED), grouped(*ASKED)
    assert [group.words for group in first.groups] == [group.words for group in second.groups]
    assert first.counted([Text("x", ASKED[0], weight=7), Text("y", "完全不同的内容")]) == {0: 7}


@pytest.mark.parametrize(
    ("day", "months", "period"),
    [
        ("2026-11-22", 1, ("2026-10-01", "2026-10-31")),
        ("2026-01-05", 1, ("2025-12-01", "2025-12-31")),
        ("2026-05-10", 3, ("2026-01-01", "2026-03-31")),
    ],
)
def test_the_last_full_period(place, day, months, period):
    from gongkai.core import jurisdiction

    jurisdiction.change("conversion.period_months", str(months), place.admin)
    assert tuple(one.isoformat() for one in topics.period_before(dt.date.fromisoformat(day))) == period


# --- the stream -------------------------------------------------------------------------------------------------------


def row(**more):
    """A row that can be taken."""
    return {"source": "hotline", "day": "2026-06-10", "words": "咨询征地补偿安置方案什么时候公布", "number": 4, **more}


@pytest.mark.duty("003-23i", "004-18b")
def test_all_six_sources_are_taken(place):
    names = settings.sources()
    assert list(names.values()) == ["一网通办", "好差评", "12345热线", "领导信箱", "微博微信", "网站留言板"]
    report = signals.take([(code, row(source=code)) for code in names], place.officer, "form", at("2026-06-12"))
    assert (report.taken, report.errors) == (6, [])
    assert Signal.objects.values("source").distinct().count() == 6


@pytest.mark.parametrize(
    ("typed", "secret"),
    [
        ("市民欧阳青禾来电咨询征地补偿，电话13800138000", ("欧阳青禾", "13800138000")),
        ("身份证110101199003071233的住户咨询低保", ("110101199003071233",)),
        ("回复到qinghe@example.cn，问入学划片", ("qinghe@example.cn",)),
    ],
)
@pytest.mark.duty("003-23i")
def test_nobody_stands_in_a_signal(place, typed, secret):
    report = signals.take([("", row(words=typed))], place.officer, "form", at("2026-06-12"))
    assert (report.taken, report.masked) == (1, 1)
    kept = Signal.objects.get().words
    assert not any(part in kept for part in secret)
    from gongkai.core.models import Event

    assert not any(part in str(event.data) + event.summary for event in Event.objects.all() for part in secret)


def test_what_is_secret_is_refused(place):
    report = signals.take([("第1行", row(words="秘密★1年 关于某事的请示"))], place.officer, "form", at("2026-06-12"))
    assert not report.taken
    assert "不能登记" in report.errors[0]


def sheet(*lines):
    """A filled-in workbook."""
    book = Workbook()
    book.active.append(signals.HEAD)
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("线索.xlsx", out.getvalue())


@pytest.mark.duty("003-23i", "004-18b")
def test_signals_come_from_excel_after_a_trial_run(place, client):
    client.force_login(place.officer)
    template = client.get(reverse("conversion:template"))
    assert load_workbook(io.BytesIO(template.content)).worksheets[0]["A1"].value == "来源"
    # The template as it is holds only its example.
    assert signals.sheet_rows(template.content) == []
    address = reverse("conversion:import")
    good = ("12345热线", dt.datetime(2026, 6, 3), "咨询小学入学划片范围", 12, "就业入学", "区交通运输局", "A-1")
    bad = ("某论坛", "六月三日", "", "很多", "", "没有的局", "")
    refused = client.post(address, {"file": sheet(good, bad)})
    assert refused.status_code == 422
    words = refused.content.decode()
    for part in ("第3行", "来源要填", "日期没有读懂", "数量要填", "涉及单位没有找到", "没有写反映的内容"):
        assert part in words, part
    assert not Signal.objects.exists()
    trial = client.post(address, {"file": sheet(good), "trial": "1"})
    assert "1条" in trial.content.decode()
    assert not Signal.objects.exists()
    assert client.post(address, {"file": sheet(good)}).status_code == 302
    assert client.post(address, {"file": sheet(good)}).status_code == 302
    kept = Signal.objects.get()
    assert (kept.source, kept.number, kept.unit, kept.way) == ("hotline", 12, place.beside, "sheet")
    other = client.post(address, {"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04nothing")})
    assert other.status_code == 422
    client.force_login(place.leader)
    assert client.get(address).status_code == 403


@pytest.mark.duty("003-23i", "004-18b")
def test_signals_come_by_the_interface(place, client):
    _, text = tokens.issue(place.admin, "12345", place.supervisor, ["signals:write"])
    _, other = tokens.issue(place.admin, "另一个", place.supervisor, ["intake"])

    def send(given, token=text):
        return client.post(
            "/api/v1/signals",
            json.dumps({"signals": given}),
            content_type="application/json",
            headers={"authorization": f"Bearer {token}"},
        )

    day = timezone.localdate().isoformat()
    first = send([row(day=day, key="K1"), row(day=day, source="没有的来源"), row(day=day, words="李明华反映路灯不亮")])
    assert first.status_code == 200
    body = first.json()
    assert (body["taken"], body["masked"], len(body["errors"])) == (2, 1, 1)
    assert "第2条" in body["errors"][0]
    assert send([row(day=day, key="K1")]).json()["known"] == 1
    assert send([row(day=day, source="没有的来源")]).status_code == 422
    assert send([row(day=day, number=0)]).status_code == 422
    assert send([row(day=day)], token=other).status_code == 401
    assert client.post("/api/v1/signals").status_code == 401
    assert Signal.objects.count() == 2
    assert not Signal.objects.filter(words__contains="李明华").exists()


def test_signals_are_entered_by_hand(place, client):
    client.force_login(place.handler)
    address = reverse("conversion:signals")
    given = {"source": "board", "day": "2026-06-03", "words": "咨询养老金", "number": "2", "key": "B7"}
    assert client.post(address, given).status_code == 302
    assert client.post(address, given).status_code == 422
    assert client.post(address, {**given, "key": "", "words": ""}).status_code == 422
    assert client.post(address, {**given, "key": "", "day": "2099-01-01"}).status_code == 422
    page = client.get(f"{address}?source=board")
    assert len(page.context["table"]["rows"]) == 1
    assert not client.get(f"{address}?source=hotline").context["table"]["rows"]
    assert client.get(f"{address}?export=xlsx").status_code == 200
    client.force_login(place.leader)
    assert client.post(address, given).status_code == 403


# --- the ranking ------------------------------------------------------------------------------------------------------


@pytest.fixture
def june(place):
    """Requests and signals of June on one matter, one of May, and another matter."""
    submitted(place, "2026-05-12", subject=ASKED[0], content="桥头村征地补偿安置方案")
    for number, subject in enumerate(ASKED):
        submitted(
            place, f"2026-06-0{number + 1}", subject=subject, content=f"{subject}，{NAME}家",
            unit=place.beside.pk if number == 2 else place.bureau.pk,
        )  # fmt: skip
    submitted(place, "2026-06-04", subject="路灯维护合同", content="路灯维护合同")
    rows = [
        row(words="咨询桥头村征地补偿安置方案", number=4),
        row(source="mailbox", words="小学入学划片范围", number=9),
    ]
    signals.take([("", one) for one in rows], place.officer, "form", at("2026-06-12"))


def analysed(place):
    """June."""
    return topics.analyse(dt.date(2026, 6, 1), dt.date(2026, 6, 30), place.supervisor, at("2026-07-01"))


@pytest.mark.duty("003-29d", "003-23i", "004-18b")
def test_requests_and_signals_stand_in_one_ranking(place, june):
    analysis = analysed(place)
    assert (analysis.requests, analysis.signals) == (4, 13)
    school, land = analysis.topics.all()
    assert (school.number, school.requests, school.by_source) == (9, 0, {"mailbox": 9})
    assert (land.number, land.requests, land.earlier) == (7, 3, 1)
    assert land.by_source == {"hotline": 4, "request": 3}
    assert {pk for pk, _ in land.by_unit} == {place.bureau.pk, place.beside.pk}
    assert {"征地", "补偿"} <= set(land.words)
    assert TopicMember.objects.filter(topic=land, request__isnull=False).count() == 3
    text = " ".join([land.example, *land.words, *TopicMember.objects.values_list("shared", flat=True)])
    assert not any(secret in text for secret in PERSONAL)


@pytest.mark.duty("003-29d")
def test_key_areas_are_marked(place):
    rows = [row(words=f"{area}政策", area=area, number=5) for area in ("征地拆迁", "教育", "社会保障", "市场监管")]
    signals.take([("", one) for one in rows], place.officer, "form", at("2026-06-12"))
    found = {topic.area: topic.key_area for topic in analysed(place).topics.all()}
    assert found == {"征地拆迁": True, "就业入学": True, "社会保障": True, "市场监管": False}


@pytest.mark.duty("003-29d")
def test_each_period_is_analysed_once_by_itself(place, june):
    assert "conversion.topics" in schedule.jobs
    assert periodic.analyse_period(at("2026-07-01")) == 2
    assert periodic.analyse_period(at("2026-07-02")) == 0
    assert Analysis.objects.count() == 1


def test_a_period_must_make_sense(place):
    for since, until in (("2026-06-02", "2026-06-01"), ("2026-06-01", "2099-01-01"), ("2020-01-01", "2026-01-01")):
        with pytest.raises(ActError):
            topics.analyse(dt.date.fromisoformat(since), dt.date.fromisoformat(until), None, at("2026-07-01"))


def test_the_ranking_opens_the_cases_behind_it(place, june, client, django_assert_max_num_queries):
    client.force_login(place.officer)
    address = reverse("conversion:topics")
    assert client.get(address).status_code == 200
    answer = client.post(address, {"since": "2026-06-01", "until": "2026-06-30"})
    assert answer.status_code == 302
    with django_assert_max_num_queries(14):
        page = client.get(answer["Location"])
    assert "热点件数" in page.content.decode()
    land = HotTopic.objects.get(requests=3)
    with django_assert_max_num_queries(16):
        topic = client.get(reverse("conversion:topic", args=[land.pk]))
    words = topic.content.decode()
    assert ASKED[0] in words
    # What another body was asked is counted, not shown.
    assert "其他单位的申请" in words
    assert not any(secret in words for secret in PERSONAL)
    assert client.get(f"{address}?export=xlsx").status_code == 200
    assert client.get(f"{address}?area=key").status_code == 200
    assert client.post(address, {"since": "2026-06-30", "until": "2026-06-01"}).status_code == 409
    client.force_login(place.handler)
    assert client.post(address, {"since": "2026-06-01", "until": "2026-06-30"}).status_code == 403
    client.force_login(place.admin)
    assert client.get(address).status_code == 403


# --- proposals --------------------------------------------------------------------------------------------------------


def do(name, case, user, now="2026-07-03", **data):
    """Do an act of a proposal and read it anew."""
    perform(f"topic_proposal.{name}", case, user, data, now=at(now))
    return TopicProposal.objects.select_related("unit", "lead").get(pk=case.pk)


@pytest.fixture
def proposal(place, june, client):
    """Proposed by the office on the page of a topic."""
    analysed(place)
    land = HotTopic.objects.get(requests=3)
    client.force_login(place.supervisor)
    address = reverse("conversion:topic", args=[land.pk])
    suggested = client.get(address).context["form"].initial
    assert suggested["unit"] == place.bureau.pk
    answer = client.post(address, {**suggested, "title": "征地补偿安置方案", "unit": place.bureau.pk})
    assert answer.status_code == 302, answer.content.decode()
    return TopicProposal.objects.select_related("unit", "lead").get()


@pytest.mark.duty("003-29d")
def test_a_proposal_is_planned_published_and_followed(place, proposal):
    assert (proposal.unit, proposal.lead, proposal.asked, proposal.state) == (place.bureau, place.office, 7, "proposed")
    assert proposal.clocks.get(code="answer").amount == 10
    with pytest.raises(NotPermitted):
        do("accept", proposal, place.neighbour, plan_column="征地信息", plan_on="2026-07-10")
    now = timezone.localdate().isoformat()
    case = do("accept", proposal, place.officer, now, plan_column="征地信息", plan_on=now)
    assert (case.state, case.clocks.get(code="answer").is_open) == ("accepted", False)
    made = other_draft(place, title="桥头村征地补偿安置方案")
    case = do("link", case, place.officer, now, publication=made.number)
    assert case.state == "accepted"
    with pytest.raises(ActError, match="已经关联"):
        do("link", case, place.officer, now, publication=made.number)
    public(place, made, now)
    case = TopicProposal.objects.get()
    assert (case.state, case.published_on.isoformat(), case.is_open) == ("published", now, False)
    # In May and June it was asked four times, afterwards once.
    TopicProposal.objects.update(published_on=dt.date(2026, 6, 20))
    submitted(place, "2026-07-15", subject=ASKED[0], content=ASKED[0])
    effect = topics.before_and_after(TopicProposal.objects.get(), dt.date(2026, 8, 20))
    assert (effect["before"], effect["after"], effect["fallen"]) == (4, 1, True)
    assert topics.before_and_after(TopicProposal.objects.get(), dt.date(2026, 6, 20)) is None


@pytest.mark.duty("003-29d")
def test_a_refusal_is_settled_by_the_office(place, proposal, client):
    case = do("decline", proposal, place.officer, reason="还在征求意见")
    assert (case.state, case.turn_unit) == ("declining", place.office)
    case = do("insist", case, place.supervisor, reason="征求意见稿也应公开")
    assert (case.state, case.clocks.get(code="answer").is_open) == ("proposed", True)
    case = do("decline", case, place.officer, reason="方案已经废止")
    case = do("agree_decline", case, place.supervisor)
    assert (case.state, case.outcome) == ("declined", "不采纳")
    page = client.get(case.get_absolute_url())
    assert "方案已经废止" in page.content.decode()
    assert client.get(f"{reverse('conversion:proposals')}?state=declined").context["table"]["rows"]
    assert client.get(f"{reverse('conversion:proposals')}?export=xlsx").status_code == 200
