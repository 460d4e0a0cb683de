"""The work list, the board and the load of requests: whose they show, by what they filter, what they cost, what they export."""

from __future__ import annotations

import io
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from gongkai.core.search import work
from gongkai.core.search.testing import fresh_index  # noqa: F401  a fixture
from gongkai.requests import search, worklist
from gongkai.requests.models import Consultation, Request
from gongkai.requests.tests.helpers import NAME, PERSONAL, act, application, at, fresh, registered, submitted
from gongkai.requests.tests.reply_helpers import delivered, draft, reviewed, submit

pytestmark = pytest.mark.django_db
LIST = "/workbench/requests/"


def page(client, user, url: str = LIST) -> str:
    """A page as somebody sees it."""
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def numbers(html: str) -> list[str]:
    """The numbers of the lines, in order."""
    return re.findall(r'<th role="rowheader" scope="row"><a[^>]*>(SQ-[\d-]+)<', html)


@pytest.fixture
def several(place):
    """One handled, one new, one of another body."""
    handled = registered(place, submitted(place, "2026-11-02"), "2026-11-03")
    new = submitted(place, "2026-11-20", subject="公租房轮候名单", content="2025年公租房轮候名单公示材料。")
    other = submitted(place, "2026-11-10", unit=place.beside.pk, subject="道路拓宽设计", content="文津路设计变更批复。")
    return handled, new, other


def answered(place, case, code: str = "G-b"):
    """Replied and delivered."""
    case = reviewed(place, submit(place, draft(place, case, code, "2026-11-09"), "2026-11-09"), "2026-11-10")
    return delivered(place, case, "2026-11-11")


# --- the list ---------------------------------------------------------------------------------------------------------


@pytest.mark.duty("001-15d")
def test_everybody_sees_the_requests_that_are_theirs_in_order_of_due_time(client, place, several):
    handled, new, other = several
    assert numbers(page(client, place.officer)) == [handled.number, new.number]
    assert numbers(page(client, place.neighbour)) == [other.number]
    assert numbers(page(client, place.supervisor)) == [handled.number, other.number, new.number]
    assert numbers(page(client, place.auditor)) == [handled.number, other.number, new.number]
    html = page(client, place.officer)
    assert "在办2件" in html
    assert "欧阳**" in html
    assert not [value for value in PERSONAL if value in html]
    client.force_login(place.admin)
    assert client.get(LIST).status_code == 403


def test_a_request_that_waits_for_a_reviewer_above_stands_among_that_persons(client, place, several):
    handled, new, other = several
    Request.objects.filter(pk=other.pk).update(turn_unit=place.bureau, turn_role="leader")
    assert numbers(page(client, place.leader)) == [handled.number, other.number, new.number]


def test_a_filter_is_kept_under_a_name_and_a_case_knows_its_neighbours(client, place, several):
    handled, new, other = several
    html = page(client, place.officer, f"{LIST}?channel=online")
    assert "/workbench/filters/new/?page=requests&amp;query=channel%3Donline" in html
    assert "管理收藏的筛选" not in html
    kept = client.post(
        reverse("workbench:filter-save"), {"name": "网上来的", "page": "requests", "query": "channel=online&after=x"}
    )
    assert kept.url == f"{LIST}?channel=online"
    html = page(client, place.officer)
    assert 'href="?channel=online"' in html
    assert "网上来的" in html
    assert "管理收藏的筛选" in html
    assert "依申请公开" in client.get(reverse("workbench:filters")).content.decode()
    assert "网上来的" not in page(client, place.neighbour)
    # From the list to a case, and from there on as far as the person's own requests go.
    assert f'href="/workbench/cases/{handled.pk}/?in=requests"' in page(client, place.officer)
    assert _beside(client, place.officer, handled) == ["", f"/workbench/cases/{new.pk}/?in=requests"]
    assert _beside(client, place.officer, new) == [f"/workbench/cases/{handled.pk}/?in=requests", ""]
    assert _beside(client, place.supervisor, other)[0] == f"/workbench/cases/{handled.pk}/?in=requests"
    assert _beside(client, place.supervisor, other)[1] == f"/workbench/cases/{new.pk}/?in=requests"
    # What waits for somebody above stands among that person's.
    Request.objects.filter(pk=other.pk).update(turn_unit=place.bureau, turn_role="leader")
    assert _beside(client, place.leader, other)[1] == f"/workbench/cases/{new.pk}/?in=requests"


