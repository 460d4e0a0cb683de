"""The page of a request: everything of it at a glance, for those whose business it is, in few queries."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gongkai.core.acts import acts
from gongkai.requests import duplicates, queries
from gongkai.requests.models import Consultation, Request
from gongkai.requests.tests.helpers import PDF, PERSONAL, act, at, fresh, registered, submitted, upload
from gongkai.requests.tests.reply_helpers import delivered, draft, reviewed, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def handled(place):
    """Registered in November, so that nothing is late yet."""
    return registered(place, submitted(place, "2026-11-02"), "2026-11-03")


def page(client, user, case) -> str:
    """The page as somebody sees it."""
    client.force_login(user)
    response = client.get(case.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def part(html: str, key: str) -> str:
    """One panel of the page, tags left out."""
    found = re.search(rf'<section class="panel" id="{key}">.*?</section>', html, re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""


def answered(place, case: Request, code: str = "G-b") -> Request:
    """Replied and delivered."""
    case = reviewed(place, submit(place, draft(place, case, code, "2026-11-09"), "2026-11-09"), "2026-11-10")
    return delivered(place, case, "2026-11-11")


def test_who_waits_for_what_until_when(client, place, handled):
    html = page(client, place.handler, handled)
    standing = re.search(r'<section class="panel standing".*?</section>', html, re.S)
    assert standing
    assert "等区住房城乡建设局jingban办理申请" in standing[0]
    assert "2026年11月30日" in standing[0]
    why = re.search(r'href="([^"]*/clocks/\d+/)">逐日推算', standing[0])
    assert why
    client.force_login(place.handler)
    assert "当日不计" in client.get(why[1]).content.decode()


@pytest.mark.duty("004-8a")
def test_everything_that_happened_stands_on_the_page(client, place, handled):
    day = "2026-11-0{}".format
    act("add_search", handled, place.handler, day(4), place="局档案室", method="按文号检索", searched_on=day(4),
        searcher="档案管理员", result="找到三份", found="on")  # fmt: skip
    act("ask_supplement", handled, place.handler, day(4), items="请写明路段。", workdays=10, sent_on=day(4))
    act("supplement_received", handled, place.handler, day(5), answer="安澜路至望江大道段。", answered_on=day(5))
    act("ask_extension", handled, place.handler, day(6), workdays=5, reason="涉及的档案多。")
    act("grant_extension", handled, place.leader, day(6), workdays=5)
    act("add_materials", handled, place.handler, day(7), files={"files": [upload("检测报告.pdf", PDF)]})
    html = page(client, place.handler, fresh(handled))
    assert "局档案室" in part(html, "searches")
    assert "找到三份" in part(html, "searches")
    assert "请写明路段。" in part(html, "supplements")
    assert "补正：安澜路至望江大道段。" in part(html, "supplements")
    assert "涉及的档案多。" in part(html, "approvals")
    assert "已批准" in part(html, "approvals")
    assert "检测报告" in part(html, "materials")
    assert "政府信息公开申请补正告知书" in part(html, "papers")
    assert "答复申请人" in part(html, "clocks")
    assert "第1次计时" in part(html, "clocks")
    for name in ("检索", "要求补正", "登记补正", "批准延期"):
        assert name in html


def test_a_letter_with_personal_data_is_named_to_all_and_linked_for_those_who_may_open_it(client, place, handled):
    act("ask_supplement", handled, place.handler, "2026-11-04", items="请写明路段。", workdays=10, sent_on="2026-11-04")
    letter = handled.letters.get()
    assert letter.sealed
    for who, opens in (("handler", True), ("officer", True), ("supervisor", False), ("auditor", False)):
        html = page(client, getattr(place, who), fresh(handled))
        assert letter.title in part(html, "papers")
        links = re.findall(rf'href="([^"]*/{letter.pk}/[^"]*(?:docx|pdf)[^"]*)"', html)
        assert bool(links) == opens, who
        address = reverse("workbench:letter", args=[letter.pk, "docx"])
        assert client.get(address).status_code == (200 if opens else 403), who


def test_the_reply_shows_its_steps_to_those_who_work_on_it(client, place, handled):
    case = submit(place, draft(place, handled, "D1", "2026-11-09"), "2026-11-09")
    act("pass_reply", case, place.reviewer, "2026-11-10")
    for who in ("handler", "secrecy", "leader"):
        text = part(page(client, getattr(place, who), case), "reply")
        assert "属于国家秘密" in text
        assert "审核人" in text
        assert "通过，11月10日" in text
        assert "等待审核" in text
        assert "打开答复" in text
    # Whoever only oversees sees how far it is, not what it will say.
    for who in ("supervisor", "auditor"):
        text = part(page(client, getattr(place, who), case), "reply")
        assert "属于国家秘密" not in text
        assert "打开答复" not in text
        assert "等待审核" in text


def test_a_closed_request_says_what_came_out_and_where_it_counts(client, place, handled):
    case = answered(place, handled)
    html = page(client, place.officer, case)
    standing = re.search(r'<section class="panel standing".*?</section>', html, re.S)
    assert standing
    for words in ("已答复", "结果：予以公开", "2026年11月11日答复", "用去7个工作日", "按时"):
        assert words in standing[0]
    assert "云公复〔2026〕1号" in part(html, "papers")
    assert "网上送达，2026年11月11日发出" in part(html, "papers")
    links = re.findall(r'href="([^"]*[?;&]row=[^"]*)"', html)
    assert len(links) == 2
    for link in links:
        assert client.get(link.replace("&amp;", "&")).status_code == 200
        assert case.number in client.get(link.replace("&amp;", "&")).content.decode()
    assert reverse("requests:file", args=[case.pk]) in html
    # The first of the bar is what is expected now.
    bar = re.search(r'<div class="actbar".*?</a>', html, re.S)
    assert bar
    assert "归档" in bar[0]


def test_who_asks_is_masked_and_shown_only_by_need(client, place, handled):
    for who in ("handler", "leader", "supervisor", "auditor"):
        html = page(client, getattr(place, who), handled)
        assert "欧阳**" in html
        assert not [value for value in PERSONAL if value in html]
    assert 'id="personal-reason"' in page(client, place.handler, handled)
    assert 'id="personal-reason"' not in page(client, place.auditor, handled)
    client.force_login(place.neighbour)
    assert client.get(handled.get_absolute_url()).status_code == 404


def test_messages_are_read_by_those_who_may_know_who_asks(client, place, handled):
    handled.messages.create(from_applicant=True, text="请尽快，我的电话有变。", at=at("2026-11-05"))
    assert "我的电话有变" in part(page(client, place.handler, handled), "messages")
    for who in ("supervisor", "auditor"):
        assert "我的电话有变" not in page(client, getattr(place, who), handled)


def test_what_it_resembles_is_shown_and_judged_by_people(client, place, handled):
    again = submitted(place, "2026-11-10")
    duplicates.refresh(again)
    html = page(client, place.officer, again)
    assert handled.number in part(html, "resemblances")
    assert "同一申请人" in part(html, "resemblances")
    assert reverse("workbench:act", args=[again.pk, "judge_resemblance"]) in html
    assert "是不是重复申请由人判断" in html


def test_a_time_that_bounds_a_choice_makes_nobody_late(client, place, handled):
    clock = handled.clocks.get(code="supplement_notice")
    assert clock.is_open
    assert clock.due_at < timezone.now()
    html = page(client, place.handler, handled)
    assert "超期" not in html
    assert "时间已过" in part(html, "clocks")


def test_where_it_came_from_is_told_from_both_ends(client, place):
    two = "1. 清平路管道检测报告。\n2. 望江大道征收补偿方案。"
    case = submitted(place, "2026-11-16", content=two, subject="")
    act("split", case, place.officer, "2026-11-17", part_1="清平路管道检测报告。", part_2="望江大道征收补偿方案。",
        parts="清平路管道检测报告。\n\n望江大道征收补偿方案。", reason="内容不同")  # fmt: skip
    parts = list(Request.objects.filter(origin=case).order_by("pk"))
    assert len(parts) == 2
    html = page(client, place.officer, case)
    assert all(one.number in part(html, "related") for one in parts)
    assert "这件由它分拆而来" in part(page(client, place.officer, parts[0]), "related")


def test_when_personal_data_is_erased_the_page_says_so(client, place, handled):
    case = answered(place, handled)
    act("erase", case, None, "2026-11-20")
    html = page(client, place.officer, case)
    assert "已删除个人信息" in html
    assert 'id="personal"' not in html


@pytest.mark.parametrize("who", ["handler", "officer", "reviewer", "supervisor"])
def test_the_page_asks_twelve_times_however_much_hangs_on_it(client, place, handled, who):
    for number in range(3):
        day = timezone.localdate(at("2026-11-05"))
        handled.searches.create(place=f"{number}号柜", method="目录", searched_on=day, searcher="档案员", result="没有")
        Consultation.objects.create(
            request=handled, kind="assistance", party_label="档案馆", matter="档案", sent_on=day
        )
    case = submit(place, draft(place, handled, "D1", "2026-11-09"), "2026-11-09")
    client.force_login(getattr(place, who))
    client.get(case.get_absolute_url())
    with CaptureQueriesContext(connection) as found:
        client.get(case.get_absolute_url())
    assert len(found) <= 12, [query["sql"][:80] for query in found]


def test_words_of_results_and_columns():
    assert queries.decision_words("P") == "部分公开"
    assert queries.decision_words("") == ""
    assert queries.annual_column("welfare") == "welfare"
    assert queries.annual_column("martian") == ""
    assert "request.archive" in acts
