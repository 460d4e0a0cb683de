"""Pages of appeals, the library and special reviews through HTTP."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from gongkai.core.acts import perform
from gongkai.requests.appeals.models import Caution, Lesson, ReviewItem, SpecialReview
from gongkai.requests.appeals.tests.helpers import PARTY, act, alone, entered, result
from gongkai.requests.appeals.tests.test_lessons import LESSON, published
from gongkai.requests.appeals.tests.test_reviews import LAUNCH
from gongkai.requests.tests.helpers import at

BASE = "/workbench/requests/appeals/"


@pytest.fixture
def corrected(place, answered):
    """An appeal that was heard and corrected, and its request made anew."""
    case = entered(place, answered)
    act("add_hearing", case, place.officer, sort="hearing", held_on="2026-07-20")
    return result(place, case, "revoked", redo_workdays="15", gist="答复没有写明理由。")


def test_the_list_and_the_page_of_a_case(client, place, corrected, django_assert_max_num_queries):
    for number in range(3):
        alone(place, file_number=f"云政复〔2026〕{20 + number}号")
    client.force_login(place.officer)
    for address in ("", "?sort=reconsideration&group=corrected", "?group=pending", "?lacking=1", "?year=2026&state=decided",
                    "?area=%E5%BE%81%E5%9C%B0%E6%8B%86%E8%BF%81", "?cell=direct.nothing&year=2026", "?after=x~y"):  # fmt: skip
        with django_assert_max_num_queries(12):
            page = client.get(f"{BASE}{address}")
        assert page.status_code == 200, address
    assert "清平路" in client.get(f"{BASE}?group=corrected").content.decode()
    assert "清平路" not in client.get(f"{BASE}?group=pending").content.decode()
    with django_assert_max_num_queries(14):
        page = client.get(corrected.get_absolute_url()).content.decode()
    for words in ("结果纠正", "答复没有写明理由", corrected.remade.number, "请法律顾问提意见", "可以起诉到", "听证"):
        assert words in page
    assert PARTY not in page
    client.force_login(place.neighbour)
    assert client.get(corrected.get_absolute_url()).status_code == 404
    client.force_login(place.admin)
    assert client.get(BASE).status_code == 403


def test_pages_follow_each_other(client, place):
    from gongkai.core import jurisdiction

    made = [
        alone(place, file_number=f"号{number}", received_on=f"2026-07-{1 + number // 4:02}", now="2026-07-20").pk
        for number in range(12)
    ]
    jurisdiction.change("case.page_size", "10", place.admin)
    client.force_login(place.officer)
    first = client.get(BASE)
    seen = [int(row["cells"][0]["url"].rstrip("/").rpartition("/")[2]) for row in first.context["table"]["rows"]]
    second = client.get(BASE + first.context["pager"]["next_url"])
    seen += [int(row["cells"][0]["url"].rstrip("/").rpartition("/")[2]) for row in second.context["table"]["rows"]]
    assert seen == made[::-1]
    back = client.get(BASE + second.context["pager"]["previous_url"])
    assert [row["cells"][0] for row in back.context["table"]["rows"]] == [
        row["cells"][0] for row in first.context["table"]["rows"]
    ]
    assert not back.context["pager"]["previous_url"]


def test_exports_have_no_names(client, place, corrected):
    client.force_login(place.officer)
    for address in ("", "lessons/", "figures/"):
        response = client.get(f"{BASE}{address}?export=xlsx&year=2026")
        book = load_workbook(io.BytesIO(response.content))
        text = str([[cell.value for cell in row] for row in book.active.iter_rows()])
        assert PARTY not in text
    book = load_workbook(io.BytesIO(client.get(f"{BASE}?export=xlsx").content))
    values = [cell.value for cell in book.active[4]]
    assert "欧阳**" in values
    assert "结果纠正" in values


def test_figures_open_their_cases(client, place, corrected):
    alone(place, file_number="云政复〔2026〕16号")
    client.force_login(place.officer)
    page = client.get(f"{BASE}figures/?year=2026")
    table = {
        (row["group"].key, cell["label"]): (cell["number"], cell["url"])
        for row in page.context["groups"]
        for cell in row["cells"]
    }
    number, url = table["reconsideration", "行政复议，结果纠正"]
    assert number == 1
    rows = client.get(url).context["table"]["rows"]
    assert [row["cells"][0]["url"] for row in rows] == [corrected.get_absolute_url()]
    assert "勾稽关系成立" in page.content.decode()
    # Of another body nothing is counted.
    client.force_login(place.neighbour)
    page = client.get(f"{BASE}figures/?year=2026")
    assert {cell["number"] for row in page.context["groups"] for cell in row["cells"]} == {0}
    client.force_login(place.supervisor)
    page = client.get(f"{BASE}figures/?year=2026&unit={place.bureau.pk}")
    assert page.context["groups"][0]["cells"][-1]["number"] == 2


def test_lessons_and_warnings(client, place, corrected):
    lesson = Lesson.objects.get()
    perform("appeal_lesson.write", lesson, place.handler, LESSON, now=at("2026-08-10"))
    perform(
        "appeal_lesson.circulate",
        lesson,
        place.leader,
        {"units": [place.beside.pk], "title": "警示"},
        now=at("2026-08-11"),
    )
    client.force_login(place.officer)
    assert "1个单位，已签收0个" in client.get(f"{BASE}lessons/?cause=time").content.decode()
    assert not client.get(f"{BASE}lessons/?cause=search").context["table"]["rows"]
    assert "区交通运输局" in client.get(lesson.get_absolute_url()).content.decode()
    client.force_login(place.neighbour)
    page = client.get(Caution.objects.get().get_absolute_url()).content.decode()
    assert LESSON["advice"] in page
    assert LESSON["reason"] not in page


def test_the_library(client, place, answered, django_assert_max_num_queries):
    case = published(place, answered)
    client.force_login(place.neighbour)
    base = "/workbench/requests/precedents/"
    for address in ("", "?decision=D5", "?q=内部事务 检测报告", "?area=城乡规划"):
        with django_assert_max_num_queries(12):
            assert case.title in client.get(f"{base}{address}").content.decode(), address
    for address in ("?decision=G", "?q=没有的词", "?outcome_group=corrected", "?mine=1"):
        assert case.title not in client.get(f"{base}{address}").content.decode(), address
    page = client.get(f"{base}{case.pk}/").content.decode()
    assert case.points in page
    assert answered.number not in page
    assert client.get(case.get_absolute_url()).status_code == 404
    assert client.get(f"{base}?export=xlsx").status_code == 200
    client.force_login(place.officer)
    assert answered.number in client.get(case.get_absolute_url()).content.decode()


def test_reviews_are_written_on_the_list_of_items(client, place, handling, django_assert_max_num_queries):
    data = {**LAUNCH, "areas": ["征地拆迁", "城乡规划"]}
    event = perform("special_review.launch", None, place.officer, data, now=at("2026-09-01"))
    review = SpecialReview.objects.get(pk=event.case_id)
    perform("special_review.choose", review, place.officer, {"pick": "all", "number": "10"}, now=at("2026-09-01"))
    client.force_login(place.officer)
    with django_assert_max_num_queries(14):
        assert "征地拆迁" in client.get(f"{BASE}reviews/").content.decode()
    address = f"{BASE}reviews/{review.pk}/"
    assert client.get(address).status_code == 200
    item = ReviewItem.objects.get()
    assert client.post(address, {"faulty": "1", "finding": "没有写明理由"}).status_code == 422
    assert client.post(address, {"items": [item.pk], "faulty": "1", "finding": "没有写明理由"}).status_code == 302
    item.refresh_from_db()
    assert (item.faulty, item.finding) == (True, "没有写明理由")
    assert client.get(f"{address}?faulty=1&export=xlsx").status_code == 200
    assert client.get(review.get_absolute_url()).status_code == 200
    client.force_login(place.neighbour)
    assert client.get(address).status_code == 404
