"""The annual tables follow every act, agree with the requests, open the cases behind each number, and add up."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections import Counter
from html import unescape

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from gongkai.core.measures import Scope
from gongkai.law import annual_tables as law
from gongkai.requests.acts.submission import submit
from gongkai.requests.appeals.tests import helpers as appeals
from gongkai.requests.figures import counting, measures, paper, tables
from gongkai.requests.figures.models import PaceCount, YearCount
from gongkai.requests.models import Fee, Request
from gongkai.requests.tests import helpers
from gongkai.requests.tests.helpers import act, at, fresh
from gongkai.requests.tests.reply_helpers import opened, replied


def column(table, name="natural"):
    """The figures of one column that are not zero."""
    return {row.key: table[row.key, name] for row in law.ROWS if table[row.key, name]}


@pytest.mark.duty("004-52c")
def test_a_request_moves_through_the_table_with_its_acts(place):
    case = opened(place, "2026-06-01")
    assert column(tables.table_b(None, 2026)) == {"r1": 1, "next": 1}
    replied(place, case, "G-b")
    table, broken = tables.checked([place.bureau.pk], 2026)
    assert column(table) == {"r1": 1, "g": 1, "tot": 1}
    assert broken == []
    assert column(tables.table_b([place.beside.pk], 2026)) == {}
    assert list(tables.behind(None, 2026, "g", "natural")) == [fresh(case)]
    assert not tables.behind(None, 2026, "g", "business").exists()


def test_what_is_open_on_the_last_day_is_carried_over(place):
    case = opened(place, "2025-12-26")
    replied(place, case, "D5", "2026-01-12")
    before, after = tables.table_b(None, 2025), tables.table_b(None, 2026)
    assert column(before) == {"r1": 1, "next": 1}
    assert column(after) == {"r2": 1, "d5": 1, "tot": 1}
    assert law.check_b(after, before) == []
    for row, year in (("next", 2025), ("r2", 2026), ("tot", 2026)):
        assert [one.pk for one in tables.behind(None, year, row, "total")] == [case.pk]


def test_unconfirmed_counts_by_its_arrival_and_transfer_takes_it_out(place, settings):
    data = helpers.entry(place, channel="ordinary_mail", arrived_on="2025-12-31", confirmed_on="")
    from gongkai.core.acts import perform

    case = fresh(perform("request.enter", None, place.officer, data, now=at("2026-01-04")).case)
    assert (case.state, case.counted_year) == ("unconfirmed", None)
    assert column(tables.table_b(None, 2025)) == {"r1": 1, "next": 1}
    act("confirm", case, place.officer, "2026-01-05", confirmed_on="2026-01-05", how="phone")
    assert column(tables.table_b(None, 2025)) == {}
    assert column(tables.table_b(None, 2026)) == {"r1": 1, "next": 1}


def test_part_excludes_withheld_and_withdrawal_is_other(place):
    replied(place, opened(place, "2026-06-01"), "P")
    other = opened(place, "2026-06-01", content="望江大道2026年1月至5月路灯养护合同。")
    act("withdraw", other, None, "2026-06-05")
    assert column(tables.table_b(None, 2026)) == {"r1": 2, "p": 1, "o3": 1, "tot": 2}


def test_organisations_stand_in_their_column(place):
    event = submit(helpers.organisation(place), None, now=at("2026-06-01"))
    table = tables.table_b(None, 2026)
    assert (table["r1", "business"], table["r1", "natural"], table["r1", "total"]) == (1, 0, 1)
    assert event.case.number


@pytest.mark.duty("001-15d")
def test_pace_knows_late_replies_and_the_median(place):
    first = opened(place, "2026-06-01")
    replied(place, first, "G-b", "2026-06-11")
    second = opened(place, "2026-06-01", content="望江大道2026年1月至5月路灯养护合同。")
    replied(place, second, "U2", "2026-07-20")
    found = tables.pace(None, 2026)
    assert (found.every.on_time, found.every.late, found.every.rate) == (1, 1, 50.0)
    assert [one.key for one in found.decisions] == ["G", "U2"]
    assert found.channels[0].label == "网络"
    assert found.units[0].label == str(place.bureau)
    days = Counter({fresh(one).workdays_used: 1 for one in (first, second)})
    assert found.every.median == sum(days) / 2
    scope = Scope(units=(place.bureau.pk,))
    assert measures.on_time_share(scope).value == 50.0
    assert measures.received(scope).value == 2
    assert measures.answered(scope).value == 2
    assert measures.median_workdays(Scope(until=None)).value == found.every.median


@pytest.mark.parametrize(
    ("days", "wanted"), [({}, None), ({3: 1}, 3), ({3: 1, 8: 1}, 5.5), ({1: 5, 20: 1}, 1), ({0: 1, 4: 2}, 4)]
)
def test_median(days, wanted):
    assert tables.median(Counter(days)) == wanted


def test_differences_are_named_and_repaired(place):
    case = opened(place, "2026-06-01")
    replied(place, case, "G-b")
    YearCount.objects.update(number=7)
    PaceCount.objects.all().delete()
    problems = counting.verify()
    assert any("计数为7，实际为1" in problem for problem in problems)
    assert any("答复用时" in problem for problem in problems)
    assert counting.verify(repair=True)
    assert counting.verify() == []


def test_the_page_shows_the_table_and_opens_its_numbers(place, client, django_assert_max_num_queries):
    case = replied(place, opened(place, "2026-06-01"), "G-b")
    client.force_login(place.officer)
    with django_assert_max_num_queries(16):
        page = client.get(reverse("request-figures:index"), {"year": "2026"}).content.decode()
    assert law.TABLE_B_CORNER in page
    assert "勾稽关系全部成立" in page
    listed = client.get(reverse("request-figures:cases"), {"year": "2026", "row": "g", "column": "natural"})
    assert case.number in listed.content.decode()
    assert helpers.NAME not in listed.content.decode()
    assert client.get(reverse("request-figures:cases"), {"year": "2026", "row": "x"}).status_code == 404
    client.force_login(place.neighbour)
    listed = client.get(reverse("request-figures:cases"), {"year": "2026", "row": "g", "column": "natural"})
    assert case.number not in listed.content.decode()
    assert "这一格是0" in listed.content.decode()


def test_a_broken_table_says_so(place, client):
    opened(place, "2026-06-01")
    YearCount.objects.create(
        unit=place.bureau, category="natural", counted_year=2025, result_year=2026, decision="G", number=-1
    )
    client.force_login(place.supervisor)
    page = client.get(reverse("request-figures:index"), {"year": "2026"}).content.decode()
    assert "对不上" in page
    YearCount.objects.filter(number=-1).delete()


def test_tables_go_out_as_excel_word_and_json(place, client):
    replied(place, opened(place, "2026-06-01"), "G-b")
    client.force_login(place.supervisor)
    sheet = load_workbook(
        io.BytesIO(client.get(reverse("request-figures:table", args=["xlsx"]), {"year": "2026"}).content)
    )
    first = sheet["申请情况"]
    assert first["D5"].value == 1
    assert len(first.merged_cells.ranges) > 10
    assert sheet["行政复议、行政诉讼"]["A4"].value == "结果维持"
    data = json.loads(client.get(reverse("request-figures:table", args=["json"]), {"year": "2026"}).content)
    assert data["b"]["g"] == {**dict.fromkeys(law.COLUMN, 0), "natural": 1, "total": 1}
    word = client.get(reverse("request-figures:table", args=["docx"]), {"year": "2026"})
    assert word.content.startswith(b"PK")


def test_the_printed_form_holds_a_published_table():
    """杭州市 2025, as published: every figure in its place on the sheet."""
    b = {
        (row.key, name.key): place * 10 + at_
        for place, row in enumerate(law.ROWS)
        for at_, name in enumerate(law.COLUMNS)
    }
    sheet = load_workbook(io.BytesIO(paper.workbook(2025, b, law.complete_c({}))))["申请情况"]
    assert [sheet.cell(5, 4 + at_).value for at_ in range(7)] == list(range(7))
    assert [sheet.cell(29, 4 + at_).value for at_ in range(7)] == [240 + at_ for at_ in range(7)]


def test_the_public_page_needs_no_account(place, client):
    replied(place, opened(place, "2026-06-01"), "G-b")
    page = client.get(reverse("request-figures-public:index"), {"year": "2026"}).content.decode()
    assert "收到申请" in page
    assert "100" in page
    assert helpers.NAME not in page
    assert Request.objects.get().number not in page


@pytest.mark.duty("004-52c")
def test_every_number_of_the_page_opens_as_many_cases(place, client):
    """Table B and C, the strip, the pace: whoever doubts a number sees what it counts."""
    on_time = opened(place, "2026-05-06")
    replied(place, on_time, "G-b", "2026-05-20")
    late = opened(place, "2026-03-02")
    replied(place, late, "D5", "2026-06-11")
    opened(place, "2026-06-01")
    appeal = appeals.entered(place, fresh(late))
    client.force_login(place.officer)
    html = client.get(reverse("request-figures:index") + "?year=2026").content.decode()
    links = set(re.findall(r'<a href="([^"]*/figures/cases/[^"]*)">(\d+)</a>', html))
    assert {"by=unit", "by=channel", "by=decision"} <= {part for url, _ in links for part in unescape(url).split("&")}
    for url, number in links:
        page = client.get(unescape(url)).content.decode()
        rows = len(re.findall(r'<a href="/workbench/cases/\d+/"', page))
        assert rows == int(number), unescape(url)
    (cell,) = {unescape(url) for url in re.findall(r'href="([^"]*cell=reconsideration.pending[^"]*)"', html)}
    assert appeal.title in client.get(cell).content.decode()
    wanted = reverse("request-figures:cases") + "?year=2026&by=all&key=&cell=late"
    assert wanted in unescape(html)
    page = client.get(wanted).content.decode()
    assert "2026年逾期" in page
    assert late.number in page
    assert on_time.number not in page
    assert client.get(reverse("request-figures:cases") + "?year=2026&by=unit&key=x&cell=late").status_code == 404
    assert client.get(reverse("request-figures:cases") + "?year=2026&by=all&key=&cell=x").status_code == 404


def test_what_is_handled_now_leads_to_what_is_handled_now(place, client):
    """Also while another year is looked at, and with a reply made anew, which no table counts."""
    case = replied(place, opened(place, "2026-05-06"), "G-b", "2026-05-20")
    act(
        "reopen",
        case,
        place.leader,
        "2026-05-25",
        cause="own",
        document="自行纠正",
        received_on="2026-05-25",
        workdays=20,
    )
    client.force_login(place.officer)
    html = client.get(reverse("request-figures:index") + "?year=2025").content.decode()
    assert f'href="{reverse("requests:index")}?"' in html


@pytest.mark.duty("002-23")
def test_the_fees_of_a_year_are_stated_also_when_there_are_none(place, client):
    """The last section of the annual report; what was paid back does not count."""
    client.force_login(place.officer)
    url = reverse("request-figures:index") + "?year=2026"
    assert "2026年没有收取信息处理费（0元）" in client.get(url).content.decode()
    first, second = opened(place, "2026-05-06"), opened(place, "2026-05-07")
    fee = {
        "basis": "pages",
        "count": 68,
        "amount": 380,
        "noticed_on": dt.date(2026, 5, 8),
        "paid_on": dt.date(2026, 5, 11),
    }
    Fee.objects.create(request=first, state="paid", **fee)
    Fee.objects.create(request=second, state="refunded", **fee)
    assert tables.fees_paid([place.bureau.pk], 2026) == (380, 1)
    assert tables.fees_paid([place.beside.pk], 2026) == (0, 0)
    assert tables.fees_paid(None, 2025) == (0, 0)
    assert measures.fees_paid(Scope()).value == 380
    html = client.get(url).content.decode()
    assert "380元" in html
    (behind,) = set(re.findall(r'href="([^"]*by=fees[^"]*)"', html))
    page = client.get(unescape(behind)).content.decode()
    assert first.number in page
    assert second.number not in page
    assert client.get(reverse("request-figures:table", args=["json"]) + "?year=2026").json()["fees"] == 380