def _beside(client, user, case) -> list[str]:
    """The links to the previous and the next request on the page of one."""
    client.force_login(user)
    head = client.get(f"/workbench/cases/{case.pk}/?in=requests").context["head"]
    return [head["previous_url"], head["next_url"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=received", "new"),
        ("state=handling", "handled"),
        ("handler=nobody", "new"),
        ("channel=web", "handled new"),
        ("channel=fax", ""),
        ("category=natural&area=城乡规划", "handled"),
        ("received_from=2026-11-10", "new"),
        ("received_to=2026-11-09", "handled"),
        ("due_to=2026-12-01", "handled"),
        ("has=opinion", ""),
        ("light=ok&state=all", "new handled"),
        ("decision=G", ""),
        ("nonsense=1&state=open", "handled new"),
    ],
)
def test_filters_stand_in_the_address(client, place, several, query, found):
    handled, new, _ = several
    wanted = {"handled": handled.number, "new": new.number}
    assert numbers(page(client, place.officer, f"{LIST}?{query}")) == [wanted[name] for name in found.split()]


def test_cases_that_stand_out_are_asked_for_by_what_they_are(client, place, several):
    handled, new, _ = several
    day = timezone.localdate(at("2026-11-10"))
    Consultation.objects.create(request=handled, kind="assistance", party_label="区档案馆", matter="档案", sent_on=day)
    act("ask_extension", handled, place.handler, "2026-11-11", workdays=5, reason="涉及的档案多。")
    act("grant_extension", handled, place.leader, "2026-11-12", workdays=5)
    Request.objects.filter(pk=new.pk).update(excessive=True)
    for name, case in (("opinion", handled), ("extended", handled), ("excessive", new)):
        assert numbers(page(client, place.officer, f"{LIST}?has={name}")) == [case.number], name
    for name in ("fee", "supplement", "contested", "redo", "archive"):
        assert numbers(page(client, place.officer, f"{LIST}?has={name}")) == [], name


def test_what_is_due_this_week_is_one_filter(client, place, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at("2026-11-24"))
    soon, later = submitted(place, "2026-10-28"), submitted(place, "2026-11-20", content="2024年公租房轮候名单。")
    html = page(client, place.officer, f"{LIST}?due=week")
    assert numbers(html) == [soon.number]
    assert "本周到期" in html
    assert later.number not in html


def test_closed_requests_wait_for_the_archive_and_leave_it_when_filed(client, place, several):
    handled, new, _ = several
    case = answered(place, handled)
    assert case.unfiled
    assert numbers(page(client, place.officer)) == [new.number]
    html = page(client, place.officer, f"{LIST}?has=archive")
    assert numbers(html) == [case.number]
    assert "2026年11月11日" in html
    for query in ("state=closed", "decision=G", "decision=G-b"):
        assert numbers(page(client, place.officer, f"{LIST}?{query}")) == (
            [case.number] if query != "decision=G-b" else []
        )
    filed = act("archive", case, place.officer, "2026-11-12")
    assert not filed.unfiled
    assert numbers(page(client, place.officer, f"{LIST}?has=archive")) == []


def test_pages_follow_each_other_in_both_orders(place, several):
    from django.http import QueryDict

    for at_hour in range(5):
        submitted(place, "2026-11-18", content=f"2025年第{at_hour + 1}号工程合同。", subject=f"{at_hour + 1}号工程合同")
    for down in (False, True):
        rows = [worklist.mine(place.officer)]
        every = worklist.page(rows, QueryDict(""), 50, down=down).rows
        seen, query = [], ""
        for _ in range(10):
            found = worklist.page(rows, QueryDict(query), 3, down=down)
            seen += found.rows
            if not found.after:
                break
            query = f"after={found.after}"
        assert [one.pk for one in seen] == [one.pk for one in every]
        back = worklist.page(rows, QueryDict(f"before={found.before}"), 3, down=down)
        assert [one.pk for one in back.rows] == [
            one.pk for one in every[-4 - (len(every) - 1) % 3 : -1 - (len(every) - 1) % 3]
        ]


@pytest.mark.parametrize("who", ["officer", "supervisor", "leader"])
def test_the_list_asks_eight_times_however_many_lines_it_has(client, place, several, who):
    client.force_login(getattr(place, who))
    client.get(LIST)
    asked = []
    for number in (0, 6):
        for at_hour in range(number):
            submitted(place, "2026-11-18", content=f"2025年第{at_hour + 1}号工程合同和验收记录。")
        with CaptureQueriesContext(connection) as found:
            client.get(LIST)
        asked.append(len(found))
    assert asked[0] == asked[1] <= 8


def test_many_are_given_to_a_handler_at_once(client, place, several):
    handled = several[0]
    html = page(client, place.officer)
    url = reverse("workbench:batch", args=["request", "assign"])
    assert f'formaction="{url}"' in html
    assert reverse("workbench:batch", args=["request", "archive"]) in html
    response = client.post(url, {"case": [handled.pk], "handler": place.second.pk})
    assert response.status_code == 200
    assert fresh(handled).handler == place.second


# --- the register -----------------------------------------------------------------------------------------------------


def sheet(response) -> list[list]:
    """The lines of a table in a file."""
    return [
        list(row) for row in load_workbook(io.BytesIO(response.content)).active.iter_rows(min_row=3, values_only=True)
    ]


@pytest.mark.duty("004-8a")
def test_the_register_tells_each_request_in_one_line(client, place, several):
    handled, new, _ = several
    act("ask_supplement", handled, place.handler, "2026-11-04", items="年度", workdays=10, sent_on="2026-11-04")
    act("supplement_received", handled, place.handler, "2026-11-05", answer="2025年", answered_on="2026-11-05")
    case = answered(place, fresh(handled))
    client.force_login(place.officer)
    response = client.get(f"{LIST}?export=register&state=all")
    head, *lines = sheet(response)
    assert tuple(head) == worklist.REGISTER
    line = dict(zip(head, next(row for row in lines if row[0] == case.number), strict=True))
    assert line["渠道"] == "网络"
    assert line["申请人"] == "欧阳**"
    assert line["承办机构"] == "云溪区住房和城乡建设局"
    assert line["补正"] == "2026年11月4日告知，2026年11月5日，已补正"
    assert line["答复类型"] == "予以公开"
    assert line["按时"] == "按时"
    assert line["送达方式及日期"] == "网上送达 2026年11月11日"
    assert {row[0] for row in lines} == {case.number, new.number}
    assert NAME.encode() not in response.content
    for form in ("xlsx", "docx", "register-docx"):
        assert client.get(f"{LIST}?export={form}").status_code == 200


def test_a_register_asks_no_question_for_each_line(client, place, several):
    client.force_login(place.officer)
    url = f"{LIST}?export=register&state=all"
    client.get(url)
    asked = []
    for number in (0, 5):
        for at_hour in range(number):
            submitted(place, "2026-11-18", content=f"2025年第{at_hour + 1}号工程合同。")
        with CaptureQueriesContext(connection) as found:
            client.get(url)
        asked.append(len(found))
    assert asked[0] == asked[1]


# --- board and load ---------------------------------------------------------------------------------------------------


def lanes(html: str) -> dict[str, str]:
    """The columns of the board: title -> what stands in it."""
    found = re.findall(
        r'<section class="lane".*?<h2[^>]*><a[^>]*>(.*?) <span class="count">.*?</h2>(.*?)</section>', html, re.S
    )
    return dict(found)


def test_the_board_puts_each_request_into_its_stage(client, place, several):
    handled, new, other = several
    signed = registered(place, submitted(place, "2026-11-03", content="2023年工程合同和验收记录。"), "2026-11-04")
    signed = reviewed(place, submit(place, draft(place, signed, "G-b", "2026-11-09"), "2026-11-09"), "2026-11-10")
    html = page(client, place.officer, reverse("requests:board"))
    found = lanes(html)
    assert list(found) == ["待登记", "办理中", "补正中", "征求意见", "待缴费", "审核中", "待送达", "待归档"]
    assert new.number in found["待登记"]
    assert handled.number in found["办理中"]
    assert signed.number in found["待送达"]
    assert other.number not in html
    for name, label in (("待登记", "登记"), ("办理中", "拟写答复"), ("待送达", "送达答复")):
        assert f">{label}</a>" in found[name]
    delivered(place, signed, "2026-11-11")
    found = lanes(page(client, place.officer, reverse("requests:board")))
    assert "归档</a>" in found["待归档"]
    assert other.number in page(client, place.supervisor, reverse("requests:board"))
    # The deed is offered to whoever may do it.
    assert "拟写答复</a>" not in page(client, place.reviewer, reverse("requests:board"))


def test_the_board_shows_the_first_of_many_and_counts_all(client, place):
    for at_hour in range(11):
        submitted(place, "2026-11-18", content=f"2025年第{at_hour + 1}号工程合同。")
    html = page(client, place.officer, reverse("requests:board"))
    assert html.count('class="card"') == 8
    assert "还有3件，在列表里看" in html
    assert '待登记 <span class="count">11</span>' in html
    with CaptureQueriesContext(connection) as found:
        client.get(reverse("requests:board"))
    assert len(found) <= 9


@pytest.mark.duty("001-15d")
def test_the_load_of_each_handler_opens_what_is_behind_it(client, place, several, monkeypatch):
    handled, new, _ = several
    answered(place, registered(place, submitted(place, "2026-11-04", content="2022年验收记录。"), "2026-11-05"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: at("2026-12-01"))
    cache.clear()
    html = page(client, place.officer, reverse("requests:load"))
    row = re.search(r'<tr role="row" data-row><th role="rowheader" scope="row"><a[^>]*>jingban</a>.*?</tr>', html, re.S)
    assert row
    cells = re.findall(r'<td [^>]*class="n">(?:<a[^>]*>)?([^<]*)', row[0])
    # One open, late since Monday of this very week; what was answered in November is closed, in five working days.
    assert cells == ["1", "1", "1", "0", "5"]
    link = re.search(r'href="([^"]*due=late[^"]*)"', row[0])
    assert link
    assert numbers(page(client, place.officer, link[1].replace("&amp;", "&"))) == [handled.number]
    assert "还没有经办人" in html
    assert new.number not in html


def test_overseers_see_the_load_of_each_body(client, place, several):
    html = page(client, place.supervisor, reverse("requests:load"))
    assert "区住房城乡建设局" in html
    assert "区交通运输局" in html
    link = re.search(r'href="([^"]*load/\?unit=\d+)"', html)
    assert link
    assert "jingban" in page(client, place.supervisor, f"{reverse('requests:load')}?unit={place.bureau.pk}")
    # Nobody looks into another body by its number.
    assert "jiaotong" not in page(client, place.officer, f"{reverse('requests:load')}?unit={place.beside.pk}")


# --- the to-do list and the search ------------------------------------------------------------------------------------


@pytest.mark.duty("004-52b")
def test_requests_stand_in_the_to_do_list_in_words_that_name_nobody(client, place, several):
    html = page(client, place.officer, reverse("workbench:todo"))
    assert "登记并审查申请" in html
    assert "依申请公开" in html
    assert not [value for value in PERSONAL if value in html]


def test_a_request_is_found_by_its_words_and_never_by_who_asks(client, place):
    case = submitted(place, content=f"2025年雨污分流检测报告，请寄给{NAME}，电话{application(place)['phone']}。")
    document = search.document(case)
    text = " ".join([document.title, document.body, *document.keywords, *document.numbers])
    assert "雨污分流" in text
    assert not [value for value in PERSONAL if value in text]
    assert (document.public, document.everyone, document.unit) == (False, False, place.bureau.pk)
    assert case.number in document.numbers
    Request.objects.filter(pk=case.pk).update(erased_at=at("2036-12-01"))
    assert search.document(fresh(case)).note == "已删除个人信息"


def test_words_are_looked_up_in_the_index_by_those_who_may_read(client, fresh_index, place, several):  # noqa: F811
    handled, new, other = several
    work.drain()
    assert numbers(page(client, place.officer, f"{LIST}?q=轮候名单")) == [new.number]
    assert numbers(page(client, place.officer, f"{LIST}?q={handled.number}")) == [handled.number]
    assert numbers(page(client, place.officer, f"{LIST}?q=设计变更")) == []
    assert numbers(page(client, place.neighbour, f"{LIST}?q=设计变更")) == [other.number]
    assert numbers(page(client, place.officer, f"{LIST}?q={NAME}")) == []


def test_the_register_says_how_the_reply_went_out_and_not_how_a_notice_did(place):
    case = registered(place, submitted(place, "2026-11-02"), "2026-11-03")
    case = act("ask_supplement", case, place.handler, "2026-11-04", items="道路名称", sent_on="2026-11-04", workdays=10)
    column = worklist.REGISTER.index("送达方式及日期")
    (line,) = worklist.register_lines([case])
    assert line[column] == ""
    case = act("withdraw", case, place.handler, "2026-11-05", withdrawn_on="2026-11-05")
    (line,) = worklist.register_lines([fresh(case)])
    assert line[column] == "网上送达 2026年11月5日"
